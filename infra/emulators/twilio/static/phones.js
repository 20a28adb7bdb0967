// The page of phones: draws what the emulator tells, and does what people press.
const words = JSON.parse(document.getElementById("words").textContent);
const language = document.documentElement.lang;
const board = document.getElementById("phones");
const trouble = document.getElementById("trouble");
const cards = new Map();

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

function element(tag, text, className = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

function complain(text) {
  trouble.textContent = text;
  trouble.hidden = !text;
}

async function ask(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const told = answer.status === 204 ? {} : await answer.json();
  complain(answer.ok ? "" : fill(words.could_not, { reason: told.error ?? answer.status }));
  return answer.ok;
}

const onPhone = (number, deed, body) => ask(`/emulator/phones/${encodeURIComponent(number)}/${deed}`, body);
const onCall = (sid, deed, body = {}) => ask(`/emulator/calls/${sid}/${deed}`, { within: 1, ...body });

function saidAs(said) {
  if (said.kind === "tone") return words.tone;
  if (said.kind === "pause") return words.silence;
  return said.kind === "keys" ? `${words.pressed} ${said.text}` : said.text;
}

function drawSaid(list, said) {
  const atEnd = list.scrollTop + list.clientHeight >= list.scrollHeight - 8;
  said.slice(list.children.length).forEach((one) => {
    const line = element("li", saidAs(one), one.by === "phone" ? "mine" : "");
    if (one.language) line.lang = one.language;
    list.append(line);
  });
  if (atEnd) list.scrollTop = list.scrollHeight;
}

function time(at) {
  const shown = element("time", new Date(at).toLocaleTimeString(language));
  shown.dateTime = at;
  return shown;
}

function other(call) {
  return fill(call.is_mine ? words.outgoing : words.incoming, { number: call.is_mine ? call.to : call.from });
}

// Addresses in a text open in a tab of their own, as on a phone.
function linked(text) {
  return text.split(/(https?:\/\/[^\s，。]+)/).map((part, index) => {
    if (index % 2 === 0) return part;
    const link = element("a", part);
    link.href = part;
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    return link;
  });
}

function logLine(item) {
  if (item.kind === "message") {
    const line = element("li", "", item.is_mine ? "mine" : "");
    line.append(...linked(item.body));
    line.append(time(item.at));
    return line;
  }
  const line = element("li", "", "event");
  const title = `${words[item.status]} ${other(item)}`;
  if (item.said.length) {
    const details = document.createElement("details");
    const list = element("ol", "", "said");
    details.append(element("summary", title), list);
    drawSaid(list, item.said);
    line.append(details);
  } else {
    line.append(title);
  }
  line.append(time(item.at));
  return line;
}

function makeCall(call) {
  const panel = document.getElementById("call").content.firstElementChild.cloneNode(true);
  panel.dataset.sid = call.sid;
  panel.querySelector(".with").textContent = other(call);
  panel.addEventListener("click", (event) => {
    const { deed, key } = event.target.dataset ?? {};
    if (key) onCall(call.sid, "press", { keys: key });
    else if (deed) onCall(call.sid, deed);
  });
  panel.querySelector(".speak").addEventListener("submit", async (event) => {
    event.preventDefault();
    const field = event.target.elements.words;
    if (field.value.trim() && (await onCall(call.sid, "speak", { words: field.value.trim() }))) field.value = "";
  });
  return panel;
}

function drawCall(panel, call) {
  const rings = !call.is_mine && call.status !== "in-progress";
  panel.querySelector("b").textContent = words[call.is_mine && call.status === "ringing" ? "calling" : call.status];
  panel.querySelector(".listening").textContent = call.listening ? words[`listening_${call.listening}`] : "";
  panel.querySelector(".ringing").hidden = !rings;
  panel.querySelector(".talking").hidden = rings;
  drawSaid(panel.querySelector(".said"), call.said);
}

function makeCard(phone) {
  const card = document.getElementById("phone").content.firstElementChild.cloneNode(true);
  const form = card.querySelector(".write");
  const log = card.querySelector(".log");
  card.querySelector("h2").textContent = phone.name || phone.number;
  card.querySelector("code").textContent = phone.name === phone.number ? "" : phone.number;
  card.setAttribute("aria-label", phone.name || phone.number);
  log.dataset.empty = words.empty;
  log.setAttribute("aria-label", phone.name || phone.number);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { to, body } = form.elements;
    if (body.value.trim() && (await onPhone(phone.number, "texts", { to: to.value, body: body.value }))) body.value = "";
  });
  form.elements.body.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  form.querySelector("[data-deed=dial]").addEventListener("click", () =>
    onPhone(phone.number, "calls", { to: form.elements.to.value }));
  return card;
}

function drawLog(log, items) {
  const marks = items.map((item) => `${item.sid} ${item.status}`).join("|");
  if (log.dataset.marks === marks) return;
  log.dataset.marks = marks;
  log.replaceChildren(...items.map(logLine));
  log.scrollTop = log.scrollHeight;
}

// A text answers the number that wrote or called last, unless the person chose another since.
function answerTo(select, last) {
  if (!last || select.dataset.last === last.sid) return;
  select.dataset.last = last.sid;
  select.value = last.from;
}

function drawPhone(phone) {
  if (!cards.has(phone.number)) {
    const card = makeCard(phone);
    cards.set(phone.number, card);
    board.append(card);
  }
  const card = cards.get(phone.number);
  const now = card.querySelector(".now");
  const live = phone.items.filter((item) => item.kind === "call" && !item.is_over);
  drawLog(card.querySelector(".log"), phone.items.filter((item) => item.kind === "message" || item.is_over));
  answerTo(card.querySelector("select"), phone.items.findLast((item) => !item.is_mine));
  const sids = new Set(live.map((call) => call.sid));
  [...now.children].filter((panel) => !sids.has(panel.dataset.sid)).forEach((panel) => panel.remove());
  live.forEach((call) => {
    let panel = [...now.children].find((one) => one.dataset.sid === call.sid);
    if (!panel) now.append((panel = makeCall(call)));
    drawCall(panel, call);
  });
  const rings = live.some((call) => !call.is_mine && call.status === "ringing");
  card.classList.toggle("is-ringing", rings);
  return rings;
}

function draw(state) {
  const shown = new Set(state.phones.map((phone) => phone.number));
  for (const [number, card] of cards) if (!shown.has(number)) { card.remove(); cards.delete(number); }
  if (state.phones.length) board.querySelector(".empty")?.remove();
  const ringing = state.phones.filter(drawPhone).length;
  document.title = ringing ? `(${ringing}) ${words.ringing}` : words.title;
  const failed = document.getElementById("failed");
  failed.hidden = !state.failed_webhooks.length;
  failed.querySelector("ul").replaceChildren(
    ...state.failed_webhooks.map((one) => element("li", `${one.at.slice(11, 19)} ${one.purpose} ${one.status ?? ""} ${one.error} ${one.url}`)));
}

let isDrawing = false;
let isStale = false;
async function refresh() {
  isStale = true;
  if (isDrawing) return;
  isDrawing = true;
  try {
    while (isStale) {
      isStale = false;
      draw(await (await fetch("/emulator/state")).json());
      await new Promise((resume) => setTimeout(resume, 120));
    }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    complain(words.lost);
  } finally {
    isDrawing = false;
  }
}

document.getElementById("new").addEventListener("submit", async (event) => {
  event.preventDefault();
  const { number, name } = event.target.elements;
  if (await ask("/emulator/phones", { number: number.value, name: name.value })) {
    cards.get(number.value)?.remove();
    cards.delete(number.value);
    name.value = "";
    number.value = number.value.replace(/\d{3}$/, (end) => String((Number(end) + 1) % 1000).padStart(3, "0"));
    await refresh();
  }
});

const stream = new EventSource("/emulator/stream");
stream.addEventListener("change", refresh);
stream.addEventListener("open", () => complain(""));
stream.addEventListener("error", () => complain(words.lost));
refresh();
