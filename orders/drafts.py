"""A tenant's drafts: one, to look at or to change, or a part of the list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from orders.codec import load_draft
from orders.domain.draft import Draft, DraftState
from orders.table import draft


@dataclass(frozen=True, slots=True)
class StoredDraft:
    """A draft and where it belongs."""

    draft: Draft
    tenant_id: str
    conversation_id: str
    created_at: datetime
    updated_at: datetime


async def find_draft(
    connection: AsyncConnection, tenant_id: str, draft_id: str, *, lock: bool = False
) -> StoredDraft | None:
    """Return the tenant's draft, or None: another tenant's draft is none.

    `lock`: nobody else changes it until the commit. Lock its conversation before.
    """
    query = select(draft).where(draft.c.id == draft_id, draft.c.tenant_id == tenant_id)
    rows = await connection.execute(query.with_for_update() if lock else query)
    row = rows.one_or_none()
    return None if row is None else _stored(row)


async def list_drafts(
    connection: AsyncConnection,
    tenant_id: str,
    *,
    state: DraftState | None = None,
    conversation_id: str | None = None,
    limit: int,
    offset: int = 0,
) -> tuple[Sequence[StoredDraft], int]:
    """Return drafts, the ones changed last first, and how many there are."""
    mine = [draft.c.tenant_id == tenant_id]
    if state is not None:
        mine.append(draft.c.state == state)
    if conversation_id is not None:
        mine.append(draft.c.conversation_id == conversation_id)
    total = await connection.execute(
        select(func.count()).select_from(draft).where(*mine)
    )
    rows = await connection.execute(
        select(draft)
        .where(*mine)
        .order_by(draft.c.updated_at.desc(), draft.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [_stored(row) for row in rows], total.scalar_one()


def _stored(row: Row[Any]) -> StoredDraft:
    return StoredDraft(
        load_draft(row.body),
        row.tenant_id,
        row.conversation_id,
        row.created_at,
        row.updated_at,
    )
