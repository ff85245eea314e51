"""What became of turns: the records that people look at. Nothing here commits."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.understanding import Intent
from bot.inbox.table import analysis

#: The dead letter: a person must look at it.
FAILED = "failed"


@dataclass(frozen=True, slots=True)
class TurnEntry:
    """One turn: the messages of a conversation that were handled together."""

    id: str
    conversation_id: str
    status: str
    intent: str | None
    attempts: int
    order_id: str | None
    error: str | None
    started_at: datetime
    ended_at: datetime | None
    #: How far the order was after it (`bot.domain.commerce.dump_commerce`).
    commerce: Mapping[str, JsonValue] | None


async def last_intents(
    connection: AsyncConnection, conversation_id: str
) -> tuple[Intent, ...]:
    """Return what the customer wanted in the last turn; none: nobody knows."""
    rows = await connection.execute(
        select(analysis.c.result)
        .where(analysis.c.conversation_id == conversation_id)
        .order_by(analysis.c.to_seq.desc(), analysis.c.id.desc())
        .limit(1)
    )
    result = rows.scalar()
    said = result.get("intents", ()) if isinstance(result, dict) else ()
    return tuple(Intent(each) for each in said if each in set(Intent))


async def commerce_after(
    connection: AsyncConnection, tenant_id: str, ids: Collection[str]
) -> Mapping[str, Mapping[str, JsonValue]]:
    """Return how far orders were after some turns, by the ids of those that tell."""
    if not ids:
        return {}
    rows = await connection.execute(
        select(analysis.c.id, analysis.c.commerce).where(
            analysis.c.tenant_id == tenant_id, analysis.c.id.in_(sorted(ids))
        )
    )
    return {row.id: row.commerce for row in rows if row.commerce}


async def list_turns(
    connection: AsyncConnection,
    tenant_id: str,
    *,
    status: str | None = None,
    limit: int = 50,
) -> tuple[Sequence[TurnEntry], int]:
    """Return the tenant's newest turns, newest first, and how many there are."""
    mine = [analysis.c.tenant_id == tenant_id]
    if status is not None:
        mine.append(analysis.c.status == status)
    total = await connection.execute(
        select(func.count()).select_from(analysis).where(*mine)
    )
    rows = await connection.execute(
        select(
            analysis.c.id,
            analysis.c.conversation_id,
            analysis.c.status,
            analysis.c.intent,
            analysis.c.attempts,
            analysis.c.order_id,
            analysis.c.error,
            analysis.c.started_at,
            analysis.c.ended_at,
            analysis.c.commerce,
        )
        .where(*mine)
        .order_by(analysis.c.started_at.desc(), analysis.c.id.desc())
        .limit(limit)
    )
    found = [TurnEntry(**row) for row in rows.mappings()]
    return found, total.scalar_one()
