"""The whole way, as installed: webs and workers of their own, and the world around.

A message becomes a draft, a question, a tap, a summary, a yes, an order, an event at
the merchant's system, its callback, and the word of it on the phone.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.inbox.table import message, message_status
from bot.privacy.retention import RETENTION
from bot.simulator.bubble import Tick
from bot.simulator.erp import Step
from orders.outbox.store import State, Topic
from orders.table import order, outbox
from tests.chaos.plant import Plant, open_plant


@pytest.fixture(params=["sqlite", "postgresql and redis"])
async def plant(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Plant]:
    """Run one web and one worker; on PostgreSQL two of each, with Redis."""
    if request.param == "sqlite":
        async with open_plant(
            request.getfixturevalue("sqlite_url"), tmp_path
        ) as running:
            yield running
        return
    async with open_plant(
        request.getfixturevalue("postgres_url"),
        tmp_path,
        redis_url=request.getfixturevalue("redis_url"),
        webs=2,
        workers=2,
    ) as running:
        yield running


async def test_one_message_becomes_one_order_and_its_end_is_told(
    plant: Plant,
) -> None:
    ana = plant.phone()
    said = await ana.say("hi, 2 latte and a choc croissant pls")
    question = await ana.expects("Latte", within=30)
    assert [each.title for each in question.buttons] == ["Delivery", "Pick-up"]
    await ana.tap("Pick-up", on=question)
    summary = await ana.expects("266.00", within=30)
    assert "Confirm" in [each.title for each in summary.buttons]
    await ana.say("yes")
    await ana.expects("order 1", within=30)
    news = await ana.expects("accepted", within=30)
    await plant.settle()

    (placed,) = await plant.rows(select(order))
    assert (placed.number, placed.state) == (1, "provisioned")
    assert placed.grand_total == 26_600
    (known,) = plant.erp.orders.values()
    assert known.object_id == placed.id
    assert placed.external_id == known.number
    assert known.step is Step.PROVISIONED
    assert plant.witness.events == [(plant.witness.events[0][0], placed.id)], (
        "the event left once"
    )

    # Every word has its answer, nothing waits, and Meta's news found its message.
    incoming = await plant.rows(select(message).where(message.c.direction == "in"))
    assert {each.state for each in incoming} == {"done"}
    assert (ana.bubble(said.id) or said).state is Tick.READ
    items = await plant.rows(select(outbox))
    assert {each.state for each in items if each.topic != Topic.TIMER} == {State.DONE}
    # The timer of the night is always there.
    timers = [each for each in items if each.payload.get("kind") != RETENTION]
    assert {each.state for each in timers if each.topic == Topic.TIMER} == {
        State.CANCELLED
    }
    statuses = await plant.rows(
        select(message_status.c.state).where(message_status.c.provider_id == news.id)
    )
    assert {each.state for each in statuses} == {"sent", "delivered", "read"}
    await plant.stop()
