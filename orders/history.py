"""What happened to an order: who moved what, when and why. Nothing here commits."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from orders.domain.order import OrderState
from orders.order_rows import OrderGone, StoredOrder, lock_order
from orders.table import order_move


class MoveKind(StrEnum):
    """What of an order a row of its history moved."""

    STATE = "state"  #: Also a remark, which moves nothing.
    PAYMENT = "payment"
    FULFILMENT = "fulfilment"
    REFUND = "refund"
    CONTENTS = "contents"  #: Where it goes, what it costs.


@dataclass(frozen=True, slots=True)
class OrderMove:
    """One step of an order's life. `state` is the order's after it."""

    state: OrderState
    actor: str
    message: str | None
    at: datetime
    kind: MoveKind = MoveKind.STATE
    value: str | None = None  #: The new payment or fulfilment status.
    amount: int | None = None  #: Of a refund: minor units.
    #: Of a fulfilment: how much of which line.
    parts: Mapping[str, Decimal] = field(default_factory=dict)
    responsible: str | None = None  #: The system that said so, by its own name.


async def add_move(
    connection: AsyncConnection, tenant_id: str, order_id: str, move: OrderMove
) -> None:
    """Write a step into an order's history."""
    parts = {line: f"{much:f}" for line, much in move.parts.items()}
    await connection.execute(
        insert(order_move).values(
            tenant_id=tenant_id,
            order_id=order_id,
            state=move.state,
            actor=move.actor,
            message=move.message,
            at=move.at,
            kind=move.kind,
            value=move.value,
            amount=move.amount,
            parts=parts or None,
            responsible=move.responsible,
        )
    )


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
    try:
        held = await lock_order(connection, stored)
    except OrderGone:
        return False
    if held.state not in only_in:
        return False
    remark = {"order_id": stored.order.id, "actor": actor, "message": message}
    known = await connection.execute(select(order_move.c.id).filter_by(**remark))
    if known.first() is not None:
        return False
    await connection.execute(
        insert(order_move).values(
            tenant_id=stored.tenant_id, state=held.state, at=now, **remark
        )
    )
    return True


async def history(connection: AsyncConnection, order_id: str) -> tuple[OrderMove, ...]:
    """Return every step of an order, oldest first."""
    rows = await connection.execute(
        select(order_move).where(order_move.c.order_id == order_id).order_by("id")
    )
    return tuple(
        OrderMove(
            OrderState(row.state),
            row.actor,
            row.message,
            row.at,
            MoveKind(row.kind),
            row.value,
            row.amount,
            {line: Decimal(much) for line, much in (row.parts or {}).items()},
            row.responsible,
        )
        for row in rows
    )
