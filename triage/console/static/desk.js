// An open page of the desk: hears the stream, keeps times running, and says so, aloud too, when it hears nothing.
import * as alarm from "./alarm.js";
import { ask } from "./ask.js";
import { start as startKeys } from "./keys.js";
import * as queue from "./queue.js";
import { say, setNow, tick } from "./texts.js";

const SILENT_MS = 15_000;
const RETRY_MS = 2_000;
// A service that starts anew is heard again within this; what is lost for longer sounds.
const SOUNDS_AFTER_MS = 5_000;
const lost = document.getElementById("lost");
let source = null;
let retry = 0;
let again = 0;
let heardAt = performance.now();
let lostAt = null;
let told = {};
let shown = {};
let connection = 0;
let isHearing = false;
let isLooking = false;

function complain(key) {
  lostAt ??= performance.now();
  const line = lost.querySelector("[role=alert]");
  lost.hidden = false;
  if (line.textContent !== say(key)) line.textContent = say(key);
}

function recover() {
  if (!isHearing) return;
  lostAt = null;
  alarm.hearNothing(false);
  if (lost.hidden) return;
  lost.hidden = true;
  lost.querySelector("[role=alert]").textContent = "";
  document.getElementById("live").textContent = say("js_back");
}

// Fetches what the stream told of until the page shows it; what failed is fetched again, whatever the stream says.
async function look() {
  clearTimeout(again);
  if (isLooking) return;
  isLooking = true;
  try {
    while (told !== shown) {
      const state = told;
      // A desk that started anew counts from nought again: what it tells of first is news whatever it is.
      const isNews = state.connection !== shown.connection || state.queue !== shown.queue;
      if (isNews) await Promise.all([queue.refresh(), lookAtCase()]);
      if (isNews || state.alarms !== shown.alarms) await alarm.refresh();
      shown = state;
    }
    recover();
  } catch {
    complain("js_lost");
    again = setTimeout(look, RETRY_MS);
  } finally {
    isLooking = false;
  }
}

async function lookAtCase() {
  const page = document.getElementById("case");
  if (!page) return;
  const answer = await ask(`/cases/${page.dataset.id}/version`);
  document.getElementById("changed").hidden = String((await answer.json()).version) === page.dataset.version;
}

function connect() {
  source?.close();
  clearTimeout(retry);
  const own = new EventSource("/stream");
  const number = ++connection;
  source = own;
  own.addEventListener("state", (event) => {
    heardAt = performance.now();
    isHearing = true;
    told = { ...JSON.parse(event.data), connection: number };
    look();
  });
  own.addEventListener("beat", (event) => { setNow(JSON.parse(event.data).now); heardAt = performance.now(); });
  own.addEventListener("database_away", () => { heardAt = performance.now(); isHearing = false; complain("js_database"); });
  own.addEventListener("signed_out", () => { own.close(); location.reload(); });
  own.onerror = () => {
    own.close();
    if (own !== source) return;
    isHearing = false;
    complain("js_lost");
    retry = setTimeout(connect, RETRY_MS);
  };
}

// Asking anew every few seconds also covers a connection that died without a word.
setInterval(() => {
  tick();
  if (lostAt !== null && performance.now() - lostAt >= SOUNDS_AFTER_MS) alarm.hearNothing(true);
  if (performance.now() - heardAt < SILENT_MS) return;
  isHearing = false;
  complain("js_lost");
  heardAt = performance.now() - SILENT_MS + 3 * RETRY_MS;
  connect();
}, 1000);

// A player says nothing by itself when it gets no sound; behind the link stands why.
for (const sound of document.querySelectorAll("audio")) {
  sound.addEventListener("error", () => { document.getElementById(sound.dataset.trouble).hidden = false; });
}

alarm.start();
startKeys();
tick();
connect();
