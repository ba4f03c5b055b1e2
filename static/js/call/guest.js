// What the page says and asks about a third person, filled anew from the server when it changes: the call goes on.

const part = () => document.querySelector("[data-guest]");

// Whether it is another invitation, or another step of it, than the page shows.
export const isNews = (known) => Boolean(part()) && part().dataset.known !== known;

// The page as it would be loaded now, without leaving the call.
export async function fresh() {
  const reply = await fetch(location.pathname, { redirect: "manual", signal: AbortSignal.timeout(8000) });
  if (!reply.ok) return undefined;
  const page = new DOMParser().parseFromString(await reply.text(), "text/html");
  const found = page.querySelector("[data-guest]");
  if (!found) return undefined;
  const shown = part();
  shown.dataset.known = found.dataset.known;
  shown.replaceChildren(...found.childNodes);
  shown.querySelector(".alert")?.scrollIntoView({ block: "nearest" });
  return page;
}

// A button about the third person does not leave the call; what was refused, or not heard, is sent as a page sends it.
export function onAnswer(then) {
  document.addEventListener("submit", async (event) => {
    const { target: form, submitter } = event;
    if (!form.matches("[data-guest-form]")) return;
    event.preventDefault();
    const body = new FormData(form, submitter);
    submitter.disabled = true;
    try {
      const reply = await fetch(form.action, { method: "POST", body, redirect: "manual", signal: AbortSignal.timeout(8000) });
      if (reply.type !== "opaqueredirect") throw new TypeError(reply.status);
      await then();
    } catch {
      submitter.disabled = false;
      form.removeAttribute("data-guest-form");
      form.requestSubmit(submitter);
    }
  });
}
