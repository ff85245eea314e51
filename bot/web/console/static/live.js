// What changes while a page is open: "chatorder:news" on the document, with {what,
// conversation}. One tab of a browser listens to the server and passes it on to the
// others; where that does not work, each tab asks for itself, as often as the server
// would have said "tick". A tab that heard it itself says so in `own`.
// <html data-live> is "sse", "polling" or "offline".
import { look } from "./alerts.js";
import { hasLeft, leave } from "./leave.js";

const root = document.documentElement;
const TICK = 1000 * (Number(root.dataset.tick) || 5); // So often the server says that it is there.
const DEAF = 2.4 * TICK; // After this something is broken.
const LONGEST = 6 * TICK;
const NAME = `chatorder:live:${root.dataset.session}`; // Who signs in anew hears nothing of before.
const others = "BroadcastChannel" in window ? new BroadcastChannel(NAME) : null;

let source = null;
let timer = 0;
let failures = 0;
let opened = false;
let heard = Date.now();

function show(state) {
  root.dataset.live = state;
  for (const each of document.querySelectorAll("[data-offline]")) each.hidden = state !== "offline";
}

function say(detail) {
  document.dispatchEvent(new CustomEvent("chatorder:news", { detail }));
}

function hear(detail) {
  heard = Date.now();
  show("sse");
  say(detail);
}

function pass(detail) {
  hear({ ...detail, own: true });
  others?.postMessage(detail);
}

if (others) others.onmessage = ({ data }) => (data.what === "bye" ? leave() : hear(data));

function connect() {
  source = new EventSource("/console/live");
  source.addEventListener("open", () => {
    failures = 0;
    if (opened) pass({ what: "all" }); // What was said meanwhile is lost.
    opened = true;
    heard = Date.now();
    show("sse");
  });
  source.addEventListener("news", ({ data }) => pass(JSON.parse(data)));
  source.addEventListener("tick", () => pass({ what: "tick" }));
  source.addEventListener("bye", ({ data }) => {
    disconnect();
    // Too many pages of this person are open: this one asks for itself for a while.
    if (JSON.parse(data).why === "many") timer = setTimeout(connect, 4 * LONGEST);
    else {
      others?.postMessage({ what: "bye" });
      leave();
    }
  });
  source.addEventListener("error", () => {
    disconnect();
    failures += 1;
    if (failures > 1) heard = 0;
    timer = setTimeout(connect, Math.min(LONGEST, (TICK / 5) * 2 ** failures) * (0.5 + Math.random()));
  });
}

function disconnect() {
  clearTimeout(timer);
  source?.close();
  source = null;
}

/** Ask for ourselves while nobody tells us anything. */
async function poll() {
  if (hasLeft()) return disconnect();
  if (Date.now() - heard < DEAF) return;
  try {
    await look();
  } catch {
    return show("offline");
  }
  if (hasLeft() || Date.now() - heard < DEAF) return;
  show("polling");
  say({ what: "tick" });
}
setInterval(poll, TICK);
addEventListener("offline", () => show("offline"));
addEventListener("online", () => {
  heard = 0;
  poll();
});

// The tab that has the lock listens for all of them, until it is closed.
if (navigator.locks && others) navigator.locks.request(NAME, () => (connect(), new Promise(() => {})));
else connect();
addEventListener("pagehide", disconnect);
addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
