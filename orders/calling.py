"""Orders that calls make, in the database: each once, whole or not at all.

Nothing here commits. The events and the audit are `bot.inbox.calling`'s.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.lookup import find_products
from orders.codec import storable
from orders.counting import upsert
from orders.domain.calling import (
    CallCode,
    CallProblem,
    CallRefused,
    OrderCall,
    order_of,
)
from orders.domain.draft import Evidence
from orders.domain.lifecycle import SETTLED
from orders.domain.order import Order
from orders.order_rows import load_order
from orders.placement import PlacedOrder, SoldOut, place_orders
from orders.table import order_call

NewId = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Called:
    """The order of a call. `repeated`: an earlier call with the same key made it."""

    order: Order
    repeated: bool = False


class CallConflict(Exception):
    """An earlier call had the same key and another body: `order` is what it made."""

    def __init__(self, key: str, order: Order) -> None:
        super().__init__(
            f"{key} made the order {order.number} with another body:"
            " send that body again, or another key"
        )
        self.key = key
        self.order = order


def digest_of(raw: Mapping[str, object]) -> str:
    """Return a hash of a body: the same for the same values in any order of keys."""
    text = json.dumps(raw, sort_keys=True, separators=(",", ":"), default=str)
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


async def place_call(
    connection: AsyncConnection,
    call: OrderCall,
    *,
    confirmed_by: Evidence,
    new_id: NewId,
    now: datetime,
) -> Called:
    """Make the order of a call: priced, numbered, its stock held, its body kept.

    The same key with the same body gives the same order, also when both come at once.
    Raises CallRefused, or CallConflict for another body: raise them through the
    transaction, nothing may be kept.
    """
    order_id = new_id("ord")
    earlier = await _claimed(connection, call, order_id, now=now)
    if earlier is not None:
        return Called(earlier, repeated=True)
    ids = {line.product_id for line in call.lines if line.product_id is not None}
    found = await find_products(connection, call.tenant_id, ids=ids) if ids else []
    products = {product.id: product for product in found}
    order = order_of(
        call, products, order_id=order_id, confirmed_by=confirmed_by, now=now
    )
    wanted = PlacedOrder(
        tenant_id=call.tenant_id,
        conversation_id=None,
        contact_id=None,
        order=order,
        holds_stock=call.state not in SETTLED,
        without_stock=frozenset(
            line.id
            for line, said in zip(order.lines, call.lines, strict=True)
            if not said.holds_stock
        ),
        adds_address=False,
    )
    placed = await place_orders(connection, [wanted], new_id=new_id, now=now)
    made = placed[order_id]
    if isinstance(made, SoldOut):
        raise CallRefused(_sold_out(order, made))
    return Called(made)


async def called_before(connection: AsyncConnection, call: OrderCall) -> Order | None:
    """Return the order that an earlier call of the same key and body made.

    Ask before an account is looked for: a repeat needs none. Raises CallConflict.
    """
    if call.key is None:
        return None
    rows = await connection.execute(select(order_call).where(*_mine(call, call.key)))
    row = rows.one_or_none()
    return None if row is None else await _earlier(connection, call, call.key, row)


async def raw_of(
    connection: AsyncConnection, tenant_id: str, order_id: str
) -> Mapping[str, object] | None:
    """Return the body of the call that made an order; None: none did, or it is gone."""
    rows = await connection.execute(
        select(order_call.c.raw).where(
            order_call.c.tenant_id == tenant_id, order_call.c.order_id == order_id
        )
    )
    raw: Mapping[str, object] | None = rows.scalar()
    return raw


async def _claimed(
    connection: AsyncConnection, call: OrderCall, order_id: str, *, now: datetime
) -> Order | None:
    """Take the key for this order; return the order that has it already, if any.

    Whoever comes second waits for the first to commit.
    """
    key = call.key or order_id
    taken = await connection.execute(
        upsert(connection, order_call)
        .values(
            tenant_id=call.tenant_id,
            face=call.origin.face,
            channel=call.origin.channel,
            key=key,
            order_id=order_id,
            digest=digest_of(call.raw),
            raw=storable(dict(call.raw)),
            at=now,
        )
        .on_conflict_do_nothing()
    )
    if taken.rowcount == 1:
        return None
    rows = await connection.execute(select(order_call).where(*_mine(call, key)))
    return await _earlier(connection, call, key, rows.one())


def _mine(call: OrderCall, key: str) -> tuple[Any, ...]:
    return (
        order_call.c.tenant_id == call.tenant_id,
        order_call.c.face == call.origin.face,
        order_call.c.channel == call.origin.channel,
        order_call.c.key == key,
    )


async def _earlier(
    connection: AsyncConnection, call: OrderCall, key: str, row: Row[Any]
) -> Order:
    stored = await load_order(connection, call.tenant_id, row.order_id)
    if stored is None:
        raise LookupError(f"call {key!r} made order {row.order_id}, which is gone")
    if row.digest != digest_of(call.raw):
        raise CallConflict(key, stored.order)
    return stored.order


def _sold_out(order: Order, short: SoldOut) -> list[CallProblem]:
    return [
        CallProblem(
            CallCode.SOLD_OUT,
            "quantity",
            f"there are no {line.quantity:f} {line.unit} of {line.sku} left:"
            " order less, or something else",
            place,
        )
        for place, line in enumerate(order.lines)
        if (line.product_id, line.variant_id) in short.pairs
    ]
