// Light or dark, and the language: what somebody chose for this browser.
const root = document.documentElement;
const chosen = localStorage.getItem("chatorder:theme") || "";
if (chosen) root.dataset.theme = chosen;

document.addEventListener("change", (event) => {
  const field = event.target;
  if (field.matches("[data-theme-choice]")) {
    localStorage.setItem("chatorder:theme", field.value);
    if (field.value) root.dataset.theme = field.value;
    else delete root.dataset.theme;
  }
  if (field.matches("[data-language]")) {
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `chatorder_language=${field.value}; Path=/console; Max-Age=31536000; SameSite=Lax${secure}`;
    location.reload();
  }
});
for (const field of document.querySelectorAll("[data-theme-choice]")) field.value = chosen;
