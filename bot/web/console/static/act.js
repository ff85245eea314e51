// Forms that call the native API: <form data-call="POST /v1/..." data-refresh="draft">.
//
// A field's name is a path into the body (changes.0.quantity); empty fields are left
// out, or with data-empty="null|text" sent as that: what was there is gone.
// data-as="number|boolean|json|list|moment" says what a value is. What the API refuses is said
// in the form's [data-problem]. Afterwards the form fires chatorder:done, with what the
// API answered, or chatorder:refused, with the problem; both bubble.
import { refresh } from "./parts.js";
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
    const answer = await fetch(path, { method, headers: sent, body, signal: AbortSignal.timeout(30000) });
    if (answer.status === 401) location.reload();
    const text = await answer.text();
    return { ok: answer.ok, status: answer.status, body: text && answer.headers.get("Content-Type")?.includes("json") ? JSON.parse(text) : null };
  } catch {
    return { ok: false, status: 0, body: { detail: words("unreachable") } };
  }
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
  await submit(form, event.submitter);
});

/** Send a form as if somebody had pressed its button. */
export async function submit(form, submitter) {
  if (form.ariaBusy === "true") return undefined;
  const [method, path] = (submitter?.dataset.call ?? form.dataset.call).split(" ");
  form.ariaBusy = "true";
  say(form, "");
  const began = document.activeElement;
  const done = await call(method, path, method === "DELETE" ? undefined : bodyOf(form, submitter));
  form.ariaBusy = "false";
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
  }
  for (const each of form.closest("details.ask") ? [form.closest("details.ask")] : []) each.open = false;
  form.dispatchEvent(new CustomEvent("chatorder:done", { bubbles: true, detail: done.body }));
  if (form.dataset.toast) toast(form.dataset.toast);
  if (form.dataset.go) location.assign(form.dataset.go.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(done.body?.[name] ?? "")));
  else if (form.dataset.refresh) await refresh(form.dataset.refresh.split(" "));
}

function refused(form, done) {
  const problem = done.body ?? {};
  const where = (problem.errors ?? []).map((each) => `${each.field}: ${each.message}`).filter((text) => !problem.detail?.includes(text));
  say(form, [problem.detail || words("failed"), ...where].join(" "));
  form.dispatchEvent(new CustomEvent("chatorder:refused", { bubbles: true, detail: { ...problem, status: done.status } }));
}

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
