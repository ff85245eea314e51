"""The timers that forget: what is kept for too long, and files that nobody names."""

import asyncio

import structlog
from sqlalchemy.exc import DBAPIError

from bot.db import DatabaseUnavailable
from bot.privacy.media import GRACE, drop
from bot.privacy.retention import run_retention, schedule
from bot.runtime import Runtime
from orders.outbox.delivery import Unavailable
from orders.outbox.store import Due

_log = structlog.get_logger(__name__)

#: A tenant that was added meanwhile gets its timer within this, seconds.
_SEED_EVERY = 3600.0
#: After the database was gone we look again after this, seconds.
_PAUSE = 5.0


async def retention(runtime: Runtime, item: Due) -> None:
    """Remove what the tenant no longer keeps, tomorrow's run being set first."""
    now = runtime.clock()
    await runtime.database.retried(
        lambda connection: schedule(connection, now=now, tenant_ids=[item.tenant_id])
    )
    removed = await run_retention(
        runtime.database,
        runtime.media,
        item.tenant_id,
        new_id=runtime.new_id,
        now=now,
    )
    _log.info("retention_ended", tenant=item.tenant_id, **removed)


async def drop_media(runtime: Runtime, item: Due) -> None:
    """Take files away that no message has any more."""
    late = await drop(
        runtime.database, runtime.media, item.payload["hashes"], now=runtime.clock()
    )
    if late:
        raise Unavailable(
            f"{late} files were touched a moment ago: a turn may be about to use them",
            retry_after=GRACE,
        )


async def keep_scheduled(runtime: Runtime) -> None:
    """See to it that every tenant has its timer, until cancelled."""
    while True:
        pause = _SEED_EVERY
        try:
            await runtime.database.retried(
                lambda connection: schedule(connection, now=runtime.clock())
            )
        except (DatabaseUnavailable, DBAPIError) as error:
            _log.warning("retention_not_scheduled", error=str(error))
            pause = _PAUSE
        await asyncio.sleep(pause)
