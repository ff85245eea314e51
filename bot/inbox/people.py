"""Storing what people wrote, whoever they turn out to be.

The intake stores; where ids name several people it stops, and who they are is settled
here, in a transaction of its own. Whoever loses a race tries again.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db import Database
from bot.db.intake import Delivery, Intake, Stored
from bot.db.intake_people import PeopleMeet
from bot.domain.identity import Known
from bot.inbox.identity import NewId, change_ids, meet
from bot.inbox.merging import CannotMerge

_log = structlog.get_logger(__name__)

#: So often a batch is tried; then the best id of a message alone says who wrote it.
_ROUNDS: Final = 4


async def store_people(
    database: Database,
    intake: Intake,
    batch: Sequence[Delivery],
    *,
    new_id: NewId,
    now: datetime,
) -> Stored:
    """Store a batch; return what it came to.

    Raises what `Database.run` raises. News about people's ids count before messages.
    """
    for each in batch:
        for change in each.changes:
            await _settled(
                database,
                partial(change_ids, change=change, new_id=new_id, now=now),
            )
    settle = partial(_meetings, database, new_id=new_id, now=now)
    stored = await _stored(database, intake, batch, settle, now)
    if _has_twins(batch):
        # One of them is stored now: what the other one shows of its writer counts, too.
        again = [Delivery(each.messages) for each in batch]
        await _stored(database, intake, again, settle, now)
    return stored


async def _stored(
    database: Database,
    intake: Intake,
    batch: Sequence[Delivery],
    settle: Callable[[PeopleMeet], Awaitable[None]],
    now: datetime,
) -> Stored:
    for _ in range(_ROUNDS):
        try:
            return await database.run(lambda: intake.storing(batch, now))
        except PeopleMeet as met:
            await settle(met)
    _log.error("people_not_settled", deliveries=len(batch))
    return await database.run(lambda: intake.storing(batch, now, lenient=True))


async def _meetings(
    database: Database, met: PeopleMeet, *, new_id: NewId, now: datetime
) -> None:
    for meeting in met.meetings:
        await _settled(database, partial(meet, meeting=meeting, new_id=new_id, now=now))


def _has_twins(batch: Sequence[Delivery]) -> bool:
    """Return whether one message is there twice, from different ids."""
    writers: dict[tuple[str, str, str], tuple[Known, ...]] = {}
    return any(
        writers.setdefault(each.key, each.aliases) != each.aliases
        for delivery in batch
        for each in delivery.messages
    )


async def _settled(
    database: Database, work: Callable[[AsyncConnection], Awaitable[None]]
) -> None:
    try:
        await database.retried(work)
    except CannotMerge as lost:
        # Somebody else merged or erased them meanwhile: what is so now is read again.
        _log.info("people_merged_elsewhere", why=str(lost))
