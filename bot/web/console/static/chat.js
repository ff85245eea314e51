// A chat: it stays at its end while somebody is there, earlier messages are fetched,
// what is typed is kept, pictures open, analyses are fetched when they are looked at.
import { call, toast } from "./act.js";
import { regionsOf } from "./draft_evidence.js";
import { UNATTENDED } from "./leave.js";
import { fetchPart } from "./parts.js";
import { frame } from "./spots.js";
import { words } from "./words.js";

const desk = document.querySelector(".desk[data-conversation]");
const conversation = desk.dataset.conversation;
const chat = () => document.querySelector('[data-part="chat"]');
const stream = () => document.querySelector("[data-stream]");
const live = () => document.querySelector("[data-live-stream]");
const older = () => document.querySelector("ol.older");

// -- the end of it --------------------------------------------------------------------

const NEAR = 80;
let atEnd = true;

function toEnd() {
  const box = stream();
  if (box) box.scrollTop = box.scrollHeight;
  atEnd = true;
  showDown();
}

function showDown() {
  const button = document.querySelector("[data-down]");
  if (button) button.hidden = atEnd;
}

document.addEventListener("scroll", ({ target }) => {
  if (target !== stream()) return;
  atEnd = target.scrollHeight - target.scrollTop - target.clientHeight < NEAR;
  showDown();
}, true);
document.addEventListener("load", () => atEnd && toEnd(), true); // A picture came, and is higher.
document.addEventListener("click", ({ target }) => target.closest?.("[data-down]") && toEnd());
new ResizeObserver(() => atEnd && toEnd()).observe(stream());

// -- earlier messages -----------------------------------------------------------------

const before = (seq) => `/console/conversations/${conversation}/earlier?before=${seq}`;

document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("[data-earlier]");
  if (!link) return;
  event.preventDefault();
  if (link.ariaBusy === "true") return;
  link.ariaBusy = "true";
  try {
    const part = await fetchPart(before(older().dataset.before ?? live().dataset.first), "earlier");
    const box = stream();
    const below = box.scrollHeight - box.scrollTop;
    older().prepend(...part.querySelectorAll(":scope > ol > li"));
    older().dataset.before = part.dataset.older ?? "";
    older().dataset.upTo ??= live().dataset.first;
    tidy();
    box.scrollTop = box.scrollHeight - below;
  } catch {
    toast(words("not_loaded"), "bad");
  }
  link.ariaBusy = "false";
});

/** Hide what is not needed any more: the way to earlier ones, a day said twice. */
function tidy() {
  const link = document.querySelector("[data-earlier]");
  if (link && older().dataset.before === "") link.parentElement.hidden = true;
  const days = new Set();
  for (const day of document.querySelectorAll(".stream .line.day")) {
    day.hidden = days.has(day.textContent);
    days.add(day.textContent);
  }
}

/** What left the newest ones meanwhile is fetched, so that nothing is missing between. */
async function fill() {
  const first = live()?.dataset.first;
  const upTo = older()?.dataset.upTo;
  if (!upTo || !first || Number(first) <= Number(upTo)) return;
  older().dataset.upTo = first;
  try {
    const part = await fetchPart(before(first), "earlier");
    for (const item of part.querySelectorAll(":scope > ol > li[id^=msg-]")) if (Number(item.dataset.seq) >= Number(upTo)) older().append(item);
    tidy();
  } catch {
    older().dataset.upTo = upTo;
  }
}

// -- what is typed --------------------------------------------------------------------

const kept = (field) => `chatorder:typed:${field.dataset.typed}`;

function restore() {
  for (const field of document.querySelectorAll("[data-typed]")) {
    const text = sessionStorage.getItem(kept(field));
    if (text && !field.value) field.value = text;
  }
}

document.addEventListener("input", ({ target }) => {
  if (!target.dataset?.typed) return;
  if (target.value) sessionStorage.setItem(kept(target), target.value);
  else sessionStorage.removeItem(kept(target));
  answersFor(target);
});

document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (!field.matches?.("textarea[data-send]") || event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  const found = field.id === "reply" ? chosenAnswer(field) : null;
  if (found) insert(found);
  else if (field.value.trim()) field.form.requestSubmit();
});

/** Words that begin with `;` call up a prepared answer. */
const asked = (field) => /(?:^|\s);([^\s;]*)$/.exec(field.value.slice(0, field.selectionStart));

function answersFor(field) {
  const menu = document.querySelector("[data-answers]");
  if (!menu || field.id !== "reply") return;
  const wanted = asked(field)?.[1].toLowerCase();
  if (wanted === undefined) {
    if (menu.dataset.typed) { menu.open = false; delete menu.dataset.typed; }
    for (const each of menu.querySelectorAll("[data-insert]")) each.hidden = false;
    return;
  }
  menu.open = true;
  menu.dataset.typed = "yes";
  for (const each of menu.querySelectorAll("[data-insert]")) each.hidden = !`${each.dataset.shortcut} ${each.textContent}`.toLowerCase().includes(wanted);
}

function chosenAnswer(field) {
  if (!asked(field)) return null;
  return [...document.querySelectorAll("[data-answers] [data-insert]")].find((each) => !each.hidden);
}

function insert(button) {
  const field = document.getElementById("reply");
  if (!field) return toast(words("take_over_first"));
  const called = asked(field);
  const start = called ? field.selectionStart - called[1].length - 1 : field.selectionStart;
  field.setRangeText(button.dataset.insert, start, field.selectionEnd, "end");
  for (const menu of document.querySelectorAll("details.menu[open]")) menu.open = false;
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-insert]");
  if (button) insert(button);
});

// -- after an action ------------------------------------------------------------------

let thenFocus = "";
document.addEventListener("chatorder:done", ({ target, detail }) => {
  for (const field of target.querySelectorAll("[data-typed]")) sessionStorage.removeItem(kept(field));
  if (target.matches(".say, [data-taken]")) thenFocus = "reply";
  else if (target.matches("[data-handed]")) thenFocus = "";
  if (target.matches(".say, .as-note, .menu-body")) atEnd = true;
  if (target.matches("[data-handed]")) tellHandedBack(detail);
  const menu = target.closest("details.menu");
  if (menu) menu.open = false;
});

function tellHandedBack(answer) {
  const lines = (answer?.so_far?.lines ?? []).map((line) => `${line.quantity} × ${line.name}`).join(", ");
  toast([words("handed_back"), lines && words("so_far", { lines })].filter(Boolean).join(" "));
}

// -- what a look at it does -----------------------------------------------------------

let read = 0;
function markRead() {
  const { last, unread } = chat().dataset;
  if (document.hidden || unread === "0" || Number(last) <= read) return;
  read = Number(last);
  call("POST", `/v1/conversations/${conversation}/read`, { seq: read }, UNATTENDED);
}
document.addEventListener("visibilitychange", markRead);

document.addEventListener("toggle", async ({ target }) => {
  const place = target.open && target.dataset?.load ? target.querySelector(":scope > [data-own]") : null;
  if (!place || target.dataset.loaded) return;
  try {
    const part = await fetchPart(target.dataset.load, target.dataset.loadPart);
    part.removeAttribute("data-part"); // It is no part of this page.
    place.replaceChildren(part);
    if (target.dataset.loadAgain === undefined) target.dataset.loaded = "yes";
  } catch (error) {
    place.textContent = words(error.message === "404" ? "no_analysis" : "not_loaded");
  }
}, true);

document.addEventListener("click", ({ target }) => {
  const picture = target.closest?.("[data-zoom]");
  const shown = document.querySelector("[data-zoomed]");
  if (picture) {
    shown.querySelector("img").src = picture.dataset.zoom;
    shown.querySelector("img").alt = picture.querySelector("img").alt;
    shown.querySelector("[data-original]").href = picture.dataset.zoom;
    shown.showModal();
    frame(shown.querySelector("img"), regionsOf(picture.querySelector("img")));
  } else if (target === shown) shown.close();
});

// On a phone one of the two is shown. Who looks for words in the chat says so with
// "chatorder:show".
function view(name) {
  desk.dataset.view = name;
  for (const button of document.querySelectorAll("[data-show]")) button.ariaPressed = String(button.dataset.show === name);
  if (name === "chat" && atEnd) toEnd();
}
document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-show]");
  if (button) view(button.dataset.show);
});
document.addEventListener("chatorder:show", ({ detail }) => view(detail));

document.addEventListener("chatorder:parts", () => {
  if (atEnd) toEnd();
  restore();
  tidy();
  fill();
  markRead();
  const wanted = thenFocus && document.getElementById(thenFocus);
  if (!wanted) return; // It comes with another part.
  thenFocus = "";
  wanted.focus();
});
restore();
tidy();
if (location.hash.startsWith("#msg-")) {
  atEnd = false;
  document.getElementById(location.hash.slice(1))?.scrollIntoView({ block: "center" });
} else toEnd();
showDown();
markRead();
