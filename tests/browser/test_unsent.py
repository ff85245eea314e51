"""What somebody typed, pressed twice, or sent into the dark, in Chromium."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Request, Route, expect

from bot.inbox.accounts import Role
from bot.inbox.sessions import begin, new_token
from bot.web.auth import cookie_of
from tests.console import Person, signed_in
from tests.house import House, open_house

pytestmark = pytest.mark.browser

LABELS = "/console/settings/labels"
NAME = '[data-call="POST /v1/labels"] [name="name"]'
ADD = '[data-call="POST /v1/labels"] button'
PRICE = '[name="price.amount"]'
SAVE = f"form:has({PRICE}) button.primary"


@pytest.fixture(scope="module")
async def house(
    migrated_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("unsent")
    file = shutil.copy(migrated_file, folder / "test.db")
    async with open_house(f"sqlite:///{file}", folder) as house:
        yield house


@pytest.fixture(scope="module")
async def manager(house: House) -> Person:
    return await signed_in(house, "Mert Demir", Role.MANAGER)


async def labels(manager: Person) -> list[str]:
    return [each["name"] for each in (await manager.call("GET", "/v1/labels"))["data"]]


async def test_what_is_pressed_twice_is_done_once_and_so_is_what_had_no_answer(
    manager: Person, browser: Browser
) -> None:
    async with manager.at(browser, LABELS, locale="tr-TR") as page:
        sent: list[str] = []

        def note(request: Request) -> None:
            if request.post_data:
                sent.append(request.method)

        page.on("request", note)
        await page.locator(NAME).fill("\u202e<b>urgent</b>")
        await page.locator(ADD).click()
        await expect(page.locator(NAME)).to_have_value("")
        assert await labels(manager) == ["\u202e<b>urgent</b>"]
        save = page.locator('[data-call^="PATCH /v1/labels/"] button')
        async with page.expect_response("**/v1/labels/*"):
            await save.click()
        await expect(page.locator(".toast")).to_be_visible()
        # The second half of a double click, however late it comes.
        await save.dispatch_event("click", {"detail": 2})

        async def deliver_and_lose(route: Route) -> None:
            await route.fetch()
            await route.abort()

        await page.route("**/v1/labels", deliver_and_lose)
        await page.locator(NAME).fill("late")
        await page.locator(ADD).click()
        said = page.get_by_role("alert").filter(has_text="nothing is done twice")
        await expect(said).to_be_visible()
        await page.unroute("**/v1/labels")
        async with page.expect_response("**/v1/labels"):
            await page.locator(ADD).click()
        await expect(said).to_be_hidden()
        assert (await labels(manager)).count("late") == 1
        assert sent == ["POST", "PATCH", "POST", "POST"]
        # The same once more is wanted once more: and there is one already.
        await page.locator(NAME).fill("late")
        await page.locator(ADD).click()
        await expect(page.get_by_role("alert")).to_contain_text("already")


async def test_what_was_typed_is_there_after_signing_in_again(
    house: House, manager: Person, browser: Browser
) -> None:
    (product,) = (await manager.call("GET", "/v1/products?q=latte&limit=1"))["data"]
    path = f"/console/catalog/{product['id']}"
    async with manager.at(browser, path) as page:
        await refuses_what_may_be_thousands(page)
        await page.locator(PRICE).fill("151,50")
        await page.get_by_text("Edit", exact=True).click()
        await page.locator('[name="brand"]').fill("Sabahçı")
        await page.context.clear_cookies()  # The session is over.
        await page.locator(SAVE).click()
        await page.wait_for_url("**/console/sign-in**")
        again = await other_session(house, manager)
        await page.context.add_cookies([again])
        await page.goto(path)
        await expect(page.locator(PRICE)).to_have_value("151,50")
        await expect(page.locator('[name="brand"]')).to_have_value("Sabahçı")
        await expect(page.locator('[name="brand"]')).to_be_visible()
        await page.locator(SAVE).click()
        await expect(page.locator(PRICE)).to_have_value("151.50")
        # It was for this once: what is left behind is forgotten.
        await page.locator(PRICE).fill("9")
        await page.reload()
        await expect(page.locator(PRICE)).to_have_value("151.50")


async def refuses_what_may_be_thousands(page: Page) -> None:
    await page.locator(PRICE).fill("1.350")
    await page.locator(SAVE).click()
    wrong = await page.locator(PRICE).evaluate("one => one.validity.patternMismatch")
    assert wrong, "1350 in half the world"


async def other_session(house: House, person: Person) -> Any:
    """Return the cookie of a person who has signed in once more."""
    runtime, token = house.runtime, new_token()
    async with runtime.database.transaction() as connection:
        await begin(
            connection,
            person.user,
            token,
            id=runtime.new_id("session"),
            address=None,
            device=None,
            now=runtime.clock(),
        )
    name = cookie_of(runtime.settings)
    return {"name": name, "value": token, "url": house.shop.url}


async def test_who_was_slower_sees_what_it_is_now_and_keeps_what_was_typed(
    manager: Person, browser: Browser
) -> None:
    (product,) = (await manager.call("GET", "/v1/products?q=bagel&limit=1"))["data"]
    path = f"/console/catalog/{product['id']}"
    async with manager.at(
        browser, path, viewport={"width": 360, "height": 740}
    ) as page:
        await page.locator("summary", has_text="Take off the shelf").click()
        box = await page.locator("details.ask[open] .ask-body").bounding_box()
        assert box is not None
        assert box["x"] >= 0, "it opens on the page"
        assert box["x"] + box["width"] <= 360
        await page.locator(PRICE).fill("77")
        theirs = {"amount": "66", "currency": "TRY"}
        await manager.call("PATCH", f"/v1/products/{product['id']}", {"price": theirs})
        await page.locator(SAVE).click()
        said = page.get_by_role("alert").filter(has_text="still in its fields")
        await expect(said).to_contain_text("Price: 66")
        await expect(page.locator(PRICE)).to_have_value("77")
        async with page.expect_response("**/v1/products/*"):
            await page.locator(SAVE).click()
        await expect(said).to_be_hidden()
    changed = await manager.call("GET", f"/v1/products/{product['id']}")
    assert changed["price"]["amount"] == "77.00"
