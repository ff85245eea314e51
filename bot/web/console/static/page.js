// What every page does. A page may load a module of its own beside this one.
import "./theme.js";
import "./act.js";
import "./keys.js";
import "./times.js";
import "./live.js";
import "./alerts.js";
import { refresh } from "./parts.js";

// Parts that change by themselves name what they wait for: data-live="message draft",
// and perhaps whose: data-about="conv_...". A tick refreshes all of them.
document.addEventListener("chatorder:news", ({ detail }) => {
  const parts = [...document.querySelectorAll("[data-part][data-live]")].filter((part) => wants(part, detail));
  const now = parts.filter((part) => !document.hidden || isWatched(part, detail));
  for (const part of parts) if (!now.includes(part)) missed.add(part.dataset.part);
  if (now.length) refresh(now.map((part) => part.dataset.part), true);
});

// A page that nobody sees waits with its parts until it is seen. Only what alerts look
// at, data-watched, is kept right meanwhile: they are for whoever looks elsewhere. As
// long as news come, ticks tell nothing new.
const missed = new Set();
const isWatched = (part, { what }) => "watched" in part.dataset && (what !== "tick" || document.documentElement.dataset.live !== "sse");
document.addEventListener("visibilitychange", () => {
  if (document.hidden || !missed.size) return;
  refresh([...missed]);
  missed.clear();
});

function wants(part, { what, conversation }) {
  if (what === "tick" || what === "all") return true;
  const about = part.dataset.about;
  return part.dataset.live.split(" ").includes(what) && (!about || !conversation || about === conversation);
}
