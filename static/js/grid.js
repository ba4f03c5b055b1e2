// The week by the arrow keys: from day to day and from clinician to clinician. Without this file Tab goes from visit to
// visit. Single keys (next week, book …) are those of keys.js.
import "./keys.js";

const grid = document.querySelector("[data-grid]");
// On a narrow screen the days of a clinician stand below each other: that is a list, and Tab is enough.
const rows = grid && matchMedia("(min-width:40rem)").matches ? [...grid.tBodies[0].rows].map((row) => [...row.cells].slice(1)) : [];
const first = rows.flat().find((cell) => cell.querySelector("a[href]")) ?? rows[0]?.[0];

function stand(cell) {
  grid.querySelector("td[tabindex='0']")?.setAttribute("tabindex", "-1");
  // Where there is a visit or a free time Tab comes by anyway.
  if (!cell.querySelector("a[href]")) cell.setAttribute("tabindex", "0");
}

for (const cell of rows.flat()) cell.setAttribute("tabindex", "-1");
if (first) {
  grid.setAttribute("role", "grid");
  stand(first);
}

const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

grid?.addEventListener("keydown", (event) => {
  const cell = event.target.closest("td");
  if (!cell || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === "Enter" && event.target === cell) return cell.querySelector("a[href]")?.click();
  if (!STEPS[event.key]) return;
  const at = rows.findIndex((row) => row.includes(cell));
  if (at < 0) return;
  const [down, right] = STEPS[event.key];
  const links = [...cell.querySelectorAll("a[href]")];
  // Up and down go through the visits of a day first.
  const among = links[links.indexOf(event.target) + down];
  const next = rows[at + down]?.[rows[at].indexOf(cell) + right];
  event.preventDefault();
  if (down && among) return among.focus();
  if (!next) return;
  stand(next);
  next.focus();
});
