// The list of cases. While the pointer or the focus is on it nothing moves: changes wait, and a line says how many.
import { ask } from "./ask.js";
import { say, tick } from "./texts.js";

const place = document.getElementById("queue");
let waiting = null;
let isOver = false;

function rows(root) {
  return new Map([...root.querySelectorAll(".row")].map((row) => [row.dataset.id, row]));
}

function changes(fresh) {
  const here = rows(place);
  const there = rows(fresh);
  const changed = [...there].filter(([id, row]) => here.get(id)?.dataset.digest !== row.dataset.digest).length;
  const gone = [...here.keys()].filter((id) => !there.has(id)).length;
  const isMoved = [...here.keys()].join() !== [...there.keys()].join();
  return changed + gone || (isMoved ? 1 : 0);
}

function isHeld() {
  const list = place.querySelector(".rows");
  return Boolean(list && (isOver || list.contains(document.activeElement)));
}

function apply() {
  if (!waiting) return;
  const known = rows(place);
  const focused = document.activeElement?.closest?.(".row")?.dataset.id;
  place.replaceChildren(...waiting.childNodes);
  waiting = null;
  for (const [id, row] of rows(place)) row.classList.toggle("fresh", known.get(id)?.dataset.digest !== row.dataset.digest);
  if (focused) place.querySelector(`.row[data-id="${focused}"] h2 a`)?.focus();
  tick(place);
}

export async function refresh() {
  if (!place) return;
  const { view, page } = place.dataset;
  const answer = await ask(`/queue?view=${encodeURIComponent(view)}&page=${encodeURIComponent(page)}`);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").body;
  const count = changes(fresh);
  waiting = fresh;
  if (count && isHeld()) tell(count);
  else apply();
}

function tell(count) {
  const line = document.getElementById("waiting");
  line.hidden = false;
  line.querySelector("span").textContent = say("js_waiting", { count });
  line.querySelector("button").onclick = show;
}

export function show() {
  isOver = false;
  apply();
}

export function step(by) {
  const links = [...place?.querySelectorAll(".row h2 a") ?? []];
  const at = links.indexOf(document.activeElement);
  links[Math.min(links.length - 1, Math.max(0, at + by))]?.focus();
}

if (place) {
  place.addEventListener("pointerover", (event) => {
    isOver = event.pointerType !== "touch" && Boolean(event.target.closest(".rows"));
    if (!isHeld()) apply();
  });
  place.addEventListener("pointerleave", () => { isOver = false; if (!isHeld()) apply(); });
  place.addEventListener("focusout", () => setTimeout(() => { if (!isHeld()) apply(); }));
}
