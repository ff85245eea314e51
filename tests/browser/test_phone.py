"""The phone page in a browser: what people see and do."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from bot.simulator.actions import SampleLine
from bot.simulator.erp import ErpOrder, Item
from tests.simulation import Stage, staged
from tests.standin import Json

pytestmark = pytest.mark.browser

ANA, MEHMET = "905320000001", "905320000002"
LATTE = SampleLine("LATTE", "Latte", 2, Decimal("95.00"), "TRY")
WIDE, MIDDLE, NARROW = (1440, 900), (768, 1024), (360, 740)
#: Slow machines are slow, and nothing here measures time.
expect.set_options(timeout=15_000)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with staged(cart=(LATTE,)) as stage:
        stage.simulator.phone(ANA, "Ana Yilmaz")
        stage.simulator.phone(MEHMET, "Mehmet Demir")
        yield stage


@asynccontextmanager
async def opened(
    browser: Browser,
    stage: Stage,
    size: tuple[int, int] = WIDE,
    scheme: Literal["light", "dark"] = "light",
    *,
    forgiven: str = "nothing",
) -> AsyncIterator[Page]:
    """Open the page; what the browser complains about, unless forgiven, fails."""
    complaints: list[str] = []
    context = await browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme=scheme,
        reduced_motion="reduce",
    )
    page = await context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda said: complaints.append(said.text) if said.type == "error" else None,
    )
    await page.goto(stage.url)
    await expect(page.locator("#connection")).to_have_text("connected")
    yield page
    await context.close()
    assert [each for each in complaints if forgiven not in each] == []


def device(page: Page, number: str = ANA) -> Locator:
    return page.locator(f".device[data-number='{number}']")


async def test_the_first_message_waits_to_be_sent(
    browser: Browser, stage: Stage
) -> None:
    async with opened(browser, stage) as page:
        ana = device(page)
        await expect(ana.locator("textarea")).to_have_value(
            "hi, 2 latte and a choc croissant pls"
        )
        await expect(ana.locator("textarea")).to_be_focused()
        await page.keyboard.press("Enter")
        mine = ana.locator("article.mine")
        await expect(mine).to_contain_text("hi, 2 latte and a choc croissant pls")
        await expect(mine.locator("[data-state=delivered]")).to_be_visible()
        await expect(ana.locator("textarea")).to_have_value("")
        body = stage.product.messages[0]["text"]["body"]
        assert body == "hi, 2 latte and a choc croissant pls"
        await expect(device(page, MEHMET).locator("textarea")).to_have_value("")
        await expect(device(page, MEHMET).locator("article")).to_have_count(0)


@pytest.mark.parametrize("size", [WIDE, MIDDLE, NARROW], ids=str)
async def test_a_conversation_at_every_width(
    browser: Browser, stage: Stage, size: tuple[int, int]
) -> None:
    async def answer(message: Json) -> None:
        await stage.graph.read(message["id"], typing=True)
        await stage.graph.buttons(ANA, "Is that *right*?", "Confirm", "Cancel")

    async with opened(browser, stage, size) as page:
        stage.product.script = answer
        ana = device(page)
        await ana.get_by_role("button", name="Send", exact=True).click()
        await expect(ana.locator("[data-state=read]")).to_be_visible()
        await expect(ana.locator("article.mine")).to_contain_text("Read")
        bubble = ana.locator("article:not(.mine)")
        await expect(bubble.locator("strong")).to_have_text("right")
        stage.product.script = None
        await bubble.get_by_role("button", name="Confirm").click()
        await expect(ana.locator("article.mine")).to_have_count(2)
        await expect(bubble.locator(".is-chosen")).to_have_text("Confirm")
        tapped = stage.product.messages[-1]["interactive"]["button_reply"]
        assert tapped["id"] == "id:Confirm"
        width = await page.evaluate("document.documentElement.scrollWidth")
        assert width <= size[0]


async def test_typing_shows_until_the_answer_comes(
    browser: Browser, stage: Stage
) -> None:
    async with opened(browser, stage) as page:
        ana = device(page)
        await ana.locator(".send").click()
        await expect(ana.locator("article.mine")).to_be_visible()
        await stage.graph.read(stage.product.messages[0]["id"], typing=True)
        await expect(ana.locator(".typing")).to_be_visible()
        await expect(ana.locator("[data-status]")).to_have_text("typing…")
        await stage.graph.text(ANA, "here")
        await expect(ana.locator(".typing")).to_be_hidden()


async def test_a_list_opens_as_a_sheet_for_the_keyboard(
    browser: Browser, stage: Stage
) -> None:
    rows = (("Latte", "hot"), ("Simit", "warm"), ("Tea", "black"))
    async with opened(browser, stage) as page:
        ana = device(page)
        await stage.graph.listing(ANA, "What?", "Menu", *rows)
        opener = ana.get_by_role("button", name="Menu")
        await opener.focus()
        await page.keyboard.press("Enter")
        sheet = ana.get_by_role("dialog")
        await expect(sheet).to_be_visible()
        await expect(sheet.get_by_role("button", name="Latte hot")).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(sheet).to_be_hidden()
        await expect(opener).to_be_focused()
        await page.keyboard.press("Enter")
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
        await expect(sheet).to_be_hidden()
        await expect(ana.locator("article.mine")).to_contain_text("Simit")
        picked = stage.product.messages[-1]["interactive"]["list_reply"]
        assert picked["id"] == "row:Simit"


async def test_samples_are_sent_and_shown(browser: Browser, stage: Stage) -> None:
    async with opened(browser, stage) as page:
        ana = device(page)
        for name in ("Note", "Photo", "Voice", "Cart", "Place"):
            await ana.get_by_role("button", name=name, exact=True).click()
        await expect(ana.locator("article.mine")).to_have_count(5)
        photo = ana.locator(".photo img").first
        await expect(photo).to_be_visible()
        loaded = "image => image.decode().then(() => image.naturalWidth)"
        assert await photo.evaluate(loaded) == 720
        await expect(ana.locator(".basket")).to_contain_text("190.00 TRY")
        # The browser could read the voice note: it knows how long it is.
        await expect(ana.locator(".voice")).to_contain_text("0:04")
        await ana.locator(".photo").first.click()
        await expect(page.locator("#picture img")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.locator("#picture")).to_be_hidden()
        kinds = {message["type"] for message in stage.product.messages}
        assert kinds == {"image", "audio", "order", "location"}


INSIDE = """node => [...node.querySelectorAll('*')]
  .map(each => each.tagName + ' ' + each.textContent)"""
FORMATS = [
    ("*bold* _slanted_ ~gone~", ["STRONG bold", "EM slanted", "S gone"]),
    ("_*both*_", ["EM both", "STRONG both"]),
    ("2 * 3 * 4 and snake_case_name", []),
    ("*not\nthis*", []),
    ("```a *b*```", ["CODE a *b*"]),
    ("<img src=x onerror=alert(1)> *<b>x</b>*", ["STRONG <b>x</b>"]),
]


@pytest.mark.parametrize(("text", "elements"), FORMATS)
async def test_words_are_formatted_and_never_markup(
    browser: Browser, stage: Stage, text: str, elements: list[str]
) -> None:
    async with opened(browser, stage) as page:
        await stage.graph.text(ANA, text)
        shown = device(page).locator("article .text")
        await expect(shown).to_be_visible()
        assert await shown.evaluate(INSIDE) == elements
        await expect(shown.locator("img")).to_have_count(0)


async def test_on_a_narrow_screen_one_switches(browser: Browser, stage: Stage) -> None:
    async with opened(browser, stage, NARROW) as page:
        await expect(device(page)).to_be_visible()
        box = await device(page).bounding_box()
        assert box is not None
        assert box["width"] == NARROW[0], "all of it is on the screen"
        await expect(device(page, MEHMET)).to_be_hidden()
        await stage.graph.text(MEHMET, "news for Mehmet")
        tab = page.locator(f"#tabs [data-view='{MEHMET}']")
        await expect(tab).to_contain_text("1 new")
        await tab.click()
        await expect(device(page, MEHMET)).to_be_visible()
        await expect(device(page)).to_be_hidden()
        await expect(tab).to_have_text("Mehmet")
        await page.locator("#tabs [data-view=side]").click()
        await expect(page.locator("#erp-card")).to_be_visible()
        await expect(device(page, MEHMET)).to_be_hidden()


async def test_two_phones_stand_side_by_side(browser: Browser, stage: Stage) -> None:
    async with opened(browser, stage) as page:
        await expect(device(page)).to_be_visible()
        mehmet = device(page, MEHMET)
        await mehmet.locator("textarea").fill("line one")
        await mehmet.locator("textarea").press("Shift+Enter")
        await mehmet.locator("textarea").press_sequentially("line two")
        await mehmet.locator("textarea").press("Enter")
        await expect(mehmet.locator("article.mine")).to_contain_text("line two")
        message = stage.product.messages[0]
        assert message["from"] == MEHMET
        assert message["text"]["body"] == "line one\nline two"


async def test_a_refused_message_says_so_and_may_be_tried_again(
    browser: Browser, stage: Stage
) -> None:
    async with opened(browser, stage, forgiven="ERR_FAILED") as page:
        ana = device(page)
        await page.route("**/actions", lambda route: route.abort())
        await ana.locator(".send").click()
        await expect(ana.locator(".notice")).to_contain_text("Not sent: no connection.")
        await expect(ana.locator("textarea")).to_have_value(
            "hi, 2 latte and a choc croissant pls"
        )
        await page.unroute("**/actions")
        await ana.get_by_role("button", name="Try again").click()
        await expect(ana.locator("article.mine")).to_have_count(1)
        await expect(ana.locator(".notice")).to_be_hidden()
        await expect(ana.locator("textarea")).to_have_value("")


async def test_a_lost_connection_is_said_and_found_again(
    browser: Browser, stage: Stage
) -> None:
    async with opened(browser, stage) as page:
        await page.evaluate("source.close(); source.dispatchEvent(new Event('error'))")
        line = page.locator("#connection")
        await expect(line).to_have_text("connection lost, retrying")
        await stage.graph.text(ANA, "meanwhile")
        await expect(line).to_have_text("connected")
        await expect(device(page).locator("article")).to_contain_text("meanwhile")


async def test_the_erp_panel_moves_orders_and_lets_the_next_fail(
    browser: Browser, stage: Stage
) -> None:
    async with opened(browser, stage) as page:
        panel = page.locator("#erp-card")
        await expect(panel).to_contain_text("No orders yet")
        order = ErpOrder(
            object_id="ord_1",
            retailer_order_id="1001",
            number="ERP-00001",
            customer="Ana Yilmaz",
            items=(Item(Decimal(2), Decimal(95), "LATTE"),),
            received_at=datetime(2026, 11, 22, tzinfo=UTC),
        )
        stage.erp.orders["ord_1"] = order
        stage.simulator.news.tell("erp")
        await expect(panel).to_contain_text("#1001")
        await expect(panel).to_contain_text("2 \N{MULTIPLICATION SIGN} LATTE")
        ship = panel.get_by_role("button", name="Ship")
        await expect(ship).to_be_disabled()
        await stage.erp.move("ord_1", type(order.step)("ORDER_GATEWAY_PROVISIONED"))
        await ship.click()
        await expect(panel.locator(".state")).to_have_text("shipped")
        await expect(ship).to_be_disabled()
        await panel.get_by_role("button", name="Deliver").click()
        await expect(panel.locator(".state")).to_have_text("delivered")
        told = [body["status"] for _, _, body in stage.product.callbacks]
        assert told == ["ORDER_GATEWAY_PROVISIONED", "SHIPPED", "DELIVERED"]
        await panel.get_by_label("Fail next").select_option("down")
        await expect(panel.locator(".is-armed")).to_be_visible()
        assert stage.erp.failures == ["down"]


async def test_the_panel_tells_what_the_system_did(
    browser: Browser, stage: Stage
) -> None:
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)

    def step(name: str, milliseconds: int, note: str = "") -> dict[str, Any]:
        at = noon + timedelta(milliseconds=milliseconds)
        return {"name": name, "at": at.isoformat(), "note": note, "failed": False}

    steps = [
        step("stored", 0, "text"),
        step("claimed", 1504),
        step("decided", 1530, "draft v3"),
        step("delivered", 2100),
    ]

    async with opened(browser, stage) as page:
        trace = {"isOver": True, "steps": steps}
        bubble = {"text": "hi there", "header": None, "kind": "text"}
        await page.route(
            "**/trace",
            lambda route: route.fulfill(json={"message": bubble, "trace": trace}),
        )
        await page.evaluate("hasTraces = true; $('#trace-card').hidden = false")
        await device(page).locator(".send").click()
        panel = page.locator("#trace-card")
        await expect(panel).to_contain_text("Ana Yilmaz: “hi there”")
        rows = panel.locator("li")
        await expect(rows).to_have_count(4)
        await expect(rows.nth(1)).to_contain_text("+1504 ms")
        await expect(rows.nth(2)).to_contain_text("+26 ms")
        await expect(rows.nth(2)).to_contain_text("draft v3")
        await expect(panel.locator("#trace-total")).to_have_text("2100 ms")


CONTRAST = """() => {
  const canvas = document.createElement('canvas')
    .getContext('2d', {willReadFrequently: true});
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, below) =>
    [0, 1, 2].map((n) => top[n] * top[3] + below[n] * (1 - top[3])).concat(1);
  const ground = (node) => {
    const layers = [];
    for (let each = node; each; each = each.parentElement)
      layers.unshift(rgba(getComputedStyle(each).backgroundColor));
    return layers.reduce((below, top) => over(top, below), [255, 255, 255, 1]);
  };
  const light = (colour) => {
    const [r, g, b] = colour.map((c) => c / 255)
      .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const weak = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !node.checkVisibility()) continue;
    const below = ground(node);
    const text = over(rgba(getComputedStyle(node).color), below);
    const [a, b] = [light(text), light(below)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) weak.push(`${walk.currentNode.data.trim()}: ${ratio.toFixed(2)}`);
  }
  return weak;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_all_words_have_enough_contrast(
    browser: Browser, stage: Stage, scheme: Literal["light", "dark"]
) -> None:
    async with opened(browser, stage, WIDE, scheme) as page:
        ana = device(page)
        await ana.locator(".send").click()
        await stage.graph.buttons(ANA, "old", "Yes")
        quoted = {"message_id": stage.product.messages[0]["id"]}
        await stage.graph.text(ANA, "*Your* order", context=quoted)
        await stage.graph.buttons(ANA, "new", "Confirm")
        await ana.get_by_role("button", name="Confirm").click()
        await ana.get_by_role("button", name="Cart", exact=True).click()
        await expect(ana.locator(".basket")).to_be_visible()
        await stage.graph.read(stage.product.messages[-1]["id"], typing=True)
        await expect(ana.locator("[data-status].is-typing")).to_be_visible()
        assert await page.evaluate(CONTRAST) == []
