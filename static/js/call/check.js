// The check of the devices before a visit: picture, sound both ways, network. Nothing leaves this page.

import { chime } from "../sound.js";
import { openDevices, shower } from "./show.js";

const ENOUGH_BITS = 600_000;
const LONGEST_WAY = 400; // ms to our server and back
const page = document.querySelector("[data-check]");
const show = shower(page);
const file = document.querySelector("[data-file]").dataset.file;
let stream;

function listen() {
  if (!stream.getAudioTracks().length) return;
  const context = new AudioContext();
  const ear = new AnalyserNode(context, { fftSize: 512 });
  context.createMediaStreamSource(stream).connect(ear);
  const wave = new Float32Array(ear.fftSize);
  const bar = page.querySelector("[data-level]");
  setInterval(() => {
    ear.getFloatTimeDomainData(wave);
    const loud = Math.sqrt(wave.reduce((sum, one) => sum + one * one, 0) / wave.length);
    bar.value = Math.min(1, loud * 5);
    if (loud > 0.02) show("heard", true);
  }, 100);
}

const timed = async (what) => {
  const began = performance.now();
  const bytes = await what();
  return { bytes, took: performance.now() - began };
};
const fetched = async () => (await (await fetch(file, { cache: "no-store" })).arrayBuffer()).byteLength;
const reached = async () => (await fetch(location.pathname, { method: "HEAD", cache: "no-store" })).ok;

// A browser that may make calls finds at least one way to itself.
async function canCall() {
  if (!("RTCPeerConnection" in window)) return false;
  const pc = new RTCPeerConnection();
  pc.createDataChannel("check");
  await pc.setLocalDescription();
  const found = await new Promise((tell) => {
    pc.onicecandidate = ({ candidate }) => tell(Boolean(candidate));
    setTimeout(() => tell(false), 4000);
  });
  pc.close();
  return found;
}

async function measure() {
  show("measuring", true);
  let outcome = "cut_off";
  try {
    if (await canCall()) {
      const way = await timed(reached);
      const load = await timed(fetched);
      const bits = (load.bytes * 8) / (load.took / 1000);
      outcome = bits >= ENOUGH_BITS && way.took <= LONGEST_WAY ? "fast" : "slow";
    }
  } catch {
    // No network is as bad as one that lets no call through.
  }
  show("measuring", false);
  for (const one of ["fast", "slow", "cut_off"]) show(one, one === outcome);
}

page.addEventListener("click", async ({ target }) => {
  const wanted = target.closest("[data-do]")?.dataset.do;
  if (wanted === "chime") chime();
  if (wanted !== "start") return;
  for (const track of stream?.getTracks() || []) track.stop();
  show("refused", false);
  show("asking", true);
  stream = await openDevices();
  show("asking", false);
  const camera = stream.getVideoTracks().length > 0;
  const found = stream.getTracks().length > 0;
  show("refused", !found);
  show("begun", found);
  show("camera", camera);
  show("no_camera", !camera);
  page.querySelector("[data-own]").srcObject = stream;
  if (!found) return;
  listen();
  await measure();
});
