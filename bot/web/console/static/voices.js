// The seconds of a voice note that a line of the draft comes from: chips below its player
// say them while the line is looked at, and play from there. They are the buttons that
// stand beside the quotes of the line: [data-listen] names the message, data-from the second.

const LEAD = 0.25; // Seconds before a word, so that its beginning is heard.
const GUESSED = 1; // The same of a second that is estimated.

const playerOf = (message) => document.querySelector(`audio[data-voice="${CSS.escape(message)}"]`);
const buttonsIn = (place) => [...(place?.querySelectorAll("[data-listen]") ?? [])];

/** Show below the players what a line comes from; null: of no line. */
export function chips(place) {
  const wanted = buttonsIn(place);
  for (const row of document.querySelectorAll("[data-moments]")) {
    const own = wanted.filter(({ dataset }) => dataset.listen === row.dataset.moments);
    const seconds = new Map(own.map((button) => [button.dataset.from, button]));
    row.replaceChildren(...[...seconds.values()].map(copy));
  }
}

/** Return whether there are chips to point at. */
export const hasChips = () => Boolean(document.querySelector("[data-moments] [data-listen]"));

function copy(button) {
  const chip = button.cloneNode(true);
  chip.hidden = false;
  return chip;
}

/** Put the players where a line comes from. One that plays is being listened to. */
export function seek(place) {
  const done = new Set();
  for (const button of buttonsIn(place)) {
    const player = playerOf(button.dataset.listen);
    if (!player?.paused || done.has(player)) continue;
    done.add(player);
    go(player, button);
  }
}

function go(player, { dataset }) {
  const lead = "estimated" in dataset ? GUESSED : LEAD;
  player.currentTime = Math.max(0, Number(dataset.from) - lead);
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-listen]");
  const player = button && playerOf(button.dataset.listen);
  if (!player) return;
  for (const other of document.querySelectorAll("audio, video")) if (other !== player) other.pause();
  go(player, button);
  player.play().catch(() => undefined); // It says so itself.
  // On a phone the chat is another view: there it can be stopped.
  document.dispatchEvent(new CustomEvent("chatorder:show", { detail: "chat" }));
});

/** What is older than the part of the chat that is shown cannot be played. */
function settle() {
  for (const button of document.querySelectorAll("[data-part=draft] [data-listen]")) button.hidden = !playerOf(button.dataset.listen);
}
document.addEventListener("chatorder:parts", settle);
settle();
