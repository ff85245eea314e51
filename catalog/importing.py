"""Feeds from files: read and checked row by row, staged, stored with one switch.

However big the file, memory is bounded, the event loop goes on and nobody waits long
for the database: only the switch at the end holds its write lock. An import that ends
in any other way than well has stored nothing.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog import jobs, staging
from catalog.formats.rows import BadFeed, Told
from catalog.import_run import (
    ImportCancelled,
    ImportReport,
    Pace,
    Run,
    Tell,
    UnknownTenant,
    currency_of,
)
from catalog.jobs import Order
from catalog.spool import open_spool
from catalog.storage import Storage

__all__ = [
    "BadFeed",
    "ImportCancelled",
    "ImportReport",
    "Order",
    "Pace",
    "Told",
    "UnknownTenant",
    "currency_of",
    "import_products",
    "queue_import",
    "run_import",
    "sweep",
]

_PACE = Pace()


def _silent(_: object) -> None:
    """Tell nobody."""


async def import_products(
    storage: Storage,
    order: Order,
    path: Path,
    *,
    new_id: Callable[[str], str],
    clock: Callable[[], datetime],
    tell: Tell = _silent,
    pace: Pace = _PACE,
) -> ImportReport:
    """Take in a product file: all of it or, when a row is wrong, nothing.

    With `partial` the products whose rows are right are taken in; with `dry_run` the
    report says what would happen. `tell` hears how far it is. Raises BadFeed,
    UnknownTenant, ImportCancelled.
    """
    await storage.retried(
        lambda connection: queue_import(connection, order, clock(), pace)
    )
    return await run_import(
        storage, order, path, new_id=new_id, clock=clock, tell=tell, pace=pace
    )


async def queue_import(
    connection: AsyncConnection, order: Order, now: datetime, pace: Pace = _PACE
) -> None:
    """Note an import that this process will run. Raises UnknownTenant."""
    await currency_of(connection, order.tenant_id)
    await jobs.queue(connection, order, now=now, lease_until=now + pace.lease)


async def run_import(
    storage: Storage,
    order: Order,
    path: Path,
    *,
    new_id: Callable[[str], str],
    clock: Callable[[], datetime],
    tell: Tell = _silent,
    pace: Pace = _PACE,
) -> ImportReport:
    """Run a queued import to its end: see `import_products`."""
    await sweep(storage, clock())
    with open_spool() as spool:
        run = Run(
            storage,
            order,
            spool,
            new_id=new_id,
            clock=clock,
            tell=tell,
            pace=pace,
        )
        return await run.to_the_end(path)


async def sweep(storage: Storage, now: datetime) -> None:
    """Fail imports whose process has died, and forget what they had staged."""
    await storage.retried(lambda connection: jobs.fail_dead(connection, now))
    async with storage.reading() as connection:
        left = await staging.abandoned(connection)
    for import_id in left:
        await staging.clear(storage, import_id)
