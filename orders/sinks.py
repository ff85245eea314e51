"""Where a tenant's placed orders go, in the database. Nothing here commits."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from orders.counting import upsert
from orders.domain.events import SinkAccount, SinkState
from orders.outbox.store import wake
from orders.table import sink, sink_made


@dataclass(frozen=True, slots=True)
class SinkStanding:
    """Whether a sink is called, and why, since when; None: as it was added."""

    id: str
    tenant_id: str
    state: SinkState
    reason: str | None
    at: datetime | None


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
            public_only=account.public_only,
            options=dict(account.options) or None,
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
        secret_before=row.secret_before,
        secret_before_until=row.secret_before_until,
        public_only=bool(row.public_only),
        options=row.options or {},
    )


# -- changing -------------------------------------------------------------------------


async def move_sink(
    connection: AsyncConnection,
    sink_id: str,
    *,
    url: str,
    public_only: bool,
    options: Mapping[str, object] | None = None,
) -> None:
    """Send to another address from now on; the caller has checked it.

    `options` None: they stay.
    """
    changed = {} if options is None else {"options": dict(options)}
    await connection.execute(
        update(sink)
        .where(sink.c.id == sink_id)
        .values(url=url, public_only=public_only, **changed)
    )


async def rotate_secret(
    connection: AsyncConnection, account: SinkAccount, *, secret: str, until: datetime
) -> None:
    """Sign with another secret, sealed already, and with the old one, too, for now."""
    await connection.execute(
        update(sink)
        .where(sink.c.id == account.id)
        .values(secret=secret, secret_before=account.secret, secret_before_until=until)
    )


# -- pausing --------------------------------------------------------------------------


def awaits_sink(sink_id: str) -> str:
    """Return the name that events wait for while their sink is paused."""
    return f"sink:{sink_id}"


async def sink_standing(
    connection: AsyncConnection, sink_id: str, *, tenant_id: str | None = None
) -> SinkStanding | None:
    """Return how a sink stands; `tenant_id` None asks as an operator."""
    query = select(sink).where(sink.c.id == sink_id)
    if tenant_id is not None:
        query = query.where(sink.c.tenant_id == tenant_id)
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else _standing(row)


async def pause_sink(
    connection: AsyncConnection, sink_id: str, *, reason: str, now: datetime
) -> bool:
    """Pause a sink, so that its events wait; False when it is paused already."""
    changed = await connection.execute(
        update(sink)
        .where(sink.c.id == sink_id, sink.c.state == SinkState.ACTIVE)
        .values(state=SinkState.PAUSED, state_reason=reason, state_at=now)
    )
    return changed.rowcount == 1


async def activate_sink(
    connection: AsyncConnection, sink_id: str, *, now: datetime
) -> int:
    """Call a sink again, and now for what waits for it; return how many events do."""
    await connection.execute(
        update(sink)
        .where(sink.c.id == sink_id)
        .values(state=SinkState.ACTIVE, state_reason=None, state_at=now)
    )
    return await wake(connection, [awaits_sink(sink_id)], now=now)


async def paused_sinks(
    connection: AsyncConnection, *, limit: int
) -> Sequence[SinkStanding]:
    """Return sinks that are paused, of all tenants, the longest paused first."""
    rows = await connection.execute(
        select(sink)
        .where(sink.c.state == SinkState.PAUSED)
        .order_by(sink.c.state_at, sink.c.id)
        .limit(limit)
    )
    return [_standing(row) for row in rows]


def _standing(row: Row[Any]) -> SinkStanding:
    return SinkStanding(
        row.id, row.tenant_id, SinkState(row.state), row.state_reason, row.state_at
    )


# -- what they made -------------------------------------------------------------------


async def made_by(
    connection: AsyncConnection, sink_id: str, kind: str, ours: str
) -> str | None:
    """Return what the system of a sink calls a thing that the sink made there."""
    rows = await connection.execute(
        select(sink_made.c.external_id).where(
            sink_made.c.sink_id == sink_id,
            sink_made.c.kind == kind,
            sink_made.c.internal_id == ours,
        )
    )
    found: str | None = rows.scalar()
    return found


async def note_made(
    connection: AsyncConnection,
    account: SinkAccount,
    kind: str,
    ours: str,
    theirs: str,
    *,
    owner: str,
    now: datetime,
) -> None:
    """Note what the system of a sink calls a thing; the first note stays.

    `owner` is our id of the customer or the order with which it is forgotten.
    """
    await connection.execute(
        upsert(connection, sink_made)
        .values(
            sink_id=account.id,
            kind=kind,
            internal_id=ours,
            tenant_id=account.tenant_id,
            external_id=theirs,
            owner_id=owner,
            created_at=now,
        )
        .on_conflict_do_nothing()
    )
