// A text box with a list of known names becomes a combobox (ARIA 1.2, list autocomplete). What was typed is never
// changed by itself, and nothing typed leaves the page before the form is sent. Without this file the browser's own
// list remains.

const MOST = 7;
const NEAR = 0.5;

const plain = (text) => text.normalize("NFKD").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();
const pairs = (text) => new Set([...` ${text}`].slice(0, -1).map((_, at) => ` ${text}`.slice(at, at + 2)));

// How alike two spellings are, from 0 to 1: the share of neighbouring letters that they have in common.
function likeness(one, other) {
  const first = pairs(one), second = pairs(other);
  return (2 * [...first].filter((pair) => second.has(pair)).length) / (first.size + second.size);
}

// Lower is better; Infinity is no match. Beginnings come first, then names that only sound like it.
function rank(typed, option) {
  if (option.key.startsWith(typed) || typed.startsWith(`${option.key} `)) return 0;
  if (option.about.startsWith(typed)) return 1;
  if (` ${option.key} ${option.about}`.includes(` ${typed}`)) return 2;
  const near = Math.max(likeness(typed, option.key), likeness(typed, option.about));
  return typed.length > 2 && near >= NEAR ? 4 - near : Infinity;
}

function found(typed, options) {
  const key = plain(typed);
  if (!key) return [];
  const ranked = options.map((option) => ({ option, place: rank(key, option) })).filter((row) => row.place < Infinity);
  ranked.sort((one, other) => one.place - other.place);
  return ranked.slice(0, MOST).map((row) => row.option);
}

function make(tag, attributes, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...inside);
  return made;
}

function combobox(input) {
  const options = [...input.list.options].map((option) => ({
    name: option.value, about: plain(option.label === option.value ? "" : option.label), key: plain(option.value),
    label: option.label === option.value ? "" : option.label,
  }));
  input.list.remove();
  input.removeAttribute("list");
  const list = make("ul", { role: "listbox", id: `${input.id}_list`, hidden: "" });
  const label = document.querySelector(`label[for="${input.id}"]`);
  if (label) list.setAttribute("aria-label", label.textContent.trim());
  const status = make("div", { role: "status", class: "visually-hidden" });
  input.after(list, status);
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id })) {
    input.setAttribute(name, value);
  }
  let shown = [], active = -1;

  function mark(place) {
    active = place;
    [...list.children].forEach((row, at) => row.setAttribute("aria-selected", String(at === place)));
    if (place < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", list.children[place].id);
    list.children[place].scrollIntoView({ block: "nearest" });
  }

  function close() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    mark(-1);
  }

  function open() {
    shown = found(input.value, options);
    list.replaceChildren(...shown.map((option, at) => {
      const about = option.label ? [make("span", { class: "choice__hint" }, option.label)] : [];
      return make("li", { role: "option", id: `${list.id}_${at}`, "aria-selected": "false" }, option.name, ...about);
    }));
    list.hidden = !shown.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    mark(-1);
    status.textContent = !input.value.trim() ? "" : shown.length ? input.dataset.some.replace("%n", shown.length) : input.dataset.none;
  }

  // While one types. A name that is written out and that no other name begins with needs no list any more.
  function offer() {
    const key = plain(input.value);
    const begun = options.filter((option) => option.key.startsWith(key));
    if (begun.length !== 1 || begun[0].key !== key) return open();
    close();
    status.textContent = "";
  }

  function choose(place) {
    input.value = shown[place].name;
    close();
    status.textContent = "";
  }

  const keys = {
    ArrowDown: () => (list.hidden ? open() : mark((active + 1) % shown.length)),
    ArrowUp: () => (list.hidden ? open() : mark((active <= 0 ? shown.length : active) - 1)),
    Escape: () => close(),
    Enter: () => choose(active),
  };
  input.addEventListener("keydown", (event) => {
    const needsList = event.key === "Escape" || event.key === "Enter";
    if (!keys[event.key] || (needsList && list.hidden) || (event.key === "Enter" && active < 0)) return;
    event.preventDefault();
    keys[event.key]();
  });
  input.addEventListener("input", offer);
  // The list stands in the flow and covers nothing. It goes when the box is left, and only after the click that left
  // it has landed: otherwise the button would move away under the finger.
  let pressed = false;
  const leave = () => setTimeout(() => { if (!pressed && document.activeElement !== input) close(); });
  input.addEventListener("blur", leave);
  addEventListener("pointerdown", () => (pressed = true), true);
  for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => { pressed = false; leave(); }, true);
  // The box keeps the focus while a finger or a mouse chooses.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const row = event.target.closest("[role=option]");
    if (row) choose([...list.children].indexOf(row));
  });
  close();
}

for (const input of document.querySelectorAll("input[data-combobox]")) if (input.list) combobox(input);
