"""What tells an agent who looks elsewhere, and pages whose live connection is cut."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from playwright.async_api import Browser, Page, Route, expect

from bot.inbox.accounts import Role
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
#: Chromium without a screen hides no page: these say that they are not seen.
_AWAY = """
Object.defineProperty(document, "hidden", { value: true });
document.hasFocus = () => false;
"""
_SWITCHED_ON = """
localStorage.setItem("chatorder:alert:sound", "true");
localStorage.setItem("chatorder:alert:notice", "true");
"""
_ALONE = """
Object.defineProperty(navigator, "locks", { value: undefined });
delete window.BroadcastChannel;
"""
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


@asynccontextmanager
async def away(
    person: Person, browser: Browser, *paths: str, apart: bool = False
) -> AsyncIterator[Sequence[Page]]:
    """Yield pages that tell by every way, while nobody looks at any of them.

    `apart`: in a browser in which tabs know nothing of each other.
    """
    context = await person.browse(browser, permissions=["notifications"])
    alone = _ALONE if apart else ""
    await context.add_init_script(alone + _SWITCHED_ON + _WATCH + _AWAY)
    pages = [await context.new_page() for _ in paths]
    for page, path in zip(pages, paths, strict=True):
        await page.goto(path)
    for page in pages:
        await expect(page.locator("html")).to_have_attribute("data-live", "sse")
    yield pages
    await context.close()


def counted(number: int) -> re.Pattern[str]:
    """Return what a title begins with while so many wait."""
    return re.compile(rf"^\({number}\) ")


async def waiting_for(person: Person) -> int:
    """Return how many conversations wait for somebody."""
    async with person.session() as session, session.get("/console/alerts") as answer:
        found: int = (await answer.json())["count"]
        return found


async def test_who_looks_elsewhere_is_told_once_that_a_customer_wants_a_person(
    browser: Browser, house: House, agent: Person
) -> None:
    ana, bora = house.phone("905551110001", "Ana"), house.phone("905551112244", "Bora")
    async with away(agent, browser, "/console/orders") as (page,):
        await ana.say("can I talk to a human?")
        await expect(page).to_have_title("(1) Orders · Corner Cafe and Home")
        await house.rest()
        await ana.say("are you there?")
        await bora.say("2 tea")
        await house.rest()
        # What the agent does is no news to the agent, here and in another tab.
        beside = await page.context.new_page()
        await beside.goto(f"/console/conversations/{(await house.chat(bora)).id}")
        await beside.keyboard.press("t")
        await expect(beside.locator("#reply")).to_be_focused()
        await expect(page).to_have_title("(2) Orders · Corner Cafe and Home")
        heard = await told(page)
        (notice,) = heard["notices"]
        chat = (await house.chat(ana)).id
        # A customer's words are for the screen of whoever opens the conversation.
        assert notice == [
            "A conversation needs a person",
            {"body": "Ana", "tag": f"chatorder:{chat}"},
        ]
        assert heard["notes"] == _RINGS
        await beside.close()


async def test_every_page_counts_and_of_several_tabs_one_tells(
    browser: Browser, house: House
) -> None:
    boss, lale = await signed_in(house, role=Role.MANAGER), "905551112247"
    talk = house.phone("905551112248", "Mert")
    await talk.say("2 tea")
    await house.rest()
    paths = (
        f"/console/conversations/{(await house.chat(talk)).id}",
        "/console/catalog",
        "/console/overview",
        "/console/settings/account",
    )
    before = await waiting_for(boss)
    async with away(boss, browser, *paths) as tabs:
        await house.phone(lale, "Lale").say("can I talk to a human?")
        for tab in tabs:
            await expect(tab).to_have_title(counted(before + 1))
        # A second one: whoever would have told of the first twice has done it by now.
        await house.phone("905551112249", "Nur").say("can I talk to a human?")
        for tab in tabs:
            await expect(tab).to_have_title(counted(before + 2))
        await _until_told(tabs, 2)
        heard = [await told(tab) for tab in tabs]
        bodies = [each[1]["body"] for tab in heard for each in tab["notices"]]
        assert sorted(bodies) == ["Lale", "Nur"]
        assert sum(tab["notes"] for tab in heard) == 2 * _RINGS


async def _until_told(tabs: Sequence[Page], count: int) -> None:
    async with asyncio.timeout(15):
        while sum([len((await told(tab))["notices"]) for tab in tabs]) < count:
            await tabs[0].wait_for_timeout(100)


async def test_where_tabs_cannot_speak_to_each_other_each_of_them_counts(
    browser: Browser, house: House, agent: Person
) -> None:
    before = await waiting_for(agent)
    path = "/console/settings/account"
    async with away(agent, browser, path, path, apart=True) as tabs:
        await house.phone("905551112252", "Rana").say("can I talk to a human?")
        for tab in tabs:
            await expect(tab).to_have_title(counted(before + 1))
        await _until_told(tabs, 1)


async def test_what_came_between_two_pages_is_told_on_the_next(
    browser: Browser, house: House, agent: Person
) -> None:
    before = await waiting_for(agent)
    async with away(agent, browser, "/console/orders") as (page,):
        if before:
            await expect(page).to_have_title(counted(before))
        await page.goto("/static-page-that-is-not-there")
        await house.phone("905551112250", "Oya").say("can I talk to a human?")
        await house.rest()
        await page.goto("/console/catalog")
        await expect(page).to_have_title(counted(before + 1))
        await _until_told([page], 1)
        (notice,) = (await told(page))["notices"]
        assert notice[1]["body"] == "Oya"


async def test_what_a_colleague_takes_alerts_nobody_and_what_is_given_its_person(
    browser: Browser, house: House, agent: Person
) -> None:
    colleague, phone = await signed_in(house, "Ela"), house.phone("905551112251", "Pia")
    await phone.say("2 tea")
    await house.rest()
    chat = f"/v1/conversations/{(await house.chat(phone)).id}"
    before = await waiting_for(agent)
    async with away(agent, browser, "/console/orders") as (page,):
        await colleague.call("POST", f"{chat}/take-over")
        await phone.say("hello?")
        await house.rest()
        assert await waiting_for(colleague) == before + 1
        assert await waiting_for(agent) == before
        await colleague.call("POST", f"{chat}/assign", {"user_id": agent.user.id})
        await expect(page).to_have_title(counted(before + 1))
        await _until_told([page], 1)
        heard = await told(page)
        (notice,) = heard["notices"]
        assert notice[0] == "A conversation was given to you"
        assert heard["notes"] == _RINGS


async def test_who_switched_it_off_is_told_nothing(
    browser: Browser, house: House, agent: Person
) -> None:
    async with agent.at(browser) as page:
        await page.add_init_script(_WATCH)
        await page.evaluate("localStorage.setItem('chatorder:alert:title', 'false')")
        await page.goto("/console/inbox")
        await expect(page.locator("html")).to_have_attribute("data-live", "sse")
        carla = house.phone("905551112245", "Carla")
        async with page.expect_response("**/console/alerts"):
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
