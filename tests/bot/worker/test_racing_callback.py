"""The merchant's system calls back at the moment in which we write that it accepted."""

import asyncio
from pathlib import Path

from sqlalchemy import select, text

from bot.db import Database
from bot.inbox.table import contact, conversation
from orders import OrderState
from orders.moving import move_order
from orders.outbox.store import Outcome, Settled, State, Topic
from orders.store import load_order
from tests.bot.worker.by_hand import ByHand, by_hand

_WAITING = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


async def somebody_waits(database: Database) -> None:
    """Return when a transaction waits for another one's row."""
    async with asyncio.timeout(10):
        while True:
            async with database.reading() as connection:
                if (await connection.execute(_WAITING)).scalar():
                    return
            await asyncio.sleep(0.01)


async def order_a_latte(shop: ByHand) -> None:
    ana = shop.house.phone()
    await shop.hear(ana, "2 latte")
    for title in ("Pick-up", "Confirm"):
        await shop.deliver_all()
        await ana.tap(title)
        await shop.turn()


async def test_a_callback_between_our_look_and_our_mark_counts(
    postgres_url: str, tmp_path: Path
) -> None:
    async with by_hand(postgres_url, tmp_path) as shop:
        await order_a_latte(shop)
        database = shop.house.runtime.database
        (event,) = [e for e in await shop.relay.claim(9) if e.topic == Topic.EVENT]
        async with database.transaction() as callback:
            stored = await load_order(
                callback, event.tenant_id, event.payload["order_id"]
            )
            assert stored is not None
            await move_order(
                callback,
                stored,
                OrderState.PROVISIONED,
                actor="callback",
                now=shop.clock(),
            )
            accepted = Settled(event, Outcome.DONE, shop.clock())
            settling = asyncio.create_task(shop.relay.settle([accepted]))
            await somebody_waits(database)
        assert await settling == [True]
        assert await shop.states(Topic.EVENT) == [State.DONE]
        (order,) = await shop.house.orders()
        assert order.state == OrderState.PROVISIONED


async def test_stop_locks_people_before_their_conversations_as_intake_does(
    postgres_url: str, tmp_path: Path
) -> None:
    """Else the two wait for each other, and the database ends one of them."""
    async with by_hand(postgres_url, tmp_path) as shop:
        ana = shop.house.phone()
        await shop.hear(ana, "hello")
        await ana.say("STOP")
        database = shop.house.runtime.database
        async with database.transaction() as intake:
            await intake.execute(select(contact).with_for_update())
            saving = asyncio.create_task(shop.turn())
            await somebody_waits(database)
            await intake.execute(select(conversation).with_for_update(nowait=True))
        async with asyncio.timeout(10):
            await saving
        (person,) = await shop.house.rows(contact)
        assert person.opted_out
