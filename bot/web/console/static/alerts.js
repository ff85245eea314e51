// Tells on every page that a conversation newly needs whoever is signed in, or was given
// to them: in the tab's title, by a sound and by a notification of the browser. Each way
// is switched by a checkbox [data-alert=title|sound|notice] and remembered for this
// browser. One tab asks, all of them count, and one of them tells: see tell().
import { fetched, UNATTENDED } from "./leave.js";
import { words } from "./words.js";

const WAYS = { title: true, sound: false, notice: false };
const KINDS = new Set(["message", "draft", "chat", "order", "all"]); // News that may change who waits.
const REST = 2000; // Between two looks, however much happens.
const LONGEST = 30000; // A look that news did not ask for comes after it.
const session = document.documentElement.dataset.session;
const others = "BroadcastChannel" in window ? new BroadcastChannel(`chatorder:alerts:${session}`) : null;

const setting = (way) => `chatorder:alert:${way}`;
const wants = (way) => (kept(setting(way)) ?? String(WAYS[way])) === "true";

/** Read or write what this browser remembers, where it may remember anything. */
function kept(key, value) {
  try {
    if (value === undefined) return localStorage.getItem(key);
    localStorage.setItem(key, value);
  } catch {
    // Then it is forgotten with the page.
  }
  return null;
}

// -- looking --------------------------------------------------------------------------

let looked = 0;
let timer = 0;

/** Ask who waits, and pass it on. Throws where the server cannot be reached. */
export async function look() {
  looked = Date.now();
  const signal = AbortSignal.timeout(8000);
  const answer = await fetched("/console/alerts", { headers: UNATTENDED, cache: "no-store", signal });
  if (!answer.ok) return;
  const told = await answer.json();
  others?.postMessage(told);
  hear(told);
}

function soon() {
  timer ||= setTimeout(() => {
    timer = 0;
    look().catch(() => {}); // Live.js says so, and asks again.
  }, Math.max(0, looked + REST - Date.now()));
}

// The tab that heard the news asks; a tab that just opened asks for itself.
document.addEventListener("chatorder:news", ({ detail: { what, own } }) => {
  if (own && (KINDS.has(what) || Date.now() - looked > LONGEST)) soon();
});
if (others) others.onmessage = ({ data }) => hear(data);

let newest = 0;
function hear(told) {
  if (told.now < newest) return; // A slow answer: somebody knows better.
  newest = told.now;
  looked = Date.now();
  showCount(told.count);
  tell(told);
}

// -- the title ------------------------------------------------------------------------

let count = 0;

function showCount(now) {
  count = now;
  const plain = document.title.replace(/^\(\d+\+?\) /, "");
  const shown = count > 99 ? "99+" : count;
  const title = count && wants("title") ? `(${shown}) ${plain}` : plain;
  if (document.title !== title) document.title = title;
}

// -- what is new ----------------------------------------------------------------------

// What was told is remembered for all tabs, and while one page makes room for the next:
// {session, at, now, count, keys, isCut, oldest}. Whoever finds something new writes it down first,
// one tab after the other, so one of them tells it.
const TOLD = "chatorder:told";
const FRESH = 120000; // Older than this it is of another visit: what waits then is not new.
const MOST = 3; // Notifications at once.
let mine = null;

function known() {
  let stored = null;
  try {
    stored = JSON.parse(kept(TOLD));
  } catch {
    // Somebody wrote something else there.
  }
  const isOurs = stored?.session === session && Date.now() - stored.at < FRESH;
  return isOurs ? stored : mine;
}

/** Tell what nobody told yet. The tab in front comes first, then one that may sound. */
async function tell(told) {
  let after = !freshOf(told).length || document.hasFocus() ? 0 : navigator.userActivation?.hasBeenActive ? 150 : 500;
  if (after && !navigator.locks) after += 700 * Math.random(); // Then it is luck that no two tabs come at once.
  if (after) await new Promise((resolve) => setTimeout(resolve, after));
  if (navigator.locks) await navigator.locks.request(`chatorder:told:${session}`, () => claim(told));
  else claim(told);
}

const givenKey = (each) => `${each.id} ${each.at}`;

/** Return what is new in it, each conversation once; of a first look nothing is. */
function freshOf(told) {
  const before = known();
  if (!before || told.now < before.now) return [];
  const isKnown = (key) => before.keys.includes(key);
  const isCut = (each) => before.isCut && each.at < before.oldest; // It may have been there, too.
  const given = told.given.filter((each) => !isKnown(givenKey(each)));
  const waiting = told.waiting.filter((each) => !isKnown(each.id) && !isCut(each) && !given.some(({ id }) => id === each.id));
  return [...given.map((each) => [each, "given_to_you"]), ...waiting.map((each) => [each, "needs_person"])];
}

function claim(told) {
  const { now, count, waiting, given } = told;
  if (now < known()?.now) return;
  const news = freshOf(told).filter(([each]) => !isBusyWith(each.id));
  const keys = [...waiting.map((each) => each.id), ...given.map(givenKey)];
  mine = { session, at: Date.now(), now, count, keys, isCut: count > waiting.length, oldest: waiting.at(-1)?.at };
  kept(TOLD, JSON.stringify(mine));
  if (!news.length) return;
  if (wants("sound")) ring();
  if (wants("notice")) for (const [each, text] of news.slice(0, MOST)) notify(each, words(text));
}

// What somebody works on in this browser, or has before them, is no news to them: taking
// it over, for one, makes it wait for them.
const BUSY = 10000;
const here = document.querySelector("[data-conversation]")?.dataset.conversation;
function keepBusy() {
  if (here) kept("chatorder:busy", JSON.stringify([here, Date.now()]));
}
addEventListener("pointerdown", keepBusy, true);
addEventListener("keydown", keepBusy, true);
function isBusyWith(id) {
  const [conversation, at] = JSON.parse(kept("chatorder:busy") ?? "[]");
  return (conversation === id && Date.now() - at < BUSY) || (here === id && document.hasFocus());
}

// -- sound and notification -----------------------------------------------------------

let sounds = null;

/** Two short notes, made here: no file, nothing to load. */
function ring() {
  try {
    sounds ??= new AudioContext();
    if (sounds.state === "suspended") sounds.resume().catch(() => {});
    [[660, 0], [880, 0.14]].forEach(([pitch, after]) => {
      const note = sounds.createOscillator();
      const volume = sounds.createGain();
      const at = sounds.currentTime + after;
      note.frequency.value = pitch;
      volume.gain.setValueAtTime(0.0001, at);
      volume.gain.exponentialRampToValueAtTime(0.15, at + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.22);
      note.connect(volume).connect(sounds.destination);
      note.start(at);
      note.stop(at + 0.24);
    });
  } catch {
    // This browser has no sound to give.
  }
}

function notify({ id, name }, text) {
  if (!("Notification" in window) || Notification.permission !== "granted" || document.hasFocus()) return;
  try {
    // The same tag: of several notices about one conversation people see one.
    const notice = new Notification(text, { body: name ?? "", tag: `chatorder:${id}` });
    notice.onclick = () => {
      focus();
      location.assign(`/console/conversations/${encodeURIComponent(id)}`);
      notice.close();
    };
  } catch {
    // Some phones only take notices from service workers.
  }
}

// -- the switches ---------------------------------------------------------------------

function showSwitches() {
  for (const box of document.querySelectorAll("[data-alert]")) {
    const refused = box.dataset.alert === "notice" && "Notification" in window && Notification.permission === "denied";
    box.disabled = refused || (box.dataset.alert === "notice" && !("Notification" in window));
    box.defaultChecked = box.checked = wants(box.dataset.alert) && !refused;
  }
}

document.addEventListener("change", async ({ target }) => {
  const way = target.dataset?.alert;
  if (!way) return;
  if (way === "notice" && target.checked && (await Notification.requestPermission()) !== "granted") target.checked = false;
  kept(setting(way), String(target.checked));
  if (way === "title") showCount(count);
  if (way === "sound" && target.checked) ring(); // So it is heard once, and allowed by this click.
  showSwitches();
});
document.addEventListener("chatorder:parts", showSwitches);
showSwitches();

// A page that opens shows what is known, and asks.
if (known()) showCount(known().count ?? 0);
look().catch(() => {});
