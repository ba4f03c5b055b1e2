// Twilio Video behind the verbs of peer.js; only where it is configured.

const load = (address) =>
  new Promise((go, fail) => {
    if (window.Twilio?.Video) return go();
    const script = Object.assign(document.createElement("script"), { src: address, onload: go, onerror: fail });
    document.head.append(script);
  });

export async function connect({ payload, script, stream, on, gone }) {
  await load(script);
  const { connect: enter, LocalDataTrack } = window.Twilio.Video;
  const talk = new LocalDataTrack();
  const room = await enter(payload.token, {
    name: payload.room,
    tracks: [...stream.getTracks(), talk],
    bandwidthProfile: { video: { mode: "collaboration", contentPreferencesMode: "auto" } },
  });
  const theirs = new MediaStream();

  function meet(person) {
    person.on("trackSubscribed", (track) => {
      if (track.kind === "data") {
        track.on("message", hear);
        return on("talk", true);
      }
      theirs.addTrack(track.mediaStreamTrack);
      on("track", theirs);
      on("state", "connected");
    });
    person.on("trackUnsubscribed", (track) => {
      if (track.kind === "data") return on("talk", false);
      theirs.removeTrack(track.mediaStreamTrack);
    });
  }
  function hear(data) {
    try {
      const said = JSON.parse(data);
      // Who leaves is seen by the room itself.
      if (said && typeof said === "object" && said.kind !== "bye") on("said", said);
    } catch {
      // Not ours.
    }
  }

  on("state", "alone");
  room.participants.forEach(meet);
  room.on("participantConnected", meet);
  room.on("participantDisconnected", () => on("state", "alone"));
  room.on("reconnecting", () => on("state", "disconnected"));
  room.on("reconnected", () => on("state", room.participants.size ? "connected" : "alone"));
  room.on("disconnected", () => {
    on("state", "disconnected");
    gone();
  });

  return {
    receive: async () => {},
    picture(track) {
      for (const { track: own } of room.localParticipant.videoTracks.values()) track ? own.enable() : own.disable();
    },
    say: (said) => (talk.send(JSON.stringify(said)), true),
    connected: () => room.participants.size > 0,
    close: () => room.disconnect(),
  };
}
