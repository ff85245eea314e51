"""The group-commit writer behind every webhook: 200 is said after its commit."""

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.db import Database, DatabaseUnavailable
from bot.db.batcher import Batcher
from bot.db.intake import Delivery, Intake
from bot.inbox.identity import NewId
from bot.inbox.news import News, What
from bot.inbox.people import store_people
from bot.inbox.wake import Bell

#: Webhook calls in one transaction.
_BATCH = 256


class Writer:
    """Stores deliveries durably, many webhook calls to a transaction."""

    def __init__(
        self,
        database: Database,
        intake: Intake,
        bell: Bell,
        news: News,
        *,
        clock: Callable[[], datetime],
        rings_after: float,
        waiting: int,
        new_id: NewId,
    ) -> None:
        self._database = database
        self._intake = intake
        self._bell = bell
        self._news = news
        self._clock = clock
        self._new_id = new_id
        self._rings_after = rings_after
        self._batcher: Batcher[Delivery, None] = Batcher(
            self._store,
            size=_BATCH,
            waiting=waiting,
            # PostgreSQL syncs two commits together; SQLite has one writer anyway.
            workers=2 if database.dialect == "postgresql" else 1,
            shared=(DatabaseUnavailable,),
        )

    @property
    def depth(self) -> int:
        """How many deliveries wait for their transaction."""
        return self._batcher.depth

    async def store(self, delivery: Delivery) -> None:
        """Return once the delivery is committed.

        Raises BatcherFull when too many wait, DatabaseUnavailable when it cannot be
        committed now: nothing is stored then, and the sender should try again.
        """
        await self._batcher.do(delivery)

    async def run(self) -> None:
        """Write until cancelled."""
        await self._batcher.run()

    async def _store(self, batch: Sequence[Delivery]) -> Sequence[None]:
        now = self._clock()
        stored = await store_people(
            self._database, self._intake, batch, new_id=self._new_id, now=now
        )
        if any(m.flush for delivery in batch for m in delivery.messages):
            self._bell.ring()
        if any(delivery.messages for delivery in batch):
            self._bell.ring(self._rings_after)
        for place in stored.conversations:
            self._news.tell(*place, What.MESSAGE)
        for tenant_id in {s.tenant_id for each in batch for s in each.statuses}:
            # Whose message it is about, nobody has looked up.
            self._news.tell(tenant_id, None, What.STATUS)
        return [None] * len(batch)
