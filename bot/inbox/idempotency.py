"""Answers under an Idempotency-Key: the same call has its effect once.

The row is taken at the beginning of the transaction that has the effect, and filled in
at its end. A twin waits for that commit and then finds the answer.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.api_table import idempotency

#: So long the same key means the same call.
KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Answered:
    """A call that was made under a key already, and what it was answered."""

    request: str  #: The hash of the call that was made.
    status: int
    answer: str  #: Sealed.


async def answered(
    connection: AsyncConnection, tenant_id: str, key: str, *, now: datetime
) -> Answered | None:
    """Return what was answered under the key within the last 24 hours, or None."""
    rows = await connection.execute(
        select(idempotency.c.request, idempotency.c.status, idempotency.c.answer).where(
            idempotency.c.tenant_id == tenant_id,
            idempotency.c.key == key,
            idempotency.c.created_at > now - KEPT,
            idempotency.c.status.is_not(None),
        )
    )
    row = rows.one_or_none()
    return None if row is None else Answered(row.request, row.status, row.answer)


async def taken(
    connection: AsyncConnection,
    tenant_id: str,
    key: str,
    request: str,
    *,
    now: datetime,
) -> bool:
    """Take the key for this call; False when another call has it.

    On PostgreSQL it waits for a twin that is under way.
    """
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    row = {"request": request, "status": None, "answer": None, "created_at": now}
    new = dialect.insert(idempotency).values(tenant_id=tenant_id, key=key, **row)
    mine = await connection.execute(
        new.on_conflict_do_update(
            index_elements=["tenant_id", "key"],
            set_=row,
            where=idempotency.c.created_at <= now - KEPT,
        ).returning(idempotency.c.key)
    )
    return mine.one_or_none() is not None


async def keep_answer(
    connection: AsyncConnection, tenant_id: str, key: str, *, status: int, answer: str
) -> None:
    """Keep what this call is answered; `answer` is sealed by the caller."""
    await connection.execute(
        update(idempotency)
        .where(idempotency.c.tenant_id == tenant_id, idempotency.c.key == key)
        .values(status=status, answer=answer)
    )


async def purge_answers(connection: AsyncConnection, *, now: datetime) -> int:
    """Forget the answers of all tenants that no key can ask for any more."""
    gone = await connection.execute(
        delete(idempotency).where(idempotency.c.created_at <= now - KEPT)
    )
    return gone.rowcount
