// The session and the pages around it. Every page works without this file; with it the clock runs on without a network.

const number = (element, name) => Number(element.dataset[name] || 0);
const pad = (value) => String(value).padStart(2, "0");
const spoken = (seconds) => `${Math.floor(seconds / 60)}:${pad(Math.floor(seconds % 60))}`;

// Questions that follow a yes are hidden until it is given; what is hidden is not sent.
for (const group of document.querySelectorAll("[data-follows]")) {
  const inputs = document.querySelectorAll(`[name="${group.dataset.follows}"]`);
  const fit = () => {
    const answer = [...inputs].find((input) => input.checked)?.value;
    group.hidden = answer !== "yes" && answer !== "skip";
    for (const input of group.querySelectorAll("input")) input.disabled = group.hidden;
  };
  for (const input of inputs) input.addEventListener("change", fit);
  fit();
}

// The wait before a repeated reading.
for (const line of document.querySelectorAll("[data-countdown]")) {
  const ends = performance.now() + number(line, "countdown") * 1000;
  const next = document.querySelector("[data-when-over]");
  const tick = () => {
    const left = Math.ceil((ends - performance.now()) / 1000);
    if (next) next.hidden = left > 0;
    if (left > 0) {
      line.textContent = line.dataset.words.replace("{time}", spoken(left));
      setTimeout(tick, 1000);
    } else line.textContent = line.dataset.over;
  };
  tick();
}

// What is noted without a network waits in this page, in order, and goes when the network is back. The number in a form
// makes a note that arrives twice count once.
const waiting = [];
const unsent = document.querySelector("[data-unsent]");
let sending = false;

const answered = (item, reply) => {
  if (reply.type === "opaqueredirect") return true;
  if (reply.status >= 500 || reply.status === 429) return false;
  // Refused: put what was noted back and send it the plain way, so that its page says what to mend.
  waiting.length = 0;
  for (const [name, value] of item.body) item.form.elements[name].value = value;
  item.form.submit();
  return false;
};
const send = async () => {
  if (sending) return;
  sending = true;
  const to = waiting[0]?.form.dataset.keep;
  try {
    while (waiting.length) {
      const { form, body } = waiting[0];
      const reply = await fetch(form.action, { method: "POST", body, redirect: "manual", signal: AbortSignal.timeout(10000) });
      if (!answered(waiting[0], reply)) break;
      waiting.shift();
    }
  } catch {
    // Still no network: the next try comes by itself.
  }
  sending = false;
  const begun = (input) => (input.type === "radio" ? input.checked : input.type !== "hidden" && input.value);
  if (to && !waiting.length && ![...document.querySelectorAll("form[data-keep] input")].some(begun)) window.location.assign(to);
  if (unsent) unsent.hidden = !waiting.length;
};
for (const form of document.querySelectorAll("form[data-keep]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!navigator.onLine && !form.reportValidity()) return;
    waiting.push({ form, body: new URLSearchParams(new FormData(form)) });
    const counter = form.elements.number;
    const next = Number(counter?.value) + 1;
    form.reset();
    if (counter) counter.value = next;
    send();
  });
}
if (unsent) {
  setInterval(send, 5000);
  window.addEventListener("online", send);
  window.addEventListener("beforeunload", (event) => waiting.length && event.preventDefault());
}

// The session page: the clock counts here, the server is asked every fifteen seconds.
const live = document.querySelector("[data-state]");
if (live) {
  const phases = JSON.parse(document.getElementById("phases").textContent);
  const part = (name) => live.querySelector(`[data-${name}]`);
  const hold = number(live, "hold") * 60;
  let began = performance.now() - number(live, "elapsed") * 1000;
  let due = live.dataset.due;

  const draw = () => {
    const elapsed = Math.max(0, (performance.now() - began) / 1000);
    const holding = elapsed < hold;
    const phase = phases.find((one) => elapsed < one.until) || phases[phases.length - 1];
    part("clock").textContent = holding ? spoken(hold - elapsed) : Math.floor(elapsed / 60);
    part("unit").textContent = live.dataset[holding ? "holdUnit" : "unit"];
    if (part("phase").textContent !== phase.words) {
      part("phase").textContent = phase.words;
      part("hint").textContent = phase.hint;
    }
    const share = holding ? elapsed / hold : Math.min(1, elapsed / number(live, "total"));
    part("ring").setAttribute("stroke-dasharray", `${(share * 100).toFixed(2)} 100`);
  };

  const ask = async () => {
    try {
      const reply = await fetch(live.dataset.state, { headers: { Accept: "application/json" } });
      if (!reply.ok) throw new Error(reply.status);
      const state = await reply.json();
      part("offline").hidden = true;
      if (state.status !== "started" || state.vitals_due !== due) return window.location.reload();
      began = performance.now() - state.elapsed * 1000;
      part("checks").textContent = state.checks;
      part("next-check").textContent = state.next_check;
    } catch {
      part("offline").hidden = false;
    }
  };
  draw();
  setInterval(draw, 1000);
  setInterval(ask, 15000);
  // The link to the help page opens the numbers at once, also without a network.
  live.querySelector("[data-opens]")?.addEventListener("click", (event) => event.preventDefault());
}

// The sitter's page: says when the next check is due, and follows the session to its end.
const watch = document.querySelector("[data-watch]");
if (watch) {
  const ask = async () => {
    try {
      const reply = await fetch(watch.dataset.watch, { headers: { Accept: "application/json" } });
      if (!reply.ok) return;
      const state = await reply.json();
      const typing = waiting.length || watch.querySelector("input:checked, input[type=text]:not(:placeholder-shown):focus");
      const changed = state.status !== "started" || state.vitals_due !== watch.dataset.due;
      if ((changed || String(state.can_release) !== watch.dataset.release) && !typing) return window.location.reload();
      for (const line of watch.querySelectorAll("[data-minutes]")) line.textContent = state.minutes;
    } catch {
      // The next question comes in a few seconds.
    }
  };
  setInterval(ask, 15000);
}
