// Fields that do more than wait for their button.
//
// <form data-filters="orders">: a list's filters; it shows that part while one types.
// <input name="price.amount" data-money>: empty, it sends no price.currency either.
import { refresh } from "./parts.js";

let timer = 0;

function apply(form) {
  const fields = [...new FormData(form)].filter(([, value]) => String(value).trim());
  const query = new URLSearchParams(fields).toString();
  const address = location.pathname + (query ? `?${query}` : "");
  if (address === location.pathname + location.search) return;
  history.replaceState(null, "", address);
  refresh(form.dataset.filters.split(" "));
}

document.addEventListener("input", ({ target }) => {
  const form = target.form;
  if (!form?.dataset.filters) return;
  clearTimeout(timer);
  timer = setTimeout(apply, target.matches("select") ? 0 : 250, form);
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.filters) return;
  event.preventDefault();
  clearTimeout(timer);
  apply(form);
});
document.addEventListener("input", ({ target }) => {
  if (!target.matches("[data-money]")) return;
  const currency = target.form.elements[target.name.replace(/amount$/, "currency")];
  currency.disabled = !target.value.trim();
});
