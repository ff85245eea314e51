"""The draft beside the chat, in Chromium: corrected, disputed, confirmed."""

import json
import re
import shutil
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from bot.inbox.accounts import Role
from tests.console import Person, signed_in
from tests.drawings import ean, held_sideways, photo_of, qr
from tests.house import House, open_house

LAPTOP = {"width": 1440, "height": 900}


@pytest.fixture(scope="module")
async def house(
    migrated_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("draft")
    file = shutil.copy(migrated_file, folder / "test.db")
    async with open_house(f"sqlite:///{file}", folder) as house:
        yield house


@pytest.fixture(scope="module")
async def agent(house: House) -> Person:
    return await signed_in(house)


async def conversation(house: House, number: str, *texts: str) -> str:
    """Let somebody write; return the address of their conversation's page."""
    phone = house.phone(number, "Ana")
    for text in texts:
        await phone.say(text)
        await house.rest()
    return f"/console/conversations/{(await house.chat(phone)).id}"


async def pick(page: Page, field: str, words: str, name: str) -> None:
    """Search for a product and take the one of that name, with the keyboard."""
    await page.fill(field, words)
    option = page.get_by_role("option", name=name)
    await expect(option).to_be_visible()
    while await option.get_attribute("aria-selected") != "true":
        await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")


async def test_an_agent_sees_why_corrects_takes_back_and_confirms(
    house: House, agent: Person, browser: Browser
) -> None:
    path = await conversation(house, "905550000001", "2 latte, 1 croissant", "pick up")
    async with agent.at(browser, path, viewport=LAPTOP) as page:
        await page.locator("#line-L1 [data-why]").focus()
        await expect(page.locator("mark[data-lit]")).to_have_text("2 latte")
        await page.locator("#open-U2").hover(position={"x": 60, "y": 12})
        await expect(page.locator("mark[data-lit]")).to_have_text("1 croissant")
        await page.get_by_role("button", name="Almond Croissant").click()
        await expect(page.locator("#draft-said")).to_contain_text("Almond Croissant")
        await page.locator("#line-L1 [data-why]").click()
        await pick(page, "#search-line-L1", "carrot cake", "Carrot Cake")
        line = page.locator("#line-L1")
        await expect(line.locator(".line-name")).to_have_text("Carrot Cake")
        await page.get_by_role("button", name="Take back").click()
        await expect(line.locator(".line-name")).to_have_text("Latte")
        await page.get_by_role("button", name="One less Latte").click()
        await expect(line.locator(".line-total")).to_have_text("₺85.50")
        await page.get_by_role("button", name="Confirm order · ₺183.50").click()
        link = page.locator(".past-orders a")
        await expect(link).to_have_text("Order 1")
        assert (await link.get_attribute("href") or "").startswith("/console/orders/")
    (order,) = await house.orders()
    assert order.number == 1


async def test_of_two_agents_the_second_sees_the_difference_and_loses_nothing(
    house: House, agent: Person, browser: Browser
) -> None:
    path = await conversation(house, "905550000003", "2 latte")
    boss = await signed_in(house, "Mete Kurt", Role.MANAGER)
    async with agent.at(browser, path, viewport=LAPTOP) as page:
        await page.keyboard.press("e")
        await page.fill("#edit-note", "ring twice")
        chat = await agent.call("GET", path.replace("/console", "/v1"))
        change = {"type": "set_quantity", "line_id": "L1", "quantity": "5"}
        body = {"version": chat["draft"]["version"], "changes": [change]}
        await boss.call("POST", f"/v1/drafts/{chat['draft']['id']}/changes", body)
        await page.locator("#draft-edit-form button.primary").click()
        notice = page.locator("#draft-conflict")
        await expect(notice).to_contain_text("Mete Kurt was faster")
        await expect(notice).to_contain_text(re.compile("2 . Latte . 5 . Latte"))
        await expect(page.locator("#edit-note")).to_have_value("ring twice")
        await page.get_by_role("button", name="Do it again").click()
        note = page.locator("#fact-note .opens")
        await expect(note).to_have_text("ring twice")
        await expect(page.locator("#quantity-L1")).to_have_value("5")
        await expect(notice).to_be_empty()


async def test_what_an_agent_empties_is_taken_back(
    house: House, agent: Person, browser: Browser
) -> None:
    path = await conversation(house, "905550000013", "2 latte, delivery")
    chat = (await agent.call("GET", path.replace("/console", "/v1")))["draft"]
    where = {"type": "set_address", "address": {"text": "Lale 5", "city": "Izmir"}}
    changes = [{"type": "set_note", "note": "ring twice"}, where]
    body = {"version": chat["version"], "changes": changes}
    await agent.call("POST", f"/v1/drafts/{chat['id']}/changes", body)
    async with agent.at(browser, path, viewport=LAPTOP) as page:
        await page.keyboard.press("e")
        for name in ("note", "address", "name"):
            await page.fill(f"#edit-{name}", "")
        await page.locator("#draft-edit-form button.primary").click()
        await expect(page.locator("#fact-note")).to_have_count(0)
        await expect(page.locator("#draft-lacks")).to_contain_text("Address")
    draft = await agent.call("GET", f"/v1/drafts/{chat['id']}")
    assert [draft[name] for name in ("note", "address", "name")] == [None] * 3


async def test_a_draft_is_confirmed_without_a_mouse(
    house: House, agent: Person, browser: Browser
) -> None:
    path = await conversation(house, "905550000004", "2 latte, pick up")
    async with agent.at(browser, path, viewport={"width": 360, "height": 740}) as page:
        await page.locator("[data-show=draft]").focus()
        await page.keyboard.press("Enter")
        await page.keyboard.press("a")
        await pick(page, "#search-add", "2 tea", "Tea")
        await expect(page.locator("#line-L2")).to_contain_text("₺60.00")
        await page.keyboard.press("Escape")
        await page.keyboard.press("c")
        await expect(page.locator(".past-orders a")).to_be_visible()


async def test_quick_presses_lose_nothing_and_meet_no_conflict(
    house: House, agent: Person, browser: Browser
) -> None:
    words = "2 latte and 1 tea and 1 bagel, pick up"
    path = await conversation(house, "905550000005", words)
    async with agent.at(browser, path, viewport=LAPTOP) as page:
        for name in ("more Latte", "more Latte", "more Tea"):
            await page.get_by_role("button", name=f"One {name}").click()
        await page.get_by_role("button", name="Take out Bagel").click()
        await page.get_by_role("button", name="One more Tea").click()
        await expect(page.locator("#line-L3")).to_have_count(0)
        await expect(page.locator("#line-L1 .line-total")).to_have_text("₺342.00")
        await expect(page.locator("#line-L2 .line-total")).to_have_text("₺90.00")
        await expect(page.locator("#draft-conflict")).to_be_empty()
        # Confirming what the button no longer says asks once more.
        await page.get_by_role("button", name="One more Tea").click()
        await page.locator("#draft-confirm button").click()
        await expect(page.locator("#line-L2 .line-total")).to_have_text("₺120.00")
        await expect(page.locator("#draft-confirm button")).to_contain_text("₺462.00")


# -- what was seen in a photo ---------------------------------------------------------

BAGEL, TEA = "8690000000012", "4006381333931"
#: A portrait of 900 x 1200 pixels, and where its codes are: left, top, width, height.
#: In the chat a photo fills a box that is wider than high: the first is cut off there.
PHOTO = photo_of(ean(BAGEL), qr(TEA)).crop((0, 0, 900, 1200))
PLACES = {"L1": (253, 120, 284, 150), "L2": (236, 401, 84, 84)}


async def framed(photo: Locator) -> Sequence[float]:
    """Return which part of a photo is framed, in its own pixels, as it is seen."""
    line = photo.locator("xpath=..").locator("svg.spot .line")
    await expect(line).to_have_count(1)
    frame, box = await line.bounding_box(), await photo.bounding_box()
    fit = await photo.evaluate("image => getComputedStyle(image).objectFit")
    assert frame is not None
    assert box is not None
    assert box["y"] <= frame["y"], "none of it is cut off"
    assert frame["y"] + frame["height"] <= box["y"] + box["height"]
    scales = box["width"] / 900, box["height"] / 1200
    scale = max(scales) if fit == "cover" else min(scales)
    left = box["x"] + (box["width"] - 900 * scale) / 2
    top = box["y"] + (box["height"] - 1200 * scale) / 2
    return (
        (frame["x"] - left) / scale,
        (frame["y"] - top) / scale,
        frame["width"] / scale,
        frame["height"] / scale,
    )


async def test_what_a_line_was_seen_by_is_framed_in_the_photo_and_in_the_large_one(
    house: House, agent: Person, browser: Browser
) -> None:
    await house.change("BAGEL", gtin=BAGEL)
    await house.change("TEA", gtin=TEA)
    ana = house.phone("905550000008", "Ana")
    await ana.send_image(held_sideways(PHOTO))
    await house.rest()
    await ana.say("2 more tea")
    await house.rest()
    path = f"/console/conversations/{(await house.chat(ana)).id}"
    async with agent.at(browser, path, viewport=LAPTOP, color_scheme="dark") as page:
        photo = page.locator("[data-picture]")
        large = page.locator("[data-zoomed] img")
        for line, place in PLACES.items():
            # Within 3 % of the photo.
            nearly = pytest.approx(place, abs=27)
            await page.locator(f"#line-{line}").hover(position={"x": 60, "y": 12})
            assert await framed(photo) == nearly
            await page.locator(f"#line-{line} [data-why]").click()
            await expect(page.locator(f"#why-{line}")).to_contain_text("In a picture")
            await photo.click()
            await large.evaluate("image => image.decode()")
            assert await framed(large) == nearly
            await page.keyboard.press("Escape")
        await page.set_viewport_size({"width": 1440, "height": 520})
        (at_photo, at_words) = await page.locator("#why-L2 .quote a").all()
        words = page.locator("[data-message] [data-words]")
        for link, there in ((at_words, words), (at_photo, photo)):
            await link.click()
            await expect(there).to_be_in_viewport(ratio=0.9)
        marks = json.dumps([{"message": await photo.get_attribute("data-picture")}])
        unknown = page.locator("#line-L1")
        await unknown.evaluate("(line, marks) => (line.dataset.marks = marks)", marks)
        await unknown.hover(position={"x": 60, "y": 12})
        await expect(photo).to_have_css("outline-style", "solid")
        await expect(page.locator("[data-message] svg.spot")).to_have_count(0)
