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
  const names = [...document.querySelectorAll("[data-part][data-live]")]
    .filter((part) => wants(part, detail))
    .map((part) => part.dataset.part);
  if (names.length && !document.hidden) refresh(names);
  else if (names.length) document.addEventListener("visibilitychange", () => refresh(names), { once: true });
});

function wants(part, { what, conversation }) {
  if (what === "tick" || what === "all") return true;
  const about = part.dataset.about;
  return part.dataset.live.split(" ").includes(what) && (!about || !conversation || about === conversation);
}
