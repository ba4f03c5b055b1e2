// What the page says and asks about a third person, filled anew from the server when it changes: the call goes on.

const part = () => document.querySelector("[data-guest]");

// Whether it is another invitation, or another step of it, than the page shows.
export const isNews = (known) => Boolean(part()) && part().dataset.known !== known;

// The page as it would be loaded now, without leaving the call.
export async function fresh() {
  const reply = await fetch(location.pathname, {
    redirect: "manual",
    headers: { "X-By-Itself": "1" }, // nobody did anything: it keeps nobody signed in
    signal: AbortSignal.timeout(8000),
  });
  if (!reply.ok) return undefined;
  const page = new DOMParser().parseFromString(await reply.text(), "text/html");
  const found = page.querySelector("[data-guest]");
  if (!found) return undefined;
  const shown = part();
  const wasHere = shown.contains(document.activeElement);
  shown.dataset.known = found.dataset.known;
  shown.replaceChildren(...found.childNodes);
  // Whoever pressed a button of it by keyboard goes on from here, and a second press of the key presses nothing.
  if (wasHere) Object.assign(shown, { tabIndex: -1 }).focus();
  shown.querySelector(".alert")?.scrollIntoView({ block: "nearest" });
  return page;
}

const post = (form, body) =>
  fetch(form.action, {
    method: "POST",
    body,
    redirect: "manual",
    headers: { Accept: "application/json" },
    signal: AbortSignal.timeout(8000),
  });

// Sends again what a button said that nobody could be told when it was pressed.
export async function endAgain(key) {
  const button = part().querySelector("[name=do][value=end]");
  if (button?.form.elements.guest.value !== key) return;
  await post(button.form, new FormData(button.form, button)).catch(() => {});
}

// A button about the third person does not leave the call; what was refused, or not heard, is sent as a page sends it.
// Who must go is `out` before anybody was asked, and the news say again that it was not heard.
export function onAnswer({ then, out }) {
  const sent = new WeakSet(); // a button that was disabled instead would lose the focus
  document.addEventListener("submit", async (event) => {
    const { target: form, submitter } = event;
    if (!form.matches("[data-guest-form]")) return;
    event.preventDefault();
    if (sent.has(form)) return;
    sent.add(form);
    const body = new FormData(form, submitter);
    const ends = body.get("do") === "end";
    if (ends) out(body.get("guest"));
    try {
      const reply = await post(form, body);
      const isOut = reply.status === 401 || reply.type === "opaqueredirect";
      if (reply.status !== 204 && !isOut) throw new TypeError(reply.status);
      if (isOut) sent.delete(form);
      await then();
    } catch {
      sent.delete(form);
      if (ends) return;
      form.removeAttribute("data-guest-form");
      form.requestSubmit(submitter);
    }
  });
}
