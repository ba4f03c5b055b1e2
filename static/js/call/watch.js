// The clinician's page of a visit shows by itself that the patient came, left, or wants the telephone.

const watched = document.querySelector("[data-watch]");
const { watch: url, known } = watched.dataset;
let touched = false;
addEventListener("input", () => (touched = true));

setInterval(async () => {
  try {
    const reply = await fetch(url, { headers: { Accept: "application/json" }, redirect: "manual" });
    if (reply.status !== 200) return;
    const news = await reply.json();
    const is = [news.stage, news.there, news.telephone].join(" ");
    // Nobody loses what they were typing, or where they are by the keys: then the line says it.
    if (is !== known && !touched && !document.querySelector("#main :focus-visible")) location.assign(location.pathname);
    watched.hidden = is === known;
  } catch {
    // No network: the next turn asks again.
  }
}, 5000);
