// Keeps what is being written, every few seconds and when the page is left. Without this file the Save button does it.

const PAUSE = 3000;
const form = document.querySelector("form[data-keep]");
const state = form.querySelector("[data-state]");
const box = form.elements.text;
let kept = box.value, timer = 0, stopped = false, sending = false;

const say = (name) => (state.textContent = form.dataset[name] ?? "");
const body = () => {
  form.elements.turn.value = Number(form.elements.turn.value) + 1;
  return new FormData(form);
};

async function keep() {
  if (stopped || sending || box.value === kept) return;
  const text = box.value;
  sending = true;
  try {
    const headers = { Accept: "application/json" };
    const reply = await fetch(form.dataset.keep, { method: "POST", body: body(), headers, redirect: "manual", signal: AbortSignal.timeout(10000) });
    if (reply.ok) {
      kept = text;
      say("kept");
    } else if (reply.status === 409) {
      stopped = true;
      say("elsewhere");
    } else if (reply.status === 422) say("refused");
    else if (reply.status === 401 || reply.status === 403 || reply.type === "opaqueredirect") say("signedOut");
    else say("offline");
  } catch {
    say("offline");
  }
  sending = false;
  if (!stopped && box.value !== kept) later();
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(keep, PAUSE);
}

box.addEventListener("input", () => {
  if (!stopped) say("");
  later();
});
addEventListener("online", keep);
document.addEventListener("visibilitychange", () => {
  if (document.hidden && !stopped && box.value !== kept) navigator.sendBeacon(form.dataset.keep, body());
});
// What is saved comes after everything that was only kept.
form.addEventListener("submit", () => {
  clearTimeout(timer);
  stopped = true;
  form.elements.turn.value = Number(form.elements.turn.value) + 1;
});
// Leaving with words that nobody has yet asks first.
addEventListener("beforeunload", (event) => {
  if (!stopped && box.value !== kept) event.preventDefault();
});
