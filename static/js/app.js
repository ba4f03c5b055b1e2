// Small improvements for every page; each page works without this file.

// The way past the bars leaves nothing in the address: what a form of this page leads to would begin there, too.
document.querySelector(".skip-link")?.addEventListener("click", (event) => {
  const main = document.getElementById("main");
  event.preventDefault();
  main.focus({ preventScroll: true });
  main.scrollIntoView();
});

// Where the menu of the staff is one line, it begins at the page that is open.
const here = document.querySelector(".rail__nav [aria-current]");
if (here) here.closest("ul").scrollLeft = here.offsetLeft - 12;

// An error summary takes the focus, so that it is read first. The address may still name a wrong field that a link of
// the last page led to: then the browser would go there.
const summary = document.querySelector("[data-focus]");
if (summary && location.hash) history.replaceState(history.state, "", location.pathname + location.search);
summary?.focus();

// A page that came back from a switch is the answer to a POST, which no browser shows again: Back loads it anew instead.
if (document.querySelector("[name=carry]")) history.replaceState(history.state, "");

// <button type="button" data-opens="name"> opens the dialog of that name.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(`dialog-${opener.dataset.opens}`)?.showModal();
});

// A form that was sent is not sent a second time by an impatient finger. The server copes anyway.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "dialog") return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 3000);
});

// Centimetres need one number, feet and inches two.
function fitUnits(choice) {
  const inches = choice.closest(".parts").querySelectorAll(".part")[1];
  const metric = choice.value === "cm";
  inches.hidden = metric;
  if (metric) inches.querySelector("input").value = "";
  choice.closest(".parts").querySelector(".part__label").textContent = choice.dataset[metric ? "metricLabel" : "label"];
}
for (const choice of document.querySelectorAll("[data-unit-switch]")) {
  fitUnits(choice);
  choice.addEventListener("change", () => fitUnits(choice));
}
