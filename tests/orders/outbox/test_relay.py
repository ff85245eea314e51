"""What leaves the process: delivered, in order, and a crash is never hidden."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from structlog.testing import capture_logs

from bot.db import Database
from orders.domain.retry import RetryPolicy
from orders.outbox.attempts import Start
from orders.outbox.delivery import (
    DeliveryError,
    OutcomeUnknown,
    Refused,
    Reworded,
    Unavailable,
    Waiting,
    Withdrawn,
)
from orders.outbox.parked import retry_parked
from orders.outbox.relay import Patience, Relay, Send
from orders.outbox.store import (
    Due,
    Item,
    Outcome,
    Settled,
    State,
    Topic,
    append,
    cancel,
    cancel_lane,
    next_due,
    wake,
)
from orders.table import outbox, outbox_attempt
from tests.messages import NOON, Clock

LEASE = timedelta(seconds=10)


class Died(BaseException):
    """The process is gone."""


class Post:
    """A receiver with memory: it plays a script of endings, then takes everything."""

    def __init__(self, *, idempotent: bool = False) -> None:
        self.idempotent = idempotent
        self.policy = RetryPolicy(3, timedelta(seconds=2), timedelta(minutes=1))
        self.script: deque[Exception | Callable[[], Awaitable[None]]] = deque()
        #: What happens before anything is sent, one after the other.
        self.judgements: deque[Exception | None] = deque()
        self.received: list[str] = []
        self.payloads: list[Mapping[str, Any]] = []
        self.arrived: set[str] = set()
        self.recorded: list[tuple[str, Outcome]] = []

    async def prepare(self, item: Due) -> Send:
        judged = self.judgements.popleft() if self.judgements else None
        if judged is not None:
            raise judged
        return lambda: self.send(item)

    async def send(self, item: Due) -> str | None:
        self.received.append(item.unique_key)
        self.payloads.append(item.payload)
        step = self.script.popleft() if self.script else None
        if isinstance(step, Exception):
            raise step
        if step is not None:
            await step()
        return f"id of {item.unique_key}"

    async def news(self, connection: AsyncConnection, item: Due) -> str | None:
        assert connection.in_transaction()
        return f"id of {item.unique_key}" if item.unique_key in self.arrived else None

    async def record(
        self, connection: AsyncConnection, settled: Sequence[Settled]
    ) -> None:
        assert connection.in_transaction()
        self.recorded += [(s.item.unique_key, s.outcome) for s in settled]


class Office:
    """An outbox, its receiver and a clock."""

    def __init__(self, database: Database, tenant_id: str, post: Post) -> None:
        self.database = database
        self.tenant_id = tenant_id
        self.post = post
        self.clock = Clock()

    def relay(self) -> Relay:
        return Relay(
            self.database.transaction,
            {Topic.REPLY: self.post},
            clock=self.clock,
            jitter=lambda: 1.0,
            patience=Patience(
                lease=LEASE, wait=timedelta(seconds=60), look=timedelta(seconds=5)
            ),
        )

    async def dies_while_sending(self) -> None:
        """Let a process begin what is due, and die before or after it was sent."""
        relay = self.relay()
        batch = await relay.claim(10)
        async with self.database.transaction() as connection:
            await relay.begin(connection, [Start(item) for item in batch])

    async def put(self, *keys: str, lane: str | None = None) -> None:
        items = [
            Item(
                tenant_id=self.tenant_id,
                shard=0,
                topic=Topic.REPLY,
                unique_key=key,
                payload={"text": key},
                due_at=self.clock(),
                lane=lane,
            )
            for key in keys
        ]
        async with self.database.transaction() as connection:
            await append(connection, items, now=self.clock())

    async def state(self, key: str) -> Any:
        async with self.database.reading() as connection:
            rows = await connection.execute(
                select(outbox).where(outbox.c.unique_key == key)
            )
            return rows.one()

    async def attempts(self, key: str) -> list[str | None]:
        item = await self.state(key)
        async with self.database.reading() as connection:
            rows = await connection.execute(
                select(outbox_attempt.c.outcome)
                .where(outbox_attempt.c.outbox_id == item.id)
                .order_by(outbox_attempt.c.number)
            )
            return list(rows.scalars())


@pytest.fixture
def office(database: Database, tenant_id: str) -> Office:
    return Office(database, tenant_id, Post())


async def test_what_is_rolled_back_is_never_delivered(office: Office) -> None:
    async def fail() -> None:
        async with office.database.transaction() as connection:
            item = Item(office.tenant_id, 0, Topic.REPLY, "a", {}, NOON)
            await append(connection, [item], now=NOON)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await office.relay().once() == 0


async def test_an_item_is_delivered_once_and_recorded(office: Office) -> None:
    await office.put("a")
    relay = office.relay()
    assert await relay.once() == 1
    assert await relay.once() == 0
    assert office.post.received == ["a"]
    assert office.post.recorded == [("a", Outcome.DONE)]
    assert (await office.state("a")).state == State.DONE
    assert await office.attempts("a") == ["done"]


async def test_the_same_key_is_written_once(office: Office) -> None:
    await office.put("a")
    await office.put("a", "b")
    await office.relay().once()
    assert office.post.received == ["a", "b"]


async def test_a_lane_keeps_its_order_even_while_its_head_fails(
    office: Office,
) -> None:
    await office.put("a1", "a2", "a3", lane="a")
    await office.put("b1", lane="b")
    office.post.script.append(Unavailable("resting"))
    relay = office.relay()
    await relay.once()
    await relay.once()
    assert office.post.received == ["a1", "b1"]
    office.clock.pass_by(2)
    while await relay.once():
        pass
    assert office.post.received == ["a1", "b1", "a1", "a2", "a3"]


async def test_unavailable_is_tried_later_and_given_up_in_the_end(
    office: Office,
) -> None:
    await office.put("a")
    office.post.script.extend([Unavailable("x")] * 3)
    relay = office.relay()
    waits = []
    item = await office.state("a")
    for _ in range(3):
        await relay.once()
        item = await office.state("a")
        waits.append((item.due_at - office.clock()).total_seconds())
        office.clock.now = max(item.due_at, office.clock())
    assert waits[:2] == [2, 4]
    assert item.state == State.PARKED
    assert item.error == "given up after 3 attempts: x"
    assert await office.attempts("a") == ["retry", "retry", "parked"]


async def test_a_target_that_asks_us_to_wait_is_obeyed(office: Office) -> None:
    await office.put("a")
    office.post.script.append(Unavailable("x", retry_after=timedelta(seconds=50)))
    await office.relay().once()
    assert (await office.state("a")).due_at == NOON + timedelta(seconds=50)


@pytest.mark.parametrize(
    ("error", "state"),
    [(Refused("no such number"), State.PARKED), (Withdrawn("STOP"), State.CANCELLED)],
    ids=["refused is parked", "withdrawn is cancelled"],
)
async def test_a_final_no_lets_the_queue_go_on(
    office: Office, error: DeliveryError, state: State
) -> None:
    await office.put("a", "b", lane="x")
    office.post.script.append(error)
    relay = office.relay()
    await relay.once()
    await relay.once()
    item = await office.state("a")
    assert (item.state, item.error) == (state, str(error))
    assert office.post.received == ["a", "b"]


async def test_an_unknown_outcome_waits_for_news_and_is_resent_once(
    office: Office,
) -> None:
    await office.put("a", "b", lane="x")
    office.post.script.extend([OutcomeUnknown("lost"), OutcomeUnknown("lost")])
    relay = office.relay()
    sent_at = []
    for _ in range(200):
        before = len(office.post.received)
        await relay.once()
        if len(office.post.received) > before:
            sent_at.append((office.clock() - NOON).total_seconds())
        office.clock.pass_by(1)
    assert office.post.received == ["a", "a", "b"]
    assert (await office.state("a")).state == State.PARKED
    # Sent, 60 s of waiting, the one resend, 60 s again, parked; then the queue goes on.
    assert sent_at[0] == 0
    assert 60 <= sent_at[1] <= 66
    assert 120 <= sent_at[2] <= 132


async def test_news_of_an_unknown_outcome_ends_the_waiting(office: Office) -> None:
    await office.put("a")
    office.post.script.append(OutcomeUnknown("lost"))
    relay = office.relay()
    await relay.once()
    office.post.arrived.add("a")
    office.clock.pass_by(6)
    await relay.once()
    assert office.post.received == ["a"]
    assert (await office.state("a")).state == State.DONE
    assert office.post.recorded[-1] == ("a", Outcome.DONE)


async def test_a_crash_while_sending_counts_as_unknown(office: Office) -> None:
    await office.put("a")
    await office.dies_while_sending()
    office.clock.pass_by(LEASE.total_seconds())
    relay = office.relay()
    await relay.once()
    assert office.post.received == []
    office.post.arrived.add("a")
    office.clock.pass_by(6)
    await relay.once()
    assert office.post.received == []
    assert (await office.state("a")).state == State.DONE


async def test_a_crash_between_claim_and_send_costs_a_lease_and_nothing_else(
    office: Office,
) -> None:
    keys = [f"k{n}" for n in range(10)]
    await office.put(*keys)
    for _ in range(3):  # However often: nothing was begun.
        assert len(await office.relay().claim(64)) == 10
        office.clock.pass_by(LEASE.total_seconds())
    await office.relay().once(64)
    assert sorted(office.post.received) == sorted(keys)
    for key in keys:
        item = await office.state(key)
        assert (item.state, item.attempts, item.resends) == (State.DONE, 1, 0)
        assert await office.attempts(key) == ["done"]


async def test_a_crash_while_sending_is_made_good_after_the_wait(
    office: Office,
) -> None:
    await office.put("a")
    await office.dies_while_sending()
    relay = office.relay()
    for _ in range(80):
        await relay.once()
        office.clock.pass_by(1)
    assert office.post.received == ["a"]
    assert (await office.state("a")).state == State.DONE
    assert await office.attempts("a") == ["unknown", "done"]


async def test_two_crashes_while_sending_park_it_and_the_queue_goes_on(
    office: Office,
) -> None:
    await office.put("a", "b", lane="x")
    await office.dies_while_sending()
    relay = office.relay()

    async def die() -> None:
        raise Died

    office.post.script.append(die)
    for _ in range(300):
        with contextlib.suppress(Died):
            await relay.once()
        office.clock.pass_by(1)
    assert office.post.received == ["a", "b"]
    item = await office.state("a")
    assert (item.state, item.resends) == (State.PARKED, 1)
    assert await office.attempts("a") == ["unknown", "unknown"]


async def test_a_crash_during_the_one_resend_does_not_earn_another(
    office: Office,
) -> None:
    await office.put("a", "b", lane="x")
    office.post.script.append(OutcomeUnknown("lost"))

    async def crash() -> None:
        raise Died

    office.post.script.append(crash)
    relay = office.relay()
    for _ in range(300):
        with contextlib.suppress(Died):
            await relay.once()
        office.clock.pass_by(1)
    assert office.post.received == ["a", "a", "b"]
    item = await office.state("a")
    assert (item.state, item.resends) == (State.PARKED, 1)


async def test_a_pause_before_the_one_resend_does_not_use_it_up(
    office: Office,
) -> None:
    await office.put("a")
    office.post.script.extend([OutcomeUnknown("lost"), Waiting("paused")])
    relay = office.relay()
    for _ in range(200):
        await relay.once()
        office.clock.pass_by(1)
    # The unknown one, the one that only asked, and the one resend.
    assert office.post.received == ["a", "a", "a"]
    item = await office.state("a")
    assert (item.state, item.resends) == (State.DONE, 1)


async def test_an_idempotent_receiver_is_simply_asked_again(
    database: Database, tenant_id: str
) -> None:
    office = Office(database, tenant_id, Post(idempotent=True))
    await office.put("a")
    await office.dies_while_sending()
    office.clock.pass_by(LEASE.total_seconds())
    office.post.script.append(OutcomeUnknown("lost"))
    relay = office.relay()
    await relay.once()
    office.clock.pass_by(10)
    await relay.once()
    assert office.post.received == ["a", "a"]
    assert (await office.state("a")).state == State.DONE
    assert await office.attempts("a") == ["unknown", "retry", "done"]


async def test_a_worker_that_slept_past_its_lease_does_not_send(
    office: Office,
) -> None:
    await office.put("a")
    (slept,) = await office.relay().claim(10)
    office.clock.pass_by(LEASE.total_seconds() + 1)
    (other,) = await office.relay().claim(10)
    await office.relay().deliver(slept)
    assert office.post.received == []
    assert other.fence == slept.fence + 1


async def test_a_worker_that_sleeps_while_sending_settles_nothing(
    office: Office,
) -> None:
    await office.put("a")
    (slept,) = await office.relay().claim(10)

    async def sleep_past_the_lease() -> None:
        office.clock.pass_by(LEASE.total_seconds() + 1)
        await office.relay().claim(10)

    office.post.script.append(sleep_past_the_lease)
    await office.relay().deliver(slept)
    assert (await office.state("a")).state == State.DUE
    assert office.post.recorded == []


async def test_two_workers_never_deliver_the_same_item(
    office: Office, database_url: str
) -> None:
    keys = [f"k{n}" for n in range(60)]
    await office.put(*keys)
    other = Database.open(database_url)
    try:
        twin = Office(other, office.tenant_id, office.post)
        for _ in range(10):
            await asyncio.gather(
                office.relay().once(5), twin.relay().once(5), office.relay().once(5)
            )
    finally:
        await other.close()
    assert sorted(office.post.received) == sorted(keys)


async def test_a_timer_that_is_not_needed_is_cancelled(office: Office) -> None:
    await office.put("a")
    async with office.database.transaction() as connection:
        await cancel(
            connection, tenant_id=office.tenant_id, unique_keys=["a"], now=NOON
        )
    assert await office.relay().once() == 0
    assert (await office.state("a")).state == State.CANCELLED


async def test_a_cancelled_lane_keeps_what_is_being_sent(office: Office) -> None:
    await office.put("a", "b", lane="x")
    await office.put("c", lane="y")
    await office.relay().claim(1)
    async with office.database.transaction() as connection:
        await cancel_lane(connection, lane="x", now=NOON)
    states = [(await office.state(key)).state for key in ("a", "b", "c")]
    assert states == [State.DUE, State.CANCELLED, State.DUE]


async def test_the_next_due_moment_is_known(office: Office) -> None:
    await office.put("a")
    later = NOON + timedelta(hours=1)
    async with office.database.transaction() as connection:
        item = Item(office.tenant_id, 0, Topic.REPLY, "later", {}, later)
        await append(connection, [item], now=NOON)
    async with office.database.reading() as connection:
        assert await next_due(connection, NOON) == later
        assert await next_due(connection, later) is None


async def test_a_send_that_takes_longer_than_a_lease_stays_ours(
    office: Office,
) -> None:
    await office.put("a")
    relay = office.relay()
    (item,) = await relay.claim(10)

    async def take_long() -> None:
        for _ in range(3):
            office.clock.pass_by(LEASE.total_seconds() - 1)
            await relay.prolong([item])
            assert await office.relay().claim(10) == ()

    office.post.script.append(take_long)
    await relay.deliver(item)
    assert (await office.state("a")).state == State.DONE
    assert await office.attempts("a") == ["done"]


async def test_what_was_lost_is_not_prolonged(office: Office) -> None:
    await office.put("a")
    relay = office.relay()
    (lost,) = await relay.claim(10)
    office.clock.pass_by(LEASE.total_seconds() + 1)
    (mine,) = await office.relay().claim(10)
    until = (await office.state("a")).lease_until
    office.clock.pass_by(1)
    await relay.prolong([lost])
    assert (await office.state("a")).lease_until == until
    await relay.prolong([mine])
    assert (await office.state("a")).lease_until > until


# -- what is judged before anything is sent -------------------------------------------


async def test_what_is_not_sent_leaves_no_attempt(office: Office) -> None:
    await office.put("paused", "away", "unwanted", "impossible", "fine")
    office.post.judgements.extend(
        [Waiting("paused"), Unavailable("away"), Withdrawn("STOP"), Refused("no"), None]
    )
    await office.relay().once()
    assert office.post.received == ["fine"]
    expected = {
        "paused": (State.DUE, 0, []),
        "away": (State.DUE, 0, []),
        "unwanted": (State.CANCELLED, 0, []),
        "impossible": (State.PARKED, 0, []),
        "fine": (State.DONE, 1, ["done"]),
    }
    for key, (state, attempts, rows) in expected.items():
        item = await office.state(key)
        assert (item.state, item.attempts) == (state, attempts), key
        assert await office.attempts(key) == rows


async def test_what_cannot_be_judged_is_never_given_up(office: Office) -> None:
    await office.put("a")
    office.post.judgements.extend([Unavailable("away")] * 20)
    relay = office.relay()
    for _ in range(25):
        await relay.once()
        office.clock.pass_by(3)
    assert office.post.received == ["a"]


async def test_a_process_that_cannot_write_that_it_sends_does_not_send(
    office: Office,
) -> None:
    await office.put("a")
    relay = office.relay()

    async def cannot_tell(start: Start) -> Due | None:
        # Committed, and the answer was lost.
        async with office.database.transaction() as connection:
            await relay.begin(connection, [start])
        raise Unavailable("the database went away")

    lost = Relay(
        office.database.transaction,
        {Topic.REPLY: office.post},
        clock=office.clock,
        jitter=lambda: 1.0,
        patience=Patience(lease=LEASE),
        begin_one=cannot_tell,
    )
    await lost.once()
    assert office.post.received == []
    # It is known that nothing was sent: nobody has to wait for news of it.
    office.clock.pass_by(2)
    await relay.once()
    assert office.post.received == ["a"]
    assert await office.attempts("a") == ["retry", "done"]


async def test_many_are_begun_in_one_transaction_and_only_what_is_ours(
    office: Office,
) -> None:
    await office.put("a", "b", "c")
    relay = office.relay()
    batch = await relay.claim(10)
    office.clock.pass_by(LEASE.total_seconds() + 1)
    (taken,) = await office.relay().claim(1)
    async with office.database.transaction() as connection:
        begun = await relay.begin(connection, [Start(item) for item in batch])
    kept = [item for item in batch if item.id != taken.id]
    assert [item and item.id for item in begun] == [
        item.id if item in kept else None for item in batch
    ]
    until = office.clock() + LEASE
    assert {item.lease_until for item in begun if item} == {until}
    assert (await office.state("b")).lease_until == until
    assert await office.attempts("a") == []
    assert await office.attempts("b") == [None]


async def test_a_refusal_that_asks_to_wait_uses_up_no_attempt(office: Office) -> None:
    await office.put("a")
    office.post.script.extend([Waiting("paused")] * 10)
    relay = office.relay()
    for _ in range(10):
        await relay.once()
        assert (await office.state("a")).attempts == 0
        office.clock.pass_by(31)
    await relay.once()
    item = await office.state("a")
    assert (item.state, item.attempts) == (State.DONE, 1)


async def test_what_waits_for_something_is_woken_by_its_name(office: Office) -> None:
    await office.put("a", "b")
    office.post.judgements.extend(
        [Waiting("x", waits_for="channel:1"), Waiting("x", waits_for="channel:2")]
    )
    relay = office.relay()
    await relay.once()
    office.clock.pass_by(1)
    assert await relay.once() == 0
    async with office.database.transaction() as connection:
        assert await wake(connection, ["channel:1"], now=office.clock()) == 1
    assert await relay.once() == 1
    assert office.post.received == ["a"]
    # A wake-up that got lost right at the start costs half a minute, later ten.
    office.post.judgements.append(Waiting("x", waits_for="channel:2"))
    office.clock.pass_by(29)
    assert await relay.once() == 1
    office.clock.pass_by(599)
    assert await relay.once() == 0
    office.clock.pass_by(1)
    await relay.once()
    assert office.post.received == ["a", "b"]
    assert (await office.state("b")).waits_for is None


async def test_what_was_refused_for_its_form_goes_at_once_in_another(
    office: Office,
) -> None:
    await office.put("a", "b", lane="x")
    office.post.script.append(Reworded("too fancy", payload={"text": "plain"}))
    relay = office.relay()
    for _ in range(3):
        await relay.once()
    assert [p["text"] for p in office.post.payloads] == ["a", "plain", "b"]
    assert (await office.state("a")).payload == {"text": "plain"}
    assert await office.attempts("a") == ["retry", "done"]


async def test_another_form_may_wait_a_moment_and_what_is_behind_it_waits_too(
    office: Office,
) -> None:
    await office.put("a", "b", lane="x")
    moment = timedelta(seconds=5)
    office.post.script.append(Reworded("x", payload={"text": "again"}, after=moment))
    relay = office.relay()
    for _ in range(3):
        await relay.once()
    assert office.post.received == ["a"]
    office.clock.now += moment
    for _ in range(2):
        await relay.once()
    assert [p["text"] for p in office.post.payloads] == ["a", "again", "b"]


async def test_what_may_have_arrived_is_sent_once_more_in_whatever_form(
    office: Office,
) -> None:
    await office.put("a", lane="x")
    office.post.script += [OutcomeUnknown("no answer")] * 3
    relay = office.relay()
    await relay.once()
    office.clock.now += timedelta(seconds=61)
    office.post.judgements.append(Reworded("too late", payload={"text": "template"}))
    for _ in range(4):
        await relay.once()
        office.clock.now += timedelta(seconds=61)
    assert [p["text"] for p in office.post.payloads] == ["a", "template"]
    assert (await office.state("a")).state == State.PARKED


async def test_what_must_rest_is_not_tried_again_before_that_by_anybody(
    office: Office,
) -> None:
    await office.put("a", "b", lane="x")
    error = Refused("not today")
    error.rest = timedelta(days=1)
    office.post.script.append(error)
    relay = office.relay()
    for _ in range(2):
        await relay.once()
    assert office.post.received == ["a", "b"], "what is behind it goes on"
    for hours, again in ((23, 0), (2, 1)):
        office.clock.now += timedelta(hours=hours)
        async with office.database.transaction() as connection:
            found = await retry_parked(connection, now=office.clock())
        assert len(found) == again


async def test_waiting_keeps_the_facts_that_were_learnt(office: Office) -> None:
    await office.put("a")
    office.post.script.append(Waiting("x", payload={"text": "a", "fact": 1}))
    relay = office.relay()
    await relay.once()
    office.clock.pass_by(30)
    await relay.once()
    assert office.post.payloads[-1] == {"text": "a", "fact": 1}


async def test_a_wake_up_before_its_name_was_written_costs_half_a_minute(
    office: Office,
) -> None:
    await office.put("a")

    async def activated_meanwhile() -> None:
        async with office.database.transaction() as connection:
            assert await wake(connection, ["channel:1"], now=office.clock()) == 0
        raise Waiting("paused", waits_for="channel:1")

    office.post.script.append(activated_meanwhile)
    relay = office.relay()
    await relay.once()
    office.clock.pass_by(30)
    await relay.once()
    assert (await office.state("a")).state == State.DONE


async def test_a_wake_up_while_it_is_found_still_waiting_is_not_lost(
    office: Office,
) -> None:
    await office.put("a")
    paused = Waiting("paused", waits_for="channel:1")

    async def activated_meanwhile() -> None:
        async with office.database.transaction() as connection:
            assert await wake(connection, ["channel:1"], now=office.clock()) == 1
        raise paused

    office.post.judgements.append(paused)
    relay = office.relay()
    await relay.once()
    office.clock.pass_by(31)
    office.post.script.append(activated_meanwhile)
    await relay.once()
    await relay.once()
    assert (await office.state("a")).state == State.DONE


# -- what nobody expected -------------------------------------------------------------


async def test_what_always_breaks_before_it_is_sent_is_given_up_and_seen(
    office: Office,
) -> None:
    await office.put("a", "b", lane="x")
    office.post.judgements.extend([ValueError("Ana's number")] * 3)
    relay = office.relay()
    with capture_logs() as log:
        for _ in range(20):
            await relay.once()
            office.clock.pass_by(5)
    item = await office.state("a")
    assert (item.state, item.attempts) == (State.PARKED, 3)
    assert item.error == "given up after 3 attempts: ValueError"
    assert office.post.received == ["b"]
    assert [e["event"] for e in log] == ["preparing_broke"] * 3
    assert {e["item"] for e in log} == {item.id}


async def test_what_breaks_before_the_one_resend_does_not_earn_another(
    office: Office,
) -> None:
    await office.put("a")
    office.post.script.extend([OutcomeUnknown("lost")] * 2)
    relay = office.relay()
    for second in range(200):
        if second == 30:
            office.post.judgements.append(ValueError("x"))
        await relay.once()
        office.clock.pass_by(1)
    assert office.post.received == ["a", "a"]
    item = await office.state("a")
    assert (item.state, item.resends) == (State.PARKED, 1)


@pytest.mark.parametrize(
    ("idempotent", "attempts"),
    [(False, ["unknown", "done"]), (True, ["retry", "done"])],
    ids=["it may have arrived", "it is simply asked again"],
)
async def test_a_send_that_breaks_may_have_arrived(
    database: Database, tenant_id: str, idempotent: bool, attempts: list[str]
) -> None:
    office = Office(database, tenant_id, Post(idempotent=idempotent))
    await office.put("a")
    office.post.script.append(ValueError("Ana's number"))
    relay = office.relay()
    with capture_logs() as log:
        await relay.once()
    assert (await office.state("a")).error == "ValueError"
    assert [e["event"] for e in log] == ["sending_broke"]
    for _ in range(70):
        await relay.once()
        office.clock.pass_by(1)
    assert office.post.received == ["a", "a"]
    assert await office.attempts("a") == attempts
