// Tells that a conversation newly needs a person: in the tab's title, by a sound and by a
// notification of the browser. The page with the list says "chatorder:waiting" with
// {count, newest: {id, name}}. Each way is switched by a checkbox [data-alert=title|
// sound|notice] and remembered for this browser.
import { words } from "./words.js";

const WAYS = { title: true, sound: false, notice: false };
let known = null; // What we know already: {count, id}.
let sounds = null;

const key = (way) => `chatorder:alert:${way}`;
const wants = (way) => (localStorage.getItem(key(way)) ?? String(WAYS[way])) === "true";

function showCount(count) {
  const plain = document.title.replace(/^\(\d+\+?\) /, "");
  const shown = count > 99 ? "99+" : count;
  const title = count && wants("title") ? `(${shown}) ${plain}` : plain;
  if (document.title !== title) document.title = title;
}

/** Ring in one tab of those that heard of it. */
function ringOnce() {
  if (!navigator.locks) return ring();
  navigator.locks.request("chatorder:ring", { ifAvailable: true }, (lock) => lock && new Promise((done) => { ring(); setTimeout(done, 1000); }));
}

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

function notify({ id, name }) {
  if (!("Notification" in window) || Notification.permission !== "granted" || document.hasFocus()) return;
  try {
    // The same tag: of several tabs' notices about one conversation people see one.
    const notice = new Notification(words("needs_person"), { body: name ?? "", tag: `chatorder:${id}` });
    notice.onclick = () => {
      focus();
      location.assign(`/console/conversations/${encodeURIComponent(id)}`);
      notice.close();
    };
  } catch {
    // Some phones only take notices from service workers.
  }
}

// What somebody works on in this browser is no news to them: taking it over, for one,
// makes it wait for them.
const BUSY = 10000;
const here = document.querySelector("[data-conversation]")?.dataset.conversation;
function keepBusy() {
  if (here) localStorage.setItem("chatorder:busy", JSON.stringify([here, Date.now()]));
}
addEventListener("pointerdown", keepBusy, true);
addEventListener("keydown", keepBusy, true);
function isBusyWith(id) {
  const [conversation, at] = JSON.parse(localStorage.getItem("chatorder:busy") ?? "[]");
  return conversation === id && Date.now() - at < BUSY;
}

document.addEventListener("chatorder:waiting", ({ detail: { count, newest } }) => {
  const isNew = known !== null && newest && newest.id !== known.id && count >= known.count && !isBusyWith(newest.id);
  known = { count, id: newest?.id };
  showCount(count);
  if (!isNew) return;
  if (wants("sound")) ringOnce();
  if (wants("notice")) notify(newest);
});

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
  localStorage.setItem(key(way), String(target.checked));
  if (way === "title") showCount(known?.count ?? 0);
  if (way === "sound" && target.checked) ring(); // So it is heard once, and allowed by this click.
  showSwitches();
});
document.addEventListener("chatorder:parts", showSwitches);
showSwitches();
