// A few words between the people of a call, from browser to browser. What looks like a link is one; everything is text.

const LINK = /https?:\/\/[^\s<>"']+/g;

function withLinks(text) {
  const parts = new DocumentFragment();
  let from = 0;
  for (const found of text.matchAll(LINK)) {
    const address = URL.parse?.(found[0]);
    if (!address || !["http:", "https:"].includes(address.protocol)) continue;
    const link = document.createElement("a");
    Object.assign(link, { href: address.href, textContent: found[0], target: "_blank", rel: "noopener noreferrer" });
    parts.append(text.slice(from, found.index), link);
    from = found.index + found[0].length;
  }
  parts.append(text.slice(from));
  return parts;
}

export function chat({ say }) {
  const list = document.querySelector("[data-said]");
  const form = document.querySelector("[data-write]");
  const input = form.querySelector("input");

  function show(text, by = "") {
    const item = document.createElement("li");
    const who = document.createElement("p");
    who.className = "meta";
    who.textContent = by || list.dataset.you;
    const words = document.createElement("p");
    words.append(withLinks(text.slice(0, 1000)));
    if (!by) item.className = "thread__own";
    item.append(who, words);
    list.append(item);
    list.closest("details").open = true;
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (text && say(text)) {
      show(text);
      input.value = "";
    }
  });
  // Not disabled: whoever just stands on it would lose their place.
  return { show, open: (there) => (form.querySelector("button").setAttribute("aria-disabled", !there)) };
}
