// Shortcuts: single letters, never while somebody types, and they can be turned off.
import * as alarm from "./alarm.js";
import * as queue from "./queue.js";

const dialog = document.getElementById("keys");
const off = document.getElementById("keys-off");

const DEEDS = {
  j: () => queue.step(1),
  k: () => queue.step(-1),
  u: () => queue.show(),
  q: () => location.assign("/"),
  f: () => location.assign("/find"),
  n: () => document.getElementById("note")?.focus(),
  s: () => alarm.silence(),
  "?": () => dialog.showModal(),
};

function press(event) {
  const isTyping = event.target.matches("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey;
  if (isTyping || dialog.open || off.checked || !(event.key in DEEDS)) return;
  event.preventDefault();
  DEEDS[event.key]();
}

export function start() {
  const button = document.getElementById("show-keys");
  button.hidden = false;
  button.addEventListener("click", () => dialog.showModal());
  off.checked = localStorage.getItem("keys") === "off";
  off.addEventListener("change", () => localStorage.setItem("keys", off.checked ? "off" : "on"));
  document.addEventListener("keydown", press);
}
