// The catalog: what is typed in its forms, uploads, and imports that run.
import "./fields.js";
import { csrf, explained, say } from "./act.js";
import { refresh } from "./parts.js";
import { words } from "./words.js";

// What runs on the server is looked at until it has ended.
setInterval(() => {
  const running = document.querySelector("[data-running]");
  if (running && !document.hidden) refresh([running.closest("[data-part]").dataset.part], true);
}, 1000);

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.upload) return;
  event.preventDefault();
  if (form.ariaBusy !== "true") upload(form);
});

// Once it is uploaded the server goes on by itself; until then the page is needed.
window.addEventListener("beforeunload", (event) => {
  if (document.querySelector('[data-upload][aria-busy="true"]')) event.preventDefault();
});

function upload(form) {
  const file = form.elements.file.files[0];
  if (!file) return fail(form, words("no_file"));
  const limit = Number(form.dataset.limit);
  // Rounded away from each other: what is refused is never said to be as large as may be.
  if (file.size > limit) return fail(form, words("too_large", { size: Math.ceil(file.size / 1e6), limit: Math.floor(limit / 1e6) }));
  const query = new URLSearchParams();
  for (const name of ["dry_run", "partial"]) if (form.elements[name].checked) query.set(name, "true");
  const body = new FormData();
  body.append("file", file, file.name);
  const request = new XMLHttpRequest();
  request.open("POST", query.size ? `${form.dataset.upload}?${query}` : form.dataset.upload);
  request.setRequestHeader("X-CSRF-Token", csrf);
  request.setRequestHeader("Accept", "application/json");
  request.upload.onprogress = ({ loaded, total }) => show(form, total ? Math.floor((100 * loaded) / total) : 0);
  request.onload = () => ended(form, request);
  request.onerror = request.onabort = () => fail(form, words("broken"));
  form.ariaBusy = "true";
  fail(form, "");
  show(form, 0);
  request.send(body);
}

function show(form, percent) {
  const going = form.querySelector("[data-going]");
  going.hidden = false;
  going.querySelector("progress").value = percent;
  going.querySelector("[data-said]").textContent = percent < 100 ? words("uploading", { percent }) : words("uploaded");
}

function ended(form, request) {
  let answer = {};
  try {
    answer = JSON.parse(request.responseText);
  } catch {
    // Said below: it was no answer of the API.
  }
  if (request.status === 401) return location.reload();
  if (request.status !== 202) return fail(form, explained(answer).detail || words("broken"));
  form.ariaBusy = "false";
  location.assign(`/console/catalog/imports/${encodeURIComponent(answer.id)}`);
}

function fail(form, text) {
  say(form, text);
  if (!text) return;
  form.ariaBusy = "false";
  form.querySelector("[data-going]").hidden = true;
}
