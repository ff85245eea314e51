"use strict";
/* The phones of the demo. What is shown comes from /simulator/events; what a person
   does goes to /simulator/phones/NUMBER/actions. Data becomes text nodes, never HTML. */

const $ = (selector, root = document) => root.querySelector(selector);
const SVG = "http://www.w3.org/2000/svg";
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const exact = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const dayName = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });

const devices = new Map(); // number -> Device
let shop = { name: "", number: "" };
let shownView = null; // number of a phone, or "side"
let traced = null; // number whose last message the panel explains
let hasTraces = false;
let hasCart = false;

// -- building ------------------------------------------------------------------------

/** Make an element: el("p", {className: "x"}, "text", child). */
function el(tag, props = {}, ...children) {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

function icon(name, className = "") {
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.setAttribute("aria-hidden", "true");
  if (className) svg.setAttribute("class", className);
  svg.append(use);
  return svg;
}

const MARKS = [["```", "code"], ["*", "strong"], ["_", "em"], ["~", "s"]];

/** Turn *bold*, _italic_, ~struck~ and ```code``` into elements around text nodes. */
function formatted(text) {
  const found = MARKS.map(([mark, tag]) => ({ mark, tag, span: markedPart(text, mark) })).filter((each) => each.span);
  if (!found.length) return text ? [text] : [];
  const { mark, tag, span: [start, end] } = found.reduce((first, each) => (each.span[0] < first.span[0] ? each : first));
  const inner = text.slice(start + mark.length, end);
  const node = el(tag, {}, ...(tag === "code" ? [inner] : formatted(inner)));
  return [...formatted(text.slice(0, start)), node, ...formatted(text.slice(end + mark.length))];
}

/** A mark counts at the edge of a word, closed on the same line (code: anywhere). */
function markedPart(text, mark) {
  const isWord = (char) => char !== undefined && /[\p{L}\p{N}]/u.test(char);
  const limit = mark === "```" ? /[^]/ : /[^\n]/;
  for (let start = text.indexOf(mark); start >= 0; start = text.indexOf(mark, start + 1)) {
    const first = start + mark.length;
    if (isWord(text[start - 1]) || /\s/.test(text[first] ?? " ")) continue;
    for (let end = first; end < text.length && limit.test(text[end]); end += 1) {
      const closes = end > first && text.startsWith(mark, end) && !/\s/.test(text[end - 1]);
      if (closes && !isWord(text[end + mark.length])) return [start, end];
    }
  }
  return null;
}

const initials = (name) =>
  (name.match(/[\p{L}\p{N}]+/gu) ?? []).slice(0, 2).map((word) => [...word][0]).join("").toUpperCase();

function pretty(number) {
  const parts = /^(90|1|44|49)(\d{3})(\d{3})(\d+)$/.exec(number);
  return parts ? `+${parts.slice(1).join(" ")}` : `+${number}`;
}

// -- talking to the server -----------------------------------------------------------

async function post(path, body) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error || `The server answered ${response.status}.`);
  return answer;
}

// -- one phone -----------------------------------------------------------------------

class Device {
  constructor(phone) {
    this.number = phone.number;
    this.name = phone.name;
    this.nodes = new Map(); // bubble id -> {json, node}
    this.unseen = 0;
    this.root = $("#device").content.firstElementChild.cloneNode(true);
    this.root.setAttribute("aria-label", `${phone.name}'s phone`);
    this.root.dataset.number = phone.number;
    $("[data-initial]", this.root).textContent = initials(phone.name);
    $("[data-name]", this.root).textContent = phone.name;
    $("[data-number]", this.root).textContent = pretty(phone.number);
    this.chat = $(".chat", this.root);
    this.chat.setAttribute("aria-label", `Chat of ${phone.name}`);
    this.list = $(".bubbles", this.root);
    this.input = $("textarea", this.root);
    this.input.setAttribute("aria-label", `Message as ${phone.name}`);
    this.listen();
  }

  listen() {
    this.isAtEnd = true;
    this.chat.addEventListener("scroll", () => {
      this.isAtEnd = this.chat.scrollHeight - this.chat.scrollTop - this.chat.clientHeight < 80;
    });
    // The end stays in sight when the window, the keyboard or a picture changes sizes.
    const observer = new ResizeObserver(() => this.toEnd());
    observer.observe(this.chat);
    observer.observe(this.list);
    $("form", this.root).addEventListener("submit", (event) => {
      event.preventDefault();
      this.say();
    });
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.say();
      }
    });
    this.input.addEventListener("input", () => this.grow());
    $(".samples", this.root).addEventListener("click", (event) => {
      const name = event.target.closest("button")?.dataset.sample;
      if (name === "cart" || name === "location") this.act({ type: name });
      else if (name) this.act({ type: "sample", name });
    });
    $(".cover", this.root).addEventListener("click", () => this.closeSheet());
    $(".sheet header button", this.root).addEventListener("click", () => this.closeSheet());
    $(".sheet", this.root).addEventListener("keydown", (event) => this.steer(event));
  }

  toEnd() {
    if (this.isAtEnd) this.chat.scrollTop = this.chat.scrollHeight;
  }

  grow() {
    this.input.style.height = "auto";
    this.input.style.height = `${this.input.scrollHeight + 2}px`;
    $(".send", this.root).disabled = !this.input.value.trim();
  }

  say() {
    const text = this.input.value.trim();
    if (!text) return;
    this.write("");
    this.act({ type: "text", text }).then((error) => {
      // What never left the browser must not be lost.
      if (error instanceof TypeError && !this.input.value) this.write(text);
    });
  }

  write(text) {
    this.input.value = text;
    this.grow();
  }

  /** Do it; return the error, if there was one, after showing it. */
  async act(action) {
    const notice = $(".notice", this.root);
    notice.hidden = true;
    traced = this.number;
    try {
      await post(`/simulator/phones/${this.number}/actions`, action);
      return null;
    } catch (error) {
      const isOffline = error instanceof TypeError;
      $("span", notice).textContent = isOffline ? "Not sent: no connection." : error.message;
      $("button", notice).onclick = () => {
        if (action.type === "text" && this.input.value.trim() === action.text) this.write("");
        this.act(action);
      };
      notice.hidden = false;
      return error;
    } finally {
      watchTrace();
    }
  }

  // -- showing

  show(phone, { isFirst = false } = {}) {
    this.bubbles = phone.bubbles;
    const shown = phone.bubbles.filter((bubble) => bubble.kind !== "reaction");
    const known = this.nodes;
    this.nodes = new Map();
    const last = {
      mine: shown.findLast((bubble) => bubble.mine)?.id,
      choices: shown.findLast((bubble) => !bubble.mine)?.id,
    };
    const wanted = [];
    let before = null;
    for (const bubble of shown) {
      const day = new Date(bubble.at).toDateString();
      if (!before || new Date(before.at).toDateString() !== day) wanted.push(this.day(day, bubble.at, known));
      const isStart = !before || before.mine !== bubble.mine || wanted.at(-1).className === "day";
      const json = JSON.stringify([bubble, isStart, last.mine === bubble.id, last.choices === bubble.id]);
      const old = known.get(bubble.id);
      const node = old?.json === json ? old.node : this.bubble(bubble, { isStart, last });
      if (!old && !isFirst) {
        node.classList.add("fresh");
        if (!bubble.mine) this.arrived();
      } else if (old && old.node !== node) keepFocus(old.node, node);
      this.nodes.set(bubble.id, { json, node });
      wanted.push(node);
      before = bubble;
    }
    if (!wanted.length) wanted.push(hello(this));
    place(this.list, wanted);
    this.showTyping(phone.typing);
    // What one writes oneself is always seen.
    if (shown.length && shown.at(-1).mine && !known.has(shown.at(-1).id)) this.isAtEnd = true;
    this.toEnd();
  }

  day(day, at, known) {
    const key = `day ${day}`;
    const node = known.get(key)?.node ?? el("div", { className: "day" }, dayLabel(at));
    this.nodes.set(key, { json: "", node });
    return node;
  }

  arrived() {
    if (this.root.offsetParent === null) this.unseen += 1; // on a hidden tab
    showTabs();
  }

  showTyping(isTyping) {
    clearTimeout(this.typingTimer);
    const status = $("[data-status]", this.root);
    const dots = $(".typing", this.root);
    dots.hidden = !isTyping;
    status.textContent = isTyping ? "typing…" : "business account";
    status.classList.toggle("is-typing", isTyping);
    // The messenger forgets a typing shop after 25 seconds.
    if (isTyping) this.typingTimer = setTimeout(() => this.showTyping(false), 25000);
  }

  bubble(bubble, { isStart, last }) {
    const inside = el("div", { className: "bubble" });
    const quoted = bubble.quotes && this.bubbles.find((each) => each.id === bubble.quotes);
    if (quoted) inside.append(el("span", { className: "quote" }, firstLine(quoted)));
    if (bubble.header) inside.append(el("h4", {}, bubble.header));
    inside.append(...content(bubble));
    if (bubble.footer) inside.append(el("div", { className: "footer" }, bubble.footer));
    inside.append(meta(bubble, bubble.id === last.mine));
    inside.classList.toggle("bare", Boolean(bubble.media) && bubble.kind === "image" && !bubble.text);
    const node = el("article", { className: "message" }, inside);
    node.classList.toggle("mine", bubble.mine);
    node.classList.toggle("first", isStart);
    if (bubble.reaction) node.append(el("span", { className: "reaction", title: "Reaction" }, bubble.reaction));
    if (bubble.state === "failed") node.append(el("p", { className: "error" }, `Not delivered. ${bubble.error ?? ""}`));
    const choices = this.choices(bubble, bubble.id !== last.choices);
    if (choices) node.append(choices);
    return node;
  }

  choices(bubble, isOld) {
    const group = el("div", { className: isOld ? "choices is-old" : "choices" });
    bubble.buttons.forEach((button, index) => {
      const isChosen = bubble.chosen === button.id;
      const mark = icon(isChosen ? "check" : "reply");
      const node = el("button", { type: "button", className: isChosen ? "is-chosen" : "" }, mark, button.title);
      if (isChosen) node.setAttribute("aria-description", "chosen");
      node.addEventListener("click", () => this.act({ type: "tap", message: bubble.id, index }));
      group.append(node);
    });
    if (bubble.listButton) {
      const node = el("button", { type: "button" }, icon("list"), bubble.listButton);
      node.setAttribute("aria-haspopup", "dialog");
      node.addEventListener("click", () => this.openSheet(bubble, node));
      group.append(node);
    }
    if (bubble.opens) {
      group.append(el("a", { href: bubble.opens.url, target: "_blank", rel: "noopener noreferrer" }, bubble.opens.title));
    }
    if (bubble.kind === "location_request") {
      const node = el("button", { type: "button" }, icon("place"), "Send location");
      node.addEventListener("click", () => this.act({ type: "location" }));
      group.append(node);
    }
    return group.childElementCount ? group : null;
  }

  // -- the sheet of a list

  openSheet(bubble, opener) {
    const sheet = $(".sheet", this.root);
    const rows = $(".rows", sheet);
    this.opener = { bubble: bubble.id, opener };
    sheet.setAttribute("aria-label", bubble.listButton);
    $("h3", sheet).textContent = bubble.listButton;
    rows.replaceChildren();
    let section = null;
    bubble.rows.forEach((row, index) => {
      if (row.section && row.section !== section) rows.append(el("h4", {}, row.section));
      section = row.section;
      const words = el("span", {}, row.title, row.description ? el("small", {}, row.description) : null);
      const isChosen = bubble.chosen === row.id;
      const mark = el("span", { className: "mark" }, isChosen ? icon("check") : null);
      const node = el("button", { type: "button", className: isChosen ? "is-chosen" : "" }, words, mark);
      node.addEventListener("click", () => {
        this.closeSheet();
        this.act({ type: "tap", message: bubble.id, index });
      });
      rows.append(node);
    });
    this.cover(true);
    $("button", rows).focus();
  }

  closeSheet() {
    this.cover(false);
    const { bubble, opener } = this.opener ?? {};
    const target = opener?.isConnected ? opener : this.nodes.get(bubble)?.node.querySelector("button");
    target?.focus();
  }

  cover(isOpen) {
    $(".sheet", this.root).hidden = !isOpen;
    $(".cover", this.root).hidden = !isOpen;
    for (const part of [this.chat, $(".foot", this.root)]) part.inert = isOpen;
  }

  steer(event) {
    const sheet = $(".sheet", this.root);
    const stops = [...sheet.querySelectorAll("button")];
    const at = stops.indexOf(document.activeElement);
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key] ?? (event.key === "Tab" ? (event.shiftKey ? -1 : 1) : 0);
    if (event.key === "Escape") this.closeSheet();
    else if (move) {
      event.preventDefault();
      stops[(at + move + stops.length) % stops.length].focus();
    }
  }
}

function content(bubble) {
  const text = bubble.text ? el("span", { className: "text" }, ...formatted(bubble.text)) : null;
  switch (bubble.kind) {
    case "voice":
      return [voice(bubble)];
    case "cart":
      return [basket(bubble), text].filter(Boolean);
    case "location":
      return [el("span", { className: "place" }, icon("place"), text)];
    default: {
      const cards = bubble.cards.map((card) => el("span", { className: "text" }, `• ${card}`));
      return [bubble.media ? photo(bubble) : null, text, ...cards].filter(Boolean);
    }
  }
}

function photo(bubble) {
  const image = el("img", { src: bubble.media, alt: bubble.text || "Photo", width: 248, height: 190 });
  const button = el("button", { type: "button", className: "photo" }, image);
  button.setAttribute("aria-label", bubble.text ? `Open photo: ${bubble.text}` : "Open photo");
  button.addEventListener("click", () => {
    $("#picture img").src = bubble.media;
    $("#picture").showModal();
  });
  return button;
}

function voice(bubble) {
  const audio = new Audio(bubble.media);
  audio.preload = "metadata";
  const button = el("button", { type: "button", className: "round" }, icon("play"));
  const bars = el("span", { className: "bars" });
  const length = el("span", {}, "0:00");
  for (let n = 0; n < 26; n += 1) {
    const bar = el("i");
    // A wave that looks spoken; it is the same for the same message.
    const height = 5 + Math.abs(Math.sin(n * 1.7) * Math.cos(n * 0.45 + bubble.id.length)) * 20;
    bar.style.height = `${height}px`;
    bars.append(bar);
  }
  const seconds = (value) => `${Math.floor(value / 60)}:${String(Math.floor(value % 60)).padStart(2, "0")}`;
  const show = () => {
    button.replaceChildren(icon(audio.paused ? "play" : "pause"));
    button.setAttribute("aria-label", audio.paused ? "Play voice note" : "Pause");
    const done = audio.duration ? audio.currentTime / audio.duration : 0;
    [...bars.children].forEach((bar, n) => bar.classList.toggle("played", n < done * 26));
    const value = audio.currentTime || audio.duration;
    if (Number.isFinite(value)) length.textContent = seconds(value);
  };
  for (const event of ["play", "pause", "timeupdate", "loadedmetadata", "ended"]) audio.addEventListener(event, show);
  button.addEventListener("click", () => (audio.paused ? audio.play().catch(show) : audio.pause()));
  show();
  return el("span", { className: "voice" }, button, bars, length);
}

function basket(bubble) {
  const list = el("ul", { className: "basket" });
  let sum = 0;
  for (const line of bubble.cart) {
    sum += line.quantity * Number(line.price);
    list.append(el("li", {}, el("span", {}, `${line.quantity} ×`), el("span", {}, line.title), el("span", {}, `${line.price} ${line.currency}`)));
  }
  const currency = bubble.cart[0]?.currency ?? "";
  list.append(el("li", { className: "sum" }, el("span", {}, "Cart"), el("span", {}, `${sum.toFixed(2)} ${currency}`)));
  return list;
}

const TICKS = { sent: ["sent", "Sent"], delivered: ["twice", "Delivered"], read: ["twice", "Read"], failed: ["failed", "Not delivered"] };

function meta(bubble, isLast) {
  const time = el("time", { dateTime: bubble.at, title: new Date(bubble.at).toLocaleString() }, clock.format(new Date(bubble.at)));
  const node = el("span", { className: "meta" }, time);
  if (bubble.mine) {
    const [name, word] = TICKS[bubble.state];
    const tick = icon(name, bubble.state === "read" ? "is-read" : "");
    tick.removeAttribute("aria-hidden");
    tick.setAttribute("role", "img");
    tick.setAttribute("aria-label", word);
    tick.dataset.state = bubble.state;
    // Colour alone would not tell that it was read.
    if (isLast && bubble.state === "read") node.append("· Read");
    node.append(tick);
  }
  return node;
}

function firstLine(bubble) {
  const kinds = { image: "Photo", voice: "Voice note", cart: "Cart" };
  return (bubble.text || bubble.header || kinds[bubble.kind] || "Message").split("\n")[0];
}

function dayLabel(at) {
  const day = new Date(at);
  return day.toDateString() === new Date().toDateString() ? "Today" : dayName.format(day);
}

function hello(device) {
  const start = device.input.value ? " A first message is typed already: press send." : "";
  const words = `You are ${device.name}. Write to ${shop.name} as you would to any shop.${start}`;
  return el("p", { className: "hello" }, words);
}

/** Put nodes into a list with the fewest moves, so that focus and scroll stay. */
function place(list, wanted) {
  const keep = new Set(wanted);
  for (const node of [...list.children]) if (!keep.has(node)) node.remove();
  wanted.forEach((node, index) => {
    if (list.children[index] !== node) list.insertBefore(node, list.children[index] ?? null);
  });
}

function keepFocus(old, fresh) {
  if (!old.contains(document.activeElement)) return;
  const index = [...old.querySelectorAll("button")].indexOf(document.activeElement);
  queueMicrotask(() => fresh.querySelectorAll("button")[index]?.focus({ preventScroll: true }));
}

// -- the switch of narrow screens ----------------------------------------------------

function showTabs() {
  const views = [...[...devices.values()].map((device) => [device.number, device.name.split(" ")[0], device.unseen]), ["side", "System", 0]];
  const tabs = $("#tabs");
  if (tabs.childElementCount !== views.length) {
    tabs.replaceChildren(...views.map(([view]) => {
      const tab = el("button", { type: "button" });
      tab.dataset.view = view;
      tab.addEventListener("click", () => select(view));
      return tab;
    }));
  }
  views.forEach(([view, name, unseen], index) => {
    const tab = tabs.children[index];
    tab.setAttribute("aria-pressed", String(view === shownView));
    tab.replaceChildren(name, ...(unseen ? [el("span", { className: "new" }, `${unseen} new`)] : []));
  });
}

function select(view) {
  shownView = view;
  $("#stage").dataset.view = view === "side" ? "side" : "phone";
  if (view !== "side") {
    for (const device of devices.values()) device.root.classList.toggle("is-shown", device.number === view);
    const device = devices.get(view);
    device.unseen = 0;
    device.grow();
    device.isAtEnd = true;
    device.toEnd();
    traced = view;
    watchTrace();
  }
  showTabs();
}

// -- what the system did -------------------------------------------------------------

const STEP_NAMES = {
  stored: "Stored", claimed: "Picked up", perceived: "Gathered", read: "Read", matched: "Matched",
  decided: "Decided", saved: "Saved", replied: "Replied", delivered: "Delivered", failed: "Failed",
};
const STEP_HINTS = { stored: "webhook checked and committed", claimed: "after a moment for more words", matched: "mentions found in the catalog", replied: "sent through the outbox" };
const SLOW = 1000; // milliseconds; longer steps are worth a look
let traceTimer = null;
let traceUntil = 0;

/** Ask now, and again until the way is over. */
function watchTrace() {
  if (!hasTraces) return;
  traceUntil = performance.now() + 45000;
  if (traceTimer === null) traceTimer = setTimeout(askTrace, 60);
}

async function askTrace() {
  const number = traced;
  let isOver = false;
  try {
    const response = await fetch(`/simulator/phones/${number}/trace`);
    if (response.ok && number === traced) {
      const { message, trace } = await response.json();
      isOver = message === null || trace?.isOver === true;
      showTrace(devices.get(number), message, trace);
    }
  } catch {
    // The connection line says it; the next try comes by itself.
  }
  const again = number !== traced || (!isOver && performance.now() < traceUntil);
  traceTimer = again ? setTimeout(askTrace, 250) : null;
}

const milliseconds = (value) => (value < 10000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`);

function showTrace(device, message, trace) {
  $("#trace-empty").hidden = message !== null;
  $("#trace-about").textContent = message ? `${device.name}: “${firstLine(message)}”` : "";
  const steps = message ? (trace?.steps ?? [{ name: "stored" }]) : [];
  const times = steps.filter((step) => step.at).map((step) => Date.parse(step.at));
  $("#trace-total").textContent = times.length > 1 ? milliseconds(times.at(-1) - times[0]) : "";
  $("#trace-total").title = "From stored to the last step";
  let before = null;
  let isNext = true;
  place($("#trace-steps"), steps.map((step, index) => {
    const node = stepNode(step, before, isNext && !step.at);
    if (!step.at) isNext = false;
    else before = step.at;
    const shown = $("#trace-steps").children[index];
    return shown?.isEqualNode(node) ? shown : node;
  }));
}

function stepNode(step, before, isNow) {
  const name = STEP_NAMES[step.name] ?? step.name;
  const node = el("li", {}, el("b", {}, name));
  if (step.at) {
    const passed = before ? Date.parse(step.at) - Date.parse(before) : null;
    const words = passed === null ? exact.format(new Date(step.at)) : `+${milliseconds(Math.max(0, passed))}`;
    node.append(el("time", { dateTime: step.at, title: step.at }, words));
    node.className = passed > SLOW ? "done slow" : "done";
  } else {
    node.append(el("span", { className: "wait" }, isNow ? "…" : ""));
    node.className = isNow ? "now" : "";
  }
  if (step.failed) node.className = "failed";
  const note = [step.note, step.at ? STEP_HINTS[step.name] : ""].filter(Boolean).join(" · ");
  if (note) node.append(el("small", {}, note));
  return node;
}

// -- the demo ERP --------------------------------------------------------------------

const STEPS = {
  RECEIVED: ["working …", "waits"], REJECTED: ["rejected", "bad"], ORDER_GATEWAY_PROVISIONED: ["provisioned", ""],
  PACKAGED: ["packed", ""], SHIPPED: ["shipped", ""], DELIVERED: ["delivered", ""], CANCELLED: ["cancelled", "bad"],
};
const WAY = ["ORDER_GATEWAY_PROVISIONED", "PACKAGED", "SHIPPED", "DELIVERED"];
const ACTS = [["Pack", "PACKAGED"], ["Ship", "SHIPPED"], ["Deliver", "DELIVERED"]];

function showErp(erp) {
  $("#erp-card").hidden = erp === null;
  if (erp === null) return;
  $("#erp-empty").hidden = erp.orders.length > 0;
  $("#fail-next").value = erp.failNext ?? "";
  $(".fail").classList.toggle("is-armed", erp.failNext !== null);
  const focus = document.activeElement?.dataset?.act;
  $("#orders").replaceChildren(...erp.orders.slice(0, 20).map(orderNode));
  if (focus) [...$("#orders").querySelectorAll("button")].find((each) => each.dataset.act === focus)?.focus();
}

function orderNode(order) {
  const [word, kind] = STEPS[order.step] ?? [order.step, ""];
  const items = order.items.map((item) => `${Number(item.quantity)} × ${item.reference}`).join(", ");
  const line = el("div", { className: "line" },
    el("b", {}, `#${order.retailerOrderId || order.objectId}`), el("span", { className: "who" }, order.customer),
    el("span", { className: `state ${kind}` }, word));
  const at = WAY.indexOf(order.step);
  const acts = el("div", { className: "acts" });
  for (const [name, step] of ACTS) {
    const act = el("button", { type: "button", disabled: at < 0 || WAY.indexOf(step) <= at }, name);
    if (act.disabled) act.title = at < 0 ? `The order is ${word}` : "Done already";
    act.dataset.act = `${order.objectId} ${step}`;
    act.addEventListener("click", () => erpAct(`/erp/orders/${encodeURIComponent(order.objectId)}/step`, { step }));
    acts.append(act);
  }
  const number = `${order.number}${order.deliveries > 1 ? ` · received ${order.deliveries} times, taken once` : ""}`;
  const node = el("li", {}, line, el("p", { className: "items" }, items), el("p", { className: "items" }, number), acts);
  if (order.problem) node.append(el("p", { className: "problem" }, order.problem));
  return node;
}

async function erpAct(path, body) {
  const problem = $("#erp-problem");
  problem.hidden = true;
  try {
    await post(path, body);
  } catch (error) {
    problem.textContent = error instanceof TypeError ? "Not done: no connection." : error.message;
    problem.hidden = false;
  }
}

// -- news ----------------------------------------------------------------------------

function showAll(all) {
  shop = all.shop;
  hasTraces = all.traces;
  hasCart = all.cart;
  document.title = `${shop.name} · chatorder demo`;
  $("#trace-card").hidden = !hasTraces;
  $("#links").replaceChildren(...Object.entries(all.links).map(([name, href]) => el("a", { href }, name)));
  const isStart = devices.size === 0;
  for (const phone of all.phones) showPhone(phone);
  const phones = $("#phones");
  phones.setAttribute("aria-busy", "false");
  place(phones, all.phones.map((phone) => devices.get(phone.number).root));
  for (const device of devices.values()) device.toEnd();
  showErp(all.erp);
  if (!isStart || !all.phones.length) return;
  const [first] = devices.values();
  traced = first.number;
  select(first.number);
  if (!first.bubbles.length) {
    first.write(all.suggestion);
    first.show(all.phones[0], { isFirst: true });
  }
  if (matchMedia("(min-width: 720px)").matches) first.input.focus();
}

function showPhone(phone) {
  const isFirst = !devices.has(phone.number);
  if (isFirst) devices.set(phone.number, new Device(phone));
  const device = devices.get(phone.number);
  $("[data-shop]", device.root).textContent = shop.name;
  $("[data-shop-initial]", device.root).textContent = initials(shop.name);
  $("[data-sample=cart]", device.root).hidden = !hasCart;
  device.show(phone, { isFirst });
  if (isFirst) device.grow();
}

let source = null;

function connect() {
  source = new EventSource("/simulator/events");
  const on = (name, work) => source.addEventListener(name, (event) => work(JSON.parse(event.data)));
  source.addEventListener("open", () => connection("connected"));
  source.addEventListener("error", () => {
    connection("connection lost, retrying", true);
    // After an answer that is not a stream, the browser gives up by itself.
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, 1000);
  });
  on("all", showAll);
  on("erp", showErp);
  on("phone", (phone) => {
    if (!devices.has(phone.number)) {
      showPhone(phone);
      $("#phones").append(devices.get(phone.number).root);
      showTabs();
    } else showPhone(phone);
    if (phone.number === traced) watchTrace();
  });
}

function connection(words, isLost = false) {
  $("#connection").textContent = words;
  $("#connection").classList.toggle("lost", isLost);
}

$("#picture").addEventListener("click", (event) => {
  if (event.target === event.currentTarget) event.currentTarget.close();
});
$("#fail-next").addEventListener("change", (event) => erpAct("/erp/fail-next", { failure: event.target.value || null }));
addEventListener("pagehide", () => source?.close());
addEventListener("pageshow", (event) => event.persisted && connect());
connect();
