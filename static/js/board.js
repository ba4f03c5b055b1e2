// The day board renews itself every fifteen seconds. What it asks does not count as something a person did; once the
// session is over, or the network away, the page says that it is old.
import "./keys.js";

const board = document.querySelector("[data-board]");
const stale = document.querySelector("[data-stale]");

setInterval(async () => {
  let drawn;
  try {
    const options = { headers: { Accept: "application/json" }, redirect: "manual", signal: AbortSignal.timeout(10000) };
    const reply = await fetch(board.dataset.board, options);
    if (reply.status !== 200) throw new Error(String(reply.status));
    drawn = (await reply.json()).board;
  } catch {
    stale.hidden = false;
    return;
  }
  stale.hidden = true;
  // Whoever stands on a visit by the keys stands on it afterwards.
  const at = board.contains(document.activeElement) ? document.activeElement.id : "";
  board.replaceChildren(...new DOMParser().parseFromString(drawn, "text/html").body.childNodes);
  if (at) document.getElementById(at)?.focus({ preventScroll: true });
}, 15000);
