"""A conversation's timer that fires is a message from the clock, heard by rules."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from bot.domain.ticking import CLOCK, key_of, timer
from bot.inbox.table import conversation, message
from bot.simulator.phone import Phone
from bot.worker.delivering import handlers
from orders.outbox.store import Item, State, Topic, put
from tests.bot.worker.by_hand import ByHand, by_hand

NAME = "of_a_newer_version"


@pytest.fixture
async def shop(database_url: str, tmp_path: Path) -> AsyncIterator[ByHand]:
    """Open a shop on each engine in which only the test works."""
    async with by_hand(database_url, tmp_path) as opened:
        yield opened


async def greeted(shop: ByHand) -> Phone:
    ana = shop.house.phone()
    await shop.hear(ana, "1 latte")
    await shop.deliver(times=4)
    return ana


async def set_timer(shop: ByHand, ana: Phone, due_at: datetime) -> str:
    """Set the one timer of a conversation, or move it; return its key."""
    chat = await shop.house.chat(ana)
    wanted = timer(chat.id, NAME, due_at, about="draft_1")
    item = Item(
        shop.house.tenant_id,
        chat.shard,
        Topic.TIMER,
        wanted.key,
        dict(wanted.payload),
        due_at,
    )
    async with shop.house.runtime.database.transaction() as connection:
        await put(connection, [item], now=shop.clock())
    return wanted.key


async def states(shop: ByHand) -> list[State]:
    """Return the states of the timers that the test has set."""
    items = await shop.items(Topic.TIMER)
    return [State(item.state) for item in items if item.unique_key.endswith(NAME)]


async def ticks(shop: ByHand) -> list[Any]:
    return list(await shop.house.rows(message, event=CLOCK))


async def test_a_timer_that_fires_is_a_turn_in_which_nobody_wrote(shop: ByHand) -> None:
    ana = await greeted(shop)
    before = await shop.house.chat(ana)
    await set_timer(shop, ana, shop.clock() + timedelta(minutes=5))
    await shop.deliver()
    assert await ticks(shop) == []
    shop.wait(minutes=6)
    await shop.deliver()
    waiting = await shop.house.chat(ana)
    assert waiting.ready_at is not None
    shown = len(shop.shown)
    await shop.turn()
    (tick,) = await ticks(shop)
    after = await shop.house.chat(ana)
    assert (tick.direction, tick.kind, tick.state) == ("in", "system", "done")
    assert tick.content == {
        "type": "system",
        "event": f"clock.{NAME}",
        "about": "draft_1",
        "now_known_as": [],
    }
    # Nobody wrote: nothing is ticked off, typed at, answered or counted as their word.
    assert shop.shown[shown:] == [None]
    assert after.last_inbound_at == before.last_inbound_at
    assert after.memory == before.memory
    assert after.ready_at is None
    assert len(await shop.sent_messages()) == after.seq - 2
    turn = (await shop.house.analyses())[-1]
    assert (turn.status, turn.trigger) == ("skipped", "clock")
    assert turn.error == f"nobody wrote, a timer fired: {NAME}"


async def test_a_firing_counts_once_however_often_its_process_dies(
    shop: ByHand,
) -> None:
    ana = await greeted(shop)
    await set_timer(shop, ana, shop.clock())
    (item,) = await shop.relay.claim(10)  # The only one that is due.
    timers = handlers(shop.house.runtime, shop.standings)[Topic.TIMER]
    first, second = await timers.prepare(item), await timers.prepare(item)
    await asyncio.gather(first(), second())
    shop.wait(seconds=60)  # The lease of the process that died ends.
    await shop.deliver()
    assert len(await ticks(shop)) == 1
    await shop.turn()


async def test_a_timer_that_is_set_again_is_moved(shop: ByHand) -> None:
    ana = await greeted(shop)
    soon, later = (shop.clock() + timedelta(minutes=m) for m in (5, 50))
    key = await set_timer(shop, ana, soon)
    assert key == await set_timer(shop, ana, later)
    shop.wait(minutes=6)
    await shop.deliver()
    assert await ticks(shop) == []
    shop.wait(minutes=50)
    await shop.deliver()
    assert len(await ticks(shop)) == 1
    # Having fired, it can be set anew, and fires anew.
    await set_timer(shop, ana, shop.clock() + timedelta(minutes=5))
    shop.wait(minutes=6)
    await shop.deliver(times=2)
    assert len(await ticks(shop)) == 2
    assert await states(shop) == [State.DONE]


async def test_a_timer_that_is_moved_while_it_fires_fires_later_too(
    shop: ByHand,
) -> None:
    ana = await greeted(shop)
    await set_timer(shop, ana, shop.clock())
    (item,) = await shop.relay.claim(10)  # The only one that is due.
    await set_timer(shop, ana, shop.clock() + timedelta(minutes=5))
    await shop.relay.deliver(item)
    assert await states(shop) == [State.DUE]
    shop.wait(minutes=6)
    await shop.deliver()
    assert await states(shop) == [State.DONE]


async def test_the_timer_of_somebody_who_was_forgotten_does_nothing(
    shop: ByHand,
) -> None:
    ana = await greeted(shop)
    await set_timer(shop, ana, shop.clock())
    async with shop.house.runtime.database.transaction() as connection:
        await connection.execute(
            update(conversation).values(erased_at=shop.clock(), memory={})
        )
        gone = timer("cnv_gone", NAME, shop.clock())
        payload = dict(gone.payload)
        item = Item(
            shop.house.tenant_id, 0, Topic.TIMER, gone.key, payload, shop.clock()
        )
        await put(connection, [item], now=shop.clock())
    await shop.deliver()
    assert await ticks(shop) == []
    assert await states(shop) == [State.DONE, State.DONE]


async def test_what_the_clock_says_makes_no_word_of_a_customer_late(
    shop: ByHand,
) -> None:
    ana = await greeted(shop)
    await set_timer(shop, ana, shop.clock())
    await shop.deliver()
    await shop.turn()
    await ana.say("2 croissants")
    runtime = shop.house.runtime
    # What they wrote left their phone a while before the timer fired here.
    async with runtime.database.transaction() as connection:
        await connection.execute(
            update(message)
            .where(message.c.event == CLOCK)
            .values(sent_at=shop.clock() + timedelta(seconds=30))
        )
    (claim,) = await runtime.database.retried(
        lambda connection: runtime.claims.claim(
            connection, room=1, busy={}, now=shop.clock() + timedelta(seconds=1)
        )
    )
    loaded = await shop.load(claim)
    (words,) = loaded.messages
    assert not words.late
    assert {each.content.type for each in loaded.history} == {"text"}


async def test_a_timer_that_is_set_again_hides_no_old_items_from_the_sweep(
    shop: ByHand,
) -> None:
    ana = await greeted(shop)
    await set_timer(shop, ana, shop.clock() + timedelta(hours=1))
    (before,) = [i for i in await shop.items(Topic.TIMER) if i.payload["name"] == NAME]
    shop.wait(days=40)
    await set_timer(shop, ana, shop.clock() + timedelta(hours=1))
    (after,) = [i for i in await shop.items(Topic.TIMER) if i.payload["name"] == NAME]
    # It stops at the first id that is young: all that follow are.
    assert (after.id, after.created_at) == (before.id, before.created_at)
    assert after.due_at > before.due_at


async def test_keys_are_one_for_each_name_of_a_conversation() -> None:
    assert key_of("cnv_1", "a") != key_of("cnv_1", "b") != key_of("cnv_2", "b")
    assert timer("cnv_1", "a", None).due_at is None
    assert len(key_of("cnv_" + "f" * 32, "n" * 40)) < 100  # of 200 characters
