"""What became of turns: the records that people look at. Nothing here commits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

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
        )
        .where(*mine)
        .order_by(analysis.c.started_at.desc(), analysis.c.id.desc())
        .limit(limit)
    )
    return [TurnEntry(*row) for row in rows], total.scalar_one()
