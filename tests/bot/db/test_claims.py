"""Who works on which conversation: one at a time, fairly, and never for ever."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot.db import Database
from bot.db.claims import Claim, Claims
from bot.inbox.table import conversation
from bot.worker.failing import give_back
from tests.databases import add_test_tenant
from tests.messages import NOON, a_message, add_channel, store

LEASE = timedelta(seconds=10)
LATER = NOON + timedelta(seconds=2)  #: When what was stored at noon is due.


@pytest.fixture
async def channel_id(database: Database, tenant_id: str) -> str:
    return await add_channel(database, tenant_id)


async def fill(
    database: Database, tenant_id: str, channel_id: str, people: int
) -> None:
    messages = [
        a_message(tenant_id, channel_id, aliases=(("wa_id", f"{n}"),))
        for n in range(people)
    ]
    await store(database, *messages)


async def claim(
    database: Database,
    *,
    now: datetime = LATER,
    room: int = 100,
    cap: int = 100,
    busy: dict[str, int] | None = None,
) -> tuple[Claim, ...]:
    claims = Claims(database.dialect, lease=LEASE, tenant_cap=cap)
    return await database.retried(
        lambda connection: claims.claim(connection, room=room, busy=busy or {}, now=now)
    )


async def test_a_conversation_is_claimed_when_it_is_due_and_not_before(
    database: Database, tenant_id: str, channel_id: str
) -> None:
    await store(database, a_message(tenant_id, channel_id))
    assert await claim(database, now=NOON) == ()
    (claimed,) = await claim(database)
    assert (claimed.tenant_id, claimed.fence, claimed.rev, claimed.seq) == (
        tenant_id,
        1,
        1,
        1,
    )
    assert claimed.ready_at == NOON + timedelta(seconds=1.5)


async def test_a_claimed_conversation_is_nobody_elses_until_the_lease_ends(
    database: Database, tenant_id: str, channel_id: str
) -> None:
    await store(database, a_message(tenant_id, channel_id))
    await claim(database)
    assert await claim(database, now=LATER + LEASE - timedelta(seconds=1)) == ()
    (again,) = await claim(database, now=LATER + LEASE)
    assert again.fence == 2


async def test_workers_that_claim_at_once_share_the_work_without_overlap(
    database: Database, database_url: str, tenant_id: str, channel_id: str
) -> None:
    await fill(database, tenant_id, channel_id, 60)
    others = [Database.open(database_url) for _ in range(3)]
    try:
        taken: list[str] = []
        for _ in range(10):
            batches = await asyncio.gather(
                *(claim(each, room=5) for each in [database, *others])
            )
            taken += [c.conversation_id for batch in batches for c in batch]
    finally:
        for each in others:
            await each.close()
    assert len(taken) == len(set(taken)) == 60


async def test_a_busy_tenant_does_not_starve_a_quiet_one(
    database: Database, tenant_id: str, channel_id: str
) -> None:
    await fill(database, tenant_id, channel_id, 50)
    quiet = await add_test_tenant(database, "tenant_quiet")
    quiet_channel = await add_channel(database, quiet)
    await fill(database, quiet, quiet_channel, 3)
    batch = await claim(database, room=6)
    assert Counter(c.tenant_id for c in batch) == {tenant_id: 3, quiet: 3}


async def test_a_tenant_has_no_more_turns_in_flight_than_its_cap(
    database: Database, tenant_id: str, channel_id: str
) -> None:
    await fill(database, tenant_id, channel_id, 20)
    first = await claim(database, cap=8)
    assert len(first) == 8
    assert await claim(database, cap=8, busy={tenant_id: 8}) == ()
    assert len(await claim(database, cap=8, busy={tenant_id: 5})) == 3


async def test_the_longest_waiting_conversation_comes_first(
    database: Database, tenant_id: str, channel_id: str
) -> None:
    for second in (3, 1, 2):
        await store(
            database,
            a_message(tenant_id, channel_id, aliases=(("wa_id", str(second)),)),
            now=NOON + timedelta(seconds=second),
        )
    batch = await claim(database, now=NOON + timedelta(minutes=1), room=2)
    assert sorted(c.ready_at for c in batch) == [
        NOON + timedelta(seconds=2.5),
        NOON + timedelta(seconds=3.5),
    ]


async def test_a_heartbeat_renews_only_what_is_still_ours(
    database: Database, tenant_id: str, channel_id: str
) -> None:
    await fill(database, tenant_id, channel_id, 2)
    mine, lost = await claim(database)
    later = LATER + LEASE
    claims = Claims(database.dialect, lease=LEASE, tenant_cap=100)
    async with database.transaction() as connection:
        await connection.execute(
            update(conversation)
            .where(conversation.c.id == lost.conversation_id)
            .values(fence=lost.fence + 1)
        )
    async with database.transaction() as connection:
        kept = await claims.renew(connection, [mine, lost], later)
    assert kept == {mine.conversation_id}
    async with database.reading() as connection:
        leases = dict(
            tuple(row)
            for row in await connection.execute(
                select(conversation.c.id, conversation.c.lease_until)
            )
        )
    assert leases[mine.conversation_id] == later + LEASE
    assert leases[lost.conversation_id] == LATER + LEASE


async def test_a_late_heartbeat_does_not_take_back_what_was_given_up(
    database: Database, tenant_id: str, channel_id: str
) -> None:
    """Nobody would end that lease, and the next message would wait for it."""
    await store(database, a_message(tenant_id, channel_id))
    batch = await claim(database)
    claims = Claims(database.dialect, lease=LEASE, tenant_cap=100)
    async with database.transaction() as connection:
        await give_back(connection, batch[0])
    async with database.transaction() as connection:
        assert await claims.renew(connection, batch, LATER) == frozenset()
    assert len(await claim(database)) == 1


async def test_a_heartbeat_does_not_wait_for_a_row_that_is_locked(
    postgres_database: Database,
) -> None:
    """The measured deadlock: a heartbeat that waits for rows that wait for it."""
    tenant_id = await add_test_tenant(postgres_database)
    channel_id = await add_channel(postgres_database, tenant_id)
    await fill(postgres_database, tenant_id, channel_id, 3)
    batch = await claim(postgres_database)
    claims = Claims("postgresql", lease=LEASE, tenant_cap=100)
    async with postgres_database.transaction() as busy:
        await busy.execute(
            select(conversation.c.id)
            .where(conversation.c.id == batch[1].conversation_id)
            .with_for_update()
        )
        async with asyncio.timeout(5), postgres_database.transaction() as beat:
            kept = await claims.renew(beat, batch, LATER)
    assert kept == {batch[0].conversation_id, batch[2].conversation_id}


async def test_intake_and_heartbeats_at_once_never_lock_each_other_out(
    database: Database, tenant_id: str, channel_id: str
) -> None:
    await fill(database, tenant_id, channel_id, 30)
    batch = await claim(database)
    claims = Claims(database.dialect, lease=LEASE, tenant_cap=100)

    async def beat() -> None:
        for _ in range(30):
            async with database.transaction() as connection:
                await claims.renew(connection, batch[::-1], LATER)

    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        for _ in range(2):
            group.create_task(beat())
        for _ in range(20):
            group.create_task(fill(database, tenant_id, channel_id, 30))


async def test_the_next_due_moment_is_known(
    database: Database, tenant_id: str, channel_id: str
) -> None:
    claims = Claims(database.dialect, lease=LEASE, tenant_cap=100)

    async def next_due() -> datetime | None:
        async with database.reading() as connection:
            return await claims.next_due(connection)

    assert await next_due() is None
    await store(database, a_message(tenant_id, channel_id))
    assert await next_due() == NOON + timedelta(seconds=1.5)
    await claim(database)
    assert await next_due() == LATER + LEASE
