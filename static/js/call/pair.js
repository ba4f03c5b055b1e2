// Two of the people in a call: their two browsers find each other by "hello" and "welcome" and connect directly.

import { connect } from "./peer.js";

const newName = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (one) => one.toString(16).padStart(2, "0")).join("");

// `send` carries a message to the other seat; `way` resolves to what is needed to connect; `on` is told what happens,
// "elsewhere" too: whoever opens the visit a second time goes on there.
export function pair({ polite, stream, send, way, on }) {
  // This page calls itself by a name that the other side learns; a page that is loaded again has another one, and what
  // was meant for the old one is not heard.
  let me = newName();
  const mine = new Set([me]);
  let partner;
  let greeted; // the name under which "hello" was said
  let peer;
  let open = true;
  let hidden = false;
  const say = (message) => open && send({ ...message, from: me });

  function meet(name) {
    peer?.close();
    peer = undefined;
    partner = name;
  }

  async function begin() {
    const payload = await way();
    const to = partner;
    if (!payload || !open || !to || peer) return;
    on("state", "connecting");
    peer = connect({
      payload,
      polite,
      stream,
      send: (message) => to === partner && say({ ...message, to }),
      on: (kind, what) => to === partner && on(kind, what),
      giveUp: anew,
    });
    if (hidden) peer.picture(null);
  }

  // What could not be mended is begun again from the first word, under a new name.
  function anew() {
    meet(undefined);
    me = newName();
    mine.add(me);
    on("anew");
    on("state", "lost");
    greet();
  }

  function greet() {
    if (greeted === me) return;
    greeted = me;
    say({ kind: "hello" });
  }

  return {
    greet,
    async hear(message) {
      if (message.kind === "welcome" && partner && !mine.has(message.to)) return on("elsewhere");
      if (message.kind === "hello" || (message.kind === "welcome" && message.to === me)) {
        if (message.from === partner && peer) return;
        meet(message.from);
        if (message.kind === "hello") say({ kind: "welcome", to: partner });
        await begin();
      } else if (message.to === me && message.from === partner && peer) await peer.receive(message);
    },
    picture(track) {
      hidden = !track;
      return peer?.picture(track);
    },
    say: (said) => Boolean(peer?.say(said)),
    connected: () => Boolean(peer?.connected()),
    mend: () => peer?.mend(),
    // The other one left the page; they may come back.
    alone: () => meet(undefined),
    close() {
      open = false;
      meet(undefined);
    },
  };
}
