"""One part of removing old rows: what it is told, and what it says it did."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Column, Row, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.ident import first_id

#: An id is made a little before or after the moment that its row names.
SLACK: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Sweep:
    """One part of the work on one kind, for one tenant."""

    tenant_id: str
    shard: int
    kind: str
    limits: Mapping[str, datetime]  #: By kind: what is older goes.
    now: datetime
    new_id: Callable[[str], str]
    size: int = 500
    cursor: tuple[Any, ...] = ()  #: Where the part before it ended.

    @property
    def before(self) -> datetime:
        return self.limits[self.kind]


@dataclass(frozen=True, slots=True)
class Swept:
    """How many rows went, and where to go on; no cursor: that was all."""

    removed: int
    cursor: tuple[Any, ...] | None


Broom = Callable[[AsyncConnection, Sweep], Awaitable[Swept]]


async def walk(
    connection: AsyncConnection, kind: str, sweep: Sweep, *columns: Column[Any]
) -> Sequence[Row[Any]]:
    """Return the next rows in the order of their making, of all tenants.

    Ids sort by time, so the primary key, which is the first column, leads to what is
    old without another index on the tables that intake writes.
    """
    made = columns[0]
    query = select(*columns).where(made < first_id(kind, sweep.before + SLACK))
    if sweep.cursor:
        query = query.where(made > sweep.cursor[0])
    rows = await connection.execute(query.order_by(made).limit(sweep.size))
    return rows.all()


def so_far(rows: Sequence[Sequence[Any]], sweep: Sweep, removed: int) -> Swept:
    """Return how a part went that was ordered by its first column."""
    return Swept(removed, (rows[-1][0],) if len(rows) == sweep.size else None)


async def remove(
    connection: AsyncConnection, sweep: Sweep, key: Column[Any], ids: Sequence[str]
) -> Swept:
    """Remove the rows; a full part means that there may be more."""
    if ids:
        await connection.execute(delete(key.table).where(key.in_(ids)))
    return Swept(len(ids), ("more",) if len(ids) == sweep.size else None)
