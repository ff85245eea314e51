"""An order moves on: stored, told to the customer once, and only what concerns them."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from bot.inbox.announcing import overdue_key
from bot.inbox.table import contact, conversation, message
from bot.notices import TOLD
from bot.simulator.phone import Phone
from orders import Order, OrderState
from orders.domain.lifecycle import IllegalMove
from orders.outbox.store import State, Topic
from orders.store import OrderGone, history
from orders.table import order, outbox
from tests.databases import add_test_tenant
from tests.house import House, open_house
from tests.progress import advance


@dataclass(frozen=True)
class Placed:
    """A shop with one order that its ERP works on."""

    house: House
    ana: Phone
    order_id: str

    async def advance(self, target: OrderState, **changes: Any) -> Order:
        given = {
            "tenant_id": self.house.tenant_id,
            "order_id": self.order_id,
            "target": target,
            "actor": "callback",
        }
        return await advance(self.house.runtime, **given | changes)

    async def told(self) -> list[str]:
        """Return what was said to the customer about the order's way."""
        await self.house.rest()
        texts = [bubble.text for bubble in self.ana.inbox]
        placed = next(i for i, text in enumerate(texts) if "is placed" in text)
        return texts[placed + 1 :]

    async def states(self) -> list[OrderState]:
        async with self.house.runtime.database.reading() as connection:
            return [step.state for step in await history(connection, self.order_id)]


@pytest.fixture
async def placed(database_url: str, tmp_path: Path) -> AsyncIterator[Placed]:
    """Open a shop, on each engine, with an order that is being provisioned."""
    async with open_house(database_url, tmp_path) as house:
        house.erp.provisioning_seconds = 3600
        ana = house.phone()
        for words in ("1 latte", "pick up", "yes"):
            await ana.say(words)
            await house.rest()
        (row,) = await house.orders()
        yield Placed(house, ana, row.id)


async def test_every_state_is_told_or_kept_as_the_table_says(placed: Placed) -> None:
    told = 0
    for state in (
        OrderState.PROVISIONING_FAILED,
        OrderState.PROVISIONED,
        OrderState.PAYMENT_PENDING,
        OrderState.PAID,
        OrderState.PREPARING,
        OrderState.PARTIALLY_SHIPPED,
        OrderState.SHIPPED,
        OrderState.DELIVERED,
        OrderState.REFUNDED,
    ):
        moved = await placed.advance(state, message="words of the ERP")
        assert moved.state is state
        told += state in TOLD
        said = await placed.told()
        assert len(said) == told, state
    assert not any("words of the ERP" in text for text in await placed.told())
    assert len(set(await placed.told())) == told


async def test_a_repeat_says_nothing_and_may_bring_the_external_id(
    placed: Placed,
) -> None:
    await placed.advance(OrderState.PROVISIONED)
    again = await placed.advance(OrderState.PROVISIONED, external_id="ERP-7")
    assert again.external_id == "ERP-7"
    assert len(await placed.told()) == 1
    assert (await placed.states()).count(OrderState.PROVISIONED) == 1


async def test_ten_reports_at_once_are_one(placed: Placed) -> None:
    await asyncio.gather(*(placed.advance(OrderState.SHIPPED) for _ in range(10)))
    assert len(await placed.told()) == 1
    assert (await placed.states()).count(OrderState.SHIPPED) == 1


async def test_news_find_their_place_among_what_the_customer_writes(
    placed: Placed,
) -> None:
    road = (OrderState.PROVISIONED, OrderState.PREPARING, OrderState.SHIPPED)

    async def move_on() -> None:
        for state in road:
            await placed.advance(state)

    async def write() -> None:
        for n in range(5):
            await placed.ana.say(f"where is my order? {n}")

    await asyncio.gather(move_on(), write())
    assert len([t for t in await placed.told() if "accepted" in t]) == 1
    numbers = [m.seq for m in await placed.house.messages(placed.ana)]
    assert numbers == list(range(1, len(numbers) + 1))


async def test_an_order_that_never_goes_back_is_not_told(placed: Placed) -> None:
    await placed.advance(OrderState.SHIPPED)
    with pytest.raises(IllegalMove):
        await placed.advance(OrderState.PREPARING)
    assert len(await placed.told()) == 1


async def test_the_order_of_another_tenant_is_none(placed: Placed) -> None:
    other = await add_test_tenant(placed.house.runtime.database)
    with pytest.raises(OrderGone):
        await placed.advance(OrderState.SHIPPED, tenant_id=other)
    with pytest.raises(OrderGone):
        await placed.advance(OrderState.SHIPPED, order_id="ord_none")
    assert await placed.told() == []


async def test_an_order_without_a_conversation_moves_on_in_silence(
    placed: Placed,
) -> None:
    async with placed.house.runtime.database.transaction() as connection:
        await connection.execute(update(order).values(conversation_id=None))
    moved = await placed.advance(OrderState.SHIPPED)
    assert moved.state is OrderState.SHIPPED
    assert await placed.told() == []


async def test_news_are_told_while_a_person_has_the_chat(placed: Placed) -> None:
    async with placed.house.runtime.database.transaction() as connection:
        await connection.execute(update(conversation).values(owner="agent"))
    await placed.advance(OrderState.SHIPPED)
    assert await placed.told() == ["Your order 1 is on its way."]


async def test_news_are_kept_from_who_said_stop(placed: Placed) -> None:
    async with placed.house.runtime.database.transaction() as connection:
        await connection.execute(update(contact).values(opted_out=True))
    await placed.advance(OrderState.SHIPPED)
    assert await placed.told() == []
    kept = await placed.house.rows(message, state="cancelled")
    assert len(kept) == 1


async def test_an_answer_ends_the_waiting_for_one(placed: Placed) -> None:
    mine = {"topic": Topic.TIMER, "unique_key": overdue_key(placed.order_id)}
    (timer,) = await placed.house.rows(outbox, **mine)
    assert timer.state == State.DUE
    await placed.advance(OrderState.PROVISIONED)
    (timer,) = await placed.house.rows(outbox, **mine)
    assert timer.state == State.CANCELLED
