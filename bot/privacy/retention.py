"""Keeping nothing for longer than the tenant wants: what, when, and the daily run."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels.media_store import MediaStore
from bot.db import Database
from bot.inbox.idempotency import purge_answers
from bot.inbox.sessions import purge_sessions
from bot.inbox.tries import purge_tries
from bot.privacy.brooms import BROOMS
from bot.privacy.kinds import KINDS, NAMES, Retention, retention_of, stored_retention
from bot.privacy.media import drop_orphans
from bot.privacy.sweep import Sweep
from catalog.table import tenant
from orders.outbox.store import Item, Topic, append

#: The kind of the timer that runs it.
RETENTION = "retention"
#: At night, when shops sleep; spread over the hour by the tenant's shard.
_HOUR = 3


async def load_retention(connection: AsyncConnection, tenant_id: str) -> Retention:
    """Return for how long the tenant keeps what."""
    found = await connection.execute(
        select(tenant.c.retention).where(tenant.c.id == tenant_id)
    )
    return stored_retention(found.scalar_one())


async def store_retention(
    connection: AsyncConnection, tenant_id: str, wanted: Mapping[str, int | None]
) -> Retention:
    """Change for how long the tenant keeps some kinds; None: the default again.

    Return what is true now. Raises BadRetention.
    """
    found = await connection.execute(
        select(tenant.c.retention).where(tenant.c.id == tenant_id).with_for_update()
    )
    stored = found.scalar_one() or {}
    retention = retention_of({**stored_retention(stored).wanted, **wanted})
    # What a newer program keeps there is not ours to drop.
    foreign = {kind: days for kind, days in stored.items() if kind not in NAMES}
    await connection.execute(
        update(tenant)
        .where(tenant.c.id == tenant_id)
        .values(retention={**foreign, **retention.wanted})
    )
    return retention


# -- when -----------------------------------------------------------------------------


def next_run(now: datetime, timezone: str, shard: int) -> tuple[str, datetime]:
    """Return the day and the moment of the next run: at night, where the tenant is."""
    zone = ZoneInfo(timezone)
    at = time(_HOUR, shard % 60)
    day = now.astimezone(zone).date()
    moment = datetime.combine(day, at, zone).astimezone(UTC)
    if moment <= now:
        day += timedelta(days=1)
        moment = datetime.combine(day, at, zone).astimezone(UTC)
    return day.isoformat(), moment


async def schedule(
    connection: AsyncConnection,
    *,
    now: datetime,
    tenant_ids: Collection[str] | None = None,
) -> None:
    """Set the timer of the next run of these tenants (None: of all).

    Its key names tenant and day: setting it again changes nothing.
    """
    query = select(tenant.c.id, tenant.c.shard, tenant.c.timezone)
    if tenant_ids is not None:
        query = query.where(tenant.c.id.in_(sorted(tenant_ids)))
    items = []
    for row in await connection.execute(query.order_by(tenant.c.id)):
        day, moment = next_run(now, row.timezone, row.shard)
        items.append(
            Item(
                tenant_id=row.id,
                shard=row.shard,
                topic=Topic.TIMER,
                unique_key=f"retention:{row.id}:{day}",
                payload={"kind": RETENTION},
                due_at=moment,
            )
        )
    await append(connection, items, now=now)


# -- the run --------------------------------------------------------------------------


async def run_retention(
    database: Database,
    store: MediaStore,
    tenant_id: str,
    *,
    new_id: Callable[[str], str],
    now: datetime,
    size: int = 500,
) -> dict[str, int]:
    """Remove what the tenant no longer keeps; return how many rows of each kind.

    Every part is a transaction of its own, so it may be cut off and run again.
    """
    async with database.reading() as connection:
        limits = (await load_retention(connection, tenant_id)).limits(now)
        found = await connection.execute(
            select(tenant.c.shard).where(tenant.c.id == tenant_id)
        )
        shard = found.scalar_one()
        oldest = await connection.execute(
            select(tenant.c.id).order_by(tenant.c.created_at, tenant.c.id).limit(1)
        )
        keeps_house = oldest.scalar() == tenant_id
    removed = {}
    for kind in KINDS:
        sweep = Sweep(tenant_id, shard, kind.name, limits, now, new_id, size)
        removed[kind.name] = await _sweep(database, sweep)
    if keeps_house:  # What belongs to no tenant is done once.
        removed["answers"] = await database.retried(
            lambda connection: purge_answers(connection, now=now)
        )
        removed["sessions"] = await database.retried(
            lambda connection: purge_sessions(connection, now=now)
        )
        removed["tries"] = await database.retried(
            lambda connection: purge_tries(connection, now=now)
        )
        removed["orphans"] = await drop_orphans(database, store, now=now)
    return removed


async def _sweep(database: Database, sweep: Sweep) -> int:
    broom, removed = BROOMS[sweep.kind], 0
    while True:
        part = sweep
        swept = await database.retried(lambda connection: broom(connection, part))  # noqa: B023  # it is awaited here
        removed += swept.removed
        if swept.cursor is None:
            return removed
        sweep = replace(sweep, cursor=swept.cursor)
