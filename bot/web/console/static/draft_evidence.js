// The words of the customer light up in the chat while their line is looked at.

let lit = null;

/** Light up what a line or a field comes from: [data-marks] names message and words. */
export function light(place, anew = false) {
  if (lit === place && !anew) return;
  unlight();
  lit = place;
  for (const { message, quote } of JSON.parse(place.dataset.marks || "[]")) show(message, quote);
  place.classList.add("lit");
}

/** Leave the chat as it was. */
export function unlight() {
  lit?.classList.remove("lit");
  lit = null;
  for (const mark of document.querySelectorAll("mark[data-lit]")) {
    const parent = mark.parentNode;
    mark.replaceWith(...mark.childNodes);
    parent.normalize();
  }
  for (const each of document.querySelectorAll("[data-message].lit")) each.classList.remove("lit");
}

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
  unlight();
  const place = again.isConnected ? again : again.id && document.getElementById(again.id);
  if (place) light(place);
});
