// Twilio Video behind the verbs of a pair; only where it is configured.

const load = (address) =>
  new Promise((go, fail) => {
    if (window.Twilio?.Video) return go();
    const script = Object.assign(document.createElement("script"), { src: address, onload: go, onerror: fail });
    document.head.append(script);
  });

// `on` is told by whose seat something happened: `payload.people` says who is called what in the room.
export async function connect({ payload, script, stream, on, gone }) {
  await load(script);
  const { connect: enter, LocalDataTrack } = window.Twilio.Video;
  const talk = new LocalDataTrack();
  const room = await enter(payload.token, {
    name: payload.room,
    tracks: [...stream.getTracks(), talk],
    bandwidthProfile: { video: { mode: "collaboration", contentPreferencesMode: "auto" } },
  });
  const seatOf = (person) => payload.people[person.identity];
  const here = () => [...room.participants.values()].map(seatOf);

  function meet(person) {
    const seat = seatOf(person);
    const theirs = new MediaStream();
    const hear = (data) => {
      try {
        const said = JSON.parse(data);
        // Who leaves is seen by the room itself.
        if (said && typeof said === "object" && said.kind !== "bye") on(seat, "said", said);
      } catch {
        // Not ours.
      }
    };
    person.on("trackSubscribed", (track) => {
      if (track.kind === "data") {
        track.on("message", hear);
        return on(seat, "talk", true);
      }
      theirs.addTrack(track.mediaStreamTrack);
      on(seat, "track", theirs);
      on(seat, "state", "connected");
    });
    person.on("trackUnsubscribed", (track) => {
      if (track.kind === "data") return on(seat, "talk", false);
      theirs.removeTrack(track.mediaStreamTrack);
    });
  }

  for (const seat of Object.values(payload.people)) if (!here().includes(seat)) on(seat, "state", "alone");
  room.participants.forEach(meet);
  room.on("participantConnected", meet);
  room.on("participantDisconnected", (person) => on(seatOf(person), "state", "alone"));
  const all = (state) => here().forEach((seat) => on(seat, "state", state));
  room.on("reconnecting", () => all("disconnected"));
  room.on("reconnected", () => all("connected"));
  room.on("disconnected", () => {
    all("disconnected");
    gone();
  });

  return {
    picture(track) {
      for (const { track: own } of room.localParticipant.videoTracks.values()) track ? own.enable() : own.disable();
    },
    say: (said) => (talk.send(JSON.stringify(said)), true),
    connected: () => room.participants.size > 0,
    close: () => room.disconnect(),
  };
}
