"""The worker's loop: leases that run out, a database that goes, and stopping."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db import DatabaseUnavailable
from bot.db.claims import Claim, Claims
from bot.inbox.table import analysis, conversation, message
from bot.reading.reader import Reading, ReadingRequest
from bot.reading.rules.reader import RulesReader
from bot.runtime import Runtime
from bot.simulator.faults import fails_later
from bot.worker.loop import Worker
from orders.outbox.store import State, Topic
from orders.table import outbox
from tests.house import PATIENCE, House, open_house

LEASE = timedelta(seconds=1)


class Interrupted:
    """A reader to whom something happens, the first time, before it answers."""

    name: ClassVar[str] = "rules"

    def __init__(self) -> None:
        self.calls = 0
        self.first: Callable[[], Awaitable[object]] | None = None
        self._rules = RulesReader()

    async def read(self, request: ReadingRequest) -> Reading:
        self.calls += 1
        first, self.first = self.first, None
        if first is not None:
            await first()
        return await self._rules.read(request)


@asynccontextmanager
async def working_on(runtime: Runtime) -> AsyncIterator[Worker]:
    """Run a worker of our own; it must end by itself when it is told to."""
    worker = Worker(runtime)
    task = asyncio.create_task(worker.run())
    try:
        yield worker
        assert not task.done(), task
    finally:
        worker.stop()
        async with asyncio.timeout(PATIENCE):
            await task


async def until(holds: Callable[[], Awaitable[object]]) -> None:
    """Return when something is true."""
    async with asyncio.timeout(PATIENCE):
        while not await holds():  # noqa: ASYNC110  # a database rings no bell
            await asyncio.sleep(0.01)


async def test_a_turn_whose_lease_ran_out_changes_nothing_and_ends_nobody(
    database_url: str, tmp_path: Path
) -> None:
    """Also when the same worker claims again what its older turn still works on."""
    reader = Interrupted()
    async with open_house(database_url, tmp_path, readers=[reader]) as house:

        async def sleep_past_the_lease() -> None:
            async def is_taken_over() -> bool:
                # A heartbeat may be faster, so it is done until the claim shows.
                async with house.runtime.database.transaction() as connection:
                    await connection.execute(
                        update(conversation)
                        .where(conversation.c.fence == 1)
                        .values(lease_until=house.runtime.clock() - LEASE)
                    )
                house.runtime.turn_bell.ring()
                return bool(await house.rows(analysis))

            await until(is_taken_over)

        reader.first = sleep_past_the_lease
        ana = house.phone()
        await ana.say("2 latte")
        await house.settle()
        assert reader.calls == 2
        assert len(await house.analyses()) == 1
        assert len(ana.inbox) == 1
        await ana.say("and a tea")
        await house.settle()
        assert len(ana.inbox) == 2
        assert {line.name for line in (await house.draft(ana)).lines} == {
            "Latte",
            "Tea",
        }


class Unsteady(Claims):
    """A database that is gone now and then, when the worker only looks ahead."""

    calls = 0

    async def next_due(self, connection: AsyncConnection) -> datetime | None:
        self.calls += 1
        if self.calls in {2, 4}:
            raise DatabaseUnavailable("gone for a moment")
        return await super().next_due(connection)


async def test_a_worker_outlives_a_database_that_goes_while_it_looks_ahead(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with open_house(sqlite_url, tmp_path, workers=0) as house:
        claims = Unsteady("sqlite", lease=LEASE, tenant_cap=10)
        async with working_on(replace(house.runtime, claims=claims)):
            await house.phone().say("2 latte")

            async def is_gone_twice() -> bool:
                return claims.calls > 4

            await until(is_gone_twice)
            await house.settle()
        assert len(house.phone().inbox) == 1


class StopsUs(Claims):
    """Claims while the worker is told to stop."""

    stop: Callable[[], None]

    async def claim(
        self,
        connection: AsyncConnection,
        *,
        room: int,
        busy: Mapping[str, int],
        now: datetime,
    ) -> tuple[Claim, ...]:
        taken = await super().claim(connection, room=room, busy=busy, now=now)
        if taken:
            self.stop()
        return taken


async def test_what_is_claimed_while_stopping_ends_in_time_too_and_is_given_back(
    sqlite_url: str, tmp_path: Path
) -> None:
    reader = Interrupted()
    reader.first = asyncio.Event().wait
    settings = {"stop_seconds": 0.3}
    async with open_house(
        sqlite_url, tmp_path, workers=0, settings=settings, readers=[reader]
    ) as house:
        await house.phone().say("2 latte")
        claims = StopsUs("sqlite", lease=timedelta(minutes=10), tenant_cap=10)
        worker = Worker(replace(house.runtime, claims=claims))
        claims.stop = worker.stop
        async with asyncio.timeout(5):
            await worker.run()
        (chat,) = await house.rows(conversation)
        assert chat.lease_until is None
        assert chat.ready_at is not None
        async with working_on(house.runtime):
            await house.settle()
        assert len(house.phone().inbox) == 1
        assert await states(house) == {"done"}


async def test_a_worker_hears_of_messages_that_fail_later(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with open_house(sqlite_url, tmp_path) as house:
        house.simulator.faults.add(fails_later(131026))
        await house.phone().say("hello")

        async def is_parked() -> bool:
            items = await house.rows(outbox, topic=Topic.REPLY)
            return [item.state for item in items] == [State.PARKED]

        await until(is_parked)


async def states(house: House) -> set[str]:
    query = select(message.c.state).where(message.c.direction == "in")
    async with house.runtime.database.reading() as connection:
        return set((await connection.execute(query)).scalars())
