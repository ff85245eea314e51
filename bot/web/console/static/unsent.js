// What is typed and not sent outlives the session: whoever signs in again, and comes back
// to the same page in the same tab, finds it in its fields. A page that somebody else
// opens, or that is left for another one, forgets it; passwords and files are never kept.
import { csrf } from "./act.js";

const KEY = "chatorder:unsent";
const FIELDS = "input:not([type=hidden], [type=password], [type=file], [data-must]), textarea, select";
const person = document.querySelector(".me summary")?.title ?? "";
const address = () => location.pathname + location.search;

/** Return the fields of forms that act, each with a name that the page has again. */
function fields() {
  const seen = new Map();
  const found = [];
  for (const form of document.querySelectorAll("form[data-call], form[data-fields]")) {
    for (const field of form.querySelectorAll(FIELDS)) {
      if (field.dataset.typed) continue; // Kept by its own page.
      const choice = field.type === "radio" ? field.value : "";
      const name = [form.dataset.call, form.id, field.name || field.id || field.dataset.field || field.dataset.partOfAddress, choice].join(" ");
      seen.set(name, (seen.get(name) ?? 0) + 1);
      found.push([`${name} ${seen.get(name)}`, field]);
    }
  }
  return found;
}

const isTick = (field) => ["checkbox", "radio"].includes(field.type);

function isTyped(field) {
  if (isTick(field)) return field.checked !== field.defaultChecked;
  if (field.nodeName !== "SELECT") return field.value !== field.defaultValue;
  const first = [...field.options].find((each) => each.defaultSelected) ?? field.options[0];
  return field.selectedOptions[0] !== first;
}

addEventListener("pagehide", () => {
  const typed = fields().filter(([, field]) => isTyped(field)).map(([name, field]) => [name, isTick(field) ? field.checked : field.value]);
  try {
    if (typed.length) sessionStorage.setItem(KEY, JSON.stringify({ person, csrf, address: address(), typed }));
  } catch {
    // There is no room for so much.
  }
});

/** Put back what was typed before this session began; rows that were added come again. */
function restore() {
  const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
  sessionStorage.removeItem(KEY);
  if (kept?.person !== person || kept.address !== address() || kept.csrf === csrf) return;
  addRows(kept.typed.map(([name]) => name));
  const here = new Map(fields());
  for (const [name, value] of kept.typed) {
    const field = here.get(name);
    if (!field) continue;
    if (isTick(field)) field.checked = value;
    else field.value = value;
    for (let each = field.closest("details"); each; each = each.parentElement.closest("details")) each.open = true;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  document.dispatchEvent(new CustomEvent("chatorder:parts")); // What depends on fields looks at them again.
}

function addRows(names) {
  for (const rows of document.querySelectorAll("[data-rows]")) {
    const numbers = names.map((name) => Number(name.split(` ${rows.dataset.rows}.`)[1]?.split(/[. ]/)[0] ?? -1));
    for (let count = rows.querySelector(".many").children.length; count <= Math.max(...numbers); count += 1) rows.querySelector("[data-row-add]").click();
  }
}

// After the page's own modules, which may hold some of the fields.
document.addEventListener("DOMContentLoaded", restore);
