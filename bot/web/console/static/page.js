// What every page does. A page may load a module of its own beside this one.
import "./theme.js";
import "./act.js";
import "./keys.js";
import "./times.js";
import "./live.js";
import "./alerts.js";
import "./unsent.js";
import { refresh } from "./parts.js";

// Parts that change by themselves name what they wait for: data-live="message draft",
// and perhaps whose: data-about="conv_...". A tick refreshes all of them.
document.addEventListener("chatorder:news", ({ detail }) => {
  const parts = [...document.querySelectorAll("[data-part][data-live]")].filter((part) => wants(part, detail));
  const names = parts.map((part) => part.dataset.part);
  if (document.hidden) for (const name of names) missed.add(name);
  else if (names.length) refresh(names, true);
});

// A page that nobody sees waits with its parts until it is seen; alerts look for themselves.
const missed = new Set();
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
