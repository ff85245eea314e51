"""Orders and files of products in a browser: live, sent again, uploaded."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, FilePayload, expect

from bot.inbox.accounts import Role
from bot.simulator.erp import Failure, Step
from tests.console import signed_in
from tests.house import House, open_house

pytestmark = pytest.mark.browser

WIDE = {"viewport": {"width": 1280, "height": 800}}
PHONE = {"viewport": {"width": 360, "height": 740}}
WORDS = ("2 latte, pick up", "yes")
FEED = b"sku,name,price\nLAT,Latte,95\nTEA,Tea,cheap\n"
#: Slow machines are slow, and nothing here measures time.
expect.set_options(timeout=15_000)


@pytest.fixture(scope="module")
async def house(
    migrated_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("orders")
    file = shutil.copy(migrated_file, folder / "test.db")
    async with open_house(f"sqlite:///{file}", folder) as house:
        yield house


async def order_of(house: House, wa_id: str, name: str) -> str:
    """Let a customer order; return the order's id once nothing moves any more."""
    phone = house.phone(wa_id, name)
    for text in WORDS:
        await phone.say(text)
        await house.settle()
    order = await house.order_of(phone)
    assert order is not None
    return order.id


async def test_an_order_and_its_callbacks_appear_without_a_reload(
    browser: Browser, house: House
) -> None:
    agent = await signed_in(house)
    async with agent.at(browser, "/console/orders", **WIDE) as page:
        await expect(page.get_by_text("No orders yet")).to_be_visible()
        order_id = await order_of(house, "905551112231", "Ana Yilmaz")
        await expect(page.get_by_text("Ana Yilmaz")).to_be_visible()
        await page.keyboard.press("j")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Order 1")).to_be_visible()
        await page.evaluate("window.isSame = true")
        await house.erp.move(order_id, Step.SHIPPED)
        await expect(page.get_by_text("Handed to the courier")).to_be_visible()
        await expect(page.locator(".states")).to_contain_text("shipped")
        assert await page.evaluate("window.isSame")


async def test_what_the_erp_refused_is_sent_again(
    browser: Browser, house: House
) -> None:
    manager = await signed_in(house, "Can Er", Role.MANAGER)
    house.erp.fail_next(Failure.REFUSE)
    order_id = await order_of(house, "905551112232", "Mehmet Demir")
    path = f"/console/orders/{order_id}"
    async with manager.at(browser, path, **PHONE) as page:
        await expect(page.locator(".states")).to_contain_text("handover failed")
        await page.get_by_role("button", name="Try again").click()
        await expect(page.locator(".states")).to_contain_text("in your system")
        await expect(page.get_by_text("2 attempts")).to_be_visible()
        assert await page.evaluate("document.body.scrollWidth") <= 360
    assert order_id in house.erp.orders


async def test_a_manager_uploads_a_file_and_counts_the_stock(
    browser: Browser, house: House
) -> None:
    manager = await signed_in(house, "Can Er", Role.MANAGER)
    file: FilePayload = {
        "name": "goods.csv",
        "mimeType": "text/csv",
        "buffer": FEED,
    }
    async with manager.at(browser, "/console/catalog/imports", **WIDE) as page:
        await page.get_by_label("File", exact=True).set_input_files(file)
        await page.get_by_role("button", name="Upload a file").click()
        await expect(page.get_by_role("heading", name="goods.csv")).to_be_visible()
        row = page.get_by_role("row", name="price")
        await expect(row).to_contain_text("is not a number")
        await expect(row.get_by_role("cell").first).to_have_text("3")
        await page.goto("/console/catalog?q=t-shirt")
        await page.keyboard.press("j")
        await page.keyboard.press("Enter")
        stock = page.locator('input[name="variants.1.stock"]')
        await stock.fill("12")
        await stock.press("Enter")
        await expect(page.get_by_text("Saved")).to_be_visible()
        (shirt,) = (await manager.call("GET", "/v1/products?sku=SHIRT"))["data"]
    assert [each["stock"] for each in shirt["variants"]][1] == "12"
