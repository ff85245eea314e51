"""What placed orders hold back of the stock, and what becomes of it.

Held when the order is placed; used up once the goods are gone; let go when the order
is cancelled before that, or its provisioning failed for good. A failure that may be
tried again keeps its goods: the customer was promised them.
"""

from collections.abc import Mapping
from decimal import Decimal

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.column import Exact
from catalog.store import Pair, consume, release, reserve
from orders.domain.order import Order, OrderState
from orders.table import order_line

Wanted = Mapping[Pair, Decimal]

#: States in which the goods have left the house.
_GONE = frozenset({OrderState.SHIPPED, OrderState.DELIVERED})
_GIVEN_UP = frozenset({OrderState.CANCELLED, OrderState.REFUNDED})


def wanted_by(order: Order) -> dict[Pair, Decimal]:
    """Return how much the order takes of every product and variant of the catalog."""
    wanted: dict[Pair, Decimal] = {}
    for line in order.lines:
        if line.is_manual:
            continue
        pair = line.product_id, line.variant_id
        wanted[pair] = wanted.get(pair, Decimal(0)) + line.quantity
    return wanted


async def hold(connection: AsyncConnection, wanted: Wanted) -> tuple[Pair, ...]:
    """Hold all of it or nothing; return the pairs that are short."""
    short = await reserve(connection, wanted)
    got = {pair: much for pair, much in wanted.items() if pair not in short}
    if short and got:
        await release(connection, got)
    return short


class StockGone(Exception):
    """The order let its goods go, and they are no longer all there."""


async def settle_stock(
    connection: AsyncConnection,
    order_id: str,
    before: OrderState,
    target: OrderState,
    *,
    for_good: bool,
) -> None:
    """Use up, let go or take again what the order holds, as its new state asks.

    `for_good` says of a failed provisioning that nobody will try it again. Raises
    StockGone when somebody does and others have bought the goods meanwhile.
    """
    if before is OrderState.PROVISIONING_FAILED and target not in _GIVEN_UP:
        await _hold_again(connection, order_id)
        return
    let_go = target in _GIVEN_UP or (
        for_good and target is OrderState.PROVISIONING_FAILED
    )
    if not let_go and target is not OrderState.DELIVERED:
        return
    held = await _sums(connection, order_id, order_line.c.reserved)
    if not held:
        return
    if let_go and before not in _GONE:
        await release(connection, held)
    else:
        await consume(connection, held)
    await connection.execute(
        update(order_line)
        .where(order_line.c.order_id == order_id)
        .values(reserved=Decimal(0))
    )


async def _hold_again(connection: AsyncConnection, order_id: str) -> None:
    # It may never have held some of its lines; what was let go was all of them.
    if await _sums(connection, order_id, order_line.c.reserved):
        return
    # What was written by hand is in no stock, what has left the house in ours no more.
    open_ = order_line.c.quantity - order_line.c.fulfilled
    wanted = await _sums(connection, order_id, open_ - order_line.c.reserved)
    if not wanted:
        return
    short = await hold(connection, wanted)
    if short:
        names = ", ".join(variant or product for product, variant in short)
        raise StockGone(f"order {order_id} let its stock go; now short of: {names}")
    await connection.execute(
        update(order_line)
        .where(order_line.c.order_id == order_id, order_line.c.product_id != "")
        .values(reserved=order_line.c.quantity - order_line.c.fulfilled)
    )


async def let_leave(
    connection: AsyncConnection, order_id: str, leaving: Mapping[str, Decimal]
) -> None:
    """Take parts of an order's lines out of the stock, by line; it is locked.

    Of what an order does not hold nothing is taken: it was never counted.
    """
    rows = await connection.execute(
        select(order_line)
        .where(order_line.c.order_id == order_id, order_line.c.line_id.in_(leaving))
        .order_by(order_line.c.line_id)
    )
    gone: dict[Pair, Decimal] = {}
    for row in rows.all():
        much = leaving[row.line_id]
        held = min(much, row.reserved)
        await connection.execute(
            update(order_line)
            .where(
                order_line.c.order_id == order_id, order_line.c.line_id == row.line_id
            )
            .values(fulfilled=row.fulfilled + much, reserved=row.reserved - held)
        )
        if held > 0:
            pair = row.product_id, row.variant_id
            gone[pair] = gone.get(pair, Decimal(0)) + held
    await consume(connection, gone)


async def all_left(connection: AsyncConnection, order_id: str) -> None:
    """Note of every line that all of it has left the house."""
    await connection.execute(
        update(order_line)
        .where(order_line.c.order_id == order_id)
        .values(fulfilled=order_line.c.quantity)
    )


async def _sums(
    connection: AsyncConnection, order_id: str, of: ColumnElement[Decimal]
) -> dict[Pair, Decimal]:
    """Return a sum over the order's lines for every pair of which it is above 0."""
    much = func.sum(of, type_=Exact())
    rows = await connection.execute(
        select(order_line.c.product_id, order_line.c.variant_id, much.label("much"))
        .where(order_line.c.order_id == order_id, order_line.c.product_id != "")
        .group_by(order_line.c.product_id, order_line.c.variant_id)
    )
    return {(r.product_id, r.variant_id): r.much for r in rows if r.much > 0}
