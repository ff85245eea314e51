// The settings: what is shown once, things to copy, set-up, rules with rows, problems at
// their fields. Secrets come from the API's answer and are kept nowhere.
import { call, csrf, toast } from "./act.js";
import { words } from "./words.js";

const make = (name, values = {}) => Object.assign(document.createElement(name), values);

// -- copying --------------------------------------------------------------------------

let pasted = 0;

/** Add something to paste elsewhere to a list: what it is, the text, a button. */
function addPaste(list, label, text) {
  const code = make("code", { id: `paste-${(pasted += 1)}`, textContent: text });
  const button = make("button", { type: "button", textContent: words("copy"), ariaLabel: `${words("copy")}: ${label}` });
  button.dataset.copy = code.id;
  const place = make("dd");
  place.append(code, " ", button);
  list.append(make("dt", { textContent: label }), place);
}

document.addEventListener("click", async ({ target }) => {
  const button = target.closest?.("[data-copy]");
  if (!button) return;
  const place = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(place.textContent);
    toast(words("copied"));
  } catch {
    getSelection().selectAllChildren(place); // Without https: whoever looks copies it.
  }
});

// -- shown once -----------------------------------------------------------------------

const once = document.querySelector("[data-once-place]");

document.addEventListener("chatorder:done", ({ target, detail }) => {
  const found = (target.dataset.once ?? "").split(" ").filter((name) => name && detail?.[name]);
  if (!found.length) return;
  const list = once.querySelector("[data-once-values]");
  list.replaceChildren();
  for (const name of found) addPaste(list, words(`once_${name}`), detail[name]);
  once.hidden = false;
  once.scrollIntoView({ block: "nearest" });
  setTimeout(() => once.focus(), 50); // After the form gives the focus back.
  target.closest("details.new")?.removeAttribute("open");
});
once?.querySelector("[data-once-done]").addEventListener("click", () => {
  once.querySelector("[data-once-values]").replaceChildren();
  once.hidden = true;
});

// -- what a form's call found out -----------------------------------------------------

const TOLD = {
  check: (said) => (said.works ? words("check_works", { name: said.name ?? "", number: said.number ?? "" }) + (said.warning ? ` ${said.warning}` : "") : words("check_fails", said)),
  ping: (said) => (said.delivered ? words("ping_works") : words("ping_fails", said)),
  erased: (said) => [words("erased", said), said.told.length ? words("erased_told", { sinks: [...new Set(said.told.map((each) => each.sink_id))].join(", ") }) : ""].join(" "),
};

document.addEventListener("chatorder:done", ({ target, detail }) => {
  const tell = TOLD[target.dataset.told];
  if (!tell) return;
  const place = target.querySelector("[data-told-place]") ?? document.querySelector("[data-told-below]");
  place.textContent = tell(detail);
  place.hidden = false;
});

// -- set-up and downloads -------------------------------------------------------------

const loaded = new WeakSet();

document.addEventListener("toggle", async ({ target }) => {
  if (!target.dataset?.setup || !target.open || loaded.has(target)) return;
  loaded.add(target);
  const said = await call("GET", `/v1/channels/${target.dataset.setup}/setup`);
  const waits = target.querySelector("[data-setup-waits]");
  if (!said.ok) {
    waits.textContent = said.body?.detail ?? words("failed");
    loaded.delete(target);
    return;
  }
  waits.hidden = true;
  target.querySelector("[data-setup-local]").hidden = said.body.is_public;
  target.querySelector(".steps").hidden = false;
  const list = target.querySelector("[data-setup-values]");
  addPaste(list, words("callback_url"), said.body.callback_url);
  addPaste(list, words("fields"), said.body.fields.join(", "));
  if (said.body.verify_token) addPaste(list, words("verify_token"), said.body.verify_token);
  else for (const [name, value] of Object.entries(said.body.headers)) addPaste(list, name, value);
  if (said.body.paste) addPaste(list, words("paste"), said.body.paste);
}, true);

document.addEventListener("click", async ({ target }) => {
  const button = target.closest?.("[data-download]");
  if (!button || button.disabled) return;
  button.disabled = true;
  try {
    const answer = await fetch(button.dataset.download, { method: "POST", headers: { "X-CSRF-Token": csrf } });
    if (!answer.ok) throw new Error((await answer.json()).detail);
    const link = make("a", { href: URL.createObjectURL(await answer.blob()), download: button.dataset.filename });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    toast(words("exported"));
  } catch (error) {
    toast(error instanceof TypeError ? words("unreachable") : error.message, "bad");
  }
  button.disabled = false;
});

// -- fields ---------------------------------------------------------------------------

/** Say at a field what is wrong with it; nothing takes it away. */
function mark(place, text) {
  let said = place.querySelector(":scope > [data-at]");
  const fields = place.querySelectorAll("input:not([type=hidden]), textarea, select");
  for (const field of fields) field.toggleAttribute("aria-invalid", Boolean(text));
  if (!text) return said?.remove();
  if (!said) {
    said = make("p", { className: "problem" });
    said.dataset.at = "";
    said.setAttribute("role", "alert");
    place.append(said);
  }
  said.textContent = text;
  for (const field of fields) field.setAttribute("aria-invalid", "true");
}

document.addEventListener("input", ({ target }) => {
  if (target.matches('textarea[data-as="json"]')) {
    let problem = "";
    try {
      if (target.value.trim()) JSON.parse(target.value);
    } catch (error) {
      problem = words("not_json", { error: error.message });
    }
    target.setCustomValidity(problem);
    const place = target.closest(".rule");
    if (place) mark(place, problem);
  }
  if (target.dataset.must !== undefined) target.form.querySelector("button").disabled = target.value.trim().toLowerCase() !== target.dataset.must.toLowerCase();
  if (target.dataset.filter) filter(target);
});

// What the API says about `rules.payments[0].names` is said at the field nearest to it.
document.addEventListener("chatorder:refused", ({ target, detail }) => {
  if (!target.hasAttribute("data-marks")) return;
  for (const place of target.querySelectorAll("[data-field]")) mark(place, "");
  const problem = target.querySelector("[data-problem]");
  if (detail.status === 409) problem.textContent = words("stale");
  let first = null;
  let rest = false;
  for (const { field, message } of detail.errors ?? []) {
    const whole = field.replace(/\[(\w+)\]/g, ".$1");
    const inner = message.match(/^[\w.]+(?=: )/)?.[0]; // Checks of a whole say where inside.
    const where = inner ? `${whole}.${inner}` : whole;
    const said = inner ? message.slice(inner.length + 2) : message;
    let name = where;
    let place = null;
    while (name && !(place = target.querySelector(`[data-field="${CSS.escape(name)}"]`))) name = name.slice(0, Math.max(0, name.lastIndexOf(".")));
    if (!place) rest = true;
    else {
      const below = where.slice(name.length + 1);
      mark(place, below ? `${below}: ${said}` : said);
      first ??= place;
    }
  }
  if (!first) return;
  if (!rest) problem.textContent = words("marked");
  first.querySelector("input:not([type=hidden]), textarea, select")?.focus();
  first.scrollIntoView({ block: "center" });
});
document.addEventListener("chatorder:done", ({ target }) => {
  for (const place of target.querySelectorAll("[data-field]")) mark(place, "");
});

// -- rules: what depends on another field, and rows -----------------------------------

function depend() {
  for (const part of document.querySelectorAll("[data-when]")) {
    const form = part.closest("form");
    const name = part.dataset.when;
    const control = form.querySelector(`[data-mode="${name}"]`) ?? form.elements[name];
    const holds = control?.value === part.dataset.is;
    part.hidden = !holds;
    for (const field of part.querySelectorAll("input, textarea, select")) field.disabled = !holds;
  }
}
document.addEventListener("change", depend);
document.addEventListener("chatorder:parts", depend);
depend();

/** Give the rows of a list their numbers, as they stand. */
function count(rows) {
  const before = new RegExp(`^${rows.dataset.rows.replace(/\./g, "\\.")}\\.(\\d+|__N__)`);
  [...rows.querySelector(".many").children].forEach((row, number) => {
    const now = `${rows.dataset.rows}.${number}`;
    for (const each of row.querySelectorAll("[name]")) each.name = each.name.replace(before, now);
    for (const each of row.querySelectorAll("[data-field]")) each.dataset.field = each.dataset.field.replace(before, now);
    for (const each of row.querySelectorAll("[data-rows]")) each.dataset.rows = each.dataset.rows.replace(before, now);
  });
}

document.addEventListener("click", ({ target }) => {
  const rows = target.closest?.("[data-rows]");
  if (!rows) return;
  if (target.matches("[data-row-add]")) {
    const row = rows.querySelector("template").content.firstElementChild.cloneNode(true);
    rows.querySelector(".many").append(row);
    count(rows);
    row.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  }
  if (target.matches("[data-row-remove]")) {
    const row = target.closest("li");
    const next = row.nextElementSibling?.querySelector("[data-row-remove]") ?? rows.querySelector("[data-row-add]");
    row.remove();
    count(rows);
    next.focus();
  }
});

// -- looking through the sentences ----------------------------------------------------

function filter(field) {
  const wanted = field.value.trim().toLocaleLowerCase();
  let found = 0;
  for (const each of document.querySelectorAll(`#${field.dataset.filter} [data-said]`)) {
    each.hidden = Boolean(wanted) && !each.textContent.toLocaleLowerCase().includes(wanted);
    if (!each.hidden) found += 1;
  }
  document.querySelector("[data-filter-none]").hidden = found > 0;
}

// On a phone the list of pages is a line: the page that is shown stands in it.
const here = document.querySelector(".side [aria-current]");
const line = document.querySelector(".side");
if (here && line.scrollWidth > line.clientWidth) line.scrollLeft = here.offsetLeft - line.clientWidth / 2 + here.clientWidth / 2;
