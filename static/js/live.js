// The session page and the sitter's page. Each works without this file; with it the clock runs on, and what is tapped is
// kept on the device and sent once, while the network or the server is away.

import { openVault } from "./vault.js";
import { chime, remember, soft, wished } from "./sound.js";

const page = document.querySelector("[data-live]");
const role = page.dataset.live;
const base = page.dataset.base || location.pathname;
const json = (id) => JSON.parse(document.getElementById(id)?.textContent || "null");
const texts = json("texts");
const part = (name) => page.querySelector(`[data-${name}]`);
const show = (name, there) => {
  const element = part(name);
  if (element) element.hidden = !there;
};
const write = (name, words) => {
  const element = part(name);
  if (element && element.textContent !== String(words)) element.textContent = words;
};
const spoken = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
const newKey = () =>
  crypto.randomUUID?.() ||
  "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) =>
    (digit ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (digit / 4)))).toString(16),
  );

let vault;
let waiting = [];
// What the server said last, and when by this device's clock.
let known;
let away = false;
let signedOut = false;

const elapsed = () => Math.max(0, known.state.elapsed + (Date.now() - known.at) / 1000);
const of = (kind) => waiting.filter((told) => told.kind === kind);
const when = (told) => told.after;

// What is told goes one by one, a call for help first, the end only after everything else.
async function post(told) {
  const body = new URLSearchParams({ ...told.fields, key: told.key, csrfmiddlewaretoken: known?.csrf || "" });
  if (told.after !== undefined) body.set("after", Math.round(told.after));
  const options = { method: "POST", body, redirect: "manual", headers: { Accept: "application/json" } };
  return fetch(`${base}${told.kind}/`, { ...options, signal: AbortSignal.timeout(10000) });
}

async function deliver(told) {
  const reply = await post(told);
  signedOut = reply.type === "opaqueredirect" || reply.status === 401;
  if (reply.status !== 200 && reply.status !== 422) {
    // A token that is too old is renewed with the next question; anything else is tried again later.
    if (reply.status === 403) await ask();
    return false;
  }
  const { text } = await reply.json();
  waiting = waiting.filter((one) => one.key !== told.key);
  const goesOn = told.kind === "release" && reply.status === 422;
  if (goesOn) write("said", "");
  if (text) urgent(goesOn ? `${texts.stay} ${text}` : text);
  await vault.drop(told);
  if (told.kind === "help" && reply.status === 200) called(texts.called);
  return true;
}

let sending;
const send = () => (sending ||= sendAll().finally(() => (sending = undefined)));
async function sendAll() {
  const first = (told) => ({ help: 0, release: 2 })[told.kind] ?? 1;
  const order = [...waiting].sort((one, other) => first(one) - first(other) || one.made - other.made);
  let sent = 0;
  for (const told of order) {
    if (told.kind === "release" && waiting.some((one) => one.kind !== "release")) break;
    try {
      if (await deliver(told)) sent += 1;
    } catch {
      away = true;
      break;
    }
  }
  if (of("help").length) called(texts.not_called);
  if (sent) await ask();
  draw();
}

async function ask() {
  try {
    const headers = { Accept: "application/json" };
    const reply = await fetch(`${base}state/`, { headers, redirect: "manual", signal: AbortSignal.timeout(10000) });
    signedOut = reply.type === "opaqueredirect" || reply.status === 401;
    if (!reply.ok) throw new Error(String(reply.status));
    const { csrf, ...state } = await reply.json();
    away = false;
    if (!known) return location.reload();
    // A sign-in changes the token, and what was kept goes with the new one also when the session is over.
    known.csrf = csrf || known.csrf;
    if (state.status !== "started") {
      if (!waiting.length) location.assign(base);
      return;
    }
    known = { ...known, state, at: Date.now() };
    await vault.keep(known);
  } catch {
    away = !signedOut;
  }
}

// Whoever pressed a button further down sees what it led to; not at once, or a second tap would press something else.
const look = (name) => setTimeout(() => part(name)?.scrollIntoView({ block: "center" }), 600);
const urgent = (words) => {
  write("urgent", words);
  show("urgent", true);
  look("urgent");
};
const called = (words) => {
  for (const line of page.querySelectorAll("[data-called]")) {
    line.textContent = words;
    line.hidden = false;
  }
};

// What the people in the room are told at once, also when nobody else hears it yet.
const reached = ([upper, lower], fields) => Number(fields.pressure_0) >= upper || Number(fields.pressure_1) >= lower;
function answer({ kind, fields }, words) {
  if (kind === "help") return called(texts.calling);
  show("urgent", false);
  if (kind === "note") return write("said", [texts.noted.replace("{note}", words), texts[`note_${fields.note}`]].join(" ").trim());
  write("said", texts.told);
  if (kind === "release") write("said", texts.wait_release);
  if (kind === "check" && (fields.responds === "no" || fields.breathing_normal === "no")) urgent(texts.finding);
  if (kind !== "reading" || !known) return;
  if (reached(known.course.emergency, fields)) urgent(texts.reading_emergency);
  else if (reached(known.course.told, fields)) urgent(texts.reading_told);
}

// Why the watch goes on, by the same limits as the server's, so that nobody leaves on a word that is taken back later.
function stays({ oriented, walking }) {
  if (oriented !== "yes") return texts.not_oriented;
  if (walking !== "yes") return texts.not_walking;
  const { course, state } = known;
  const told = of("reading").map(({ after, fields }) => [Math.round(after), Number(fields.pressure_0)]);
  const late = [...state.measured.map((at, place) => [at, state.uppers?.[place]]), ...told].filter(([at]) => at >= course.release);
  if (!late.length || !course.steady) return texts.release_reading_missing;
  const [, upper] = late.reduce((newest, one) => (one[0] >= newest[0] ? one : newest));
  const [low, high] = course.steady;
  if (upper >= low && upper <= high) return "";
  const words = { systolic: upper, start: (low + high) / 2, within: (high - low) / 2 };
  return texts.release_systolic.replace(/{(\w+)}/g, (_all, name) => words[name]);
}

const whole = (text, low, high) => /^\d{1,3}$/.test(text) && Number(text) >= low && Number(text) <= high;
function complete(kind, fields) {
  if (kind === "check") return fields.responds && fields.breathing_normal;
  if (kind === "release") return fields.oriented && fields.walking;
  if (kind !== "reading") return true;
  const [upper, lower, rate] = [fields.pressure_0, fields.pressure_1, fields.heart_rate].map((text) => text.trim());
  return whole(upper, 50, 300) && whole(lower, 30, 200) && Number(lower) < Number(upper) && whole(rate, 20, 250);
}

async function tell(event) {
  event.preventDefault();
  const { target: form, submitter } = event;
  const { csrfmiddlewaretoken: _token, key: _key, after: _after, ...fields } = Object.fromEntries(new FormData(form));
  if (submitter?.name) fields[submitter.name] = submitter.value;
  // Never before the last word of the server, whatever became of this device's clock.
  const after = known && Math.max(elapsed(), known.state.elapsed);
  const told = { key: newKey(), kind: form.dataset.tells, made: Date.now(), after, fields };
  // A second tap of the same finger is not a second telling: the form is empty by then, or has only this one button.
  const twin = ["note", "help"].includes(told.kind) ? form.toldAs === fields.note : !complete(told.kind, fields);
  if (twin && Date.now() - (form.toldAt || 0) < 1000) return;
  const missing = form.querySelector("[data-incomplete]");
  const open = complete(told.kind, fields) ? told.kind === "release" && known && stays(fields) : texts.incomplete;
  if (open) {
    missing.textContent = told.kind === "release" && open !== texts.incomplete ? `${texts.stay} ${open}` : open;
    missing.hidden = false;
    return;
  }
  if (missing) missing.hidden = true;
  Object.assign(form, { toldAt: Date.now(), toldAs: fields.note });
  waiting.push(told);
  answer(told, submitter?.textContent);
  if (role === "sitter" && told.kind !== "help" && part("urgent").hidden) look("said");
  // Not at once: the second tap of the same finger would land on what lies below.
  if (told.kind !== "help") setTimeout(() => form.closest("dialog")?.close(), 600);
  form.reset();
  await vault.add(told);
  draw();
  send();
}

let before;
function draw() {
  if (!known) return;
  const { course, state } = known;
  const now = elapsed();
  const checks = of("check").map(when);
  const last = Math.max(state.last_check, ...checks);
  const left = Math.ceil((last + course.check_every - now) / 60);
  const readings = [...state.measured, ...of("reading").map(when)];
  const ending = now >= course.release;
  // In the end until a reading lets the watch end; another one can always follow one that does not.
  const due = ending ? Boolean(stays({ oriented: "yes", walking: "yes" })) : now >= course.first_reading && !readings.some((at) => at >= course.first_reading);
  write("checks", state.checks + checks.length);
  write("check-number", state.checks + checks.length + 1);
  write("minutes", Math.floor(now / 60));
  write("next-check", left > 0 ? texts.next_check.replace("{minutes}", left) : texts.check_now);
  show("due", due);
  show("end", ending);
  show("release", !ending && !away);
  show("offline", away);
  show("signed-out", signedOut);
  if (waiting.length && away && !of("help").length) write("said", of("release").length ? texts.wait_release : texts.kept);
  else if (!waiting.length && [texts.kept, texts.told].includes(part("said")?.textContent)) write("said", texts.saved);
  if (role === "patient") ring(now, course);
  const marks = { hold: now >= course.hold, due, check: role === "sitter" && left <= 0 };
  const rings = before && Object.keys(marks).some((name) => marks[name] && !before[name]);
  before = marks;
  if (rings && wished("chime", true)) chime();
}

function ring(now, course) {
  const holding = now < course.hold;
  const phase = course.phases.find((one) => now < one.until) || course.phases.at(-1);
  write("clock", holding ? spoken(Math.ceil(course.hold - now)) : Math.floor(now / 60));
  write("unit", holding ? texts.hold : texts.minutes);
  write("phase", phase.words);
  write("hint", phase.hint);
  const share = holding ? now / course.hold : Math.min(1, now / course.total);
  part("ring").setAttribute("stroke-dasharray", `${(share * 100).toFixed(2)} 100`);
  part("marks").toggleAttribute("hidden", holding);
}

// The ends of the phases on the ring, and who is there: an empty page learns both from what it kept.
function furnish({ course }) {
  for (const { until } of course.phases) {
    if (role !== "patient" || until >= course.total || until % 60 || until === course.hold + 120) continue;
    const mark = document.createElementNS("http://www.w3.org/2000/svg", "path");
    mark.setAttribute("d", "M100 3v10");
    mark.setAttribute("transform", `rotate(${(360 * until) / course.total} 100 100)`);
    part("marks").append(mark);
  }
  write("name", course.name);
  write("place", course.place);
  show("place-line", course.place?.trim());
  write("sitter-name", course.sitter_name);
  show("sitter", course.sitter_phone);
  part("sitter")?.querySelector("a").setAttribute("href", `tel:${(course.sitter_phone || "").replace(/[^+\d]/g, "")}`);
}

function comforts() {
  const full = part("full");
  if (full && document.fullscreenEnabled) {
    full.hidden = false;
    full.addEventListener("click", () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()));
  }
  for (const [name, otherwise] of [["chime", true], ["soft", false]]) {
    const button = part(name);
    if (!button || !window.AudioContext) continue;
    const set = (on) => button.setAttribute("aria-pressed", on);
    button.hidden = false;
    set(name === "chime" && wished(name, otherwise));
    button.addEventListener("click", () => {
      const on = button.getAttribute("aria-pressed") !== "true";
      set(on);
      remember(name, on);
      if (name === "soft") soft(on);
      else if (on) chime();
    });
  }
  // A page that was asked to sound starts again with the first touch: no browser lets it before.
  if (part("soft") && wished("soft", false)) {
    addEventListener("pointerdown", () => wished("soft", false) && (soft(true), part("soft").setAttribute("aria-pressed", true)), { once: true });
  }
  const wake = () => document.visibilityState === "visible" && navigator.wakeLock?.request("screen").catch(() => {});
  wake();
  document.addEventListener("visibilitychange", wake);
}

function register() {
  const scope = role === "sitter" ? "/s/" : "/treatment/sessions/";
  navigator.serviceWorker?.register("/session-worker.js", { scope }).catch(() => {});
}

async function leave() {
  waiting = await vault.waiting();
  if (waiting.length) {
    known = (await vault.page()) || {};
    await ask();
    for (const told of [...waiting]) await deliver(told).catch(() => {});
  }
  if (waiting.length) return setTimeout(leave, 15000);
  await vault.wipe();
  for (const worker of (await navigator.serviceWorker?.getRegistrations()) || []) worker.unregister();
  for (const name of window.caches ? await caches.keys() : []) if (name.startsWith("session-")) await caches.delete(name);
}

async function run() {
  for (const opener of page.querySelectorAll("a[data-opens]")) opener.addEventListener("click", (event) => event.preventDefault());
  for (const form of page.querySelectorAll("form[data-tells]")) form.addEventListener("submit", tell);
  const fresh = json("kept");
  vault = await openVault(base);
  waiting = await vault.waiting();
  if (fresh) {
    known = { ...fresh, at: Date.now(), csrf: page.querySelector("[name=csrfmiddlewaretoken]")?.value };
    await vault.keep(known);
  } else {
    known = await vault.page();
    away = true;
  }
  show("lost", !known);
  if (known) {
    furnish(known);
    comforts();
    draw();
  }
  setInterval(draw, 1000);
  setInterval(() => ask().then(draw), 15000);
  setInterval(() => waiting.length && send(), 5000);
  addEventListener("online", () => ask().then(send));
  addEventListener("beforeunload", (event) => waiting.length && !vault.lasting && event.preventDefault());
  if (waiting.length) send();
}

if (role === "over") openVault(base).then((opened) => ((vault = opened), leave()));
else {
  register();
  if (role !== "ready") run();
}
