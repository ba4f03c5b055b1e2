// Lists and pages by single keys. Without this file everything works with Tab and Enter.
//
//   [data-keys-list] [data-keys-row]   j and k move through the rows; Enter opens what has the focus, its first link
//   [data-key="c"]                     what the key c reaches: in the row at hand, else on the page outside the rows
//   [data-keys], [data-keys-switch]    the list of keys (components/keys.html) and the box that turns them off
//
// A key follows a link, ticks a box, opens a fold and goes into it, or goes to a button. It never presses a button:
// whatever is sent is confirmed. Keys do nothing while somebody types, with Ctrl, Alt or Meta, or in an open dialog.

const TYPING = "input:not([type=checkbox], [type=radio], [type=submit], [type=button]), select, textarea, [contenteditable]";
const FIELDS = "textarea, select, input:not([type=hidden]), a[href], button";
const KEPT = "keys";
const own = {};

const rows = () => [...document.querySelectorAll("[data-keys-list] [data-keys-row]")];
const current = () => document.querySelector("[data-keys-row][aria-current]");
const help = document.querySelector("[data-keys]");
const box = document.querySelector("[data-keys-switch]");

// A key of a page's own: `does(row)` gets the row at hand or null, and returns false where there is nothing to do.
export function on(key, does) {
  own[key] = does;
}

function mark(row) {
  if (row === current()) return;
  current()?.removeAttribute("aria-current");
  row?.setAttribute("aria-current", "true");
}

export function go(row) {
  if (!row) return;
  mark(row);
  (row.querySelector("a[href]") ?? row.querySelector("button, input:not([type=hidden])"))?.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function move(step) {
  const all = rows();
  if (!all.length) return false;
  const at = all.indexOf(current());
  go(at < 0 ? all[step > 0 ? 0 : all.length - 1] : all[at + step]);
}

function reach(key) {
  const fits = `[data-key="${CSS.escape(key)}"]`;
  const found = current()?.querySelector(fits) ?? [...document.querySelectorAll(fits)].find((one) => !one.closest("[data-keys-row]"));
  if (!found) return false;
  if (found.matches("a[href], [type=checkbox], [data-opens]")) return found.click();
  const fold = found.closest("details");
  if (fold) fold.open = true;
  (found.matches("details, summary") ? [...fold.querySelectorAll(FIELDS)].find((one) => one.checkVisibility()) : found)?.focus();
}

function explain() {
  if (!help) return false;
  help.open = !help.open;
  help.querySelector("summary").focus();
}

const FIXED = { j: () => move(1), k: () => move(-1), "?": explain };

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.defaultPrevented) return;
  if (box && !box.checked) return;
  if (event.key.length !== 1 || event.key === " " || event.target.closest?.(TYPING)) return;
  if (document.querySelector("dialog[open]") || (event.repeat && !"jk".includes(event.key))) return;
  const does = own[event.key] ?? FIXED[event.key];
  if ((!does || does(current()) === false) && reach(event.key) === false) return;
  event.preventDefault();
});

// Whoever goes on with Tab or the mouse takes the place along.
addEventListener("focusin", (event) => {
  const row = event.target.closest?.("[data-keys-row]");
  if (row) mark(row);
});

function wished() {
  try {
    return localStorage.getItem(KEPT) !== "off";
  } catch {
    return true; // A browser that keeps nothing: the keys are on until they are turned off on this page.
  }
}

if (box) {
  box.checked = wished();
  box.addEventListener("change", () => {
    try {
      localStorage.setItem(KEPT, box.checked ? "on" : "off");
    } catch {
      // The box still counts for this page.
    }
  });
}

// Whoever has only a finger is not told of keys.
if (help) help.hidden = !matchMedia("(hover: hover)").matches;

// An action leads back to its line. Not before the load event: until then the browser goes to the fragment itself.
addEventListener("load", () => {
  const named = location.hash && document.getElementById(location.hash.slice(1));
  if (named) go(named.closest("[data-keys-row]"));
});
