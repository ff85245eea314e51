"""Nobody is sent more than their provider allows, and nothing is lost by that."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from redis.asyncio import Redis

from bot.channels.paces import CLOUD, GATEWAY, Pace
from bot.channels.registry import CHANNELS
from bot.domain.rate import Rate
from bot.inbox.buckets import Buckets
from bot.inbox.checking import InvalidAccount
from bot.inbox.speed import set_speed
from bot.worker.rationing import Rations
from orders.outbox.delivery import Unavailable
from orders.outbox.store import State
from orders.table import outbox_attempt
from tests.bot.worker.by_hand import ByHand, by_hand
from tests.bot.worker.test_delivering import put_reply

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
BURST = CLOUD.to_one.burst
SLOW = Pace(to_one=Rate(6.0, 2), in_all=Rate(0.5, 2))


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="module")
async def shop(
    migrated_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[ByHand]:
    """Open one shop: each case has numbers or customers of its own."""
    folder = tmp_path_factory.mktemp("shop")
    path = shutil.copy(migrated_file, folder / "shop.db")
    async with by_hand(f"sqlite:///{path}", folder) as opened:
        yield opened


def a_sender(shop: ByHand, clock: Clock, buckets: Buckets | None = None) -> Rations:
    counted = buckets or Buckets(None, clock)
    return Rations(replace(shop.house.runtime, clock=clock, buckets=counted))


async def test_a_bucket_lets_a_burst_through_and_fills_again_with_time() -> None:
    clock = Clock()
    buckets = Buckets(None, clock)
    waits = []
    for _ in range(4):
        (ahead,) = await buckets.take({"ana": SLOW.to_one})
        waits.append(SLOW.to_one.wait(ahead))
        clock.now += timedelta(seconds=1)
    assert waits == pytest.approx([0, 0, 4, 3])
    clock.now += timedelta(seconds=2)
    (ahead,) = await buckets.take({"ana": SLOW.to_one})
    assert SLOW.to_one.wait(ahead) == 0


async def test_processes_with_a_redis_count_together_and_alone_without_it(
    redis_url: str,
) -> None:
    redis = Redis.from_url(redis_url, decode_responses=True)
    await redis.flushdb()
    rate = Rate(6.0, 5)
    here, there = Buckets(redis, Clock()), Buckets(redis, Clock())
    found = await asyncio.gather(*(b.take({"ana": rate}) for b in [here, there] * 5))
    await redis.aclose()
    assert sum(not rate.wait(ahead) for (ahead,) in found) == 5
    gone = Redis.from_url("redis://127.0.0.1:9", decode_responses=True)
    alone = Buckets(gone, Clock())
    left = [rate.wait((await alone.take({"ana": rate}))[0]) for _ in range(6)]
    await gone.aclose()
    assert left == pytest.approx([0, 0, 0, 0, 0, 6])


async def told(
    rations: Rations, conversation_id: str, *, unasked: bool = False
) -> float:
    """Return in how many seconds a message may go, 0 for one that went."""
    try:
        await rations.take("chn_1", conversation_id, SLOW, unasked=unasked)
    except Unavailable as later:
        return (later.retry_after or timedelta()).total_seconds()
    return 0.0


async def test_the_rest_of_a_burst_goes_later_in_its_order_and_counts_no_attempt(
    shop: ByHand,
) -> None:
    ana, ben = shop.house.phone(), shop.house.phone("905550000002", "Ben")
    await shop.hear(ana, "hello")
    await shop.deliver_all()
    seen = len(ana.inbox)
    words = [f"line {n}" for n in range(BURST + 1)]
    for each in words:
        await put_reply(shop, ana, each)
    await shop.hear(ben, "hello")
    await shop.deliver_all()
    assert len(ana.inbox) == BURST
    assert len(ben.inbox) == 1
    first, *_ = late = [i for i in await shop.items() if i.state == State.DUE]
    assert len(late) == seen + 1
    assert (first.attempts, first.error) == (
        0,
        "the customer was just sent many messages",
    )
    assert await shop.house.rows(outbox_attempt, outbox_id=first.id) == []
    soon = shop.clock() + timedelta(seconds=CLOUD.to_one.every)
    assert shop.clock() < first.due_at <= soon
    for _ in range(seen + 1):
        shop.house.clock.ahead += timedelta(seconds=CLOUD.to_one.every)
        await shop.deliver_all()
    assert [b.text for b in ana.inbox[seen:]] == words
    assert {i.attempts for i in await shop.items()} == {1}


async def test_who_waits_for_a_full_number_comes_one_after_the_other(
    shop: ByHand,
) -> None:
    clock = Clock()
    rations = a_sender(shop, clock)
    waits = [await told(rations, f"cnv_{n}") for n in range(5)]
    assert waits == pytest.approx([0, 0, 0.5, 1.0, 1.5])
    clock.now += timedelta(seconds=0.5)
    await rations.take("chn_1", "cnv_2", SLOW)
    # Another number has its own.
    await rations.take("chn_2", "cnv_3", SLOW)


async def test_ten_thousand_behind_one_number_all_go_and_hold_up_no_answer(
    shop: ByHand,
) -> None:
    clock = Clock()
    # Two processes that count together, as with a Redis: each has a line of its own.
    shared = Buckets(None, clock)
    senders = [a_sender(shop, clock, shared) for _ in range(2)]
    due: dict[int, float] = dict.fromkeys(range(10_000), 0.0)
    began = clock.now
    while due:
        clock.now = began + timedelta(seconds=min(due.values()))
        passed = (clock.now - began).total_seconds()
        for n in [n for n, moment in due.items() if moment <= passed]:
            rations = senders[n % 2]
            wait = await told(rations, f"cnv_{n}", unasked=True)
            assert wait < 600
            if wait:
                due[n] = passed + wait
            else:
                del due[n]
        if passed > 3:
            break
    assert len(due) <= 10_000 - 6, "a full number sends all the same"
    assert await told(senders[0], "cnv_answer") == 0, "who asked is answered"
    for _ in range(3):
        late = await told(senders[0], "cnv_late", unasked=True)
        assert 300 <= late < 600


def test_every_kind_of_channel_has_its_pace_and_a_number_may_have_its_own() -> None:
    assert set(CHANNELS) == {"whatsapp", "evolution", "waha"}
    assert (CLOUD.to_one.every, CLOUD.to_one.burst <= 45) == (6.0, True)
    assert CLOUD.in_all == Rate(1 / 80, 80)
    assert CLOUD.at_most(20).in_all == Rate(1 / 20, 20)
    assert CLOUD.at_most(None) == CLOUD
    assert GATEWAY.in_all.every > CLOUD.in_all.every
    assert GATEWAY.to_one.burst < CLOUD.to_one.burst


async def test_a_numbers_own_speed_is_obeyed(shop: ByHand) -> None:
    (entry,) = (await shop.house.runtime.directories.current()).channels
    channel_id = entry.account.channel_id
    async with shop.house.runtime.database.transaction() as connection:
        await set_speed(connection, channel_id, 1)
        with pytest.raises(InvalidAccount, match="from 1 to 1000"):
            await set_speed(connection, channel_id, 0)
    shop.house.runtime.directories.forget()
    people = [shop.house.phone(f"90555000010{n}", f"Customer {n}") for n in range(3)]
    for each in people:
        await shop.hear(each, "hello")
    await shop.deliver_all()
    assert sorted(len(each.inbox) for each in people) == [0, 0, 1]
    shop.house.clock.ahead += timedelta(seconds=3)
    for _ in range(3):
        await shop.deliver_all()
        shop.house.clock.ahead += timedelta(seconds=1)
    assert [len(each.inbox) for each in people] == [1, 1, 1]
