"""What is said outside of turns is said in the shop's tone, like everything else."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.reading.guarding import ServiceAway
from bot.worker.holding import wait_for_reader
from orders import OrderState, Shop
from orders.domain.style import Style, Tone
from tests.bot.worker.by_hand import ByHand, by_hand_in
from tests.house import open_house
from tests.progress import advance


@pytest.fixture
async def shop(sqlite_url: str, tmp_path: Path) -> AsyncIterator[ByHand]:
    rules = Shop(style=Style(tone=Tone.FORMAL))
    async with (
        open_house(sqlite_url, tmp_path, workers=0, rules=rules) as house,
        by_hand_in(house) as opened,
    ):
        yield opened


async def test_news_of_an_order_have_the_shops_tone(shop: ByHand) -> None:
    ana = shop.house.phone()
    for words in ("1 latte", "pick up", "yes"):
        await shop.hear(ana, words)
    await shop.deliver_all()
    (placed,) = await shop.house.orders()
    await advance(
        shop.house.runtime,
        tenant_id=shop.house.tenant_id,
        order_id=placed.id,
        target=OrderState.SHIPPED,
        actor="callback",
    )
    await shop.deliver_all()
    assert "has been dispatched" in ana.inbox[-1].text


async def test_the_request_for_patience_has_the_shops_tone(shop: ByHand) -> None:
    ana = shop.house.phone()
    await ana.say("2 latte")
    claim = await shop.claim()
    error = ServiceAway("the service is away")
    await wait_for_reader(claim, error, shop.house.runtime)
    await shop.deliver_all()
    assert ana.inbox[-1].text.startswith("Thank you, your message has been received.")
