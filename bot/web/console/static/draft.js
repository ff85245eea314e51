// The draft beside the chat: every change names the version that it was decided on.
// What somebody else did meanwhile is shown, and nothing that was typed is lost.
import { call, say, toast } from "./act.js";
import { light, unlight, unlightSoon } from "./draft_evidence.js";
import { fetchPart, refresh } from "./parts.js";
import { words } from "./words.js";
import "./draft_search.js";

const draft = () => document.querySelector("[data-draft]");
const changesOf = () => `/v1/drafts/${draft().dataset.draft}/changes`;

// -- changes ---------------------------------------------------------------------------

/** Make changes; `form` is where a problem is said. Returns what was answered, or null. */
export function change(changes, form) {
  const opens = form.closest("[data-opens]")?.dataset.opens;
  const sent = valuesOf(form);
  return inTurn(() => {
    const path = opens ? `/v1/conversations/${opens}/draft` : changesOf();
    return send({ path, body: opens ? { changes } : { version: seenBy(form), changes }, form, sent });
  });
}

// One after the other: the next one is decided on what the one before made of the draft.
let last = Promise.resolve();
let underWay = 0;
function inTurn(act) {
  underWay += 1;
  const done = last.then(act).finally(() => { underWay -= 1; });
  last = done.catch(() => undefined);
  return done;
}

// What is typed is decided on the version that was shown when it was begun: what others
// did since is no silent part of it.
const begun = new Map();
const newest = () => Number(draft().dataset.version);
const seenBy = (form) => begun.get(form) ?? newest();
const begin = (form) => { if (form && draft() && !begun.has(form)) begun.set(form, newest()); };
document.addEventListener("input", ({ target }) => begin(target.closest?.("[data-part=draft] :is([data-fields], [data-stepper], [data-discount], [data-shipping])")));

/** A change of one's own is known to who made it: nobody else was between the two. */
function followed(from, to) {
  for (const [form, version] of begun) {
    if (!form.isConnected) begun.delete(form);
    else if (version === from && to) begun.set(form, to);
  }
}
document.addEventListener("chatorder:done", ({ target, detail }) => {
  if (target.closest("[data-part=draft]") && target.elements?.version) followed(Number(target.elements.version.value), detail?.version);
});

async function send(wanted) {
  const { path, body, form, sent = [] } = wanted;
  say(form, "");
  form.setAttribute("aria-busy", "true");
  const done = await call("POST", path, body);
  form.removeAttribute("aria-busy");
  if (done.ok) {
    followed(body.version, done.body?.version);
    settle(form, sent);
    if (fieldsOf(form).some(wasChanged) && done.body?.version) begun.set(form, done.body.version);
    if (form.dataset.toast) toast(form.dataset.toast);
    await refresh((form.dataset.refresh ?? "draft").split(" "));
    return done;
  }
  if (isConflict(done)) await conflict(wanted);
  else say(form, sentence(done.body));
  return null;
}

const sentence = (problem) => [problem?.detail ?? words("failed"), ...(problem?.errors ?? []).map((each) => each.message)].filter((text, at, all) => !all.slice(0, at).some((other) => other.includes(text))).join(" ");
const isConflict = (done) => done.status === 409 && String(done.body?.type ?? "").endsWith("version-conflict");

const fieldsOf = (form) => [...form.querySelectorAll("input, textarea, select")].filter((field) => !field.closest("[data-search]"));

const valuesOf = (form) => fieldsOf(form).map((field) => [field, field.value, field.checked]);

/** What was sent may be replaced by what the server shows; what was typed since, not. */
function settle(form, sent = valuesOf(form)) {
  begun.delete(form);
  for (const [field, value, checked] of sent) {
    if (field.nodeName === "SELECT") field.dataset.was = value;
    else if (["checkbox", "radio"].includes(field.type)) field.defaultChecked = checked;
    else field.defaultValue = value;
  }
  const asking = form.closest("details.ask, details.edit");
  if (asking) asking.open = false;
}

// -- two people at one draft -------------------------------------------------------------

let lost = null;

async function conflict(wanted) {
  lost = wanted;
  const seen = wanted.body.version;
  await refresh(["draft"]);
  const fresh = await fetchPart(`${location.pathname}?since=${seen}`, "draft").catch(() => null);
  const notice = fresh?.querySelector("#draft-since");
  const place = document.getElementById("draft-conflict");
  if (!place) return;
  place.replaceChildren(...(notice ? [notice] : []));
  if (!notice) say(wanted.form, words("nothing_changed"));
  place.querySelector("[data-again]")?.focus();
  place.scrollIntoView({ block: "nearest" });
}

document.addEventListener("click", async ({ target }) => {
  const place = document.getElementById("draft-conflict");
  if (target.closest?.("[data-leave]")) { leave(); place.replaceChildren(); }
  if (!target.closest?.("[data-again]") || !lost) return;
  const again = { ...lost, body: { ...lost.body, version: newest() } };
  if (!again.form.isConnected) again.form = place;
  const done = await inTurn(() => send(again));
  if (done) { lost = null; place.replaceChildren(); again.after?.(done); }
  else say(place, again.form.querySelector("[data-problem]")?.textContent ?? "");
});

/** Leave it at what others made of it: what was typed gives way. */
function leave() {
  const { form } = lost ?? {};
  lost = null;
  if (!form?.isConnected) return;
  for (const field of form.querySelectorAll("input, textarea")) field.value = field.defaultValue;
  for (const field of form.querySelectorAll("select[data-was]")) field.value = field.dataset.was;
  settle(form);
  refresh(["draft"]);
}

// Forms that act.js sends: taking back, confirming, rejecting, single changes.
document.addEventListener("chatorder:refused", ({ target, detail }) => {
  if (!target.closest("[data-part=draft]") || !isConflict({ status: detail.status, body: detail })) return;
  const [, path] = target.dataset.call.split(" ");
  const body = Object.fromEntries([...new FormData(target)].map(([name, value]) => [name, target.elements[name].dataset.as ? JSON.parse(value) : value]));
  say(target, "");
  conflict({ path, body, form: target });
});

// -- quantities ---------------------------------------------------------------------------

const waiting = new Map(); // Quantities that will be sent in a moment.
const number = (text) => Number(String(text).trim().replace(",", "."));

function stepped(form, by) {
  begin(form);
  const field = form.querySelector("input");
  const step = number(form.dataset.step) || 1;
  const least = number(form.dataset.least) || step;
  const next = Math.max(least, number(field.value) + by * step);
  field.value = String(Math.round(next * 1e6) / 1e6);
  later(form);
}

/** Send a quantity once nobody presses any more: five presses are one change. */
function later(form, pause = 350) {
  clearTimeout(waiting.get(form));
  waiting.set(form, setTimeout(() => sendQuantity(form), pause));
}

async function sendQuantity(form) {
  clearTimeout(waiting.get(form));
  waiting.delete(form);
  const field = form.querySelector("input");
  if (!(number(field.value) > 0)) field.value = field.defaultValue;
  if (field.value === field.defaultValue || !form.isConnected) { begun.delete(form); return; }
  await change([{ type: "set_quantity", line_id: form.dataset.line, quantity: String(number(field.value)) }], form);
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-stepper] [data-by]");
  if (button) stepped(button.closest("form"), Number(button.dataset.by));
});
document.addEventListener("change", ({ target }) => {
  const form = target.closest?.("[data-stepper]");
  if (form) sendQuantity(form);
});
document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("[data-stepper]");
  if (!form || event.target.nodeName !== "INPUT") return;
  if (event.key === "ArrowUp" || event.key === "ArrowDown") { event.preventDefault(); stepped(form, event.key === "ArrowUp" ? 1 : -1); }
});

// What was typed and not sent yet goes first; of another total the agent decides anew.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset.call || !form.closest("[data-part=draft]")) return;
  if (underWay && form.id !== "draft-confirm") {
    event.preventDefault();
    event.stopImmediatePropagation();
    await last;
    if (form.isConnected) form.requestSubmit(event.submitter?.isConnected ? event.submitter : undefined);
    return;
  }
  if (form.id !== "draft-confirm") return actsNow(form);
  const typed = [...document.querySelectorAll("[data-part=draft] [data-fields]")].filter((each) => factsOf(each).length);
  if (!waiting.size && !typed.length && !underWay) return actsNow(form);
  event.preventDefault();
  event.stopImmediatePropagation();
  const label = form.querySelector("button").textContent;
  await last;
  for (const each of [...waiting.keys()]) await sendQuantity(each);
  for (const each of typed) if (!(await change(factsOf(each), each))) return;
  const button = document.querySelector("#draft-confirm button");
  if (button && !button.disabled && button.textContent === label) button.form.requestSubmit(button);
  else toast(words("saved_first"));
}, true);

/** A form that act.js sends takes its turn, too. */
function actsNow(form) {
  if (form.ariaBusy === "true") return;
  inTurn(() => new Promise((resolve) => {
    form.addEventListener("chatorder:done", () => resolve(refresh((form.dataset.refresh ?? "draft").split(" "))), { once: true });
    form.addEventListener("chatorder:refused", resolve, { once: true });
    setTimeout(resolve, 35000);
  }));
}

// -- variants and options -------------------------------------------------------------------

document.addEventListener("change", ({ target }) => {
  const variant = target.closest?.("[data-variant]");
  if (variant && target.value) change([{ type: "choose_variant", line_id: variant.dataset.line, variant_id: target.value }], variant);
  const options = target.closest?.("[data-options]");
  if (options) change([{ type: "set_options", line_id: options.dataset.line, options: chosen(options) }], options);
});

/** Return the options that a form shows, with those that it cannot show. */
function chosen(form) {
  const kept = JSON.parse(form.dataset.kept);
  const picked = [...form.querySelectorAll("select")].map((each) => [each.dataset.group, each.value])
    .concat([...form.querySelectorAll("input:checked")].map((each) => [each.dataset.group, each.value]))
    .filter(([, value]) => value);
  const found = kept.filter((each) => each.negated && !picked.some(([group, value]) => group === each.group_id && value === each.value_id));
  for (const [group, value] of picked) found.push(kept.find((each) => !each.negated && each.group_id === group && each.value_id === value) ?? { group_id: group, value_id: value });
  return found;
}

// -- the customer's facts ----------------------------------------------------------------------

const TYPES = { due_day: null, due_hour: null };
const wasChanged = (field) => field.nodeName === "SELECT" ? "was" in field.dataset && field.value !== field.dataset.was : field.value !== field.defaultValue;
/** What was there is gone: null takes it back. */
const isEmptied = (field) => Boolean(field) && !field.value.trim() && !field.validity.badInput && Boolean((field.nodeName === "SELECT" ? field.dataset.was : field.defaultValue)?.trim());

function factsOf(form) {
  const found = [];
  for (const field of form.querySelectorAll("[data-field]")) {
    const name = field.dataset.field;
    if (name in TYPES || name === "address" || !wasChanged(field)) continue;
    const value = field.value.trim();
    if (name.startsWith("extra.")) found.push({ type: "set_extra", field_id: name.slice(6), value: value || null });
    else if (value || isEmptied(field)) found.push({ type: `set_${name}`, [name]: value === "" ? null : name === "business" ? value === "true" : value });
  }
  return [...found, ...addressOf(form), ...dueOf(form)];
}

function addressOf(form) {
  const text = form.querySelector("[data-field=address]");
  const parts = [...form.querySelectorAll("[data-part-of-address]")];
  const changed = parts.filter(wasChanged);
  const isNew = text && text.type !== "hidden" && wasChanged(text);
  if (!text || (!isNew && !changed.length)) return [];
  // Parts of an address that was written anew would speak of the old one.
  const said = (isNew ? changed : parts).filter((each) => each.value.trim());
  const address = Object.fromEntries(said.map((each) => [each.dataset.partOfAddress, each.value.trim()]));
  address.text = text.value.trim() || said.map((each) => each.value.trim()).join(" ");
  if (address.text) return [{ type: "set_address", address }];
  return isNew && isEmptied(text) ? [{ type: "set_address", address: null }] : [];
}

function dueOf(form) {
  const day = form.querySelector("[data-field=due_day]");
  const hour = form.querySelector("[data-field=due_hour]");
  if (isEmptied(day)) return [{ type: "set_due", due_at: null }];
  if (!day?.value || !(wasChanged(day) || wasChanged(hour))) return [];
  if (!hour.value) return [{ type: "set_due", due_day: day.value }];
  return [{ type: "set_due", due_at: inZone(day.value, hour.value).toISOString() }];
}

/** Return the moment of a day and an hour by the shop's clock. */
function inZone(day, hour) {
  const asked = Date.parse(`${day}T${hour}:00Z`);
  const shown = (at) => {
    const part = Object.fromEntries(new Intl.DateTimeFormat("en", { timeZone: document.documentElement.dataset.zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" }).formatToParts(at).map(({ type, value }) => [type, value]));
    return Date.parse(`${part.year}-${part.month}-${part.day}T${part.hour}:${part.minute}:00Z`);
  };
  const first = asked - (shown(asked) - asked);
  return new Date(first - (shown(first) - asked));
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const kind = ["fields", "discount", "shipping", "stepper", "variant", "options"].find((each) => each in form.dataset);
  if (!kind || !form.closest("[data-part=draft]")) return;
  event.preventDefault();
  if (kind === "stepper") sendQuantity(form);
  if (kind === "fields") {
    const changes = factsOf(form);
    if (changes.length) change(changes, form);
    else settle(form);
  }
  if (kind === "discount") change([discountOf(form)], form);
  if (kind === "shipping") {
    const fee = form.querySelector("[data-amount]").value;
    change([{ type: "set_shipping", shipping: fee.trim() ? money(fee) : null }], form);
  }
});
document.addEventListener("click", ({ target }) => {
  const form = target.closest?.("[data-discount] [data-end]")?.closest("form");
  if (form) change([{ type: "set_discount" }], form);
});

const money = (text) => ({ amount: text.trim().replace(",", "."), currency: draft().dataset.currency });

function discountOf(form) {
  const [percent, amount, reason] = ["percent", "amount", "reason"].map((each) => form.querySelector(`[data-${each}]`).value.trim());
  return { type: "set_discount", ...(percent ? { percent: percent.replace(",", ".") } : amount ? { amount: money(amount) } : {}), ...(reason ? { reason } : {}) };
}

// `e` opens the form with its first field; chat.js puts a question into the chat.
document.addEventListener("toggle", ({ target }) => {
  if (target.id === "draft-edit" && target.open) target.querySelector("[data-field]")?.focus();
  if (target.matches?.("details.ask") && target.open) target.querySelector("input:not([type=hidden]), textarea")?.focus();
}, true);
document.addEventListener("click", (event) => {
  const link = event.target.closest?.('[data-part=draft] a[href^="#msg-"]');
  if (link) event.preventDefault();
  // On a phone the chat is another view.
  if (link || event.target.closest?.("[data-part=draft] [data-insert]")) document.dispatchEvent(new CustomEvent("chatorder:show", { detail: "chat" }));
  if (link) light(link.closest("[data-marks]"), link.hash.slice("#msg-".length));
});

// -- why something is there: below it, and in the chat at the same time ---------------------------

let shown = null; // Id of the part that tells why.

function why(button, open = true) {
  const id = button.getAttribute("aria-controls");
  const top = button.getBoundingClientRect().top;
  shown = open ? id : null;
  showWhy();
  // What opened above moves nothing under the pointer.
  const column = button.closest("[data-part=draft]");
  const moved = button.getBoundingClientRect().top - top;
  if (moved && column) (scrolls(button) ?? column).scrollTop += moved;
}

const scrolls = (element) => { for (let each = element.parentElement; each; each = each.parentElement) if (each.scrollHeight > each.clientHeight && getComputedStyle(each).overflowY !== "visible") return each; return null; };

function showWhy() {
  for (const button of document.querySelectorAll("[data-part=draft] [data-why]")) {
    const id = button.getAttribute("aria-controls");
    button.setAttribute("aria-expanded", String(id === shown));
    document.getElementById(id).hidden = id !== shown;
  }
}

let rested = false; // It opened under a resting pointer: a press keeps it open.

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-part=draft] [data-why]");
  if (!button) return;
  why(button, rested || button.getAttribute("aria-controls") !== shown);
  rested = false;
});

document.addEventListener("focusin", ({ target }) => {
  const place = target.closest?.("[data-part=draft] [data-marks]");
  if (place) light(place);
  else if (target.closest?.("[data-part=draft]")) unlight();
});

// Resting on a line opens it; moving past it only lights its words up.
let resting = 0;
let pointed = "";
document.addEventListener("pointermove", (event) => {
  const at = `${event.clientX} ${event.clientY}`;
  if (event.pointerType !== "mouse" || at === pointed) return; // The page moved, not the hand.
  pointed = at;
  const place = event.target.closest?.("[data-part=draft] [data-marks]");
  clearTimeout(resting);
  if (!place) { if (!document.activeElement?.closest?.("[data-marks], [data-moments]")) unlightSoon(event.target); return; }
  light(place);
  const button = place.querySelector("[data-why]");
  if (!button || button.getAttribute("aria-controls") === shown || place.contains(document.activeElement)) return;
  resting = setTimeout(() => { if (!isTyping()) { rested = true; why(button); } }, 450);
});
const isTyping = () => Boolean(document.activeElement?.closest?.("[data-part=draft] input, [data-part=draft] textarea, [data-part=draft] select"));

// -- what changed: said, and seen for a moment ---------------------------------------------------

const stamps = () => new Map([...document.querySelectorAll("[data-part=draft] [data-stamp]")].map((line) => [line.id, line.dataset.stamp]));
let known = stamps();
let version = draft()?.dataset.version;

let focused = null;
document.addEventListener("focusin", ({ target }) => { focused = target.closest?.("[data-part=draft]") ? target : null; });

/** What had the focus is gone: the keyboard goes on here, where no second press harms. */
function refocus() {
  if (!focused || focused.isConnected || document.activeElement !== document.body) return;
  (document.querySelector("#draft-conflict button") ?? document.getElementById("draft-title"))?.focus({ preventScroll: true });
}

document.addEventListener("chatorder:parts", () => {
  showWhy();
  refocus();
  const now = stamps();
  const isNew = version !== draft()?.dataset.version;
  version = draft()?.dataset.version;
  if (!isNew) return;
  const lines = [...now].filter(([id, stamp]) => known.get(id) !== stamp).map(([id]) => document.getElementById(id));
  const gone = [...known.keys()].some((id) => !now.has(id));
  known = now;
  for (const line of lines) {
    line.classList.remove("changed");
    requestAnimationFrame(() => line.classList.add("changed"));
  }
  const said = lines.length ? words("changed", { lines: lines.map((line) => line.dataset.said).join("; ") }) : gone ? words("dropped") : "";
  const place = document.getElementById("draft-said");
  if (place && said) place.textContent = said;
});
