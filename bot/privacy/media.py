"""Files of media that no row names any more: taken away, by their hash.

A file may be the media of several messages and tenants. It goes when no row is left;
not at once, for a turn that has just fetched the same content is about to name it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels.media_store import MediaStore
from bot.db import Database
from bot.inbox.table import media
from orders.outbox.store import Item, Topic, append

#: A turn fetches, reads and saves within this, or its result is thrown away.
GRACE = timedelta(minutes=5)
#: The kind of the timer that takes files away.
DROP_MEDIA = "drop_media"
#: What nobody named for so long belongs to a turn that never ended.
ORPHANED = timedelta(days=1)
_BATCH = 500


async def drop_later(
    connection: AsyncConnection,
    hashes: Sequence[str],
    *,
    tenant_id: str,
    shard: int,
    new_id: Callable[[str], str],
    now: datetime,
) -> None:
    """Let a timer take these files away, in the transaction that removed their rows."""
    wanted = sorted(set(hashes))
    await append(
        connection,
        [
            Item(
                tenant_id=tenant_id,
                shard=shard,
                topic=Topic.TIMER,
                unique_key=f"drop-media:{new_id('wipe')}",
                payload={
                    "kind": DROP_MEDIA,
                    "hashes": wanted[start : start + _BATCH],
                },
                due_at=now + GRACE,
            )
            for start in range(0, len(wanted), _BATCH)
        ],
        now=now,
    )


async def drop(
    database: Database, store: MediaStore, hashes: Sequence[str], *, now: datetime
) -> int:
    """Take away what no row names; return how many were touched too lately for it."""
    async with database.reading() as connection:
        named = await _named(connection, hashes)
    late = 0
    for each in hashes:
        if each not in named:
            late += not await store.drop(each, unless_touched_after=now - GRACE)
    return late


async def drop_orphans(database: Database, store: MediaStore, *, now: datetime) -> int:
    """Take away files that turns fetched and never named; return how many went."""
    gone = 0
    await store.tidy(unless_changed_after=now - ORPHANED)
    async for shelf in store.shelves():
        for start in range(0, len(shelf), _BATCH):
            batch = shelf[start : start + _BATCH]
            async with database.reading() as connection:
                named = await _named(connection, batch)
            for each in batch:
                if each not in named:
                    limit = now - ORPHANED
                    gone += await store.drop(each, unless_touched_after=limit)
    return gone


async def _named(connection: AsyncConnection, hashes: Sequence[str]) -> frozenset[str]:
    rows = await connection.execute(
        select(media.c.sha256).where(media.c.sha256.in_(hashes)).distinct()
    )
    return frozenset(each for each in rows.scalars() if each is not None)
