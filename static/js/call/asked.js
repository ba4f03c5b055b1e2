// The invited person waits for the patient's answer; the page goes on by itself when there is one.

const { urls } = JSON.parse(document.getElementById("call").textContent);

setInterval(async () => {
  try {
    const reply = await fetch(urls.state, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(8000) });
    if (reply.status >= 500 || (reply.ok && (await reply.json()).stage === "asked")) return;
    location.reload();
  } catch {
    // No network: the next turn asks again.
  }
}, 2000);
