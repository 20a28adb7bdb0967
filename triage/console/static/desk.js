// An open page of the desk: hears the stream, keeps times running, and says so when it hears nothing.
import * as alarm from "./alarm.js";
import { start as startKeys } from "./keys.js";
import * as queue from "./queue.js";
import { say, setNow, tick } from "./texts.js";

const SILENT_MS = 15_000;
const RETRY_MS = 2_000;
const lost = document.getElementById("lost");
let source = null;
let retry = 0;
let heardAt = performance.now();
let last = {};

function complain(key) {
  if (lost.hidden || lost.textContent !== say(key)) lost.textContent = say(key);
  lost.hidden = false;
}

function heard() {
  heardAt = performance.now();
  if (lost.hidden) return;
  lost.hidden = true;
  document.getElementById("live").textContent = say("js_back");
}

async function look(state) {
  try {
    if (state.queue !== last.queue || !("queue" in last)) await Promise.all([queue.refresh(), lookAtCase()]);
    if (state.alarms !== last.alarms || state.queue !== last.queue) await alarm.refresh();
    last = state;
  } catch {
    complain("js_lost");
  }
}

async function lookAtCase() {
  const page = document.getElementById("case");
  if (!page) return;
  const answer = await fetch(`/cases/${page.dataset.id}/version`);
  if (answer.ok) document.getElementById("changed").hidden = String((await answer.json()).version) === page.dataset.version;
}

function connect() {
  source?.close();
  clearTimeout(retry);
  const own = new EventSource("/stream");
  source = own;
  own.addEventListener("state", (event) => { heard(); look(JSON.parse(event.data)); });
  own.addEventListener("beat", (event) => { setNow(JSON.parse(event.data).now); heardAt = performance.now(); });
  own.addEventListener("database_away", () => { heardAt = performance.now(); complain("js_database"); });
  own.addEventListener("signed_out", () => { own.close(); location.reload(); });
  own.onerror = () => {
    own.close();
    if (own !== source) return;
    complain("js_lost");
    retry = setTimeout(connect, RETRY_MS);
  };
}

// Asking anew every few seconds also covers a connection that died without a word.
setInterval(() => {
  tick();
  if (performance.now() - heardAt < SILENT_MS) return;
  complain("js_lost");
  heardAt = performance.now() - SILENT_MS + 3 * RETRY_MS;
  connect();
}, 1000);

alarm.start();
startKeys();
tick();
connect();
