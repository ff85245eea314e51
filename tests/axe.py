"""What axe-core finds on a page that is open in Chromium, with its scripts running.

Contrast is by far the dearest of its rules. It follows from a few things: the colour,
size and weight of words, and the grounds below them. So words that look like some that
were judged already, on whichever page, are not judged again; every other rule reads
all that stands there.
"""

from collections.abc import Sequence
from typing import Final

from axe_playwright_python.base import AXE_FILE_PATH
from playwright.async_api import BrowserContext, Page

#: What axe-core says of a finding that keeps somebody out.
_SERIOUS = frozenset({"serious", "critical"})
_READ: Final = """async ({ known, onlyContrast }) => {
  const NOTHING = new Set(["none", "1", "rgba(0, 0, 0, 0)"]);
  const { found, done } = await contrast(new Set(known));
  if (!onlyContrast) found.push(...(await axe.run(document, {
    resultTypes: ["violations"],
    rules: { "color-contrast": { enabled: false } },
  })).violations);
  const told = found.map(({ id, impact, nodes }) => ({
    id, impact, nodes: nodes.slice(0, 3).map(({ html }) => html.slice(0, 160)),
  }));
  return { told, done };

  async function contrast(known) {
    const picked = new Map();
    for (const each of document.body.querySelectorAll("*")) {
      if (!hasWords(each) || !each.checkVisibility()) continue;
      const look = lookOf(each);
      if (known.has(look)) continue;
      known.add(look);
      picked.set(each, look);
    }
    if (!picked.size) return { found: [], done: [] };
    const { violations, incomplete } = await axe.run(
      { include: [...picked.keys()] },
      { resultTypes: ["violations", "incomplete"], runOnly: ["color-contrast"] },
    );
    // What axe-core cannot tell, because something lies above it, is tried elsewhere.
    for (const { nodes } of incomplete) {
      for (const { target } of nodes) picked.delete(document.querySelector(target[0]));
    }
    return { found: violations, done: [...picked.values()] };
  }
  function hasWords(each) {
    if (each.matches("input, select, textarea")) return true;
    return [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  }
  function lookOf(each) {
    const words = getComputedStyle(each);
    const look = [words.color, words.fontSize, words.fontWeight, words.textShadow];
    for (let under = each; under; under = under.parentElement) {
      const ground = getComputedStyle(under);
      look.push(ground.backgroundColor, ground.backgroundImage, ground.opacity);
    }
    return look.filter((said) => !NOTHING.has(said)).join(" ");
  }
}"""


class Axe:
    """Reads the pages of one window, one after the other."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._looks: set[str] = set()

    @classmethod
    async def of(cls, context: BrowserContext, page: Page) -> "Axe":
        """Return a reader of a page, which brings axe-core along from now on."""
        await context.add_init_script(path=AXE_FILE_PATH)
        return cls(page)

    async def findings(
        self, name: str, *, only_contrast: bool = False
    ) -> Sequence[str]:
        """Return what keeps somebody out of what is shown; `name` says what that is."""
        given = {"known": sorted(self._looks), "onlyContrast": only_contrast}
        read = await self._page.evaluate(_READ, given)
        self._looks.update(read["done"])
        return [
            f"{name}: {each['id']}: {html}"
            for each in read["told"]
            if each["impact"] in _SERIOUS
            for html in each["nodes"]
        ]
