// Questionnaires of many items: a number key chooses an answer and goes on, and a line says how many are answered.
// The keys work only while an item has the focus. Without this file everything works with Tab and the arrow keys.

const form = document.querySelector("form[data-instrument]");
const items = [...form.querySelectorAll("fieldset")].filter((item) => item.querySelector("[name^=items_]"));
const isAnswered = (item) => item.querySelector(":checked") !== null;

function say() {
  const line = form.querySelector("[data-answered]");
  line.textContent = `${items.filter(isAnswered).length} / ${items.length} ${line.dataset.answered}`;
}

form.addEventListener("change", say);
form.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const item = event.target.closest("fieldset");
  const answer = items.includes(item) && /^\d$/.test(event.key) && item.querySelector(`[value="${event.key}"]`);
  if (!answer) return;
  event.preventDefault();
  answer.checked = true;
  say();
  const next = items[items.indexOf(item) + 1];
  (next ? next.querySelector(":checked") ?? next.querySelector("input") : form.querySelector("button")).focus();
});

// Whoever has only a finger is not told of keys.
for (const line of form.querySelectorAll("[data-with-keys]")) {
  line.hidden = line.dataset.withKeys !== "" && !matchMedia(`(${line.dataset.withKeys})`).matches;
}
say();
