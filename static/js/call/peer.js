// Picture and sound from browser to browser: perfect negotiation, ICE restart, and sound alone where the line is weak.

const RESTART_AFTER = 5000; // ms of "disconnected" (VID-06)
const RESTART_AGAIN = 8000;
const LOOK_EVERY = 3000;
const WEAK_LOOKS = 3; // so many bad looks in a row end the picture
const WEAK_LOSS = 0.12;
const WEAK_BITS = 120_000;

// The line is weak when the other side loses much of what we send, or little of it fits: one look of several in a row.
export const isWeak = (reports) =>
  reports.some(
    (one) =>
      (one.type === "remote-inbound-rtp" && one.fractionLost > WEAK_LOSS) ||
      (one.type === "candidate-pair" && one.nominated && one.availableOutgoingBitrate < WEAK_BITS),
  );

// `send` carries a message to the other side; `on` is told "state", "track", "said" and "weak"; `giveUp` begins anew.
export function connect({ payload, polite, stream, send, on, giveUp }) {
  const pc = new RTCPeerConnection({
    iceServers: payload.ice,
    iceTransportPolicy: payload.relay_only ? "relay" : "all",
  });
  const talk = pc.createDataChannel("talk", { negotiated: true, id: 0 });
  let end;
  const closed = new Promise((go) => (end = go));
  let making = false;
  let ignoring = false;
  let restart;
  let restarts = 0;
  let weak = 0;

  for (const track of stream.getTracks()) pc.addTrack(track, stream);
  pc.ontrack = ({ streams, track }) => on("track", streams[0] || new MediaStream([track]));
  pc.onicecandidate = ({ candidate }) => candidate && send({ kind: "candidate", candidate: candidate.toJSON() });
  pc.onnegotiationneeded = async () => {
    try {
      making = true;
      await pc.setLocalDescription();
      send({ kind: "description", description: pc.localDescription.toJSON() });
    } finally {
      making = false;
    }
  };
  pc.onconnectionstatechange = () => {
    const state = pc.connectionState;
    clearTimeout(restart);
    if (state === "connected") restarts = 0;
    if (state === "disconnected") restart = setTimeout(again, RESTART_AFTER);
    if (state === "failed") again();
    on("state", state);
  };
  talk.onmessage = ({ data }) => {
    if (typeof data !== "string" || data.length > 4096) return;
    try {
      const said = JSON.parse(data);
      if (said && typeof said === "object") on("said", said);
    } catch {
      // Not ours.
    }
  };
  talk.onopen = () => on("talk", true);
  talk.onclose = () => on("talk", false);

  function again() {
    clearTimeout(restart);
    if (pc.connectionState === "connected" || pc.connectionState === "closed") return;
    restarts += 1;
    if (restarts > 3) return giveUp();
    pc.restartIce();
    restart = setTimeout(again, RESTART_AGAIN);
  }
  // A first connection that never comes about is begun anew as well.
  restart = setTimeout(again, 2 * RESTART_AGAIN);

  async function take(message) {
    if (message.kind === "candidate") {
      try {
        await pc.addIceCandidate(message.candidate);
      } catch (error) {
        if (!ignoring) throw error;
      }
      return;
    }
    const { description } = message;
    const collision = description.type === "offer" && (making || pc.signalingState !== "stable");
    ignoring = !polite && collision;
    if (ignoring) return;
    await pc.setRemoteDescription(description);
    if (description.type !== "offer") return;
    await pc.setLocalDescription();
    send({ kind: "description", description: pc.localDescription.toJSON() });
  }

  const sender = (kind) => pc.getSenders().find((one) => one.track?.kind === kind || one.kind === kind);
  // Off means that nothing is sent, so that sound has the whole line.
  async function picture(track) {
    const found = sender("video");
    if (found) {
      found.kind = "video"; // a sender without a track does not say what it was for
      await found.replaceTrack(track);
    } else if (track) pc.addTrack(track, stream);
  }

  async function look() {
    if (pc.connectionState !== "connected" || !sender("video")?.track) return;
    weak = isWeak([...(await pc.getStats()).values()]) ? weak + 1 : 0;
    if (weak < WEAK_LOOKS) return;
    weak = 0;
    on("weak");
  }
  const looking = setInterval(look, LOOK_EVERY);

  return {
    // What a connection was doing when it was closed never ends: nobody may wait for it.
    receive: (message) => Promise.race([take(message), closed]),
    // The network is back: no need to wait for the next turn.
    mend() {
      restarts = 0;
      again();
    },
    picture,
    say: (said) => talk.readyState === "open" && (talk.send(JSON.stringify(said)), true),
    connected: () => pc.connectionState === "connected",
    close() {
      clearInterval(looking);
      clearTimeout(restart);
      pc.close();
      end();
    },
  };
}
