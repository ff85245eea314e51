"""Stock in the database: held back for orders, given back, gone.

`stock` is what the merchant has, None when nobody counts; `reserved` is what orders
hold of it; the difference may be sold. None of this raises the catalog's revision: an
index would be rebuilt for every order. Whoever must know the stock asks `available`.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from sqlalchemy import ColumnElement, Table, Update, case, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.column import Exact
from catalog.table import product, variant

Pair = tuple[str, str | None]  #: product id, and variant id when it has variants


async def available(
    connection: AsyncConnection, pairs: Iterable[Pair]
) -> dict[Pair, Decimal | None]:
    """Return what may be sold right now of each pair; None: as much as anybody likes.

    It is 0 for what is gone from the catalog or not active.
    """
    wanted = set(pairs)
    ids = {product_id for product_id, _ in wanted}
    found: dict[Pair, Decimal | None] = dict.fromkeys(wanted, Decimal(0))
    if not wanted:
        return found
    products = await connection.execute(
        select(product.c.id, product.c.stock, product.c.reserved).where(
            product.c.id.in_(ids), product.c.active
        )
    )
    for row in products:
        found[row.id, None] = _left(row.stock, row.reserved)
    variants = await connection.execute(
        select(
            variant.c.product_id, variant.c.id, variant.c.stock, variant.c.reserved
        ).where(
            variant.c.id.in_({each for _, each in wanted if each is not None}),
            variant.c.product_id == product.c.id,
            product.c.active,
        )
    )
    for form in variants:
        found[form.product_id, form.id] = _left(form.stock, form.reserved)
    return {pair: found[pair] for pair in wanted}


async def reserve(
    connection: AsyncConnection, wanted: Mapping[Pair, Decimal]
) -> tuple[Pair, ...]:
    """Hold back what an order takes; return the pairs that are short.

    Of a short pair nothing is held back; the others are, and whoever wants all or
    nothing releases them or rolls back. Two orders never get the same piece.
    """
    short = []
    for pair in _in_order(wanted):
        table, statement = _row(pair)
        # The difference of two exact columns is a plain integer to SQLAlchemy: the
        # amount must say itself that it is stored scaled.
        much = literal(wanted[pair], Exact())
        left = table.c.stock - table.c.reserved
        done = await connection.execute(
            statement.where(
                or_(table.c.stock.is_(None), left >= much), _is_active(pair)
            ).values(reserved=table.c.reserved + much)
        )
        if done.rowcount == 0:
            short.append(pair)
    return tuple(short)


async def release(connection: AsyncConnection, held: Mapping[Pair, Decimal]) -> None:
    """Give back what was held for an order; what is gone from the catalog is left."""
    for pair in _in_order(held):
        table, statement = _row(pair)
        await connection.execute(statement.values(reserved=_less(table, held[pair])))


async def consume(connection: AsyncConnection, held: Mapping[Pair, Decimal]) -> None:
    """Take what was held for an order out of the stock: it has left the house."""
    for pair in _in_order(held):
        table, statement = _row(pair)
        await connection.execute(
            statement.values(
                # Nothing is counted where the stock is NULL, and NULL it stays.
                stock=table.c.stock - held[pair],
                reserved=_less(table, held[pair]),
            )
        )


def _in_order(pairs: Iterable[Pair]) -> list[Pair]:
    """Everybody locks products before variants, and each by its id: no deadlocks."""
    return sorted(pairs, key=lambda pair: (pair[1] is not None, pair[0], pair[1] or ""))


def _row(pair: Pair) -> tuple[Table, Update]:
    product_id, variant_id = pair
    if variant_id is None:
        return product, update(product).where(product.c.id == product_id)
    return variant, update(variant).where(
        variant.c.id == variant_id, variant.c.product_id == product_id
    )


def _is_active(pair: Pair) -> ColumnElement[bool]:
    if pair[1] is None:
        return product.c.active
    return select(product.c.active).where(product.c.id == pair[0]).scalar_subquery()


def _less(table: Table, much: Decimal) -> ColumnElement[Decimal]:
    """Never below zero, even if the merchant's import has put things right already."""
    return case((table.c.reserved > much, table.c.reserved - much), else_=Decimal(0))


def _left(stock: Decimal | None, reserved: Decimal) -> Decimal | None:
    return None if stock is None else stock - reserved
