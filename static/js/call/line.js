// The line to the server: what the others said, and what is said to them, in order. It never extends the session.

const SOON = 1000; // ms; until connected (VID-04)
const AT_ONCE = 250; // while the other side is answering
const LATER = 5000;
const PATIENCE = 8000;
const LONGEST = 60_000; // characters; the server takes 64 KB

export function openLine({ urls, after, on, isCalm }) {
  let seen = after;
  let token = "";
  let queue = [];
  let sending = false;
  let asking = false;
  let timer;
  let closed = false;

  const ask = (url, options = {}) =>
    fetch(url, {
      ...options,
      redirect: "manual",
      headers: { Accept: "application/json", "X-CSRFToken": token, ...options.headers },
      signal: AbortSignal.timeout(PATIENCE),
    });
  const isOut = (reply) => reply.status === 401 || reply.type === "opaqueredirect";

  async function poll() {
    if (asking) return;
    asking = true;
    let answered = false;
    clearTimeout(timer);
    try {
      const reply = await ask(`${urls.state}?after=${seen}`);
      on("signed_out", isOut(reply));
      if ([404, 409, 410].includes(reply.status)) return on("over");
      if (reply.ok) {
        const news = await reply.json();
        token = news.csrf;
        answered = news.signals.length > 0;
        for (const { seq, ...message } of news.signals) {
          if (seq <= seen) continue;
          seen = seq;
          await on("message", message);
        }
        await on("news", news);
        deliver();
      }
    } catch (error) {
      if (error instanceof TypeError || error.name === "TimeoutError") on("away");
      else throw error;
    } finally {
      asking = false;
      if (!closed) timer = setTimeout(poll, answered ? AT_ONCE : isCalm() ? LATER : SOON);
    }
  }

  // One after the other; what did not arrive is tried again with the next question.
  async function deliver() {
    if (sending || !token) return;
    sending = true;
    try {
      while (queue.length) {
        const first = queue[0];
        const body = JSON.stringify(first);
        const reply = await ask(urls.send, { method: "POST", body, headers: { "Content-Type": "application/json" } });
        if (reply.status !== 204 && reply.status !== 422 && reply.status !== 413) break;
        queue = queue.filter((one) => one !== first);
      }
    } catch {
      // No network: the next poll sends it.
    } finally {
      sending = false;
    }
  }

  return {
    poll,
    send(message) {
      if (JSON.stringify(message).length > LONGEST) return;
      queue.push(message);
      deliver();
    },
    // What an earlier connection still wanted to say is of no use to the next one.
    forget: (seat) => (queue = queue.filter((one) => one.at !== seat)),
    async join() {
      const reply = await ask(urls.join, { method: "POST" });
      return reply.ok ? reply.json() : undefined;
    },
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
