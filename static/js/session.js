// The readiness check and the check-in. Every page works without this file. The session itself: live.js.

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
