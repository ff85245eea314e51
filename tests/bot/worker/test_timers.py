"""Timers: what happens later happens once, and not at all when it is not needed."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, update
from structlog.testing import capture_logs

from bot.domain.ticking import CLOCK
from bot.inbox.announcing import overdue_key
from bot.simulator.erp import Step
from bot.worker.delivering import handlers
from orders import OrderState
from orders.domain.events import SinkState
from orders.outbox.store import Item, State, Topic, append
from orders.store import history
from orders.table import outbox, sink
from tests.bot.worker.by_hand import ByHand, by_hand
from tests.progress import advance

OVERDUE = 600
REMARK = "no answer from the sink for 0:10:00: look whether it has it"


@pytest.fixture
async def shop(database_url: str, tmp_path: Path) -> AsyncIterator[ByHand]:
    """Open a shop, on each engine, that waits ten minutes for its sink."""
    async with by_hand(
        database_url, tmp_path, provisioning_overdue_seconds=OVERDUE
    ) as opened:
        opened.house.erp.provisioning_seconds = 36_000
        yield opened


async def order_placed(shop: ByHand) -> Any:
    """Bring a customer to an order, and send the event."""
    ana = shop.house.phone()
    for words in ("1 latte", "pick up", "yes"):
        await shop.hear(ana, words)
        await shop.deliver(times=4)
    (placed,) = await shop.house.orders()
    return placed


async def remarks(shop: ByHand, order_id: str) -> list[tuple[OrderState, str | None]]:
    async with shop.house.runtime.database.reading() as connection:
        steps = await history(connection, order_id)
    return [(step.state, step.message) for step in steps if step.actor == "timer"]


def counted(shop: ByHand) -> float | None:
    return shop.house.runtime.metrics.registry.get_sample_value(
        "chatorder_provisioning_overdue_total"
    )


async def timers_of_orders(shop: ByHand) -> list[Any]:
    """Return the timers in their order, but for those of conversations."""
    return [
        item
        for item in await shop.items(Topic.TIMER)
        if item.payload.get("kind") != CLOCK
    ]


async def test_an_order_that_no_sink_answers_for_is_marked_once(shop: ByHand) -> None:
    placed = await order_placed(shop)
    (timer,) = await timers_of_orders(shop)
    assert timer.unique_key == overdue_key(placed.id)
    waits = timer.due_at - placed.placed_at
    assert timedelta(seconds=OVERDUE - 30) < waits < timedelta(seconds=OVERDUE + 30)
    shop.wait(seconds=OVERDUE - 60)
    await shop.deliver(times=2)
    assert await remarks(shop, placed.id) == []
    shop.wait(seconds=120)
    with capture_logs() as log:
        await shop.deliver(times=3)
    assert await remarks(shop, placed.id) == [(OrderState.PROVISIONING, REMARK)]
    assert [e["order"] for e in log if e["event"] == "provisioning_overdue"] == [
        placed.id
    ]
    assert counted(shop) == 1
    assert [t.state for t in await timers_of_orders(shop)] == [State.DONE]


async def test_an_order_that_the_sink_never_took_is_marked_too(shop: ByHand) -> None:
    async with shop.house.runtime.database.transaction() as connection:
        await connection.execute(update(sink).values(url="http://127.0.0.1:9/gone"))
    placed = await order_placed(shop)
    shop.wait(seconds=OVERDUE + 60)
    await shop.deliver(times=3)
    assert await remarks(shop, placed.id) == [(OrderState.CONFIRMED, REMARK)]


async def test_an_answer_in_time_leaves_nothing_to_mark(shop: ByHand) -> None:
    placed = await order_placed(shop)
    await advance(
        shop.house.runtime,
        tenant_id=shop.house.tenant_id,
        order_id=placed.id,
        target=OrderState.PROVISIONED,
        actor="callback",
    )
    shop.wait(seconds=OVERDUE + 60)
    await shop.deliver(times=3)
    assert await remarks(shop, placed.id) == []
    assert [t.state for t in await timers_of_orders(shop)] == [State.CANCELLED]


async def test_an_answer_while_the_timer_fires_leaves_nothing_to_mark(
    shop: ByHand,
) -> None:
    placed = await order_placed(shop)
    shop.wait(seconds=OVERDUE + 60)
    (timer,) = await shop.relay.claim(10)
    await shop.house.erp.move(placed.id, Step.PROVISIONED)
    await shop.relay.deliver(timer)
    assert await remarks(shop, placed.id) == []


async def test_a_timer_that_fires_twice_after_a_crash_marks_once(shop: ByHand) -> None:
    placed = await order_placed(shop)
    shop.wait(seconds=OVERDUE + 60)
    (timer,) = await shop.relay.claim(10)
    timers = handlers(shop.house.runtime, shop.standings)[Topic.TIMER]
    first, second = await timers.prepare(timer), await timers.prepare(timer)
    # The first process dies after its work; the second begins while it still works.
    await asyncio.gather(first(), second())
    shop.wait(seconds=60)
    await shop.deliver(times=2)
    assert await remarks(shop, placed.id) == [(OrderState.PROVISIONING, REMARK)]
    assert counted(shop) == 1
    assert [t.state for t in await timers_of_orders(shop)] == [State.DONE]


async def test_without_a_sink_nobody_is_waited_for(shop: ByHand) -> None:
    async with shop.house.runtime.database.transaction() as connection:
        await connection.execute(delete(sink))
    await order_placed(shop)
    assert await timers_of_orders(shop) == []


async def test_of_an_order_that_waits_for_a_paused_sink_a_person_hears(
    shop: ByHand,
) -> None:
    async with shop.house.runtime.database.transaction() as connection:
        await connection.execute(update(sink).values(state=SinkState.PAUSED))
    await order_placed(shop)
    assert len(await timers_of_orders(shop)) == 1


async def test_a_timer_of_an_unknown_kind_is_shown_to_a_person(shop: ByHand) -> None:
    runtime = shop.house.runtime
    async with runtime.database.transaction() as connection:
        for payload in ({}, {"kind": "from_a_newer_version"}):
            key = f"timer:{len(payload)}"
            item = Item(
                shop.house.tenant_id, 0, Topic.TIMER, key, payload, shop.clock()
            )
            await append(connection, [item], now=shop.clock())
    await shop.deliver()
    parked = await shop.house.rows(outbox, topic=Topic.TIMER)
    assert {row.state for row in parked} == {State.PARKED}
    assert all("nothing is known to do" in row.error for row in parked)
