"""Pages of a session that ends, and of one that gets another cookie."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from playwright.async_api import Browser, Route, expect

from bot.inbox.accounts import Role
from bot.inbox.sessions import end_all
from bot.web.console.live import STREAMS
from tests.bot.web.console.test_leaving import NEW, OLD, with_password
from tests.console import Person, signed_in
from tests.house import House, open_house

pytestmark = pytest.mark.browser

#: Slow machines are slow, and nothing here measures time.
expect.set_options(timeout=15_000)


def tick_often(app: web.Application) -> None:
    app[STREAMS].tick = 0.5


@pytest.fixture(scope="module")
async def house(
    migrated_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("leaving")
    file = shutil.copy(migrated_file, folder / "test.db")
    async with open_house(f"sqlite:///{file}", folder, prepare=tick_often) as house:
        yield house


@pytest.fixture(scope="module")
async def boss(house: House) -> Person:
    return await signed_in(house, "Boss", Role.ADMIN)


async def test_a_page_whose_session_was_revoked_says_so_and_leads_to_sign_in(
    browser: Browser, house: House, boss: Person
) -> None:
    leaver = await signed_in(house, "Lea")
    async with leaver.at(browser, "/console/inbox?queue=human") as page:
        beside = await page.context.new_page()
        await beside.goto("/console/catalog")
        for tab in (page, beside):
            await expect(tab.locator("html")).to_have_attribute("data-live", "sse")
        query = f"?user_id={leaver.user.id}"
        (session,) = (await boss.call("GET", f"/v1/sessions{query}"))["data"]
        await boss.call("DELETE", f"/v1/sessions/{session['id']}")
        for tab in (page, beside):
            await expect(tab.get_by_role("status")).to_have_text(
                "You are signed out here. Sign in to go on where you were."
            )
        back = page.locator("input[name=next]")
        await expect(back).to_have_value("/console/inbox?queue=human")


async def test_a_page_without_a_live_connection_does_not_ask_for_ever(
    browser: Browser, house: House
) -> None:
    async def cut(route: Route) -> None:
        await route.abort()

    leaver = await signed_in(house, "Lea")
    async with leaver.at(browser, "/console/settings/account") as page:
        await page.route("**/console/live", cut)
        await page.goto("/console/settings/account")
        state = page.locator("html")
        await expect(state).to_have_attribute("data-live", "polling")
        async with house.runtime.database.transaction() as connection:
            await end_all(connection, house.tenant_id, leaver.user.id)
        await expect(page.get_by_role("status")).to_contain_text("signed out")


async def test_who_changes_their_password_is_not_signed_out_in_any_tab(
    browser: Browser, house: House, boss: Person
) -> None:
    phone = house.phone("905551112290", "Ana")
    await phone.say("2 tea")
    await house.rest()
    person = await with_password(house, boss, "Pia")
    name, token = next(iter(person.cookies.items()))
    async with person.at(browser, "/console/settings/account") as page:
        beside = await page.context.new_page()
        await beside.goto(f"/console/conversations/{(await house.chat(phone)).id}")
        await expect(beside.locator("html")).to_have_attribute("data-live", "sse")
        await page.locator("input[name=current]").fill(OLD)
        await page.locator("input[name=password]").fill(NEW)
        await page.locator("form[data-call='PUT /v1/me/password'] button").click()
        await expect(page.locator(".toast")).to_be_visible()
        cookies = {each["name"]: each["value"] for each in await page.context.cookies()}
        assert cookies[name] != token
        # What was open before acts, and hears.
        await beside.keyboard.press("t")
        await expect(beside.locator("#reply")).to_be_focused()
        await phone.say("hello?")
        await expect(beside.locator(".chat")).to_contain_text("hello?")
        assert "/console/conversations/" in beside.url
        assert page.url.endswith("/console/settings/account")
