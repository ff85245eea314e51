"""Placing many orders in one transaction: stock, numbers, customers, rows.

Locks are taken in one order by everybody: products by id, then counters by tenant,
then customers by contact.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, insert, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.store import Pair
from orders.codec import dump_address, dump_order, load_address
from orders.counting import raised, upsert
from orders.domain.draft import Address
from orders.domain.order import FulfilmentStatus, Order, OrderLine
from orders.holding import hold, wanted_by
from orders.table import (
    customer,
    customer_address,
    order,
    order_line,
    order_move,
)

#: Makes an id of a kind, such as "customer".
NewId = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    """A confirmed order that shall be stored."""

    tenant_id: str
    conversation_id: str | None
    contact_id: str | None  #: Whose customer it is; None: only `order.customer_id`.
    order: Order
    holds_stock: bool = True  #: False: the goods are somebody else's business.
    adds_address: bool = True  #: A new one becomes one of its customer's.
    without_stock: frozenset[str] = frozenset()  #: Lines, by id, that hold none.


@dataclass(frozen=True, slots=True)
class SoldOut:
    """Nothing was stored: of these (product id, variant id) there is too little."""

    pairs: tuple[Pair, ...]


async def place_orders(
    connection: AsyncConnection,
    placed: Sequence[PlacedOrder],
    *,
    new_id: NewId,
    now: datetime,
) -> dict[str, Order | SoldOut]:
    """Store orders and hold their stock; return each by its id, with its number.

    An order gets all of its stock or is not placed; the first in `placed` come first.
    Numbers rise by one per tenant and are never given twice. A second order of one
    draft raises IntegrityError, and nothing of the transaction may be kept.
    """
    short = await _hold_stock(connection, placed)
    kept = [each for each in placed if each.order.id not in short]
    numbers = await _numbers(connection, [each.tenant_id for each in kept])
    customers = await _customers(connection, kept, new_id=new_id, now=now)
    saved = [
        replace(
            each,
            order=replace(
                each.order,
                number=number,
                customer_id=customers.get(each.order.id),
                updated_at=now,
            ),
        )
        for each, number in zip(kept, numbers, strict=True)
    ]
    await _insert(connection, saved, now=now)
    await _add_addresses(connection, saved, new_id=new_id, now=now)
    return {
        **{each.order.id: each.order for each in saved},
        **{order_id: SoldOut(pairs) for order_id, pairs in short.items()},
    }


# -- stock ----------------------------------------------------------------------------


async def _hold_stock(
    connection: AsyncConnection, placed: Sequence[PlacedOrder]
) -> dict[str, tuple[Pair, ...]]:
    """Hold every order's goods; return what those that got nothing were short of."""
    all_wanted: dict[Pair, Decimal] = {}
    holding = [each for each in placed if each.holds_stock]
    for each in holding:
        for pair, much in wanted_by(_holding(each)).items():
            all_wanted[pair] = all_wanted.get(pair, Decimal(0)) + much
    # Nearly always there is enough for all: one statement, rows locked in order.
    if not all_wanted or not await hold(connection, all_wanted):
        return {}
    short: dict[str, tuple[Pair, ...]] = {}
    for each in holding:
        lacking = await hold(connection, wanted_by(_holding(each)))
        if lacking:
            short[each.order.id] = lacking
    return short


def _holding(placed: PlacedOrder) -> Order:
    """Return the order with those of its lines alone that hold stock."""
    kept = (e for e in placed.order.lines if e.id not in placed.without_stock)
    return replace(placed.order, lines=tuple(kept))


# -- numbers --------------------------------------------------------------------------


async def _numbers(connection: AsyncConnection, tenants: Sequence[str]) -> list[int]:
    """Return the next number of each tenant named, in the order of the names.

    The counter's row stays locked until the commit, so that no two orders share one.
    """
    following: dict[str, int] = {}
    for tenant_id, count in sorted(Counter(tenants).items()):
        last = await raised(connection, tenant_id, "order", count)
        following[tenant_id] = last - count + 1
    numbers = []
    for tenant_id in tenants:
        numbers.append(following[tenant_id])
        following[tenant_id] += 1
    return numbers


# -- customers ------------------------------------------------------------------------


async def _customers(
    connection: AsyncConnection,
    placed: Sequence[PlacedOrder],
    *,
    new_id: NewId,
    now: datetime,
) -> dict[str, str]:
    """Return the customer id of each order that has one, by order id.

    A customer named by the order wins when it is the tenant's; else it is the
    contact's, found or made. What is known of a customer is completed, never
    overwritten: the coordinates of one order are not the customer's for ever.
    """
    named = await _known(connection, placed)
    by_contact: dict[tuple[str, str], PlacedOrder] = {}
    for each in placed:
        if each.order.id not in named and each.contact_id is not None:
            by_contact.setdefault((each.tenant_id, each.contact_id), each)
    found = await _found_or_made(connection, by_contact, new_id=new_id, now=now)
    by_order = {
        each.order.id: found[each.tenant_id, each.contact_id]
        for each in placed
        if each.contact_id is not None and each.order.id not in named
    }
    return {**by_order, **named}


async def _found_or_made(
    connection: AsyncConnection,
    by_contact: Mapping[tuple[str, str], PlacedOrder],
    *,
    new_id: NewId,
    now: datetime,
) -> dict[tuple[str, str], str]:
    """Return the customer of each (tenant, contact), made where there is none."""
    if not by_contact:
        return {}
    added = upsert(connection, customer)
    completed = added.on_conflict_do_update(
        index_elements=["tenant_id", "contact_id"],
        set_={
            name: func.coalesce(customer.c[name], added.excluded[name])
            for name in _PERSON
        },
    ).returning(customer.c.tenant_id, customer.c.contact_id, customer.c.id)
    rows = await connection.execute(
        completed,
        [
            {
                "id": new_id("customer"),
                "tenant_id": tenant_id,
                "contact_id": contact_id,
                "created_at": now,
                **{name: getattr(each.order, name) for name in _PERSON},
            }
            for (tenant_id, contact_id), each in sorted(
                by_contact.items(), key=lambda item: item[0]
            )
        ],
    )
    return {(row.tenant_id, row.contact_id): row.id for row in rows}


_PERSON = ("name", "phone", "email", "tax_id")


async def _known(
    connection: AsyncConnection, placed: Sequence[PlacedOrder]
) -> dict[str, str]:
    """Return the customers that orders name, where they are of the same tenant."""
    wanted = {
        each.order.id: (each.tenant_id, each.order.customer_id)
        for each in placed
        if each.order.customer_id is not None
    }
    if not wanted:
        return {}
    rows = await connection.execute(
        select(customer.c.tenant_id, customer.c.id).where(
            tuple_(customer.c.tenant_id, customer.c.id).in_(
                sorted(set(wanted.values()))
            )
        )
    )
    there = {(row.tenant_id, row.id) for row in rows}
    return {order_id: key[1] for order_id, key in wanted.items() if key in there}


async def _add_addresses(
    connection: AsyncConnection,
    placed: Sequence[PlacedOrder],
    *,
    new_id: NewId,
    now: datetime,
) -> None:
    """Remember addresses that are new to their customer; the first is the default."""
    wanted = [
        (each.tenant_id, each.order.customer_id, each.order.address)
        for each in placed
        if each.adds_address
        and each.order.address is not None
        and each.order.customer_id is not None
    ]
    if not wanted:
        return
    known = await _known_addresses(connection, {each[1] for each in wanted})
    rows = []
    for tenant_id, customer_id, address in wanted:
        theirs = known.setdefault(customer_id, [])
        if address in theirs:
            continue
        rows.append(
            {
                "id": new_id("address"),
                "tenant_id": tenant_id,
                "customer_id": customer_id,
                "body": dump_address(address),
                "is_default": not theirs,
                "created_at": now,
            }
        )
        theirs.append(address)
    if rows:
        await connection.execute(insert(customer_address), rows)


async def _known_addresses(
    connection: AsyncConnection, customer_ids: Iterable[str]
) -> dict[str, list[Address]]:
    rows = await connection.execute(
        select(customer_address.c.customer_id, customer_address.c.body).where(
            customer_address.c.customer_id.in_(sorted(customer_ids))
        )
    )
    known: dict[str, list[Address]] = {}
    for row in rows:
        known.setdefault(row.customer_id, []).append(load_address(row.body))
    return known


# -- rows -----------------------------------------------------------------------------


async def _insert(
    connection: AsyncConnection, placed: Sequence[PlacedOrder], *, now: datetime
) -> None:
    if not placed:
        return
    await connection.execute(insert(order), [_order_row(each, now) for each in placed])
    lines = [row for each in placed for row in _line_rows(each)]
    if lines:
        await connection.execute(insert(order_line), lines)
    await connection.execute(
        insert(order_move),
        [
            {
                "tenant_id": each.tenant_id,
                "order_id": each.order.id,
                "state": each.order.state,
                "actor": _who(each.order),
                "message": None,
                "at": now,
            }
            for each in placed
        ],
    )


def _order_row(placed: PlacedOrder, now: datetime) -> dict[str, Any]:
    new = placed.order
    return {
        "id": new.id,
        "tenant_id": placed.tenant_id,
        "number": new.number,
        "draft_id": new.draft_id,
        "draft_version": new.draft_version,
        "conversation_id": placed.conversation_id,
        "customer_id": new.customer_id,
        "state": new.state,
        "external_id": new.external_id,
        "currency": new.currency,
        "grand_total": new.grand_total,
        "body": dump_order(new),
        "placed_at": new.placed_at,
        "updated_at": now,
        "payment_status": new.payment_status,
        "fulfilment_status": new.fulfilment_status,
        "refunded_total": new.refunded_total,
        "entity_version": new.entity_version,
    }


def _line_rows(placed: PlacedOrder) -> list[dict[str, Any]]:
    is_gone = placed.order.fulfilment_status is FulfilmentStatus.FULFILLED
    return [
        {
            "order_id": placed.order.id,
            "line_id": line.id,
            "tenant_id": placed.tenant_id,
            "product_id": line.product_id,
            "variant_id": line.variant_id,
            "sku": line.sku,
            "quantity": line.quantity,
            "total": line.total,
            "reserved": _held(placed, line),
            "fulfilled": line.quantity if is_gone else Decimal(0),
        }
        for line in placed.order.lines
    ]


def _held(placed: PlacedOrder, line: OrderLine) -> Decimal:
    """Return what is held back of a line: nothing of what was written by hand."""
    is_held = placed.holds_stock and line.id not in placed.without_stock
    is_held = is_held and not line.is_manual
    return line.quantity if is_held else Decimal(0)


def _who(new: Order) -> str:
    """Return who confirmed: the first words of the order's history."""
    evidence = new.confirmed_by
    return (evidence and (evidence.actor or evidence.source.value)) or "unknown"
