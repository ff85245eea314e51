"""Analyses of messages: read, marked with what was done on them, queued again.

Nothing here commits. Whoever writes has locked the conversation (`lock_chat`).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, null, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.analysis import (
    RETRIED,
    AnalysisRecord,
    AnalysisStatus,
    Applied,
    Trigger,
    dump_applied,
    load_applied,
)
from bot.domain.ticking import CLOCK
from bot.inbox.overview import StoredMessage
from bot.inbox.table import analysis, conversation, message

#: From these it may go into the queue again.
AGAIN = frozenset({AnalysisStatus.FAILED, AnalysisStatus.SKIPPED})
#: How messages lie after a turn that failed, and after one that was skipped.
_LAID = {AnalysisStatus.FAILED: "dead", AnalysisStatus.SKIPPED: "done"}


async def find_message(
    connection: AsyncConnection, tenant_id: str, chat_id: str, name: str
) -> str | None:
    """Return the id of a chat's message, by our id of it or the platform's."""
    rows = await connection.execute(
        select(message.c.id)
        .where(
            message.c.tenant_id == tenant_id,
            message.c.conversation_id == chat_id,
            (message.c.id == name) | (message.c.provider_id == name),
        )
        # Edits and deletes of a message have its platform's id, too.
        .order_by(message.c.event != "message", message.c.seq)
        .limit(1)
    )
    return rows.scalar()


async def analysis_of(
    connection: AsyncConnection,
    stored: StoredMessage,
    *,
    most_attempts: int,
    now: datetime,
) -> AnalysisRecord | None:
    """Return the analysis of a message, also one that waits; None: it has none.

    Nobody analyses what the shop wrote by itself, or what was put aside.
    """
    earlier = await _retried(connection, stored)
    row = None
    if stored.analysis_id is not None:
        rows = await connection.execute(
            select(analysis).where(analysis.c.id == stored.analysis_id)
        )
        row = rows.one_or_none()
    if row is not None:
        return _with(_record(row), earlier)
    if stored.state != "pending":
        return None
    waits = await _waiting(connection, stored, most_attempts, now)
    return _with(waits, earlier)


async def analysis_of_draft(
    connection: AsyncConnection, conversation_id: str, draft_id: str
) -> AnalysisRecord | None:
    """Return the newest analysis of a draft: what its order came of."""
    rows = await connection.execute(
        select(analysis)
        .where(
            analysis.c.conversation_id == conversation_id,
            analysis.c.draft_id == draft_id,
        )
        .order_by(analysis.c.to_seq.desc(), analysis.c.id.desc())
        .limit(1)
    )
    row = rows.one_or_none()
    return None if row is None else _record(row)


async def heard_in(
    connection: AsyncConnection, record: AnalysisRecord
) -> Sequence[Row[Any]]:
    """Return the messages that an analysis is about, oldest first."""
    rows = await connection.execute(
        select(message)
        .where(
            message.c.conversation_id == record.conversation_id,
            message.c.seq.between(record.from_seq, record.to_seq),
            message.c.direction == "in",
            message.c.event != CLOCK,
        )
        .order_by(message.c.seq)
    )
    return rows.all()


async def apply(
    connection: AsyncConnection,
    record: AnalysisRecord,
    action: Applied,
    *,
    now: datetime,
) -> AnalysisRecord:
    """Note what was done on the strength of an analysis; return it after that."""
    after = replace(
        record,
        applied=(*record.applied, action),
        order_id=record.order_id or action.order_id,
        entity_version=record.entity_version + 1,
        updated_at=now,
    )
    await connection.execute(
        update(analysis)
        .where(analysis.c.id == record.id)
        .values(
            applied=dump_applied(after.applied),
            order_id=after.order_id,
            entity_version=analysis.c.entity_version + 1,
            updated_at=now,
        )
    )
    return after


async def queue_again(
    connection: AsyncConnection, record: AnalysisRecord, *, now: datetime
) -> bool:
    """Let the messages of a failed or skipped analysis wait for a turn again.

    The analysis stays as history, and its attempts count. False: nobody wrote any of
    them, or they are gone.
    """
    if record.status not in AGAIN:
        return False
    found = await connection.execute(
        update(message)
        .where(
            message.c.analysis_id == record.id,
            message.c.direction == "in",
            message.c.event != CLOCK,
            message.c.state == _LAID[record.status],
        )
        .values(state="pending", analysis_id=None, why_silent=None)
        .returning(message.c.id)
    )
    if not found.scalars().all():
        return False
    await connection.execute(
        update(conversation)
        .where(conversation.c.id == record.conversation_id)
        .values(ready_at=now, rev=conversation.c.rev + 1, error=null())
    )
    await connection.execute(
        update(analysis)
        .where(analysis.c.id == record.id)
        .values(
            status=RETRIED,
            entity_version=analysis.c.entity_version + 1,
            updated_at=now,
        )
    )
    return True


async def retry(
    connection: AsyncConnection, tenant_id: str, analysis_id: str, now: datetime
) -> bool:
    """Queue a dead letter again, by its id; False: there is none of that id."""
    found = await connection.execute(
        select(analysis.c.conversation_id).where(
            analysis.c.id == analysis_id,
            analysis.c.tenant_id == tenant_id,
            analysis.c.status == AnalysisStatus.FAILED,
        )
    )
    chat_id = found.scalar()
    if chat_id is None:
        return False
    await connection.execute(
        select(conversation.c.id).where(conversation.c.id == chat_id).with_for_update()
    )
    rows = await connection.execute(
        select(analysis).where(analysis.c.id == analysis_id)
    )
    return await queue_again(connection, _record(rows.one()), now=now)


# -- rows -----------------------------------------------------------------------------


async def _retried(connection: AsyncConnection, stored: StoredMessage) -> Row[Any]:
    """Return how often a message was tried before it was queued again."""
    rows = await connection.execute(
        select(
            func.count().label("runs"),
            func.coalesce(func.sum(analysis.c.attempts), 0).label("attempts"),
            func.coalesce(func.sum(analysis.c.max_attempts), 0).label("most"),
            func.coalesce(func.sum(analysis.c.entity_version), 0).label("versions"),
        ).where(
            analysis.c.conversation_id == stored.conversation_id,
            analysis.c.status == RETRIED,
            analysis.c.from_seq <= stored.seq,
            analysis.c.to_seq >= stored.seq,
        )
    )
    return rows.one()


def _with(record: AnalysisRecord, earlier: Row[Any]) -> AnalysisRecord:
    """Return an analysis that counts what was tried before, too."""
    if not earlier.runs:
        return record
    return replace(
        record,
        trigger=Trigger.MANUAL,
        attempts=record.attempts + int(earlier.attempts),
        max_attempts=record.max_attempts + int(earlier.most),
        entity_version=record.entity_version + int(earlier.versions),
    )


async def _waiting(
    connection: AsyncConnection,
    stored: StoredMessage,
    most_attempts: int,
    now: datetime,
) -> AnalysisRecord:
    rows = await connection.execute(
        select(
            conversation.c.ready_at,
            conversation.c.lease_until,
            conversation.c.attempts,
            conversation.c.error,
        ).where(conversation.c.id == stored.conversation_id)
    )
    row = rows.one()
    runs = row.lease_until is not None and row.lease_until > now
    return AnalysisRecord(
        conversation_id=stored.conversation_id,
        status=AnalysisStatus.PROCESSING if runs else AnalysisStatus.PENDING,
        trigger=Trigger.AUTO,
        source_type=_SOURCES.get(stored.kind, "text"),
        attempts=row.attempts,
        max_attempts=most_attempts,
        created_at=stored.received_at,
        updated_at=stored.received_at,
        entity_version=1,
        next_attempt_at=None if runs else row.ready_at,
        error=row.error,
        from_seq=stored.seq,
        to_seq=stored.seq,
    )


#: What a message is before anybody has looked at it, by its kind.
_SOURCES = {
    "image": "image",
    "voice": "audio",
    "audio": "audio",
    "document": "document",
    "location": "location",
    "cart": "order",
}


def _record(row: Row[Any]) -> AnalysisRecord:
    known = row.status in set(AnalysisStatus)
    return AnalysisRecord(
        id=row.id,
        conversation_id=row.conversation_id,
        status=AnalysisStatus(row.status) if known else AnalysisStatus.PENDING,
        trigger=Trigger.AUTO,
        source_type=row.source_type,
        attempts=row.attempts,
        max_attempts=row.max_attempts,
        created_at=row.started_at,
        updated_at=row.updated_at or row.ended_at or row.started_at,
        entity_version=row.entity_version,
        provider=row.provider,
        model=row.model,
        confidence=row.confidence,
        result=row.result,
        matches=row.matches,
        commerce=row.commerce,
        shelf=row.shelf,
        usage=row.usage,
        before=row.before,
        draft_id=row.draft_id,
        draft_version=row.draft_version,
        order_id=row.order_id,
        applied=load_applied(row.applied),
        from_seq=row.from_seq,
        to_seq=row.to_seq,
        error=row.error,
        ended_at=row.ended_at,
    )
