// The picture of one other person, and the words about how it stands with them.

import { shower } from "./show.js";

const states = ["connecting", "connected", "lost", "alone"];

export function tile(seat) {
  const box = document.querySelector(`.call[data-seat=${seat}]`);
  const words = document.querySelector(`[data-about=${seat}]`);
  const show = shower(words);
  const video = box.querySelector("[data-theirs]");
  const note = box.querySelector("[data-no-picture]");

  return {
    name: box.dataset.name,
    key: box.dataset.key, // which invitation, of an invited person
    state: () => box.dataset.state || "",
    stands(now) {
      box.dataset.state = now;
      box.hidden = false;
      const word = now === "disconnected" || now === "failed" ? "lost" : states.includes(now) ? now : "connecting";
      for (const one of states) show(one, one === word && now !== "elsewhere");
    },
    // The last picture of a camera that was turned off must not stand there as if it were now.
    sees(on) {
      note.hidden = on;
      video.hidden = !on;
    },
    // Resolves to whether the browser wants a click before there is sound.
    async play(stream) {
      if (stream && video.srcObject !== stream) video.srcObject = stream;
      try {
        await video.play();
      } catch ({ name }) {
        return name === "NotAllowedError";
      }
      return false;
    },
    clear() {
      video.srcObject = null;
      this.sees(true);
    },
    remove() {
      box.remove();
      words.remove();
    },
  };
}
