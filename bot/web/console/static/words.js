// Sentences of the page's scripts, in the reader's language: words("unreachable").
const table = JSON.parse(document.getElementById("words")?.textContent || "{}");

export function words(key, values = {}) {
  const form = table[key];
  let text = form ?? key;
  if (form && typeof form === "object") {
    const rule = new Intl.PluralRules(document.documentElement.lang).select(Number(values.count ?? 1));
    text = form[rule] ?? form.other;
  }
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
