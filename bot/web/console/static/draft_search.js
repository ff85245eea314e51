// Products as you type: a combobox whose list is the API's search; and candidates that
// are picked with one press. What is picked goes where its picker says: into a line, in
// the place of open words, or into the draft.
import { call, toast } from "./act.js";
import { change } from "./draft.js";
import { words } from "./words.js";

const asked = new WeakMap();
const AMOUNT = /^\s*(\d+(?:[.,]\d+)?)\s*(?:x|×)?\s+(?=\S)/i;

document.addEventListener("input", ({ target }) => {
  if (!target.matches?.("[data-search] input")) return;
  clearTimeout(asked.get(target));
  asked.set(target, setTimeout(() => look(target), 140));
});

async function look(field) {
  const text = field.value.trim();
  const list = listOf(field);
  if (!text) return close(field);
  const wanted = text.replace(AMOUNT, "");
  const done = await call("GET", `/v1/products?${new URLSearchParams({ q: wanted, active: "true", limit: "8" })}`);
  if (field.value.trim() !== text) return; // Typed on meanwhile.
  const found = done.ok ? done.body.data : [];
  list.replaceChildren(...(found.length ? found.map((each, at) => option(list, each, at)) : [nothing(done)]));
  list.hidden = false;
  list.scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-expanded", "true");
  choose(field, found.length ? list.firstElementChild : null);
}

function option(list, product, at) {
  const item = document.createElement("li");
  item.id = `${list.id}-${at}`;
  item.role = "option";
  item.dataset.product = product.id;
  item.dataset.variant = product.match?.variant_id ?? "";
  item.ariaSelected = "false";
  if (product.image?.startsWith("https://")) item.append(Object.assign(document.createElement("img"), { src: product.image, alt: "", className: "thumb", width: 28, height: 28, referrerPolicy: "no-referrer" }));
  const form = product.variants.find((each) => each.id === item.dataset.variant);
  item.append(span([product.name, form?.name].filter(Boolean).join(", "), "cut"), span(price(form?.price ?? product.price), "small quiet"));
  return item;
}

const span = (text, name) => Object.assign(document.createElement("span"), { textContent: text, className: name });
const price = (money) => (money ? new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency: money.currency, currencyDisplay: "narrowSymbol" }).format(Number(money.amount)) : "");
const nothing = (done) => Object.assign(document.createElement("li"), { className: "quiet", textContent: done.ok ? words("nothing_found") : (done.body?.detail ?? words("failed")) });
const listOf = (field) => document.getElementById(field.getAttribute("aria-controls"));

function close(field) {
  const list = listOf(field);
  list.hidden = true;
  list.replaceChildren();
  field.setAttribute("aria-expanded", "false");
  field.removeAttribute("aria-activedescendant");
}

function choose(field, item) {
  for (const each of listOf(field).children) each.ariaSelected = String(each === item);
  if (item) { field.setAttribute("aria-activedescendant", item.id); item.scrollIntoView({ block: "nearest" }); }
  else field.removeAttribute("aria-activedescendant");
}

document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (!field.matches?.("[data-search] input")) return;
  const items = [...listOf(field).querySelectorAll("[role=option]")];
  const here = items.findIndex((item) => item.ariaSelected === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (items.length) choose(field, items[(here + (event.key === "ArrowDown" ? 1 : items.length - 1) + items.length) % items.length]);
  } else if (event.key === "Enter") {
    event.preventDefault();
    if (items[here]) take(field, items[here]);
  } else if (event.key === "Escape" && field.getAttribute("aria-expanded") === "true") {
    event.stopPropagation();
    close(field);
  }
}, true);

document.addEventListener("pointerdown", (event) => {
  const item = event.target.closest?.("[data-search] [role=option]");
  if (!item) return;
  event.preventDefault(); // The field keeps the focus.
  take(item.closest("[data-search]").querySelector("input"), item);
});
document.addEventListener("focusout", ({ target }) => {
  if (target.matches?.("[data-search] input")) setTimeout(() => { if (document.activeElement !== target && target.isConnected) close(target); }, 150);
});

async function take(field, item) {
  const much = AMOUNT.exec(field.value)?.[1]?.replace(",", ".");
  const done = await pick(field.closest("[data-picker]"), item.dataset, much);
  if (!done) return;
  field.value = "";
  close(field);
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-picker] [data-pick]");
  if (button) pick(button.closest("[data-picker]"), button.dataset);
});

/** Put a product where its picker says. Returns what the API answered, or null. */
async function pick(picker, { product, variant }, much) {
  const { line, unresolved, replaces, quantity, unit, note, words: said } = picker.dataset;
  const item = {
    product_id: product,
    ...(variant ? { variant_id: variant } : {}),
    ...(much || quantity ? { quantity: much || quantity } : {}),
    ...(unit && !much ? { unit } : {}),
    ...(note ? { note } : {}),
    ...(said ? { words: said.slice(0, 120) } : {}),
  };
  const place = line || replaces;
  const changes = [place ? { type: "replace_line", line_id: place, ...item } : { type: "put_line", ...item }];
  if (unresolved) changes.push({ type: "drop_unresolved", unresolved_id: unresolved });
  const forShop = picker.querySelector("[data-for-shop]")?.checked;
  const done = await change(changes, picker);
  if (done && forShop && said) await teach(said, product, variant);
  return done;
}

async function teach(said, product, variant) {
  const done = await call("POST", "/v1/aliases", { words: said.slice(0, 120), product_id: product, ...(variant ? { variant_id: variant } : {}) });
  if (done.ok) toast(words("remembered_shop"));
  else toast(done.body?.detail ?? words("failed"), "bad");
}
