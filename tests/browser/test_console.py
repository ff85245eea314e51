"""The console as people live in it: whole stories, from a phone to the shop's ERP."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Route, ViewportSize, expect

from bot.inbox.accounts import Role
from bot.inbox.news import What
from bot.inbox.sessions import end_all
from bot.simulator.erp import Step
from tests.console import Person, is_too_wide, signed_in
from tests.house import House, open_house

pytestmark = pytest.mark.browser

WIDE: ViewportSize = {"width": 1440, "height": 900}
NARROW: ViewportSize = {"width": 360, "height": 740}
PASSWORD = "correct horse battery"
#: Before the page's own scripts run, as a language would have it.
_MIRRORED = """document.addEventListener("readystatechange", () => {
  document.documentElement.dir = "rtl";
});"""
#: Slow machines are slow, and nothing here measures time.
expect.set_options(timeout=15_000)


@pytest.fixture(scope="module")
async def house(
    migrated_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    """Return a shop whose ERP works on an order only when a test says so."""
    folder = tmp_path_factory.mktemp("console")
    file = shutil.copy(migrated_file, folder / "test.db")
    async with open_house(f"sqlite:///{file}", folder) as house:
        house.erp.provisioning_seconds = 3600
        yield house


@pytest.fixture(scope="module")
async def admin(house: House) -> Person:
    return await signed_in(house, "Mete Kurt", Role.ADMIN)


async def test_from_the_phone_to_the_erp_and_back(
    browser: Browser, house: House, admin: Person
) -> None:
    agent = await signed_in(house, "Deniz Ak Su")
    known = {"external_id": "emp-7", "sales_code": "S7", "team": "Kadikoy"}
    await admin.call("PATCH", f"/v1/users/{agent.user.id}", known)
    ana = house.phone("905551112233", "Ana Yilmaz")

    async with agent.at(browser, "/console/inbox", viewport=WIDE) as page:
        # What a customer writes appears in the inbox, and a key opens it.
        await expect(page.locator(".queue .empty")).to_be_visible()
        await page.evaluate("window.isSame = true")
        await ana.say("2 latte and a croissant, pick up")
        row = page.locator(".row", has_text="Ana Yilmaz")
        await expect(row).to_contain_text("Draft open")
        assert await page.evaluate("window.isSame")
        await house.rest()
        await page.keyboard.press("j")
        await page.keyboard.press("Enter")
        await expect(page.locator("h1")).to_have_text("Ana Yilmaz")

        # While the agent has it the bot is silent.
        await page.keyboard.press("t")
        await expect(page.locator("#reply")).to_be_focused()
        await page.keyboard.press("Escape")
        await house.rest()
        seen = len(ana.inbox)
        await ana.say("is anybody there?")
        said = page.locator("[data-words]", has_text="is anybody there?")
        await expect(said).to_be_visible()
        await house.rest()
        assert len(ana.inbox) == seen

        # The doubtful product is chosen; what is right is confirmed.
        confirm = page.locator("#draft-confirm button")
        await expect(confirm).to_be_disabled()
        await expect(page.locator("#draft-lacks")).to_contain_text("product")
        await page.get_by_role("button", name="Almond Croissant").focus()
        await page.keyboard.press("Enter")
        await expect(confirm).to_be_enabled()
        await expect(confirm).to_have_text("Confirm order · ₺269.00")
        await page.keyboard.press("c")
        order = page.locator(".past-orders a")
        await expect(order).to_have_text("Order 1")
        await house.rest()
        assert len(ana.inbox) > seen

        # The bot goes on where it was left.
        await page.keyboard.press("h")
        await expect(page.locator("#reply")).to_have_count(0)
        await ana.say("1 tea, pick up")
        line = page.locator("#line-L1")
        await expect(line).to_contain_text("Tea")
        await house.rest()
        assert "Tea" in (ana.inbox[-1].text or "")

        # What the ERP got names the seller; what it answers appears by itself.
        (placed,) = await house.orders()
        await page.goto(f"/console/orders/{placed.id}")
        states = page.locator(".states")
        await expect(states).to_contain_text("being handed over")
        await page.evaluate("window.isSame = true")
        await house.erp.move(placed.id, Step.PROVISIONED)
        await expect(states).to_contain_text("in your system")
        await expect(page.get_by_text("ERP-00001")).to_be_visible()
        assert await page.evaluate("window.isSame")

    got = house.erp.orders[placed.id].payload
    assert got is not None
    assert got["salesPerson"] == {
        "objectId": agent.user.id,
        "name": "Deniz",
        "lastName": "Ak Su",
        "salesPersonCode": "S7",
        "externalId": "emp-7",
    }
    assert got["team"] == {"objectId": "Kadikoy", "name": "Kadikoy"}


async def test_right_to_left_everything_is_mirrored_and_nothing_is_cut(
    browser: Browser, house: House, admin: Person
) -> None:
    mehmet = house.phone("905551112244", "Mehmet")
    await mehmet.say("a latte and 3 flurbs")
    await house.rest()
    chat = f"/console/conversations/{(await house.chat(mehmet)).id}"
    rooms = ("/console/inbox", "/console/orders", "/console/catalog")
    async with admin.at(browser, viewport=WIDE) as page:
        await page.add_init_script(_MIRRORED)
        await page.goto(chat)
        columns = (".draft", ".chat", ".queue", ".rail")
        boxes = [await page.locator(each).bounding_box() for each in columns]
        places = [box["x"] for box in boxes if box is not None]
        assert len(places) == len(columns)
        assert places == sorted(places)
        for path in (chat, *rooms):
            await page.goto(path)
            for viewport in (WIDE, NARROW):
                await page.set_viewport_size(viewport)
                assert not await is_too_wide(page), (path, viewport)


async def test_who_signed_out_leaves_nothing_behind(
    browser: Browser, house: House, admin: Person
) -> None:
    person = {"name": "Bea Er", "email": "bea@shop.example", "role": "agent"}
    await admin.call("POST", "/v1/users", {**person, "password": PASSWORD}, status=201)
    context = await browser.new_context(base_url=house.shop.url, viewport=NARROW)
    page = await context.new_page()
    await page.goto("/console/orders")
    await expect(page).to_have_title("Sign in · chatorder")
    await page.get_by_label("Email").fill(person["email"])
    await page.get_by_label("Password").fill("wrong horse battery")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("do not go together")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Orders")).to_be_visible()
    await page.locator(".me summary").click()
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_label("Password")).to_be_visible()
    await page.go_back()
    await expect(page.get_by_label("Password")).to_be_visible()
    await expect(page.get_by_role("heading", name="Orders")).to_have_count(0)
    assert "sign-in" in page.url
    await context.close()


async def test_an_open_page_leads_to_signing_in_when_its_session_ends(
    browser: Browser, house: House
) -> None:
    leaver = await signed_in(house, "Lale Can")
    async with leaver.at(browser, "/console/inbox", viewport=NARROW) as page:
        async with house.runtime.database.transaction() as connection:
            await end_all(connection, house.tenant_id, leaver.user.id)
        house.runtime.news.tell(house.tenant_id, None, What.CHAT)
        await expect(page).to_have_title("Sign in · chatorder")
        await expect(page.get_by_label("Password")).to_be_visible()


async def test_a_stream_that_says_goodbye_leads_every_page_to_signing_in(
    browser: Browser, house: House
) -> None:
    leaver, over = await signed_in(house, "Lale Can"), asyncio.Event()
    context = await leaver.browse(browser, viewport=NARROW)

    async def say_goodbye(route: Route) -> None:
        await over.wait()
        said = 'event: bye\ndata: {"why":"session"}\n\n'
        await route.fulfill(content_type="text/event-stream", body=said)

    await context.route("**/console/live", say_goodbye)
    pages = [await context.new_page() for _ in range(2)]
    for page in pages:
        await page.goto("/console/settings/account")
    async with house.runtime.database.transaction() as connection:
        await end_all(connection, house.tenant_id, leaver.user.id)
    over.set()
    for page in pages:
        await expect(page).to_have_title("Sign in · chatorder")
        assert "next=%2Fconsole%2Fsettings%2Faccount" in page.url
    await context.close()
