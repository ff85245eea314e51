"""The inbox in a browser: live, by keyboard, on a phone, beside a silent bot."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.console import Person, signed_in
from tests.house import House, open_house

pytestmark = pytest.mark.browser

ANA, MEHMET = "905320000001", "905320000002"
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 360, "height": 740}


@pytest.fixture(scope="module")
async def house(
    migrated_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("desk")
    file = shutil.copy(migrated_file, folder / "test.db")
    async with open_house(f"sqlite:///{file}", folder) as house:
        await house.phone(ANA, "Ana").say("2 latte")
        await house.phone(MEHMET, "Mehmet").say("1 tea")
        await house.settle()
        yield house


@pytest.fixture(scope="module")
async def deniz(house: House) -> Person:
    return await signed_in(house)


async def chat(house: House, number: str) -> str:
    return f"/console/conversations/{(await house.chat(house.phone(number))).id}"


async def test_what_a_customer_writes_appears_without_a_reload(
    browser: Browser, house: House, deniz: Person
) -> None:
    async with deniz.at(browser, await chat(house, ANA), viewport=WIDE) as page:
        await page.evaluate("window.isSame = true")
        await page.locator("#search").fill("an")
        await house.phone(ANA).say("and 3 tea please")
        said = page.locator("[data-words]", has_text="and 3 tea please")
        await expect(said).to_be_visible(timeout=15_000)
        row = page.locator(".row[aria-current]")
        await expect(row).to_contain_text("Ana")
        assert await page.evaluate("window.isSame")
        assert await page.locator("#search").input_value() == "an"
        await expect(page.locator("#search")).to_be_focused()


async def test_taking_over_silences_the_bot_until_it_is_handed_back(
    browser: Browser, house: House, deniz: Person
) -> None:
    mehmet = house.phone(MEHMET)
    async with deniz.at(browser, await chat(house, MEHMET), viewport=WIDE) as page:
        await expect(page.locator("#reply")).to_have_count(0)
        await page.keyboard.press("t")
        await expect(page.locator("#reply")).to_be_focused(timeout=15_000)
        await house.settle()
        seen = len(mehmet.inbox)
        await mehmet.say("are you there?")
        await house.settle()
        assert len(mehmet.inbox) == seen
        await page.keyboard.type("Yes, I am.")
        await page.keyboard.press("Enter")
        await expect(page.locator(".by-agent")).to_contain_text("Yes, I am.")
        await expect(page.locator("#reply")).to_have_value("")
        (heard,) = await house.hears(mehmet, seen)
        assert heard.text == "Yes, I am."
        await page.locator("[data-key=h]").click()
        await expect(page.locator("[data-toasts]")).to_contain_text("Tea")
        await expect(page.locator("#reply")).to_have_count(0)
        assert await house.hears(mehmet, seen + 1)


async def test_the_keyboard_is_enough(
    browser: Browser, house: House, deniz: Person
) -> None:
    async with deniz.at(browser, viewport=WIDE) as page:
        await page.keyboard.press("j")
        first = page.locator(".row a").first
        await expect(first).to_be_focused()
        await page.keyboard.press("j")
        await expect(page.locator(".row a").nth(1)).to_be_focused()
        await page.keyboard.press("k")
        await page.keyboard.press("/")
        await page.keyboard.type("mehm")
        await page.keyboard.press("Enter")
        only = page.locator(".row a")
        await expect(only).to_have_count(1)
        await expect(only).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.locator("h1")).to_have_text("Mehmet")
        assert "search=mehm" in page.url
        await expect(page.locator(".row")).to_have_count(1)


async def test_a_phone_shows_one_column_and_a_way_back(
    browser: Browser, house: House, deniz: Person
) -> None:
    async with deniz.at(browser, viewport=NARROW) as page:
        await page.locator(".row a", has_text="Ana").click()
        await expect(page.locator(".chat")).to_be_visible()
        await expect(page.locator(".queue")).to_be_hidden()
        await expect(page.locator(".draft")).to_be_hidden()
        await page.locator("[data-show=draft]").click()
        await expect(page.locator(".draft")).to_be_visible()
        await expect(page.locator(".chat")).to_be_hidden()
        for path in (page.url, "/console/inbox"):
            await page.goto(path)
            assert await page.evaluate("document.documentElement.scrollWidth") <= 360
        await page.goto(await chat(house, ANA))
        await page.locator("[data-back]").click()
        await expect(page.locator(".row")).to_have_count(2)
