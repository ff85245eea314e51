"""Drafts and orders in the database. Every statement is for many rows; none commits.

Rows are written in the order of their ids, so that two batches never wait for each
other.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from orders.codec import dump_change, dump_draft, load_draft
from orders.codec import load_order as read_order
from orders.domain.changes import Change
from orders.domain.draft import Draft, DraftState
from orders.domain.lifecycle import Unchanged, after
from orders.domain.order import Order, OrderState
from orders.holding import StockGone, settle_stock
from orders.placement import PlacedOrder, SoldOut, place_orders
from orders.table import draft, draft_change, order, order_move
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
    "move_order",
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


_DRAFT_CHANGING = ("version", "state", "body", "updated_at")


def _draft_row(write: DraftWrite, now: datetime) -> dict[str, Any]:
    return {
        "id": write.draft.id,
        "tenant_id": write.tenant_id,
        "conversation_id": write.conversation_id,
        "version": write.draft.version,
        "state": write.draft.state,
        "body": dump_draft(write.draft),
        "updated_at": now,
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


# -- orders ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StoredOrder:
    """An order and whose it is."""

    order: Order
    tenant_id: str
    conversation_id: str | None


@dataclass(frozen=True, slots=True)
class OrderMove:
    """One step of an order's life."""

    state: OrderState
    actor: str
    message: str | None
    at: datetime


class OrderGone(LookupError):
    """There is no such order of that tenant."""


#: What `stored_order` reads.
ORDER_COLUMNS = (
    order.c.id,
    order.c.tenant_id,
    order.c.conversation_id,
    order.c.number,
    order.c.customer_id,
    order.c.state,
    order.c.external_id,
    order.c.checkout_url,
    order.c.body,
)


def _order(row: Row[Any]) -> Order:
    """Return the order as placed, with what has changed since."""
    return replace(
        read_order(row.body),
        number=row.number,
        customer_id=row.customer_id,
        state=OrderState(row.state),
        external_id=row.external_id,
        checkout_url=row.checkout_url,
    )


def stored_order(row: Row[Any]) -> StoredOrder:
    """Return the order of a row of `ORDER_COLUMNS`."""
    return StoredOrder(_order(row), row.tenant_id, row.conversation_id)


async def last_orders(
    connection: AsyncConnection, conversation_ids: Collection[str]
) -> dict[str, Order]:
    """Return each conversation's newest order, if it has one."""
    age = func.row_number().over(
        partition_by=order.c.conversation_id,
        order_by=(order.c.placed_at.desc(), order.c.number.desc()),
    )
    aged = (
        select(*ORDER_COLUMNS, age.label("age"))
        .where(order.c.conversation_id.in_(sorted(conversation_ids)))
        .subquery()
    )
    rows = await connection.execute(select(aged).where(aged.c.age == 1))
    return {row.conversation_id: _order(row) for row in rows}


async def load_order(
    connection: AsyncConnection, tenant_id: str, order_id: str
) -> StoredOrder | None:
    """Return the tenant's order, or None: another tenant's order is none."""
    rows = await connection.execute(_one_order(tenant_id, order_id))
    row = rows.one_or_none()
    if row is None:
        return None
    return stored_order(row)


def _one_order(tenant_id: str, order_id: str) -> Select[Any]:
    return select(*ORDER_COLUMNS).where(
        order.c.id == order_id, order.c.tenant_id == tenant_id
    )


async def move_order(
    connection: AsyncConnection,
    stored: StoredOrder,
    target: OrderState,
    *,
    actor: str,
    message: str | None = None,
    external_id: str | None = None,
    checkout_url: str | None = None,
    for_good: bool = False,
    now: datetime,
) -> Order:
    """Return the order, moved on; a repeat changes no more than its id and link.

    The state is the one in the database, locked, not the one of `stored`. Its stock is
    settled as `orders.holding` says; `for_good` says of a failed provisioning that
    nobody will try again. Raises IllegalMove, OrderGone or StockGone.
    """
    found = await connection.execute(
        _one_order(stored.tenant_id, stored.order.id).with_for_update()
    )
    row = found.one_or_none()
    if row is None:
        raise OrderGone(f"tenant {stored.tenant_id} has no order {stored.order.id}")
    before = _order(row)
    moved = replace(
        before,
        state=target,
        external_id=external_id or before.external_id,
        checkout_url=checkout_url or before.checkout_url,
    )
    if isinstance(after(before.state, target), Unchanged):
        if moved != before:
            await _write_order(connection, moved, now=now)
        return moved
    await _write_order(connection, moved, now=now)
    await connection.execute(
        insert(order_move).values(
            tenant_id=stored.tenant_id,
            order_id=moved.id,
            state=target,
            actor=actor,
            message=message,
            at=now,
        )
    )
    await settle_stock(connection, moved.id, before.state, target, for_good=for_good)
    return moved


async def note_order(
    connection: AsyncConnection,
    stored: StoredOrder,
    *,
    only_in: Collection[OrderState],
    actor: str,
    message: str,
    now: datetime,
) -> bool:
    """Write a remark into an order's history, its state unchanged.

    False, and nothing is written, when the state in the database, locked, is none of
    `only_in`, or when the actor has made the remark already.
    """
    found = await connection.execute(
        _one_order(stored.tenant_id, stored.order.id).with_for_update()
    )
    row = found.one_or_none()
    if row is None or OrderState(row.state) not in only_in:
        return False
    remark = {"order_id": stored.order.id, "actor": actor, "message": message}
    known = await connection.execute(select(order_move.c.id).filter_by(**remark))
    if known.first() is not None:
        return False
    await connection.execute(
        insert(order_move).values(
            tenant_id=stored.tenant_id, state=row.state, at=now, **remark
        )
    )
    return True


async def _write_order(
    connection: AsyncConnection, moved: Order, *, now: datetime
) -> None:
    await connection.execute(
        update(order)
        .where(order.c.id == moved.id)
        .values(
            state=moved.state,
            external_id=moved.external_id,
            checkout_url=moved.checkout_url,
            updated_at=now,
        )
    )


async def history(connection: AsyncConnection, order_id: str) -> tuple[OrderMove, ...]:
    """Return every step of an order, oldest first."""
    rows = await connection.execute(
        select(order_move).where(order_move.c.order_id == order_id).order_by("id")
    )
    return tuple(
        OrderMove(OrderState(row.state), row.actor, row.message, row.at) for row in rows
    )
