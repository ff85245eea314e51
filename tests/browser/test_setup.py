"""The first-run page in a browser: without scripts, on a phone, in the dark."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from playwright.async_api import Browser, Page

from bot.serving import bind, listening
from bot.settings import Settings
from bot.web.application import build
from bot.web.first_run import announce
from bot.wiring import running

pytestmark = pytest.mark.browser

SCREENS = {"desk": (1440, "light"), "tablet": (768, "dark"), "phone": (360, "dark")}


@pytest.fixture
async def place(sqlite_url: str) -> AsyncIterator[tuple[str, str]]:
    """Yield the address of the page and the code of the log."""
    async with AsyncExitStack() as stack:
        settings = Settings(database_url=sqlite_url, secret_key="s" * 43)
        runtime = await stack.enter_async_context(running(settings))
        listener = bind("127.0.0.1", 0)
        port = await stack.enter_async_context(listening(build(runtime), listener))
        code = await announce(runtime, "")
        assert code is not None
        yield f"http://127.0.0.1:{port}/setup", code


@pytest.fixture(params=list(SCREENS.values()), ids=list(SCREENS))
async def page(request: pytest.FixtureRequest, browser: Browser) -> AsyncIterator[Page]:
    width, scheme = request.param
    context = await browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        java_script_enabled=False,
    )
    yield await context.new_page()
    await context.close()


async def test_an_owner_makes_the_shop_without_scripts(
    page: Page, place: tuple[str, str]
) -> None:
    url, code = place
    await page.goto(url)
    assert await page.get_by_label("One-time code").is_visible()
    shop = page.get_by_role("group", name="The shop")
    admin = page.get_by_role("group", name="The first admin")
    await page.get_by_label("One-time code").fill("aaaa-bbbb-cccc")
    await shop.get_by_label("Name").fill("Kahve Evi")
    await shop.get_by_label("Country").select_option(label="Türkiye")
    await admin.get_by_label("Name").fill("Ana")
    await admin.get_by_label("Email").fill("ana@shop.example")
    await admin.get_by_label("Password").fill("correct horse")
    await admin.get_by_label("The same again").fill("correct horse")
    await page.get_by_role("button", name="Create the shop").press("Enter")

    assert await page.get_by_role("alert").is_visible()
    wrong = page.get_by_label("One-time code")
    assert await wrong.get_attribute("aria-invalid") == "true"
    assert await shop.get_by_label("Name").input_value() == "Kahve Evi"
    assert await admin.get_by_label("Password").input_value() == ""

    await wrong.fill(code)
    await admin.get_by_label("Password").fill("correct horse")
    await admin.get_by_label("The same again").fill("correct horse")
    await page.get_by_role("button", name="Create the shop").click()
    heading = page.get_by_role("heading", name="Kahve Evi is set up")
    assert await heading.is_visible()
    answer = await page.goto(url)
    assert answer is not None
    assert answer.status == 404


async def test_nothing_is_wider_than_the_screen(
    page: Page, place: tuple[str, str]
) -> None:
    await page.goto(place[0])
    size = page.viewport_size
    assert size is not None
    for box in await page.locator("input, select, button, fieldset").all():
        place_on_page = await box.bounding_box()
        assert place_on_page is not None
        assert place_on_page["x"] >= 0
        assert place_on_page["x"] + place_on_page["width"] <= size["width"]
