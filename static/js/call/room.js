// The page of a video visit: the patient's, the clinician's, and that of one invited person. Each two connect alone.
// Without it the visit goes on by telephone.

import { chat } from "./chat.js";
import { endAgain, fresh, isNews, onAnswer } from "./guest.js";
import { openLine } from "./line.js";
import { pair } from "./pair.js";
import { openDevices, shower } from "./show.js";
import { tile } from "./tile.js";

const GUEST = "guest";
const LATER = 5000; // ms until a way in that failed is tried again
const setup = JSON.parse(document.getElementById("call").textContent);
const isOfTheTwo = setup.seat !== GUEST;
const polite = Object.fromEntries(setup.others.map((other) => [other.seat, other.polite]));
const show = shower(document);
const root = document.querySelector("[data-stage]");
const own = document.querySelector("[data-own]");
const off = { mute: false, hide: false };

let stage = root.dataset.stage;
let stream;
let payload;
let made = 0; // when the payload was made, ms
let joining;
let entering;
let elsewhere; // the call that another provider carries
let carrier = "p2p";
let away = false;
let invited = false;
let barred = false; // the server still has somebody in the call who must go
const ended = new Map(); // invitations that were taken back: whether on this page
const early = new Map(); // what another provider told of somebody who has no place on the page yet
const tiles = new Map();
const pairs = new Map();

const line = openLine({ ...setup, on: heard, isCalm });
const writing = chat({ say: (text) => tellAll({ kind: "chat", text }) });

// Who was invited may have to go at any moment: then everybody keeps asking.
function isCalm() {
  if (away || invited || !isOfTheTwo) return false;
  return elsewhere ? elsewhere.connected() : pairs.size > 0 && [...pairs.values()].every((one) => one.connected());
}
function tellAll(said) {
  if (elsewhere) return elsewhere.say(said);
  return [...pairs.values()].filter((one) => one.say(said)).length > 0;
}
const mains = () => [...tiles].filter(([seat]) => seat !== GUEST);

async function heard(kind, what) {
  // What one browser says must not keep this page from the news, whatever it is.
  if (kind === "message") return pairs.get(what.by)?.hear(what).catch(() => {});
  if (kind === "over") return location.assign(setup.urls.leave);
  if (kind === "signed_out") return show("signed_out", what);
  const back = away && kind === "news";
  away = kind === "away";
  if (kind !== "news") return;
  if (back) for (const one of pairs.values()) one.mend();
  // Who signed in again has another token, and must still be able to ask for the telephone or end the visit here.
  for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = what.csrf;
  waits(what);
  if (stage === "open" && what.stage === "waiting") return location.reload(); // they left by another window
  stage = what.stage;
  if (what.guest) await third(what.guest);
  if (stage === "open" && stream && !(barred && carrier !== "p2p")) await join();
}

function waits(what) {
  const isIn = setup.seat !== "clinician" || what.there;
  show("telephone", Boolean(what.telephone));
  show("calling", Boolean(what.calling) && what.stage === "waiting");
  show("waiting", what.stage === "waiting" && isIn && !what.calling);
  show("away", what.stage === "waiting" && !isIn);
}

// Somebody was invited, agreed to, let in, or must go: at once, whatever else fails.
async function third(guest) {
  const [key] = guest.known.split(":");
  const shown = tiles.get(GUEST)?.key;
  invited = key !== "";
  barred = guest.in && ended.has(key);
  if (shown && shown !== key) out(shown, false);
  else if (shown && (!guest.in || barred)) drop(GUEST);
  if (barred && ended.get(key)) await endAgain(key);
  if (!isNews(guest.known)) return;
  try {
    const page = await fresh();
    if (!page || !guest.in || barred) return;
    const place = [page.querySelector(".call[data-seat=guest]"), page.querySelector("[data-about=guest]")];
    if (tiles.has(GUEST) || !place.every(Boolean)) return;
    root.append(place[0]);
    document.querySelector("[data-status]").append(place[1]);
    add(GUEST);
  } catch {
    // No network: the next news say so again.
  }
}

// An invitation was taken back. Each of the two tells the other, whose page may be signed out and hear no news.
function out(key, here) {
  if (ended.has(key)) return;
  ended.set(key, here);
  tellAll({ kind: "out", key });
  if (tiles.get(GUEST)?.key === key) drop(GUEST);
}

function add(seat) {
  tiles.set(seat, tile(seat));
  for (const [kind, what] of early.get(seat) || []) happened(seat, kind, what);
  early.delete(seat);
}
function drop(seat) {
  pairs.get(seat)?.close();
  pairs.delete(seat);
  tiles.get(seat).remove();
  tiles.delete(seat);
  // The room of another provider is left to them; the two meet in the next one.
  payload = undefined;
  elsewhere?.close();
  elsewhere = undefined;
  early.delete(seat); // that it was left is told of whoever is in it
}

// What is needed to connect; good for half its time.
async function way() {
  if (payload && Date.now() - made < (payload.seconds * 1000) / 2) return payload;
  joining ||= line.join().finally(() => (joining = undefined));
  const given = await joining;
  if (given) [payload, made] = [given, Date.now()];
  return given;
}

const join = () => (entering ||= enter().finally(() => (entering = undefined)));
async function enter() {
  if (elsewhere || [...tiles.keys()].every((seat) => pairs.has(seat))) return;
  if (!(await way())) return;
  show("joined", true);
  carrier = payload.kind;
  if (carrier !== "p2p") return carried();
  for (const seat of tiles.keys()) if (!pairs.has(seat)) shake(seat);
}

function shake(seat) {
  const one = pair({
    polite: polite[seat],
    stream,
    way,
    send: (message) => line.send({ ...message, at: seat }),
    on: (kind, what) => happened(seat, kind, what),
  });
  pairs.set(seat, one);
  if (off.hide) one.picture(null);
  if (!tiles.get(seat).state()) tiles.get(seat).stands("alone");
  one.greet();
}

// Another provider carries picture and sound; it has the same verbs as a pair.
async function carried() {
  const { connect } = await import(`./${payload.kind}.js`);
  const given = payload;
  payload = undefined; // a way in is good for one try
  for (const [, one] of mains()) one.stands("connecting");
  try {
    const gone = () => elsewhere === mine && (elsewhere = undefined);
    const mine = await connect({ payload: given, script: setup.script, stream, on: happened, gone });
    elsewhere = mine;
    if (off.hide) elsewhere.picture(null);
  } catch {
    for (const [, one] of mains()) one.stands("lost");
    await new Promise((go) => setTimeout(go, LATER));
  }
}

// The visit goes on in another window of theirs.
function stop() {
  line.close();
  for (const one of pairs.values()) one.close();
  for (const one of tiles.values()) one.stands("elsewhere");
  for (const track of stream.getTracks()) track.stop();
  show("elsewhere", true);
  show("joined", false);
}

async function happened(seat, kind, what) {
  const there = tiles.get(seat);
  if (!there) return early.set(seat, (early.get(seat) || new Map()).set(kind, what));
  // Nobody who was invited ends the call of the two: where it goes on, the other of them says so too.
  if (kind === "elsewhere") {
    if (!isOfTheTwo || seat !== GUEST) stop();
  } else if (kind === "track") {
    if (await there.play(what)) show("silent", true);
  } else if (kind === "state") {
    if (what !== "closed") there.stands(what);
  } else if (kind === "talk") {
    writing.open([...tiles.values()].some((one) => one.state() === "connected") || what);
    if (what) pictureIs();
  } else if (kind === "weak") {
    show("weak", true);
    hide(true);
  } else if (kind === "anew") {
    line.forget(seat);
    payload = undefined;
  } else if (kind === "said") listen(seat, there, what);
}

function listen(seat, there, said) {
  if (said.kind === "chat" && typeof said.text === "string") writing.show(said.text, there.name);
  if (said.kind === "out" && isOfTheTwo && seat !== GUEST && typeof said.key === "string") out(said.key, false);
  if (said.kind === "picture") there.sees(said.on === true);
  if (said.kind === "bye") {
    there.clear();
    pairs.get(seat)?.alone();
    there.stands("alone");
  }
}

const pictureIs = () => tellAll({ kind: "picture", on: !off.hide && stream.getVideoTracks().length > 0 });
function press(name, on) {
  off[name] = on;
  const button = document.querySelector(`[data-do=${name}]`);
  button.textContent = on ? button.dataset.on : button.dataset.off;
}
function hide(on) {
  press("hide", on);
  const [track] = stream.getVideoTracks();
  if (track) track.enabled = !on;
  own.hidden = on;
  for (const one of [...pairs.values(), elsewhere]) one?.picture(on ? null : track);
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
    for (const one of tiles.values()) one.play();
    show("silent", false);
  }
});
addEventListener("pagehide", () => tellAll({ kind: "bye" }));
addEventListener("online", () => line.poll());
onAnswer({ then: () => line.poll(), out: (key) => out(key, true) });

for (const { seat } of setup.others) if (document.querySelector(`.call[data-seat=${seat}]`)) tiles.set(seat, tile(seat));
show("asking", true);
stream = await openDevices();
show("asking", false);
const seen = stream.getVideoTracks().length > 0;
const heardToo = stream.getAudioTracks().length > 0;
if (seen) own.srcObject = stream; // with an empty stream in it the page would count as loading for ever
own.hidden = !seen;
show("no_devices", !heardToo && !seen);
show("no_camera", heardToo && !seen);
show("no_sound", seen && !heardToo);
await line.poll();
