// The alarm: what the server says sounds, sounds, until it is silenced by name or its cause has ended. It sounds too
// while the desk hears nothing: then nobody would learn of anything new.
import { ask } from "./ask.js";
import { say, tick } from "./texts.js";

const place = document.getElementById("alarms");
const mute = document.getElementById("mute");
const AGAIN_MS = 2500;
const HUSH_MS = 60_000;
let sound = null;
let isDeaf = false;
let hushedUntil = 0;

function isSounding() {
  if (isDeaf) return performance.now() >= hushedUntil;
  return place?.querySelector(".alarms")?.dataset.sounding === "yes";
}

// Browsers let a page sound only after the person has touched this desk. They may allow it at once, and may take it
// back at any time, so whether it sounds is looked at and never assumed.
function wake() {
  if (!("AudioContext" in window)) return;
  if (!sound) {
    sound = new AudioContext();
    sound.addEventListener("statechange", tell);
  }
  if (sound.state !== "running") sound.resume().then(tell, tell);
}

function tell() {
  mute.hidden = sound?.state === "running";
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

// What each line says, its times left out: those change by themselves.
function lines() {
  return [...place.querySelectorAll(".alarms li[data-kind]")].map((line) => line.firstElementChild.textContent);
}

export async function refresh() {
  if (!place) return;
  const answer = await ask("/alarms");
  const known = new Set(lines());
  const isWhole = place.querySelector(".alarms details")?.open ?? false;
  const held = place.contains(document.activeElement) ? document.activeElement.closest("form")?.getAttribute("action") : null;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").body;
  place.replaceChildren(...fresh.childNodes);
  if (held) place.querySelector(`form[action="${held}"] button`)?.focus();
  place.querySelector(".alarms details")?.toggleAttribute("open", isWhole);
  const added = lines().filter((text) => !known.has(text));
  if (added.length) document.getElementById("live").textContent = say("js_new", { text: added.join(" ") });
  tick(place);
}

export function hearNothing(is) {
  if (is && !isDeaf) setTimeout(ring);
  isDeaf = is;
}

// The desk that records who silenced an alarm cannot be reached now: this page alone is quiet for a minute.
function hush() {
  hushedUntil = performance.now() + HUSH_MS;
}

export function silence() {
  if (isDeaf) hush();
  else document.getElementById("silence")?.requestSubmit();
}

export function start() {
  for (const gesture of ["pointerdown", "pointerup", "keydown"]) document.addEventListener(gesture, wake);
  document.getElementById("hush").addEventListener("click", hush);
  setInterval(ring, AGAIN_MS);
  wake();
  // A page that may sound at once takes a moment to say so.
  setTimeout(tell, 500);
}
