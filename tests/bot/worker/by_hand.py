"""A worker that takes one step when it is told to, with a clock that can be moved."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from bot.db.claims import Claim
from bot.inbox.table import message
from bot.reading.reader import Call
from bot.serving import beside
from bot.simulator.phone import Phone
from bot.worker.courtesy import Sight, sight_of
from bot.worker.delivering import handlers
from bot.worker.failing import dismiss
from bot.worker.judging import Outcome, Verdict
from bot.worker.loading import Loaded, load
from bot.worker.saving import Saved, save
from bot.worker.standing import Standings
from bot.worker.turn import handle
from orders.outbox.relay import Patience, Relay
from orders.outbox.store import State, Topic
from orders.table import outbox
from tests.house import House, open_house

PATIENCE = Patience(
    lease=timedelta(seconds=10),
    wait=timedelta(seconds=60),
    look=timedelta(seconds=5),
    pause=timedelta(seconds=30),
)


class ByHand:
    """The only worker of a house."""

    def __init__(self, house: House, standings: Standings) -> None:
        self.house = house
        self.standings = standings
        self.ahead = timedelta()
        self.shown: list[Sight | None] = []
        self.relay = Relay(
            house.runtime.database.transaction,
            handlers(house.runtime, standings),
            clock=self.clock,
            jitter=lambda: 0.5,
            patience=PATIENCE,
        )

    def clock(self) -> datetime:
        return self.house.runtime.clock() + self.ahead

    def wait(self, **time: float) -> None:
        """Let time pass for deliveries."""
        self.ahead += timedelta(**time)

    async def turn(self) -> Saved:
        """Take the one turn that is due."""
        saved = await handle(await self.claim(), self.house.runtime, self)
        assert saved is not None
        assert saved.verdict is Verdict.COMMITTED
        return saved

    async def claim(self) -> Claim:
        """Claim the one turn that is due."""
        runtime, now = self.house.runtime, self.clock() + timedelta(seconds=1)
        (claim,) = await runtime.database.retried(
            lambda connection: runtime.claims.claim(
                connection, room=10, busy={}, now=now
            )
        )
        return claim

    async def hear(self, phone: Phone, *texts: str) -> Saved:
        """Let a customer write and take the turn; nothing is sent yet."""
        for text in texts:
            await phone.say(text)
        return await self.turn()

    async def deliver(self, *, times: int = 1) -> None:
        """Deliver what is due, so many times, and hear what Meta says of it."""
        for _ in range(times):
            await self.relay.once(64)
            await self.house.simulator.settled()

    async def deliver_all(self) -> None:
        """Deliver until nothing is due now."""
        while await self.relay.once(64):
            pass
        await self.house.simulator.settled()
        await self.house.erp.settled()

    async def items(self, topic: Topic = Topic.REPLY) -> list[Any]:
        """Return the outbox items of a topic, in their order."""
        query = select(outbox).where(outbox.c.topic == topic).order_by(outbox.c.id)
        async with self.house.runtime.database.reading() as connection:
            return list(await connection.execute(query))

    async def states(self, topic: Topic = Topic.REPLY) -> list[State]:
        return [State(item.state) for item in await self.items(topic)]

    async def sent_messages(self) -> list[Any]:
        """Return our messages as stored, in their order."""
        query = (
            select(message).where(message.c.direction == "out").order_by(message.c.seq)
        )
        async with self.house.runtime.database.reading() as connection:
            return list(await connection.execute(query))

    async def set(self, table: Any, **values: Any) -> None:
        """Change every row of a table, as another process would."""
        async with self.house.runtime.database.transaction() as connection:
            await connection.execute(update(table).values(**values))

    # -- what a turn needs ------------------------------------------------------------

    async def load(self, claim: Claim) -> Loaded:
        async with self.house.runtime.database.reading() as connection:
            (loaded,) = await load(connection, [claim])
        return loaded

    def show(self, loaded: Loaded) -> None:
        self.shown.append(sight_of(loaded))

    async def save(self, outcome: Outcome) -> Saved:
        runtime = self.house.runtime
        (saved,) = await runtime.database.retried(
            lambda connection: save(
                connection,
                [outcome],
                new_id=runtime.new_id,
                now=runtime.clock(),
                overdue_after=timedelta(
                    seconds=runtime.settings.provisioning_overdue_seconds
                ),
            )
        )
        return saved

    def spend(self, claim: Claim, calls: Sequence[Call]) -> None:
        """Note nothing: here every turn comes to its end."""

    async def dismiss(self, claim: Claim) -> None:
        await self.house.runtime.database.retried(
            lambda connection: dismiss(connection, claim)
        )


@asynccontextmanager
async def by_hand(
    database_url: str, folder: Path, **settings: Any
) -> AsyncIterator[ByHand]:
    """Open a house in which only the test works."""
    async with (
        open_house(database_url, folder, workers=0, settings=settings) as house,
        by_hand_in(house) as shop,
    ):
        yield shop


@asynccontextmanager
async def by_hand_in(house: House) -> AsyncIterator[ByHand]:
    """Work by hand in a house that has no worker."""
    standings = Standings(house.runtime.database)
    async with beside(standings.run()):
        yield ByHand(house, standings)
