// Parts of a page, fetched again and put in the place of what is shown: what is typed,
// focused, opened and scrolled stays as it is.
import { fetched, UNATTENDED } from "./leave.js";

const tags = new Map();
let waiting = null;

/** Fetch parts of this page again. Calls in the same moment become one. */
export function refresh(names, isUnattended = false) {
  if (waiting) {
    for (const name of names) waiting.names.add(name);
    waiting.isUnattended &&= isUnattended;
    return waiting.done;
  }
  const round = { names: new Set(names), isUnattended };
  waiting = round;
  round.done = new Promise((resolve) => setTimeout(resolve, 20)).then(() => {
    waiting = null;
    return load([...round.names], round.isUnattended);
  });
  return round.done;
}

async function load(names, isUnattended) {
  const wanted = names.filter((name) => document.querySelector(`[data-part="${name}"]`)).sort();
  if (!wanted.length) return;
  const key = wanted.join(",");
  const headers = { "X-Part": key, ...(isUnattended && UNATTENDED) };
  const address = location.href.split("#")[0];
  const known = tags.get(address + key);
  if (known) headers["If-None-Match"] = known;
  let answer;
  try {
    answer = await ask(address, headers);
  } catch {
    return; // Live.js says that there is no connection; the next news tries again.
  }
  if (!answer.ok || answer.status === 304) return;
  tags.clear();
  tags.set(address + key, answer.headers.get("ETag"));
  show(await answer.text());
}

const ask = (address, headers) => fetched(address, { headers, cache: "no-store", signal: AbortSignal.timeout(15000) });
const parsed = (html) => new DOMParser().parseFromString(html, "text/html");

/** Fetch a part of any page, to be put somewhere. Throws an Error: its message is the status. */
export async function fetchPart(address, name) {
  const answer = await ask(address, { "X-Part": name });
  if (!answer.ok) throw new Error(String(answer.status));
  return parsed(await answer.text()).querySelector("[data-part]");
}

/** Put HTML with parts into the page. */
function show(html) {
  const fresh = parsed(html);
  for (const part of fresh.querySelectorAll("[data-part]")) {
    if (part.parentElement.closest("[data-part]")) continue;
    const old = document.querySelector(`[data-part="${part.dataset.part}"]`);
    if (old) morph(old, part);
  }
  document.dispatchEvent(new CustomEvent("chatorder:parts"));
}

const KEPT = new Set(["open"]); // What people opened stays open.

/** Make an element like another one, touching only what differs. */
function morph(old, fresh) {
  if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName || keyOf(old) !== keyOf(fresh)) {
    old.replaceWith(fresh);
    return;
  }
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  if (old.nodeType !== Node.ELEMENT_NODE || old.isEqualNode(fresh)) return;
  if (old.matches("[data-own], [data-problem]")) return; // A script owns it.
  if (isDirty(old)) return;
  attributes(old, fresh);
  if (old.nodeName === "INPUT" && old.type !== "checkbox" && old.type !== "radio") old.value = fresh.getAttribute("value") ?? "";
  if (old.nodeName === "TEXTAREA") { if (old.value !== fresh.value) old.value = fresh.value; return; }
  children(old, fresh);
  if (old.nodeName === "SELECT") old.value = fresh.value;
}

function attributes(old, fresh) {
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name) && !KEPT.has(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value && !KEPT.has(name)) old.setAttribute(name, value);
}

/** Whether somebody is typing here, or has typed and not sent. */
function isDirty(element) {
  if (element.matches("input:not([type=hidden]), textarea")) {
    if (["checkbox", "radio"].includes(element.type)) return element.checked !== element.defaultChecked;
    return element.value !== element.defaultValue;
  }
  return element.nodeName === "SELECT" && (element === document.activeElement || isChosen(element));
}

/** Whether something was chosen in a form that has a button, and was not sent yet. */
function isChosen(select) {
  if (!select.form?.dataset.call) return false;
  const first = [...select.options].find((each) => each.defaultSelected) ?? select.options[0];
  return select.selectedOptions[0] !== first;
}

const keyOf = (node) => (node.nodeType === Node.ELEMENT_NODE ? node.id || node.dataset.id || "" : "");

function children(old, fresh) {
  const keyed = new Map();
  for (const child of old.children) if (keyOf(child)) keyed.set(keyOf(child), child);
  let at = old.firstChild;
  for (const wanted of [...fresh.childNodes]) {
    const key = keyOf(wanted);
    const same = key ? keyed.get(key) : null;
    if (same && same.parentNode === old) {
      if (same === at) at = at.nextSibling;
      else old.insertBefore(same, at);
      morph(same, wanted);
    } else if (!key && at && !keyOf(at) && at.nodeName === wanted.nodeName) {
      const next = at.nextSibling;
      morph(at, wanted);
      at = next;
    } else {
      old.insertBefore(wanted, at);
    }
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}
