"""Where a tenant's placed orders go, in the database. Nothing here commits."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from orders.domain.events import SinkAccount, SinkState
from orders.table import sink


async def add_sink(
    connection: AsyncConnection, account: SinkAccount, *, now: datetime
) -> None:
    """Store a sink. Its secret is sealed already: the caller owns the key."""
    await connection.execute(
        insert(sink).values(
            id=account.id,
            tenant_id=account.tenant_id,
            kind=account.kind,
            url=account.url,
            secret=account.secret,
            state=account.state,
            created_at=now,
        )
    )


async def load_sinks(
    connection: AsyncConnection, tenant_ids: Collection[str]
) -> dict[str, tuple[SinkAccount, ...]]:
    """Return every sink of each tenant, oldest first; a tenant without has ()."""
    rows = await connection.execute(
        select(sink)
        .where(sink.c.tenant_id.in_(sorted(tenant_ids)))
        .order_by(sink.c.created_at, sink.c.id)
    )
    found: dict[str, tuple[SinkAccount, ...]] = dict.fromkeys(tenant_ids, ())
    for row in rows:
        found[row.tenant_id] = (*found[row.tenant_id], _account(row))
    return found


async def load_sink(
    connection: AsyncConnection, tenant_id: str, sink_id: str
) -> SinkAccount | None:
    """Return the tenant's sink, or None: another tenant's sink is none."""
    rows = await connection.execute(
        select(sink).where(sink.c.tenant_id == tenant_id, sink.c.id == sink_id)
    )
    row = rows.one_or_none()
    return None if row is None else _account(row)


def _account(row: Row[Any]) -> SinkAccount:
    return SinkAccount(
        id=row.id,
        tenant_id=row.tenant_id,
        kind=row.kind,
        url=row.url,
        secret=row.secret,
        state=SinkState(row.state),
    )
