// The words stand in the page; a script only says which of them are true at the moment.

export function shower(root) {
  return (name, there) => {
    for (const part of root.querySelectorAll(`[data-when~="${name}"]`)) {
      if (part.hidden !== there) continue;
      if (!there && part.contains(document.activeElement)) passOn(part);
      part.hidden = !there;
    }
  };
}

// What hides with the focus in it passes it on to what comes next: nobody starts again at the top of the page.
function passOn(part) {
  const main = document.getElementById("main");
  const isNext = (one) => part.compareDocumentPosition(one) === Node.DOCUMENT_POSITION_FOLLOWING && one.getClientRects().length;
  ([...main.querySelectorAll("a, button, summary, input, select")].find(isNext) || main).focus();
}

// Camera and microphone, else the microphone alone, else nothing.
export async function openDevices() {
  const media = navigator.mediaDevices;
  if (!media) return new MediaStream();
  const audio = { echoCancellation: true, noiseSuppression: true };
  const video = { width: { ideal: 960 }, height: { ideal: 720 }, facingMode: "user" };
  for (const wanted of [{ audio, video }, { audio }, { video }]) {
    for (let turn = 0; turn < 2; turn += 1) {
      try {
        return await media.getUserMedia(wanted);
      } catch ({ name }) {
        // Refused or not there: ask for less. What another page has not let go of yet is free a moment later.
        if (name !== "NotReadableError" && name !== "AbortError") break;
        await new Promise((go) => setTimeout(go, 1000));
      }
    }
  }
  return new MediaStream();
}
