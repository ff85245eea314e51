"""Turns that begin later: a conversation that goes too fast, or an old backlog."""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db import DatabaseUnavailable
from bot.db.claims import Claim
from bot.domain.pacing import waits_until
from bot.inbox.table import conversation
from bot.runtime import Runtime
from bot.worker.loading import Loaded

_log = structlog.get_logger(__name__)


class PutOff(Exception):
    """The turn begins later, with everything that came until then."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"until {until.isoformat()}")
        self.until = until


def in_time(loaded: Loaded, runtime: Runtime) -> Loaded:
    """Return what was loaded when its turn may begin now. Raises PutOff."""
    until = waits_until(
        loaded.memory,
        loaded.messages,
        manners=loaded.shop.manners,
        now=runtime.clock(),
        pause=timedelta(seconds=runtime.settings.debounce_seconds),
    )
    if until is not None:
        raise PutOff(until)
    return loaded


async def put_off(claim: Claim, later: PutOff, runtime: Runtime) -> None:
    """Let a turn begin later; its attempt does not count."""

    async def work(connection: AsyncConnection) -> None:
        await connection.execute(
            update(conversation)
            .where(
                conversation.c.id == claim.conversation_id,
                conversation.c.fence == claim.fence,
            )
            .values(
                lease_until=None,
                attempts=conversation.c.attempts - 1,
                ready_at=later.until,
            )
        )

    try:
        await runtime.database.retried(work)
    except (DatabaseUnavailable, DBAPIError) as gone:
        # The lease ends by itself, and the turn is looked at again.
        _log.warning("turn_not_put_off", error=str(gone))
