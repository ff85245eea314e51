// Forms that call the native API: <form data-call="POST /v1/..." data-refresh="draft">.
//
// A field's name is a path into the body (changes.0.quantity); empty fields are left
// out, or with data-empty="null|text" sent as that: what was there is gone.
// data-as="number|boolean|json|list|moment" says what a value is. What the API refuses is said
// in the form's [data-problem]. Afterwards the form fires chatorder:done, with what the
// API answered, or chatorder:refused, with the problem; both bubble.
import { fetched } from "./leave.js";
import { fetchPart, refresh } from "./parts.js";
import { words } from "./words.js";

export const csrf = document.querySelector('meta[name="csrf"]')?.content ?? "";

/** Call the native API. Returns {ok, status, body}; status 0: it was not reached. */
export async function call(method, path, body, headers = {}) {
  const sent = { "X-CSRF-Token": csrf, Accept: "application/json", ...headers };
  if (body !== undefined && !(body instanceof Blob)) {
    sent["Content-Type"] = "application/json";
    body = JSON.stringify(body);
  }
  if (method === "POST" && !sent["Idempotency-Key"]) sent["Idempotency-Key"] = unique();
  try {
    const answer = await fetched(path, { method, headers: sent, body, signal: AbortSignal.timeout(30000) });
    const text = await answer.text();
    const said = text && answer.headers.get("Content-Type")?.includes("json") ? JSON.parse(text) : null;
    return { ok: answer.ok, status: answer.status, body: answer.ok ? said : explained(said) };
  } catch {
    return { ok: false, status: 0, body: { detail: words("unreachable") } };
  }
}

/** Let a problem say first in the page's language of which kind it is: its detail is the API's. */
export function explained(problem) {
  const key = `problem.${String(problem?.type).split("#").pop()}`;
  const kind = words(key);
  if (document.documentElement.lang === "en" || kind === key) return problem;
  return { ...problem, detail: [kind, problem.detail].filter(Boolean).join(" ") };
}

function unique() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Return the body that a form's fields describe. */
function bodyOf(form, submitter) {
  const body = {};
  for (const field of form.elements) {
    if (!field.name || field.disabled || field.type === "file") continue;
    if (field.nodeName === "BUTTON" && field !== submitter) continue;
    if ((field.type === "radio" || field.type === "checkbox") && !field.checked && field.dataset.as !== "boolean") continue;
    const path = field.name.split(".");
    if (field.hasAttribute("data-money") && !field.value.trim()) {
      put(body, path.slice(0, -1), null); // Of an amount that is empty: no price.
      continue;
    }
    const value = valueOf(field);
    if (value !== undefined) put(body, path, value);
  }
  return body;
}

function valueOf(field) {
  if (field.inputMode === "decimal" && field.value) return field.value.trim().replace(",", "."); // As people write it here.
  if (field.dataset.as === "boolean") return field.type === "checkbox" ? field.checked : field.value === "true";
  if (field.dataset.as === "list") return field.value.split(field.nodeName === "TEXTAREA" ? "\n" : ",").map((each) => each.trim()).filter(Boolean);
  if (field.value === "") return field.dataset.empty === "null" ? null : field.dataset.empty === "text" ? "" : undefined;
  if (field.dataset.as === "moment") return new Date(field.value).toISOString();
  if (field.dataset.as === "number") return Number(field.value);
  if (field.dataset.as === "json") return JSON.parse(field.value);
  return field.value;
}

function put(body, [name, ...rest], value) {
  if (rest.length) {
    body[name] ??= /^\d+$/.test(rest[0]) ? [] : {};
    put(body[name], rest, value);
  } else if (name.endsWith("[]")) (body[name.slice(0, -2)] ??= []).push(value);
  else body[name] = value;
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset.call) return;
  event.preventDefault();
  if (!isPressedTwice(form)) await submit(form, event.submitter);
});

// Who presses twice wants it once: what a form did is not done again in the next moment,
// unless something else was typed. data-often: of what is pressed again and again.
const PRESS = 700; // Milliseconds in which a second press belongs to the first.
const doneAt = new WeakMap();
const isPressedTwice = (form) => !form.hasAttribute("data-often") && performance.now() - (doneAt.get(form) ?? -PRESS) < PRESS;
document.addEventListener("click", (event) => {
  const form = event.detail > 1 && event.target.closest?.("button")?.form;
  if (form && form.dataset.call && !form.hasAttribute("data-often") && event.target.closest("button").type === "submit") event.preventDefault();
}, true);

// Of a call without an answer nobody knows whether it was done. Pressed again it is the
// same call for the server, which does it once; what is typed since makes it another.
const unanswered = new WeakMap();
document.addEventListener("input", ({ target }) => {
  if (!target.form) return;
  unanswered.delete(target.form);
  doneAt.delete(target.form);
});

function keyOf(form, wanted) {
  const known = unanswered.get(form);
  return known?.wanted === wanted ? known.key : unique();
}

/** Send a form as if somebody had pressed its button. */
export async function submit(form, submitter) {
  if (form.ariaBusy === "true") return undefined;
  const [method, path] = (submitter?.dataset.call ?? form.dataset.call).split(" ");
  form.ariaBusy = "true";
  say(form, "");
  const began = document.activeElement;
  const body = method === "DELETE" ? undefined : bodyOf(form, submitter);
  const wanted = JSON.stringify([method, path, body]);
  const key = keyOf(form, wanted);
  const done = await call(method, path, body, method === "POST" ? { "Idempotency-Key": key } : {});
  form.ariaBusy = "false";
  if (done.status === 0 || done.status >= 500) unanswered.set(form, { wanted, key });
  else unanswered.delete(form);
  if (done.ok) doneAt.set(form, performance.now());
  if (done.ok) await succeeded(form, done);
  else refused(form, done);
  if (began?.isConnected && document.activeElement === document.body) began.focus();
  return done;
}

async function succeeded(form, done) {
  for (const field of form.querySelectorAll("input, textarea, select")) {
    if (form.hasAttribute("data-clear") && !["hidden", "radio", "checkbox"].includes(field.type) && field.nodeName !== "SELECT") field.value = "";
    if ("defaultValue" in field) field.defaultValue = field.value; // It is sent: no longer only typed.
    if ("defaultChecked" in field) field.defaultChecked = field.checked;
    for (const option of field.options ?? []) option.defaultSelected = option.selected;
  }
  for (const each of form.closest("details.ask") ? [form.closest("details.ask")] : []) each.open = false;
  form.dispatchEvent(new CustomEvent("chatorder:done", { bubbles: true, detail: done.body }));
  if (form.dataset.toast) toast(form.dataset.toast);
  if (form.dataset.go) location.assign(form.dataset.go.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(done.body?.[name] ?? "")));
  else if (form.dataset.refresh) await refresh(form.dataset.refresh.split(" "));
}

function refused(form, done) {
  const problem = done.body ?? {};
  if (String(problem.type).endsWith("#version-conflict") && form.dataset.refresh && !form.closest("[data-part=draft], [data-marks]")) showNewest(form);
  const where = (problem.errors ?? []).map((each) => `${each.field}: ${each.message}`).filter((text) => !problem.detail?.includes(text));
  say(form, [problem.detail || words("failed"), ...where].join(" "));
  form.dispatchEvent(new CustomEvent("chatorder:refused", { bubbles: true, detail: { ...problem, status: done.status } }));
}

/** Somebody else changed it: show what it is now. What was typed stays, and is pressed again. */
async function showNewest(form) {
  const [part] = form.dataset.refresh.split(" ");
  const fresh = await fetchPart(location.href.split("#")[0], part).catch(() => null);
  const now = [...(fresh?.querySelectorAll(`form[data-call="${CSS.escape(form.dataset.call)}"]`) ?? [])];
  const typed = [...form.querySelectorAll("input:not([type=hidden]), textarea")].filter((field) => field.value !== field.defaultValue);
  const theirs = typed.flatMap((field) => {
    const value = now.map((each) => each.elements[field.name]?.value).find((each) => each !== undefined);
    return value === undefined || value === field.defaultValue ? [] : [`${labelOf(field)}: ${value || "–"}`];
  });
  await refresh([part]);
  say(form, [words("problem.version-conflict"), words("newest"), theirs.join(" · ")].filter(Boolean).join(" "));
}

const labelOf = (field) => [...(field.labels?.[0]?.querySelectorAll(".cell-label") ?? [])].concat(field.labels?.[0]?.firstChild ?? [])[0]?.textContent || field.name;

/** Say at a form what is wrong; of one without a place for it, at what it stands in. */
export function say(form, text) {
  const place = form.querySelector("[data-problem]") ?? form.closest("li, .picker")?.querySelector(":scope > [data-problem]");
  if (!place) return text && toast(text, "bad");
  place.textContent = text;
  place.hidden = !text;
}

/** Say something for some seconds, at the edge of the page. */
export function toast(text, meaning = "quiet") {
  const place = document.querySelector("[data-toasts]");
  const shown = document.createElement("p");
  shown.className = `toast ${meaning}`;
  shown.textContent = text;
  place.append(shown);
  setTimeout(() => shown.remove(), meaning === "bad" ? 9000 : 4000);
}

// A press of Escape closes what asks; a press elsewhere, too.
document.addEventListener("click", ({ target }) => {
  for (const each of document.querySelectorAll("details.ask[open], details.me[open], details.menu[open]")) if (!each.contains(target)) each.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.querySelector("details.ask[open], details.me[open], details.menu[open]");
  if (open) { open.open = false; open.querySelector("summary").focus(); }
});
