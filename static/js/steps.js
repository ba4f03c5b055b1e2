// A form of several steps, one at a time. Without this file the steps stand below each other and nothing is lacking.
// Answers stay on the page until the last step; Back in the browser goes one step back.

const form = document.querySelector("form[data-steps]");
if (form) {
  const steps = [...form.querySelectorAll("[data-step]")];
  const where = form.querySelector("[data-where]");
  const send = form.querySelector("button[type=submit]");
  const seeAnswer = send.textContent;
  const [askedAtOnce, answeredAtOnce] = form.dataset.now.split(":");
  const place = form.elements.at;
  let at = Number(place.value);
  let furthest = at;

  function show(step) {
    at = place.value = Math.min(Math.max(step, 0), furthest);
    steps.forEach((part, number) => (part.hidden = number !== at));
    for (const part of document.querySelectorAll("[data-before]")) part.hidden = at > 0;
    where.hidden = at === 0;
    where.querySelector("span").textContent = form.dataset.words.replace("%n", at + 1).replace("%m", steps.length);
    where.querySelector("progress").value = at + 1;
    send.textContent = at === steps.length - 1 ? seeAnswer : form.dataset.goOn;
  }

  function move(step) {
    show(step);
    steps[at].focus({ preventScroll: true });
    scrollTo(0, 0);
  }

  function answered(question) {
    return [...question.querySelectorAll("input, select")].some((one) =>
      one.matches("[type=checkbox], [type=radio]") ? one.checked : one.value.trim());
  }

  form.addEventListener("input", (event) => event.target.closest("[data-missing]")?.querySelectorAll("input, select")
    .forEach((one) => one.setCustomValidity("")));

  form.addEventListener("submit", (event) => {
    if (event.submitter?.hasAttribute("formaction")) return; // the language or the appearance
    const open = [...steps[at].querySelectorAll("[data-missing]")].find((question) => !answered(question));
    if (open) {
      event.preventDefault();
      const first = open.querySelector("input, select");
      first.setCustomValidity(open.dataset.missing);
      return first.reportValidity();
    }
    if (new FormData(form).get(askedAtOnce) === answeredAtOnce && at >= steps.findIndex((part) =>
      part.querySelector(`[name=${askedAtOnce}]`))) return;
    if (at === steps.length - 1) return;
    event.preventDefault();
    furthest = Math.max(furthest, at + 1);
    history.pushState({ step: at + 1 }, "");
    move(at + 1);
  });

  where.querySelector("a").addEventListener("click", (event) => {
    event.preventDefault();
    history.back();
  });
  addEventListener("popstate", (event) => move(event.state?.step ?? 0));
  history.replaceState(null, "");
  // After a switch of the language the questions before this one are still there to go back to.
  for (let step = 1; step <= at; step += 1) history.pushState({ step }, "");
  show(at);
}
