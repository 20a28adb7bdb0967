// The page's own sentences, and spans of time as the server says them.
const texts = JSON.parse(document.getElementById("texts").textContent);

// The server's clock, so that a wrong clock here shows no wrong time left.
let offset = Date.parse(document.documentElement.dataset.now) - Date.now();

export function setNow(instant) {
  offset = Date.parse(instant) - Date.now();
}

export function now() {
  return Date.now() + offset;
}

export function say(key, values = {}) {
  return texts[key].replace(/\{(\w+)\}/g, (hole, name) => (name in values ? values[name] : hole));
}

export function span(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const hours = Math.floor(seconds / 3600);
  const parts = { days: Math.floor(hours / 24), hours: hours % 24, minutes: Math.floor(seconds / 60) % 60, seconds: seconds % 60 };
  const unit = parts.days ? "days" : parts.hours ? "hours" : parts.minutes ? "minutes" : "seconds";
  const two = (value) => String(value).padStart(2, "0");
  const said = { ...parts, minutes: two(parts.minutes), seconds: two(parts.seconds) };
  said[unit] = parts[unit];
  return say(`span_${unit}`, said);
}

export function tick(root = document) {
  for (const time of root.querySelectorAll("time[data-left]")) {
    const left = Date.parse(time.dateTime) - now();
    time.textContent = say(left > 0 ? "left" : "overdue_by", { span: span(Math.abs(left)) });
    time.toggleAttribute("data-over", left <= 0);
  }
  for (const time of root.querySelectorAll("time[data-age]")) time.textContent = span(now() - Date.parse(time.dateTime));
}
