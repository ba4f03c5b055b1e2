// How long a chosen time is still kept. The page says until when; this only counts down, from the server's number.
const clock = document.querySelector("[data-seconds]");
if (clock) {
  const ends = performance.now() + clock.dataset.seconds * 1000;
  const shown = clock.querySelector("strong");
  const tick = () => {
    const left = Math.max(0, Math.round((ends - performance.now()) / 1000));
    shown.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    if (left) setTimeout(tick, 1000);
    else clock.textContent = clock.dataset.over;
  };
  clock.hidden = false;
  tick();
}
