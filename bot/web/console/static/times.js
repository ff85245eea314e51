// Keeps "3 min" right while a page stays open; the exact time is the element's title.
const STEPS = [[60, "second", 1], [3600, "minute", 60], [86400, "hour", 3600], [604800, "day", 86400], [2629800, "week", 604800], [31557600, "month", 2629800], [Infinity, "year", 31557600]];
const lang = document.documentElement.lang || "en";

export function span(seconds) {
  const [, unit, size] = STEPS.find(([limit]) => seconds < limit);
  const value = Math.max(unit === "second" ? 0 : 1, Math.round(seconds / size));
  return new Intl.NumberFormat(lang, { style: "unit", unit, unitDisplay: "short" }).format(value);
}

function update() {
  for (const each of document.querySelectorAll("time.ago")) {
    const text = span(Math.abs(Date.now() - Date.parse(each.dateTime)) / 1000);
    if (each.textContent !== text) each.textContent = text;
  }
}
setInterval(update, 15000);
document.addEventListener("chatorder:parts", update);
update();
