"""Systems that have an order hear that its customer, or the shop, cancelled it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.progress import advance
from bot.simulator.erp import Step
from orders import OrderState
from orders.domain.events import ORDER_CANCELLED
from orders.domain.manners import CancelUntil
from orders.outbox.store import State, Topic
from orders.table import outbox
from tests.bot.worker.by_hand import ByHand, by_hand
from tests.bot.worker.test_manners import with_manners


@pytest.fixture
async def shop(sqlite_url: str, tmp_path: Path) -> AsyncIterator[ByHand]:
    async with by_hand(sqlite_url, tmp_path) as opened:
        yield opened


async def ordered(shop: ByHand) -> Any:
    """Bring a customer to an order; its event waits. Return its row."""
    ana = shop.house.phone()
    for words in ("1 latte", "pick up", "yes"):
        await shop.hear(ana, words)
    (placed,) = await shop.house.orders()
    return placed


async def cancelled(shop: ByHand, order_id: str, actor: str) -> None:
    await advance(
        shop.house.runtime,
        tenant_id=shop.house.tenant_id,
        order_id=order_id,
        target=OrderState.CANCELLED,
        actor=actor,
    )
    await shop.deliver_all()


async def test_a_system_that_has_an_order_hears_once_that_it_is_cancelled(
    shop: ByHand,
) -> None:
    placed = await ordered(shop)
    await shop.deliver_all()
    (known,) = shop.house.erp.orders.values()
    assert known.step is not Step.CANCELLED
    for _ in range(2):
        await cancelled(shop, placed.id, "user:usr_1")
    (known,) = shop.house.erp.orders.values()
    assert known.step is Step.CANCELLED
    events = await shop.items(Topic.EVENT)
    assert [each.state for each in events] == [State.DONE, State.DONE]
    assert events[1].payload["type"] == ORDER_CANCELLED
    assert events[1].lane == events[0].lane
    (placed,) = await shop.house.orders()
    assert placed.state == OrderState.CANCELLED


async def test_what_no_system_heard_of_is_withdrawn_and_nobody_is_told_of_its_end(
    shop: ByHand,
) -> None:
    placed = await ordered(shop)
    await cancelled(shop, placed.id, "user:usr_1")
    assert shop.house.erp.orders == {}
    events = await shop.items(Topic.EVENT)
    assert {each.state for each in events} == {State.CANCELLED}


async def test_a_system_that_cancels_by_itself_is_not_told_so(shop: ByHand) -> None:
    placed = await ordered(shop)
    await shop.deliver_all()
    await cancelled(shop, placed.id, "callback")
    assert len(await shop.house.rows(outbox, topic=Topic.EVENT)) == 1


async def test_a_customer_who_cancels_in_the_chat_is_passed_on(shop: ByHand) -> None:
    await with_manners(shop, cancel_until=CancelUntil.PREPARING)
    await ordered(shop)
    await shop.deliver_all()
    for words in ("cancel my order", "yes"):
        await shop.hear(shop.house.phone(), words)
    await shop.deliver_all()
    (placed,) = await shop.house.orders()
    assert placed.state == OrderState.CANCELLED
    (known,) = shop.house.erp.orders.values()
    assert known.step is Step.CANCELLED
