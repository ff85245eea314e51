"""What tells an agent who looks elsewhere, and pages whose live connection is cut."""

import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from playwright.async_api import Browser, Page, Route, expect

from bot.web.console.live import STREAMS
from tests.console import Person, signed_in
from tests.house import House, open_house

pytestmark = pytest.mark.browser

#: Before any script of the page: what it tells is written down, and then told.
_WATCH = """
window.told = { notices: [], notes: 0, news: new Set() };
window.Notification = new Proxy(window.Notification, {
  construct(target, given) {
    told.notices.push(given);
    return Reflect.construct(target, given);
  },
});
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...when) {
  told.notes += 1;
  return start.apply(this, when);
};
document.addEventListener("chatorder:news", ({ detail: { what } }) => {
  told.news.add(what);
  document.documentElement.dataset.heard = [...told.news].join(" ");
});
"""
#: Chromium without a screen hides no page: this one says that it is not seen.
_LEAVE = """(isHidden) => {
  Object.defineProperty(document, "hidden", { value: isHidden, configurable: true });
  document.hasFocus = () => !isHidden;
  document.dispatchEvent(new Event("visibilitychange"));
}"""
_SWITCH_ON = """(ways) => {
  for (const way of ways) localStorage.setItem(`chatorder:alert:${way}`, "true");
}"""
_RINGS = 2  #: A sound is two short notes.
#: Slow machines are slow, and nothing here measures time.
expect.set_options(timeout=15_000)


def tick_often(app: web.Application) -> None:
    app[STREAMS].tick = 0.3


@pytest.fixture(scope="module")
async def house(
    migrated_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("alerts")
    file = shutil.copy(migrated_file, folder / "test.db")
    async with open_house(f"sqlite:///{file}", folder, prepare=tick_often) as house:
        yield house


@pytest.fixture
async def agent(house: House) -> Person:
    return await signed_in(house)


async def told(page: Page) -> Any:
    """Return what the page told since it was opened."""
    return await page.evaluate("window.told")


async def open_inbox(page: Page, *ways: str) -> None:
    """Open the inbox with some ways of being told switched on, and look elsewhere."""
    await page.context.grant_permissions(["notifications"])
    await page.add_init_script(_WATCH)
    await page.evaluate(_SWITCH_ON, ways)
    await page.goto("/console/inbox")
    await expect(page.locator("html")).to_have_attribute("data-live", "sse")
    await page.evaluate(_LEAVE, True)


async def test_who_looks_elsewhere_is_told_once_that_a_customer_wants_a_person(
    browser: Browser, house: House, agent: Person
) -> None:
    ana, bora = house.phone("905551110001", "Ana"), house.phone("905551112244", "Bora")
    async with agent.at(browser) as page:
        await open_inbox(page, "sound", "notice")
        await ana.say("can I talk to a human?")
        await expect(page).to_have_title("(1) Inbox · Corner Cafe and Home")
        await house.rest()
        await ana.say("are you there?")
        await bora.say("2 tea")
        await expect(page.locator(".row", has_text="Bora")).to_contain_text(
            "Draft open"
        )
        heard = await told(page)
        (notice,) = heard["notices"]
        chat = (await house.chat(ana)).id
        # A customer's words are for the screen of whoever opens the conversation.
        assert notice == [
            "A conversation needs a person",
            {"body": "Ana", "tag": f"chatorder:{chat}"},
        ]
        assert heard["notes"] == _RINGS

        # What the agent does is no news to the agent, here and in another tab.
        beside = await page.context.new_page()
        await beside.goto(f"/console/conversations/{(await house.chat(bora)).id}")
        await beside.keyboard.press("t")
        await expect(beside.locator("#reply")).to_be_focused()
        await expect(page).to_have_title("(2) Inbox · Corner Cafe and Home")
        after = await told(page)
        assert (after["notices"], after["notes"]) == (heard["notices"], _RINGS)
        await beside.close()


async def test_who_switched_it_off_is_told_nothing(
    browser: Browser, house: House, agent: Person
) -> None:
    async with agent.at(browser) as page:
        await open_inbox(page)
        await page.evaluate("localStorage.setItem('chatorder:alert:title', 'false')")
        carla = house.phone("905551112245", "Carla")
        await carla.say("can I talk to a human?")
        row = page.locator(".row", has_text="Carla")
        await expect(row).to_contain_text("Asked for a person")
        await expect(page).to_have_title("Inbox · Corner Cafe and Home")
        heard = await told(page)
        assert (heard["notices"], heard["notes"]) == ([], 0)


async def test_without_a_live_connection_pages_ask_until_it_is_back(
    browser: Browser, house: House, agent: Person
) -> None:
    async def cut(route: Route) -> None:
        await route.abort()

    derya = house.phone("905551112246", "Derya")
    async with agent.at(browser, "/console/settings/account") as page:
        await page.add_init_script(_WATCH)
        await page.route("**/console/live", cut)
        await page.goto("/console/inbox")
        state = page.locator("html")
        await expect(state).to_have_attribute("data-live", "polling")
        await derya.say("2 latte")
        row = page.locator(".row", has_text="Derya")
        await expect(row).to_contain_text("Draft open")
        await expect(state).to_have_attribute("data-heard", "tick")

        await page.unroute("**/console/live")
        await expect(state).to_have_attribute("data-live", "sse")
        await derya.say("and a tea")
        await expect(state).to_have_attribute("data-heard", re.compile("message"))
        await house.rest()
