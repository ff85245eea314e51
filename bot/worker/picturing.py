"""Getting to know the pictures of catalogs: noted, fetched, and kept as prints.

Every worker does some of it, a few pictures at a time, when nothing hurries: the turns
of customers never wait for it.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels.picture_source import PictureRefused, PictureUnavailable
from bot.db import DatabaseUnavailable
from bot.reading.pictures import Unreadable, pixels_of
from bot.runtime import Runtime
from bot.worker.picture_hosts import PictureHosts
from catalog.domain.prints import Print, print_of
from catalog.pictures import (
    BATCH,
    Looked,
    Waiting,
    add_pictures,
    changed_catalogs,
    changes_of,
    claim_pictures,
    drop_pictures,
    due_tenants,
    end_noting,
    read_naming,
    store_looks,
)
from orders.domain.retry import RetryPolicy, next_attempt

_log = structlog.get_logger(__name__)

#: How often we look for catalogs that changed and pictures that are due, seconds.
LOOK = 15.0
#: So many pictures are fetched at a time, of so many shops in turn ...
_AT_ONCE, _SHOPS = 8, 4
#: ... and for so long nobody else takes them.
_LEASE = timedelta(minutes=5)
#: A picture may be exchanged under its address: it is looked at again after this.
_FRESH = timedelta(days=30)
_RETRY = RetryPolicy(attempts=8, base=timedelta(minutes=5), ceiling=timedelta(days=1))
_LONGEST_ERROR = 500


async def keep_pictured(runtime: Runtime) -> None:
    """Get to know the pictures of all catalogs, until cancelled. Never raises."""
    if not runtime.settings.catalog_pictures:
        return
    hosts = PictureHosts()
    while True:
        try:
            await note_all(runtime)
            while await look_at_some(runtime, hosts):
                pass
        except (DatabaseUnavailable, DBAPIError) as error:
            _log.warning("pictures_not_looked_at", error=str(error))
        except Exception:  # noqa: BLE001  # orders are taken without it, too
            _log.exception("pictures_not_looked_at")
        await asyncio.sleep(LOOK)


async def note_all(runtime: Runtime) -> None:
    """Note the pictures of every catalog that changed."""
    async with runtime.database.reading() as connection:
        tenants = await changed_catalogs(connection)
    for tenant_id in tenants:
        await _note(runtime, tenant_id)


async def _note(runtime: Runtime, tenant_id: str) -> None:
    """Note what changed, a little at a time: others write in between."""
    database = runtime.database
    async with database.reading() as connection:
        naming = await read_naming(connection, tenant_id)
    changes = await asyncio.to_thread(changes_of, naming)
    for at in range(0, len(changes.came), BATCH):
        some = changes.came[at : at + BATCH]
        await database.retried(
            partial(add_pictures, tenant_id=tenant_id, came=some, now=runtime.clock())
        )
    for at in range(0, len(changes.gone), BATCH):
        gone = changes.gone[at : at + BATCH]
        drop = partial(
            drop_pictures, tenant_id=tenant_id, gone=gone, revision=changes.revision
        )
        if not await database.retried(drop):
            return  # The catalog has changed: it is gone through again.
    await database.retried(lambda each: end_noting(each, tenant_id, changes))
    if changes.came or changes.gone:
        counts = {"came": len(changes.came), "gone": len(changes.gone)}
        _log.info("pictures_noted", tenant=tenant_id, **counts)


async def look_at_some(runtime: Runtime, hosts: PictureHosts) -> int:
    """Fetch a few pictures of each shop that are due, and keep their prints.

    Returns how many there were.
    """
    async with runtime.database.reading() as connection:
        tenants = await due_tenants(connection, now=runtime.clock())
    count = 0
    for at in range(0, len(tenants), _SHOPS):
        count += await _look_at(tenants[at : at + _SHOPS], runtime, hosts)
    return count


async def _look_at(
    tenants: Sequence[str], runtime: Runtime, hosts: PictureHosts
) -> int:
    limit = _AT_ONCE // len(tenants)

    async def claim(connection: AsyncConnection) -> list[Waiting]:
        now = runtime.clock()
        resting, claimed = hosts.resting(now), list[Waiting]()
        for tenant_id in tenants:
            claimed += await claim_pictures(
                connection,
                tenant_id,
                now=now,
                lease=_LEASE,
                limit=limit,
                resting=resting,
            )
        return claimed

    waiting = await runtime.database.retried(claim)
    if waiting:
        looks = await asyncio.gather(*(_look(each, runtime, hosts) for each in waiting))
        await runtime.database.retried(
            lambda connection: store_looks(connection, looks, now=runtime.clock())
        )
    return len(waiting)


async def _look(waiting: Waiting, runtime: Runtime, hosts: PictureHosts) -> Looked:
    """Look at a picture. Whatever becomes of it, it is not taken again at once."""
    try:
        return await _looked(waiting, runtime, hosts)
    except (PictureRefused, Unreadable) as never:
        # Not soon, that is: what is missing today may be put there another day.
        why = str(never)
    except Exception as error:  # noqa: BLE001  # the other pictures are looked at
        _log.exception("picture_not_looked_at", tenant=waiting.tenant_id)
        why = f"our own mistake: {type(error).__name__}"
    return Looked(waiting, _later(runtime), error=why[:_LONGEST_ERROR])


async def _looked(waiting: Waiting, runtime: Runtime, hosts: PictureHosts) -> Looked:
    host = waiting.host
    async with hosts.place(host):
        until = hosts.resting(runtime.clock()).get(host)
        if until is not None:
            return Looked(waiting, until, asked=False)
        try:
            data = await runtime.picture_source.fetch(waiting.url)
        except PictureUnavailable as later:
            now = runtime.clock()
            hosts.failed(host, now, runtime.jitter())
            again = next_attempt(_RETRY, waiting.attempts + 1, now, runtime.jitter())
            return Looked(waiting, again, error=str(later)[:_LONGEST_ERROR])
        except PictureRefused:
            hosts.answered(host)
            raise
        hosts.answered(host)
    found = await runtime.galleries.look(lambda: _print(data))
    return Looked(waiting, _later(runtime), print=found, blank=found is None)


def _print(data: bytes) -> Print | None:
    return print_of(pixels_of(data))


def _later(runtime: Runtime) -> datetime:
    """Return when to look again: not at everything in the same moment."""
    return runtime.clock() + _FRESH * (0.5 + runtime.jitter() / 2)
