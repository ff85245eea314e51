// The words of the customer light up in the chat while their line is looked at; what was
// seen in a picture is framed in it, what was said in a voice note is a press away.
import { frame } from "./spots.js";
import { chips, hasChips, seek } from "./voices.js";

let lit = null;

/**
 * Light up what a line or a field comes from: [data-marks] names message, words and region.
 * The message that is wanted is the one that is brought into view.
 */
export function light(place, wanted = "") {
  stay();
  if (lit === place && !wanted) return;
  unlight();
  lit = place;
  const marks = JSON.parse(place.dataset.marks || "[]");
  for (const { message, quote } of marks.sort((one, other) => (one.message === wanted) - (other.message === wanted))) show(message, quote);
  for (const picture of document.querySelectorAll("[data-message].lit [data-picture]")) frame(picture, regionsOf(picture));
  chips(place);
  place.classList.add("lit");
}

/** Return the parts of a picture that the line comes from which is, or was just, looked at. */
export function regionsOf(picture) {
  const place = lit ?? document.querySelector("[data-part=draft] [data-why][aria-expanded=true]")?.closest("[data-marks]");
  const marks = JSON.parse(place?.dataset.marks || "[]");
  return marks.filter(({ message, region }) => region && message === picture.dataset.picture).map(({ region }) => region);
}

/** Leave the chat as it was. */
export function unlight() {
  stay();
  chips(null);
  lit?.classList.remove("lit");
  lit = null;
  for (const mark of document.querySelectorAll("mark[data-lit]")) {
    const parent = mark.parentNode;
    mark.replaceWith(...mark.childNodes);
    parent.normalize();
  }
  for (const picture of document.querySelectorAll("[data-message].lit [data-picture]")) frame(picture, []);
  for (const each of document.querySelectorAll("[data-message].lit")) each.classList.remove("lit");
}

let leaving = 0;
function stay() {
  clearTimeout(leaving);
  leaving = 0;
}

/** The pointer left the line: what can be pressed in the chat waits for it a little. */
export function unlightSoon(target) {
  if (!hasChips()) unlight();
  else if (target.closest?.("[data-message].lit")) stay();
  else leaving ||= setTimeout(unlight, 800);
}

// A tap on a line, not on what can be done with it, puts the players where it comes from.
document.addEventListener("click", ({ target }) => {
  const place = target.closest?.("[data-part=draft] [data-marks]");
  if (!place) return;
  const control = target.closest("a, button, input, label, select, summary, textarea");
  if (control?.matches("[data-listen]")) light(place, control.dataset.listen); // The chat may just have come into view.
  else if (!control || control.matches("[data-why]")) {
    light(place);
    seek(place);
  }
});

function show(message, quote) {
  const said = document.querySelector(`[data-message="${CSS.escape(message)}"]`);
  if (!said) return; // Older than what is shown of the chat.
  said.classList.add("lit");
  const words = said.querySelector("[data-words]");
  const mark = quote && words ? markIn(words, quote) : null;
  reveal(mark ?? said);
}

/** Mark words in an element; they may stand in several of its text nodes. */
function markIn(element, quote) {
  const nodes = [];
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let text = "", node; (node = walker.nextNode()); text += node.data) nodes.push({ node, from: text.length });
  const whole = nodes.map(({ node }) => node.data).join("");
  let at = whole.indexOf(quote);
  if (at < 0) at = whole.toLocaleLowerCase().indexOf(quote.toLocaleLowerCase());
  if (at < 0) return null;
  let first = null;
  for (const { node, from } of nodes) {
    const begin = Math.max(0, at - from);
    const end = Math.min(node.data.length, at + quote.length - from);
    if (begin >= end) continue;
    const range = document.createRange();
    range.setStart(node, begin);
    range.setEnd(node, end);
    const mark = document.createElement("mark");
    mark.dataset.lit = "";
    range.surroundContents(mark);
    first ??= mark;
  }
  return first;
}

/** Bring it into view when it is not; the page itself stays where it is. */
function reveal(element) {
  const column = element.closest("[data-part=chat]");
  const box = column?.querySelector("[data-scroll]") ?? scroller(element);
  if (!box || column?.checkVisibility() === false) return;
  const frame = box.getBoundingClientRect();
  const here = element.getBoundingClientRect();
  if (here.top >= frame.top && here.bottom <= frame.bottom) return;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  box.scrollBy({ top: here.top - frame.top - frame.height / 3, behavior: still ? "instant" : "smooth" });
}

function scroller(element) {
  for (let each = element.parentElement; each && each !== document.body; each = each.parentElement) {
    if (each.scrollHeight > each.clientHeight && /auto|scroll/.test(getComputedStyle(each).overflowY)) return each;
  }
  return null;
}

// The chat was fetched anew: its words light up again.
document.addEventListener("chatorder:parts", () => {
  const again = lit;
  if (!again) return;
  const row = document.activeElement?.closest("[data-moments]");
  unlight();
  const place = again.isConnected ? again : again.id && document.getElementById(again.id);
  if (place) light(place);
  row?.querySelector("button")?.focus({ preventScroll: true });
});
