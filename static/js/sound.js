// Sounds made here, of nothing but numbers: a chime, and something like slow waves. No file, no request.

let context;
let waves;

const audio = () => {
  context ||= new AudioContext();
  if (context.state === "suspended") context.resume();
  return context;
};

// A browser lets a page sound only after a touch: the first one anywhere will do.
addEventListener("pointerdown", () => context?.resume(), { passive: true });

export function chime() {
  try {
    const now = audio().currentTime;
    for (const [at, pitch] of [[0, 528], [0.5, 660], [1, 792]]) {
      const tone = new OscillatorNode(context, { frequency: pitch });
      const loud = new GainNode(context, { gain: 0 });
      loud.gain.linearRampToValueAtTime(0.18, now + at + 0.03);
      loud.gain.exponentialRampToValueAtTime(0.0001, now + at + 2.5);
      tone.connect(loud).connect(context.destination);
      tone.start(now + at);
      tone.stop(now + at + 2.6);
    }
  } catch {
    // A phone without sound still shows the words.
  }
  navigator.vibrate?.([200, 150, 200]);
}

export function soft(on) {
  if (!on) {
    waves?.stop();
    waves = undefined;
    return;
  }
  if (waves) return;
  const seconds = 12;
  const noise = new AudioBuffer({ length: audio().sampleRate * seconds, sampleRate: context.sampleRate });
  const line = noise.getChannelData(0);
  let last = 0;
  for (let at = 0; at < line.length; at += 1) {
    last = (last + 0.02 * (Math.random() * 2 - 1)) / 1.02;
    line[at] = last * 3 * (0.55 - 0.45 * Math.cos((2 * Math.PI * at) / line.length));
  }
  waves = new AudioBufferSourceNode(context, { buffer: noise, loop: true });
  const dull = new BiquadFilterNode(context, { type: "lowpass", frequency: 500 });
  waves.connect(dull).connect(new GainNode(context, { gain: 0.25 })).connect(context.destination);
  waves.start();
}

// Remembered for the next session in a cookie that says only on or off.
export const wished = (name, otherwise) => {
  const found = document.cookie.split("; ").find((one) => one.startsWith(`${name}=`));
  return found ? found.endsWith("on") : otherwise;
};
export const remember = (name, on) => {
  document.cookie = `${name}=${on ? "on" : "off"}; path=/; max-age=31536000; samesite=lax`;
};
