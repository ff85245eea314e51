"""Every page of the console is read by axe-core, wide and light, narrow and dark."""

import re
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from playwright.async_api import Browser, Page, ViewportSize

from bot.inbox.accounts import Role
from bot.web.console.registry import CONSOLE_ROOMS
from tests.console import Person, is_too_wide, signed_in
from tests.house import House, open_house

pytestmark = pytest.mark.browser

DESK: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 360, "height": 740}
#: What axe-core says of a finding that keeps somebody out.
_SERIOUS = {"serious", "critical"}
#: They show or lead to what has an address of its own.
_DOORS = {"/console", "/console/settings"}
#: What is right is not told at length: of big pages that would take longest.
_EVERYTHING = {"resultTypes": ["violations"]}
#: On the phone the same elements stand elsewhere, in other colours.
_LOOKS = {
    **_EVERYTHING,
    "runOnly": ["color-contrast", "scrollable-region-focusable"],
}
#: The next page takes the place of the one that is shown, so that axe-core is loaded
#: once. What is folded away is shown; of long lists the first rows are enough.
_SHOW = """(html) => {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  const root = document.documentElement;
  for (const { name, value } of fresh.documentElement.attributes) {
    root.setAttribute(name, value);
  }
  document.title = fresh.title;
  document.body.replaceWith(fresh.body);
}"""
_UNFOLD = """() => {
  for (const each of document.querySelectorAll("details")) each.open = true;
  for (const each of document.querySelectorAll(".why")) each.hidden = false;
  for (const list of document.querySelectorAll("ul, ol, tbody, .sentences")) {
    while (list.children.length > 4) list.lastElementChild.remove();
  }
}"""
_READ = "(options) => axe.run(document, options)"


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
        await bora.say("a latte and 3 flurbs")
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


async def open_chat(person: Person) -> Any:
    """Return the conversation with a draft."""
    return (await person.call("GET", "/v1/conversations?queue=open"))["data"][0]


def pages() -> Sequence[str]:
    """Return the path of every page, with names for ids."""
    paths = (route.path for room in CONSOLE_ROOMS for route in room.routes)
    return list(dict.fromkeys(each for each in paths if each not in _DOORS))


async def test_nobody_is_kept_out_of_any_page(browser: Browser, admin: Person) -> None:
    ids = await ids_of(admin)
    found: list[str] = []
    context = await browser.new_context(
        base_url=admin.house.shop.url, reduced_motion="reduce"
    )
    page = await context.new_page()
    await page.goto("/console/sign-in")
    await page.evaluate(AXE_FILE_PATH.read_text("utf-8"))
    found += await findings(page, "/console/sign-in")
    for path in pages():
        address = re.sub(r"\{(\w+)\}", lambda name: ids[name[1]], path)
        await page.evaluate(_SHOW, await admin.page(address))
        found += await findings(page, path)
    await context.close()
    assert found == []


async def findings(page: Page, path: str) -> Sequence[str]:
    """Return what is wrong with what is shown, wide and light, narrow and dark."""
    for screen in (PHONE, DESK):
        await page.set_viewport_size(screen)
        assert not await is_too_wide(page), f"{path} scrolls sideways"
    await page.evaluate(_UNFOLD)
    await page.emulate_media(color_scheme="light")
    wide = await page.evaluate(_READ, _EVERYTHING)
    await page.set_viewport_size(PHONE)
    await page.emulate_media(color_scheme="dark")
    narrow = await page.evaluate(_READ, _LOOKS)
    return [
        f"{path}: {each['id']}: {node['html'][:160]}"
        for each in (*wide["violations"], *narrow["violations"])
        if each["impact"] in _SERIOUS
        for node in each["nodes"][:3]
    ]


async def ids_of(person: Person) -> Mapping[str, str]:
    """Return an id of each kind that addresses of pages name."""

    async def first(path: str, **equal: str) -> str:
        listed = (await person.call("GET", path))["data"]
        fit = (each for each in listed if equal.items() <= each.items())
        return str(next(fit)["id"])

    chat = (await open_chat(person))["id"]
    return {
        "conversation_id": chat,
        "message_id": await first(f"/v1/conversations/{chat}/messages", direction="in"),
        "order_id": await first("/v1/orders"),
        "product_id": await first("/v1/products"),
        "import_id": await first("/v1/products/imports"),
        "user_id": await first("/v1/users"),
        "sink_id": await first("/v1/sinks"),
    }
