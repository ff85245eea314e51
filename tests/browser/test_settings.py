"""The settings in Chromium: a key that is shown once, a rule that the bot follows."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Browser, expect

from bot.inbox.accounts import Role
from tests.console import Person, signed_in
from tests.house import House, open_house

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
async def house(
    migrated_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("settings")
    file = shutil.copy(migrated_file, folder / "test.db")
    async with open_house(f"sqlite:///{file}", folder) as house:
        yield house


@pytest.fixture(scope="module")
async def admin(house: House) -> Person:
    return await signed_in(house, "Ada Ak", Role.ADMIN)


async def test_a_key_is_shown_once_works_and_is_revoked(
    house: House, admin: Person, browser: Browser
) -> None:
    async with admin.at(browser, "/console/settings/keys") as page:
        await page.keyboard.press("n")
        await page.get_by_label("Name").fill("Till")
        await page.get_by_role("button", name="Make the key").click()
        shown = page.locator("[data-once-values] code")
        await expect(shown).to_be_visible()
        key = await shown.inner_text()
        assert await works(house, key) == 200

        row = page.get_by_role("row").filter(has_text="Till")
        await row.get_by_text("Revoke", exact=True).click()
        await row.get_by_role("button", name="Revoke the key").click()
        await expect(row).to_contain_text("Revoked")
        assert await works(house, key) == 401
        await page.reload()
        assert key not in await page.content()


async def works(house: House, key: str) -> int:
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        aiohttp.ClientSession(house.shop.url, headers=headers) as session,
        session.get("/v1/me") as answer,
    ):
        return answer.status


async def test_the_bot_follows_a_rule_that_was_changed(
    house: House, admin: Person, browser: Browser
) -> None:
    async with admin.at(
        browser, "/console/settings/rules", viewport={"width": 360, "height": 740}
    ) as page:
        least = page.locator('[name="rules.minimum_order"]')
        await least.fill("900.001")
        await page.get_by_role("button", name="Save the rules").click()
        beside = page.locator('[data-field="rules.minimum_order"] [data-at]')
        await expect(beside).to_contain_text("decimals")

        await least.fill("900")
        await page.get_by_role("button", name="Add a way to pay").click()
        ways = page.locator('[data-field^="rules.payments.0"]')
        await ways.get_by_label("Id").fill("invoice")
        await ways.get_by_label("English").first.fill("Invoice")
        await page.get_by_role("button", name="Save the rules").click()
        await expect(page.get_by_text("Saved")).to_be_visible()
        await expect(least).to_have_value("900.00")
        await expect(beside).to_have_count(0)
    rules = (await admin.call("GET", "/v1/shop-rules"))["rules"]
    assert rules["payments"][0]["names"] == {"en": "Invoice"}
    assert set(rules["required"]) == {"name", "fulfilment", "address"}

    ana = house.phone()
    await ana.say("2 latte, pick-up, my name is Ana")
    await house.settle()
    assert "729.00 away" in ana.inbox[-1].text  # Two lattes are 171.00.
