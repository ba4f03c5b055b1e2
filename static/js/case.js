// What stands in the queue by single keys (keys.js): j and k lead to the next line and the one before. Keys open, they never send.
// On its print view, the button that opens the browser's own dialog.

import { on } from "./keys.js";

for (const [key, rel] of Object.entries({ j: "next", k: "prev" })) {
  on(key, () => document.querySelector(`a[data-walk][rel="${rel}"]`)?.click() ?? false);
}

const button = document.querySelector("[data-print]");
if (button) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
