"""Who did what: one row for each thing done through the API or a command."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.api_table import audit


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One thing that somebody did."""

    id: str
    at: datetime
    actor: str  #: `key:ID`, `user:ID`, `command`, or `bot` (it hands over, takes up).
    action: str  #: The operation: `confirm_draft` ...
    target: str | None  #: The id that it was done to.
    details: Mapping[str, object]


async def audited(
    connection: AsyncConnection,
    *,
    id: str,  # noqa: A002  # the field's name
    tenant_id: str,
    actor: str,
    action: str,
    target: str | None = None,
    details: Mapping[str, object] | None = None,
    now: datetime,
) -> None:
    """Write down what was done, in the transaction that does it.

    `details` hold ids, numbers and words of ours: never names, texts or phones.
    """
    await connection.execute(
        insert(audit).values(
            id=id,
            tenant_id=tenant_id,
            at=now,
            actor=actor,
            action=action,
            target=target,
            details=dict(details or {}),
        )
    )


async def list_audit(
    connection: AsyncConnection,
    tenant_id: str,
    *,
    actor: str | None = None,
    action: str | None = None,
    target: str | None = None,
    limit: int = 50,
    offset: int = 0,
) -> tuple[Sequence[AuditEntry], int]:
    """Return what was done for a tenant, newest first, and how much there is."""
    mine = [audit.c.tenant_id == tenant_id]
    for column, wanted in (
        (audit.c.actor, actor),
        (audit.c.action, action),
        (audit.c.target, target),
    ):
        if wanted is not None:
            mine.append(column == wanted)
    total = await connection.execute(
        select(func.count()).select_from(audit).where(*mine)
    )
    rows = await connection.execute(
        select(
            audit.c.id,
            audit.c.at,
            audit.c.actor,
            audit.c.action,
            audit.c.target,
            audit.c.details,
        )
        .where(*mine)
        .order_by(audit.c.at.desc(), audit.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [AuditEntry(*row) for row in rows], total.scalar_one()


async def audit_page(
    connection: AsyncConnection,
    tenant_id: str,
    *,
    actor: str | None = None,
    action: str | None = None,
    target: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> tuple[Sequence[AuditEntry], str | None]:
    """Return what was done for a tenant, newest first, and where to read on.

    A cursor is the id of the last entry that was read. Raises ValueError for one that
    the tenant has not, or has no more.
    """
    mine = [audit.c.tenant_id == tenant_id]
    for column, wanted in (
        (audit.c.actor, actor),
        (audit.c.action, action),
        (audit.c.target, target),
    ):
        if wanted is not None:
            mine.append(column == wanted)
    if cursor is not None:
        found = await connection.execute(
            select(audit.c.at).where(audit.c.id == cursor, mine[0])
        )
        since = found.scalar()
        if since is None:
            raise ValueError("send the `next_cursor` of the part before")
        at = literal(since, type_=audit.c.at.type)
        mine.append(tuple_(audit.c.at, audit.c.id) < tuple_(at, literal(cursor)))
    rows = await connection.execute(
        select(
            audit.c.id,
            audit.c.at,
            audit.c.actor,
            audit.c.action,
            audit.c.target,
            audit.c.details,
        )
        .where(*mine)
        .order_by(audit.c.at.desc(), audit.c.id.desc())
        .limit(limit + 1)
    )
    entries = [AuditEntry(*row) for row in rows]
    more = len(entries) > limit
    return entries[:limit], entries[limit - 1].id if more else None


async def purge_audit(
    connection: AsyncConnection, tenant_id: str, *, before: datetime
) -> int:
    """Forget what was done before a moment; return how many rows went."""
    gone = await connection.execute(
        delete(audit).where(audit.c.tenant_id == tenant_id, audit.c.at < before)
    )
    return gone.rowcount
