"""Every page of the console as axe-core reads it, opened, with its scripts running."""

import re
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from bot.inbox.accounts import Role
from bot.web.console.registry import CONSOLE_ROOMS
from tests.axe import Axe
from tests.console import Person, is_too_wide, signed_in
from tests.databases import add_test_tenant
from tests.house import House, open_house

pytestmark = pytest.mark.browser

DESK: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 360, "height": 740}
_CUP = files("bot.simulator") / "page" / "samples" / "cup.jpg"
#: An address of the console, with names for ids.
_PLACE = re.compile(r"\{(\w+)\}")
#: As a language would have it, before anybody looks.
_MIRROR = "document.documentElement.dir = 'rtl'"
#: Of long lists the first rows are enough: each costs, and says the same.
_SHORTEN = """() => {
  for (const list of document.querySelectorAll("ul, ol, tbody, .sentences")) {
    while (list.children.length > 6) list.lastElementChild.remove();
  }
}"""
_UNFOLD = """() => {
  for (const each of document.querySelectorAll("details")) each.open = true;
  for (const each of document.querySelectorAll(".why")) each.hidden = false;
}"""


@pytest.fixture(scope="module")
async def house(
    migrated_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    """Return a shop in which everything happened that pages show."""
    folder = tmp_path_factory.mktemp("axe")
    file = shutil.copy(migrated_file, folder / "test.db")
    async with open_house(f"sqlite:///{file}", folder) as house:
        ana, bora = house.phone(), house.phone("905551112244", "Bora")
        await ana.say("2 latte, pick up")
        await house.settle()
        await ana.say("yes")
        await house.settle()
        await bora.say("a latte, a croissant and 3 flurbs")
        await bora.send_image(_CUP.read_bytes())
        await ana.say("can I talk to a human?")
        await house.settle()
        yield house


@pytest.fixture(scope="module")
async def admin(house: House) -> Person:
    """Return somebody who may see everything, and has used much of it."""
    admin = await signed_in(house, "Deniz Ak", Role.ADMIN)
    label = await admin.call("POST", "/v1/labels", {"name": "Wholesale"})
    answer = {"shortcut": "hi", "title": "Greeting", "text": "Hello {name}"}
    await admin.call("POST", "/v1/canned-replies", answer)
    chat = f"/v1/conversations/{(await open_chat(admin))['id']}"
    await admin.call("POST", f"{chat}/take-over")
    await admin.call("PUT", f"{chat}/labels", {"label_ids": [label["id"]]})
    await admin.call("POST", f"{chat}/notes", {"text": "Rings twice"})
    file = aiohttp.FormData()
    file.add_field("file", b"sku,name,price\nTEA,Tea,cheap\n", filename="goods.csv")
    async with admin.session() as session:
        taken = await session.post("/v1/products/imports", data=file)
        assert taken.ok, await taken.text()
    return admin


@pytest.fixture(scope="module")
async def ids(admin: Person) -> Mapping[str, str]:
    """Return an id of each kind that addresses of pages name."""

    async def first(path: str, **equal: str) -> str:
        listed = (await admin.call("GET", path))["data"]
        fit = (each for each in listed if equal.items() <= each.items())
        return str(next(fit)["id"])

    chat = (await open_chat(admin))["id"]
    return {
        "conversation_id": chat,
        "message_id": await first(f"/v1/conversations/{chat}/messages", direction="in"),
        "order_id": await first("/v1/orders"),
        "product_id": await first("/v1/products"),
        "import_id": await first("/v1/products/imports"),
        "user_id": await first("/v1/users"),
        "sink_id": await first("/v1/sinks"),
    }


async def open_chat(person: Person) -> Any:
    """Return the conversation with a draft."""
    return (await person.call("GET", "/v1/conversations?queue=open"))["data"][0]


def pages() -> Sequence[str]:
    """Return the path of every page, with names for ids."""
    paths = (route.path for room in CONSOLE_ROOMS for route in room.routes)
    return list(dict.fromkeys(paths))


@dataclass
class Eyes:
    """A page that is looked at; `found` is what is wrong with what was shown."""

    page: Page
    axe: Axe
    found: list[str] = field(default_factory=list)
    is_dark: bool = False

    async def look(self, name: str, *, only_contrast: bool = False) -> None:
        """Read what stands now."""
        self.found += await self.axe.findings(name, only_contrast=only_contrast)
        if await is_too_wide(self.page):
            self.found.append(f"{name}: scrolls sideways")

    async def turn(self) -> None:
        """Make wide and light narrow and dark, or the other way round."""
        self.is_dark = not self.is_dark
        await self.page.set_viewport_size(PHONE if self.is_dark else DESK)
        await self.page.emulate_media(color_scheme="dark" if self.is_dark else "light")

    async def look_at_both(self, name: str) -> None:
        """Read what stands now, and then all that it folds away, in the other light."""
        await self.page.evaluate(_SHORTEN)
        await self.look(name)
        await self.turn()
        await self.page.evaluate(_UNFOLD)
        await self.look(f"{name}, unfolded", only_contrast=True)

    async def go(self, path: str) -> None:
        """Open a page that is there."""
        answer = await self.page.goto(path)
        assert answer is not None
        assert answer.ok, path


@asynccontextmanager
async def looking(person: Person, browser: Browser) -> AsyncIterator[Eyes]:
    """Yield a window of theirs. Fails at its end for all that was found."""
    path = "/console/settings/account"
    async with person.at(browser, path, viewport=DESK) as page:
        eyes = Eyes(page, await Axe.of(page.context, page))
        yield eyes
    assert eyes.found == []


async def test_what_keeps_somebody_out_is_found(browser: Browser) -> None:
    pale = "<p style='color: silver'>pale</p>"
    context = await browser.new_context()
    page = await context.new_page()
    axe = await Axe.of(context, page)
    await page.goto(f"data:text/html,<main><h1>Wrong</h1>{pale}{pale}<input></main>")
    found = [each.split(": ")[1] for each in await axe.findings("a page")]
    assert sorted(set(found)) == [
        *("color-contrast", "document-title", "html-has-lang", "label")
    ]
    assert found.count("color-contrast") == 1  # Both look the same.
    await context.close()


async def test_nobody_is_kept_out_of_any_page(
    browser: Browser, admin: Person, ids: Mapping[str, str]
) -> None:
    async with looking(admin, browser) as eyes:
        for path in pages():
            await eyes.go(_PLACE.sub(lambda name: ids[name[1]], path))
            await eyes.look_at_both(path)


async def test_nobody_is_kept_out_where_there_is_nothing(
    browser: Browser, house: House
) -> None:
    """Also where nobody is signed in yet, and where something is refused."""
    shop = await add_test_tenant(house.runtime.database, "tenant_empty")
    owner = await signed_in(house, role=Role.ADMIN, tenant_id=shop)
    async with looking(owner, browser) as eyes:
        page = eyes.page
        for name in ("inbox", "orders", "catalog", "overview", "settings/sinks"):
            await eyes.go(f"/console/{name}")
            await expect(page.locator(".empty")).to_be_visible()
            await eyes.look(f"{name} of an empty shop")
        await page.goto("/console/orders/ord_none")
        await eyes.look_at_both("an error")
        await page.context.clear_cookies()
        await eyes.go("/console/orders")
        await eyes.look_at_both("sign-in")
        await page.get_by_label("Email").fill("ana@shop.example")
        await page.get_by_label("Password").fill("wrong horse battery")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_be_visible()
        await eyes.look_at_both("a refused sign-in")


async def test_nobody_is_kept_out_by_what_opens(
    browser: Browser, admin: Person, ids: Mapping[str, str]
) -> None:
    async with looking(admin, browser) as eyes:
        page = eyes.page
        await eyes.go(f"/console/conversations/{ids['conversation_id']}")
        await page.locator("#line-L1 [data-why]").click()
        await expect(page.locator("#why-L1")).to_be_visible()
        await eyes.look("why a line is there")
        await page.locator("#search-add").fill("tea")
        option = page.get_by_role("option", name="Tea")
        await expect(option).to_be_visible()
        await eyes.look("a search for a product")
        await page.locator("#search-add").fill("")
        await page.locator("[data-load-part=assign] summary").click()
        await expect(page.get_by_role("button", name="Next in turn")).to_be_visible()
        await eyes.look("assigning")
        await page.locator("[data-load-part=assign] summary").click()
        await page.locator("[data-zoom]").click()
        await expect(page.locator("[data-zoomed]")).to_be_visible()
        await eyes.look("a zoomed picture")
        await page.keyboard.press("Escape")
        await page.locator("#draft-title").focus()
        await page.keyboard.press("?")
        await expect(page.locator("[data-keys]")).to_be_visible()
        await eyes.look("the list of keys")
        await page.keyboard.press("Escape")
        await eyes.turn()
        for view in ("draft", "chat"):
            await page.locator(f"[data-show={view}]").click()
            await eyes.look(f"the {view} on a phone")
        await page.locator(".me summary").click()
        await eyes.look("one's own menu on a phone")
        await eyes.go(f"/console/orders/{ids['order_id']}")
        await page.locator(".ask summary", has_text="Cancel order").click()
        await eyes.look("a question before an order is cancelled")


async def test_nobody_is_kept_out_right_to_left(
    browser: Browser, admin: Person, ids: Mapping[str, str]
) -> None:
    rooms = ("catalog", "settings/rules")
    async with looking(admin, browser) as eyes:
        await eyes.turn()
        for path in (f"conversations/{ids['conversation_id']}", *rooms):
            await eyes.go(f"/console/{path}")
            await eyes.page.evaluate(_MIRROR)
            await eyes.look(f"{path} from right to left", only_contrast=True)


async def test_nobody_is_kept_out_of_the_phones(browser: Browser, house: House) -> None:
    context = await browser.new_context(
        base_url=house.shop.url, reduced_motion="reduce", viewport=DESK
    )
    page = await context.new_page()
    eyes = Eyes(page, await Axe.of(context, page))
    await eyes.go("/")
    await expect(page.locator("#connection")).to_have_text("connected")
    await expect(page.locator(".device article").first).to_be_visible()
    await eyes.look_at_both("the phones")
    await context.close()
    assert eyes.found == []
