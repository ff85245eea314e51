"""Drafts and orders in the database. Every statement is for many rows; none commits.

Rows are written in the order of their ids, so that two batches never wait for each
other.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from orders.codec import dump_change, dump_draft, load_draft
from orders.domain.changes import Change
from orders.domain.draft import Draft, DraftState
from orders.history import OrderMove, history, note_order
from orders.holding import StockGone
from orders.order_rows import (
    ORDER_COLUMNS,
    OrderGone,
    StoredOrder,
    last_orders,
    load_order,
    stored_order,
)
from orders.placement import PlacedOrder, SoldOut, place_orders
from orders.table import draft, draft_change
from orders.versions import Version, keep_versions

__all__ = [
    "ORDER_COLUMNS",
    "DraftWrite",
    "OrderGone",
    "OrderMove",
    "PlacedOrder",
    "SoldOut",
    "StockGone",
    "StoredOrder",
    "history",
    "last_orders",
    "load_drafts",
    "load_order",
    "lock_drafts",
    "note_order",
    "place_orders",
    "stored_order",
    "write_drafts",
]

_LIVE = (DraftState.OPEN, DraftState.PROPOSED, DraftState.AWAITING)


# -- drafts ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DraftWrite:
    """A draft as it shall be stored, and the changes that made this version of it."""

    tenant_id: str
    conversation_id: str
    draft: Draft
    changes: tuple[Change, ...]
    actor: str  #: Who changed it: contact, user or key id.
    created: bool  #: It is not in the database yet.
    restored: int | None = None  #: The older version that it is again.


async def write_drafts(
    connection: AsyncConnection, writes: Sequence[DraftWrite], *, now: datetime
) -> None:
    """Store drafts and append their changes to the log.

    The caller has compared versions under a lock (`lock_drafts`). If it did not, the
    log's key (draft, version, position) refuses a second writer of one version with an
    IntegrityError, and the whole transaction with it.
    """
    ordered = sorted(writes, key=lambda write: write.draft.id)
    rows = [_draft_row(write, now) for write in ordered]
    new = [row for row, write in zip(rows, ordered, strict=True) if write.created]
    old = [row for row, write in zip(rows, ordered, strict=True) if not write.created]
    if new:
        await connection.execute(
            insert(draft),
            [{**row, "created_at": now} for row in new],
        )
    if old:
        await connection.execute(
            update(draft)
            .where(
                draft.c.id == bindparam("row_id"),
                draft.c.tenant_id == bindparam("row_tenant"),
            )
            .values({name: bindparam(name) for name in _DRAFT_CHANGING}),
            [
                {
                    "row_id": row["id"],
                    "row_tenant": row["tenant_id"],
                    **{name: row[name] for name in _DRAFT_CHANGING},
                }
                for row in old
            ],
        )
    log = [entry for write in ordered for entry in _log_rows(write, now)]
    if log:
        await connection.execute(insert(draft_change), log)
    await keep_versions(
        connection,
        [
            Version(write.tenant_id, write.draft, write.actor, write.restored)
            for write in ordered
            if write.created or write.changes or write.restored is not None
        ],
        now=now,
    )


_DRAFT_CHANGING = ("version", "state", "body", "updated_at", "entries")


def _draft_row(write: DraftWrite, now: datetime) -> dict[str, Any]:
    return {
        "id": write.draft.id,
        "tenant_id": write.tenant_id,
        "conversation_id": write.conversation_id,
        "version": write.draft.version,
        "state": write.draft.state,
        "body": dump_draft(write.draft),
        "updated_at": now,
        "entries": len(write.draft.lines) + len(write.draft.unresolved),
    }


def _log_rows(write: DraftWrite, now: datetime) -> list[dict[str, Any]]:
    return [
        {
            "draft_id": write.draft.id,
            "version": write.draft.version,
            "position": position,
            "tenant_id": write.tenant_id,
            "change": dump_change(change),
            "actor": write.actor,
            "at": now,
        }
        for position, change in enumerate(write.changes)
    ]


async def load_drafts(
    connection: AsyncConnection, conversation_ids: Collection[str]
) -> dict[str, Draft]:
    """Return each conversation's newest draft that has not ended, if any."""
    rows = await connection.execute(_live_drafts(conversation_ids))
    return _newest(rows.all())


async def lock_drafts(
    connection: AsyncConnection, conversation_ids: Collection[str]
) -> dict[str, Draft]:
    """Return what `load_drafts` does; nobody else changes those until the commit."""
    rows = await connection.execute(
        _live_drafts(conversation_ids).with_for_update(of=draft)
    )
    return _newest(rows.all())


def _live_drafts(conversation_ids: Collection[str]) -> Select[Any]:
    return (
        select(draft.c.conversation_id, draft.c.created_at, draft.c.id, draft.c.body)
        .where(
            draft.c.conversation_id.in_(sorted(conversation_ids)),
            draft.c.state.in_(_LIVE),
        )
        .order_by(draft.c.id)
    )


def _newest(rows: Sequence[Row[Any]]) -> dict[str, Draft]:
    by_age = sorted(rows, key=lambda row: (row.created_at, row.id))
    latest = {row.conversation_id: row.body for row in by_age}
    return {conversation: load_draft(body) for conversation, body in latest.items()}
