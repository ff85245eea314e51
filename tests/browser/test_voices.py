"""The second of a voice note that a line comes from: shown, gone to, and played."""

import re
import shutil
from collections.abc import AsyncIterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, expect
from sqlalchemy import update

from bot.inbox.table import media
from tests.console import Person, is_too_wide, signed_in
from tests.house import House, open_house
from tests.openai_reader import obliging
from tests.openai_server import openai_server, settings_for

pytestmark = pytest.mark.browser

VOICE = (resources.files("bot.simulator.page.samples") / "voice.ogg").read_bytes()
#: Each word takes half a second: the bagel comes at 3.
SAID = "hello I take 2 latte and 1 bagel"


@pytest.fixture(scope="module")
async def house(
    migrated_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("voices")
    url = f"sqlite:///{shutil.copy(migrated_file, folder / 'test.db')}"
    async with openai_server() as server:
        server.mind, server.speech = obliging, lambda _: SAID
        timed = settings_for(server, openai_transcribe_model="whisper-1")
        async with open_house(url, folder, settings=timed) as house:
            await house.phone().send_voice(VOICE)
            await house.rest()
            yield house


@pytest.fixture(scope="module")
async def agent(house: House) -> Person:
    return await signed_in(house)


async def path_of(house: House) -> str:
    return f"/console/conversations/{(await house.chat(house.phone())).id}"


async def state(player: Locator) -> tuple[float, bool]:
    """Return where a player is, and whether it is silent."""
    there: Any = await player.evaluate("each => [each.currentTime, each.paused]")
    return there[0], there[1]


async def test_a_line_shows_its_second_and_a_tap_goes_there_without_a_sound(
    house: House, agent: Person, browser: Browser
) -> None:
    path, size = await path_of(house), {"width": 1440, "height": 900}
    async with agent.at(browser, path, viewport=size) as page:
        player, chips = page.locator("audio"), page.locator("[data-moments] button")
        line = page.locator("#line-L2")
        await expect(chips).to_have_count(0)
        await line.hover(position={"x": 60, "y": 12})
        await expect(chips).to_have_text("Listen from \u20660:03\u2069")
        await expect(page.locator("mark[data-lit]")).to_have_text("1 bagel")
        assert await state(player) == (0, True), "pointing moves nothing"
        # On the way to it, and at it, it stays.
        await player.hover()
        await page.wait_for_timeout(900)
        await expect(chips).to_have_count(1)
        await line.locator("[data-why]").click()
        assert await state(player) == (2.75, True), "a little before the word"
        # Where nothing can be pressed, too.
        await page.locator("#line-L1 .line-total").click()
        await expect(chips).to_have_text("Listen from \u20660:01\u2069")
        assert await state(player) == (1.25, True)
        await chips.click()
        await expect(chips).to_be_focused()
        at, is_silent = await state(player)
        assert (at >= 1.25, is_silent) == (True, False)
        await line.locator(".line-total").click()
        at, is_silent = await state(player)
        assert (at < 2.5, is_silent) == (True, False), "what is listened to goes on"


async def test_on_a_phone_it_is_played_from_beside_the_words_in_any_direction(
    house: House, agent: Person, browser: Browser
) -> None:
    async with house.runtime.database.transaction() as connection:
        # Of a model that tells no times.
        reading = {"transcript": SAID, "seconds": 4.76}
        await connection.execute(update(media).values(reading=reading))
    size = {"width": 360, "height": 740}
    async with agent.at(browser, await path_of(house), viewport=size) as page:
        await page.evaluate("document.documentElement.dir = 'rtl'")
        await page.locator("[data-show=draft]").click()
        await page.locator("#line-L1 [data-why]").click()
        beside = page.get_by_role("button", name="Listen from \u2066≈ 0:01\u2069")
        await expect(beside).to_have_attribute("title", re.compile("Estimated"))
        await beside.focus()
        await page.keyboard.press("Enter")
        player = page.locator("audio")
        await expect(player).to_be_in_viewport()
        assert (await state(player))[1] is False
        assert not await is_too_wide(page)
