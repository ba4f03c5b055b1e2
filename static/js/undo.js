// The seconds in which a decision can be undone; then the page says what became of it. The server decides, and without
// this file the button says when it is late.

const line = document.querySelector("[data-undo]");
const form = document.querySelector("[data-undo-form]");
const ends = performance.now() + Number(line.dataset.undo) * 1000;

const tick = () => {
  const left = Math.ceil((ends - performance.now()) / 1000);
  if (left > 0) {
    line.textContent = line.dataset.words.replace("{seconds}", left);
    setTimeout(tick, 500);
  } else {
    line.textContent = line.dataset.over;
    form.hidden = true;
    setTimeout(() => location.reload(), 1500);
  }
};
tick();
