// The page of a video visit, the patient's and the clinician's. Without it the visit goes on by telephone.

import { chat } from "./chat.js";
import { openLine } from "./line.js";
import { openDevices, shower } from "./show.js";

const setup = JSON.parse(document.getElementById("call").textContent);
const part = (name) => document.querySelector(`[data-${name}]`);
const show = shower(document);
const own = part("own");
const theirs = part("theirs");
const newName = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (one) => one.toString(16).padStart(2, "0")).join("");

// This page calls itself by a name that the other side learns by "hello" or "welcome"; a page that is loaded again has
// another one, and what was meant for the old one is not heard.
let me = newName();
const mine = new Set([me]);
let partner;
let greeted; // the name under which "hello" was said
let peer;
let stream;
let payload;
let made = 0; // when the payload was made, ms
let joining;
const LATER = 5000; // ms until a way in that failed is tried again
let stage = document.querySelector("[data-stage]").dataset.stage;
let state = "";
let away = false;
const off = { mute: false, hide: false };

const line = openLine({ ...setup, on: heard, isCalm: () => peer?.connected() && !away });
const say = (message) => line.send({ ...message, from: me });
const writing = chat({ say: (text) => peer?.say({ kind: "chat", text }) });

const status = ["asking", "connecting", "connected", "lost", "alone", "elsewhere"];
function tell(name) {
  for (const one of status) show(one, one === name);
}

async function heard(kind, what) {
  if (kind === "message") return hear(what);
  if (kind === "over") return location.assign(setup.urls.leave);
  if (kind === "signed_out") return show("signed_out", what);
  const back = away && kind === "news";
  away = kind === "away";
  if (kind !== "news") return;
  if (back) peer?.mend?.();
  // Who signed in again has another token, and must still be able to ask for the telephone or end the visit here.
  for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = what.csrf;
  show("telephone", what.telephone);
  show("calling", what.calling && what.stage === "waiting");
  const isIn = setup.polite || what.there;
  show("waiting", what.stage === "waiting" && isIn && !what.calling);
  show("away", what.stage === "waiting" && !isIn);
  if (stage !== what.stage && what.stage === "open") stage = what.stage;
  if (stage === "open" && !peer && stream) await join();
}

const join = () => (joining ||= enter().finally(() => (joining = undefined)));
async function enter() {
  if (!payload || Date.now() - made > (payload.seconds * 1000) / 2) {
    payload = await line.join();
    made = Date.now();
  }
  if (!payload) return;
  show("joined", true);
  if (payload.kind !== "p2p") return elsewhere();
  if (!state) tell("alone");
  if (greeted === me) return;
  greeted = me;
  say({ kind: "hello" });
}

// Another provider carries picture and sound; it has the same three verbs as a peer.
async function elsewhere() {
  if (peer) return;
  const { connect } = await import(`./${payload.kind}.js`);
  const given = payload;
  payload = undefined; // a way in is good for one try
  stands("connecting");
  try {
    peer = await connect({ payload: given, script: setup.script, stream, on: happened, gone: () => (peer = undefined) });
    if (off.hide) peer.picture(null);
  } catch {
    stands("lost");
    await new Promise((go) => setTimeout(go, LATER));
  }
}

// Who opens the visit a second time goes on there: the other side has welcomed that page after this one.
function isTakenOver(message) {
  return message.kind === "welcome" && partner && !mine.has(message.to);
}
function stop() {
  line.close();
  meet(undefined);
  for (const track of stream.getTracks()) track.stop();
  stands("elsewhere");
  show("joined", false);
}

async function hear(message) {
  if (isTakenOver(message)) return stop();
  if (message.kind === "hello" || (message.kind === "welcome" && message.to === me)) {
    if (message.from === partner && peer) return;
    await meet(message.from);
    if (message.kind === "hello") say({ kind: "welcome", to: partner });
    await begin();
  } else if (message.to === me && message.from === partner && peer) await peer.receive(message);
}

async function meet(name) {
  peer?.close();
  peer = undefined;
  partner = name;
}

async function begin() {
  if (!payload || Date.now() - made > (payload.seconds * 1000) / 2) await join();
  if (!payload) return;
  const { connect } = await import("./peer.js");
  const to = partner;
  stands("connecting");
  peer = connect({
    payload,
    polite: setup.polite,
    stream,
    send: (message) => to === partner && say({ ...message, to }),
    on: (kind, what) => to === partner && happened(kind, what),
    giveUp: anew,
  });
  if (off.hide) peer.picture(null);
}

// What could not be mended is begun again from the first word, under a new name.
async function anew() {
  peer?.close();
  peer = undefined;
  partner = undefined;
  me = newName();
  mine.add(me);
  line.forget();
  payload = undefined;
  stands("lost");
  await join();
}

function happened(kind, what) {
  if (kind === "track") {
    theirs.srcObject = what;
    theirs.play().catch(({ name }) => name === "NotAllowedError" && show("silent", true));
  } else if (kind === "state") {
    if (what !== "closed") stands(what);
  } else if (kind === "talk") {
    writing.open(what);
    if (what) pictureIs();
  } else if (kind === "weak") {
    show("weak", true);
    hide(true);
  } else if (kind === "said") listen(what);
}

// The last picture of a camera that was turned off must not stand there as if it were now.
function seesThem(on) {
  show("no_picture", !on);
  theirs.hidden = !on;
}
function stands(now) {
  state = now;
  document.querySelector("[data-stage]").dataset.state = now;
  const lost = now === "disconnected" || now === "failed";
  tell(lost ? "lost" : status.includes(now) ? now : "connecting");
}

function listen(said) {
  if (said.kind === "chat" && typeof said.text === "string") writing.show(said.text, false);
  if (said.kind === "picture") seesThem(said.on === true);
  if (said.kind === "bye") {
    theirs.srcObject = null;
    seesThem(true);
    meet(undefined);
    stands("alone");
  }
}

const pictureIs = () => peer?.say({ kind: "picture", on: !off.hide && stream.getVideoTracks().length > 0 });
function press(name, on) {
  off[name] = on;
  document.querySelector(`[data-do=${name}]`).setAttribute("aria-pressed", String(on));
}
function hide(on) {
  press("hide", on);
  for (const track of stream.getVideoTracks()) track.enabled = !on;
  own.hidden = on;
  peer?.picture(on ? null : stream.getVideoTracks()[0]);
  pictureIs();
}

document.addEventListener("click", ({ target }) => {
  const wanted = target.closest("[data-do]")?.dataset.do;
  if (wanted === "mute") {
    press("mute", !off.mute);
    for (const track of stream.getAudioTracks()) track.enabled = !off.mute;
  } else if (wanted === "hide") {
    show("weak", false);
    hide(!off.hide);
  } else if (wanted === "listen") {
    theirs.play();
    show("silent", false);
  }
});
addEventListener("pagehide", () => peer?.say({ kind: "bye" }));
addEventListener("online", () => line.poll());

tell("asking");
stream = await openDevices();
tell("");
own.srcObject = stream;
const seen = stream.getVideoTracks().length > 0;
const heardToo = stream.getAudioTracks().length > 0;
own.hidden = !seen;
show("no_devices", !heardToo);
show("no_camera", heardToo && !seen);
await line.poll();
