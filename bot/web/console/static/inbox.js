// The column of conversations. Its queues, its search and "more" change the address and
// fetch only the list, so that what is typed beside it stays.
import { refresh } from "./parts.js";

const section = () => document.querySelector('[data-part="queue"]');
const rows = () => document.querySelector("[data-rows]");
const SLOW = 300; // A list that comes sooner shows nothing in between.

/** Show the list at another address. */
async function show(address, replace = false) {
  if (replace) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  await load();
  keepBack();
}

async function load() {
  const timer = setTimeout(() => section()?.setAttribute("data-waits", ""), SLOW);
  await refresh(["queue"]);
  clearTimeout(timer);
  section()?.removeAttribute("data-waits");
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-soft] a, a[data-soft], a[data-clear-search]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  if (link.matches("[data-clear-search]")) document.getElementById("search").value = "";
  show(link.href);
});

let typing = 0;
document.addEventListener("input", ({ target }) => {
  if (target.id !== "search") return;
  clearTimeout(typing);
  typing = setTimeout(() => search(target.value), 220);
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-find]")) return;
  event.preventDefault();
  clearTimeout(typing);
  search(event.target.elements.search.value).then(() => rows()?.querySelector("a")?.focus());
});

async function search(text) {
  const address = new URL(location.href);
  if (text.trim()) address.searchParams.set("search", text.trim());
  else address.searchParams.delete("search");
  address.searchParams.delete("pages");
  await show(address, true);
}
addEventListener("popstate", load);

/** The way back leads to the list as it is now. */
function keepBack() {
  const back = document.querySelector("[data-back]");
  if (!back) return;
  const kept = new URLSearchParams();
  for (const [name, value] of new URLSearchParams(location.search)) if (["queue", "assigned", "search", "label_id", "pages"].includes(name)) kept.append(name, value);
  back.href = `/console/inbox${kept.size ? `?${kept}` : ""}`;
}

// -- what a refresh would lose --------------------------------------------------------

let held = null; // The conversation whose row has the focus.
document.addEventListener("focusin", ({ target }) => {
  held = target.closest?.("[data-rows] [data-item]")?.dataset.id ?? null;
});
document.addEventListener("pointerdown", ({ target }) => {
  if (!target.closest?.("[data-rows]")) held = null;
});

document.addEventListener("chatorder:parts", () => {
  if (held && document.activeElement === document.body) document.querySelector(`[data-rows] [data-id="${CSS.escape(held)}"] a`)?.focus({ preventScroll: true });
});

// The list is where it was, also on the page of the conversation that is opened from it.
const PLACE = "chatorder:rows";
addEventListener("pagehide", () => rows() && sessionStorage.setItem(PLACE, String(rows().scrollTop)));
if (rows()) rows().scrollTop = Number(sessionStorage.getItem(PLACE) ?? 0);
document.querySelector("[data-rows] [aria-current]")?.scrollIntoView({ block: "nearest" });
