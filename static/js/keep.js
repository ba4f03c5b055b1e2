// Keeps what is being written, every few seconds and when the page is left. Without this file the Save button does it.

const PAUSE = 3000;
// What tells one page from another, and one sending from the next: not what somebody wrote.
const MARKS = ["csrfmiddlewaretoken", "turn", "base", "edit", "token", "prompt"];
const form = document.querySelector("form[data-keep]");
// A long form says it in several places, so that one of them is in sight.
const states = form.querySelectorAll("[data-state]");
const beside = form.querySelector("[data-beside]");
const words = () => JSON.stringify([...new FormData(form)].filter(([name]) => !MARKS.includes(name)));
// What came back with an error stands nowhere yet. Where two versions stand against each other only a press writes.
let kept = "unsaved" in form.dataset ? null : words();
let stopped = "conflict" in form.dataset;
let timer = 0, leaving = false, running = null, whole = true;
const unsaved = () => !leaving && (!whole || words() !== kept);

const say = (name, said) => {
  for (const state of states) state.textContent = said ?? form.dataset[name] ?? "";
};
const body = () => {
  form.elements.turn.value = Number(form.elements.turn.value) + 1;
  return new FormData(form);
};

// Who signed in again in another tab has another token there: without it nothing would be taken from this page.
async function renewToken() {
  const reply = await fetch(location.href, { redirect: "manual" });
  if (!reply.ok) return;
  const page = new DOMParser().parseFromString(await reply.text(), "text/html");
  const fresh = page.querySelector("form[data-keep] [name=csrfmiddlewaretoken]");
  if (fresh) form.elements.csrfmiddlewaretoken.value = fresh.value;
}

async function send() {
  const written = words();
  if (written === kept) return "kept";
  if (stopped) return "elsewhere";
  try {
    const headers = { Accept: "application/json" };
    const reply = await fetch(form.dataset.keep, { method: "POST", body: body(), headers, redirect: "manual", signal: AbortSignal.timeout(10000) });
    if (reply.ok) {
      const told = await reply.json();
      kept = written;
      // A field that is wrong is not kept with the rest.
      whole = told.whole ?? true;
      say("kept", told.said);
      if (beside && beside.textContent !== told.beside) beside.textContent = told.beside;
      return "kept";
    }
    if (reply.status === 409) {
      stopped = true;
      return "elsewhere";
    }
    if (reply.status === 422) return "refused";
    if (reply.status === 401 || reply.status === 403 || reply.type === "opaqueredirect") {
      await renewToken();
      return "signedOut";
    }
  } catch {
    // no connection, or no answer in time
  }
  return "offline";
}

async function keep() {
  const state = await (running ??= send().finally(() => (running = null)));
  if (state !== "kept") say(state);
  // What was refused is sent again once it was changed.
  if (!stopped && state !== "refused" && words() !== kept) later();
  return state;
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(keep, PAUSE);
}

form.addEventListener("input", () => {
  if (stopped) return;
  say("");
  later();
});
addEventListener("online", keep);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden || leaving || stopped || words() === kept) return;
  // A beacon holds 64 KB at most. What is longer goes the ordinary way while the page lives, and asks before it leaves.
  if (!navigator.sendBeacon(form.dataset.keep, body())) keep();
});
// What is saved comes after everything that was only kept. Where nothing can be kept, a page that is sent would be lost.
form.addEventListener("submit", async (event) => {
  if (!stopped && words() !== kept) {
    event.preventDefault();
    const state = await keep();
    if (state === "signedOut" || state === "offline") return;
    stopped = true;
    return form.requestSubmit(event.submitter);
  }
  clearTimeout(timer);
  stopped = leaving = true;
  form.elements.turn.value = Number(form.elements.turn.value) + 1;
});
// Leaving with words that nobody has yet asks first.
addEventListener("beforeunload", (event) => {
  if (unsaved()) event.preventDefault();
});
