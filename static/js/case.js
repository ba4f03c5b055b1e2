// The case by single keys (keys.js): j and k lead to the next and the one before of the queue. Keys open, they never send.
// On its print view, the button that opens the browser's own dialog.

import { on } from "./keys.js";

for (const [key, rel] of Object.entries({ j: "next", k: "prev" })) {
  on(key, () => document.querySelector(`.case-head a[rel="${rel}"]`)?.click() ?? false);
}

const button = document.querySelector("[data-print]");
if (button) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
