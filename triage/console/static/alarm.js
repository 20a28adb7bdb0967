// The alarm: what the server says sounds, sounds, until it is silenced by name or its cause has ended.
import { say, tick } from "./texts.js";

const place = document.getElementById("alarms");
const AGAIN_MS = 2500;
let sound = null;

function isSounding() {
  return place?.querySelector(".alarms")?.dataset.sounding === "yes";
}

// Browsers let a page sound only after the person has touched it; until then the button says so.
function wake() {
  sound ??= new AudioContext();
  if (sound.state !== "running") sound.resume().then(offer);
}

function offer() {
  const button = document.getElementById("sound-on");
  if (button) button.hidden = !isSounding() || sound?.state === "running";
}

function ring() {
  if (!isSounding() || sound?.state !== "running") return;
  [660, 880, 660].forEach((pitch, at) => {
    const tone = sound.createOscillator();
    const volume = sound.createGain();
    const start = sound.currentTime + at * 0.22;
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.0001, start);
    volume.gain.exponentialRampToValueAtTime(0.25, start + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.2);
    tone.connect(volume).connect(sound.destination);
    tone.start(start);
    tone.stop(start + 0.22);
  });
}

export async function refresh() {
  if (!place) return;
  const answer = await fetch("/alarms");
  if (!answer.ok) return;
  const known = new Set([...place.querySelectorAll(".alarms li")].map((line) => line.firstElementChild.textContent));
  const held = place.contains(document.activeElement) ? document.activeElement.closest("form")?.getAttribute("action") : null;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").body;
  place.replaceChildren(...fresh.childNodes);
  if (held) place.querySelector(`form[action="${held}"] button`)?.focus();
  const told = [...place.querySelectorAll(".alarms li")].map((line) => line.firstElementChild.textContent);
  const added = told.filter((text) => !known.has(text));
  if (added.length) document.getElementById("live").textContent = say("js_new", { text: added.join(" ") });
  offer();
  tick(place);
}

export function silence() {
  document.getElementById("silence")?.requestSubmit();
}

export function start() {
  for (const gesture of ["pointerdown", "keydown"]) document.addEventListener(gesture, wake);
  setInterval(ring, AGAIN_MS);
  offer();
}
