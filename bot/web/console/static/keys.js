// The keyboard. A page says on its elements what they are typed by:
//   data-key="c" presses (or focuses, for a field) the first visible one;
//   [data-list] holds what j and k move through: its [data-item]s.
// `?` shows everything that works on this page.
import { words } from "./words.js";

const FIELDS = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";
let before = "";

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest?.("dialog[open]")) return;
  if (event.target.matches?.(FIELDS)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const handled = before === "g" ? go(event.key) : press(event.key);
  before = event.key === "g" ? "g" : "";
  if (handled) event.preventDefault();
});

function press(key) {
  if (key === "?") return help();
  if (key === "j" || key === "ArrowDown") return move(1, key);
  if (key === "k" || key === "ArrowUp") return move(-1, key);
  const found = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find(isShown);
  if (!found) return false;
  found.scrollIntoView({ block: "nearest" });
  if (found.matches(FIELDS)) { found.focus(); found.select?.(); } else { found.focus(); found.click(); }
  return true;
}

function go(key) {
  const link = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
  link?.click();
  return Boolean(link);
}

function move(by, key) {
  const items = [...document.querySelectorAll("[data-list] [data-item]")].filter(isShown);
  if (!items.length) return false;
  const here = items.findIndex((item) => item.contains(document.activeElement));
  if (here < 0 && key.startsWith("Arrow")) return false; // Arrows scroll, unless in a list.
  const current = items.findIndex((item) => item.hasAttribute("aria-current"));
  const from = here >= 0 ? here : current >= 0 && by > 0 ? current - 1 + by : current;
  const to = items[Math.min(items.length - 1, Math.max(0, from + by))];
  (to.matches("a, button, [tabindex]") ? to : to.querySelector("a, button, [tabindex]"))?.focus();
  to.scrollIntoView({ block: "nearest" });
  return true;
}

const isShown = (element) => !element.disabled && element.checkVisibility();

function help() {
  const dialog = document.querySelector("[data-keys]");
  const list = dialog.querySelector("[data-keys-list]");
  const rows = [["j", "k", words("key_move")], ["Enter", "", words("key_open")]];
  for (const each of document.querySelectorAll("[data-key]")) {
    const name = each.dataset.keyName || each.getAttribute("aria-label") || each.textContent.trim() || each.placeholder;
    if (isShown(each) && !rows.some(([key]) => key === each.dataset.key)) rows.push([each.dataset.key, "", name]);
  }
  for (const each of document.querySelectorAll("[data-go]")) rows.push(["g", each.dataset.go, words("go_to", { room: each.textContent.trim() })]);
  rows.push(["?", "", words("key_help")]);
  list.replaceChildren(...rows.flatMap(([one, two, name]) => {
    const term = document.createElement("dt");
    for (const key of [one, two].filter(Boolean)) term.append(Object.assign(document.createElement("kbd"), { textContent: key }), " ");
    return [term, Object.assign(document.createElement("dd"), { textContent: name })];
  }));
  dialog.showModal();
  return true;
}
document.addEventListener("click", ({ target }) => {
  if (target.closest?.("[data-help]")) help();
});
