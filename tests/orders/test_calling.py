"""Orders that calls make, in the database, on both engines."""

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Table, func, select

import catalog.store as catalog
from bot.db import Database
from bot.inbox.api_table import audit
from bot.inbox.calling import take_order
from orders import Order, OrderState, SinkAccount
from orders.calling import CallConflict, Called, called_before, digest_of, raw_of
from orders.domain.calling import CallCode, CallRefused, OrderCall
from orders.domain.entity_version import VersionConflict
from orders.domain.order import FulfilmentStatus, Origin, PaymentStatus
from orders.history import MoveKind, history
from orders.moving import move_order
from orders.order_rows import StoredOrder, load_order
from orders.sinks import add_sink
from orders.standing import fulfil, give_back, load_parts, refund, set_payment
from orders.table import order, order_call, order_line, outbox
from tests.factories import NOON, a_product
from tests.purchase_calls import a_call, a_called_line, by_hand

D = Decimal
_serial = itertools.count(1)


def new_id(kind: str) -> str:
    return f"{kind}_{next(_serial):06}"


@pytest.fixture
async def shop(database: Database, tenant_id: str) -> str:
    """Return a tenant that has 5 lattes, an OmniChat and a plain webhook."""
    async with database.transaction() as connection:
        await catalog.upsert_products(
            connection, tenant_id, [a_product(stock=D(5))], new_id=new_id, now=NOON
        )
        for kind in ("omnichat", "webhook"):
            sink = SinkAccount(
                f"sink_{kind}", tenant_id, kind, "https://x.example", "s"
            )
            await add_sink(connection, sink, now=NOON)
    return tenant_id


async def called(database: Database, call: OrderCall) -> Called:
    return await database.retried(
        lambda connection: take_order(
            connection,
            call,
            actor="key:erp",
            overdue_after=timedelta(minutes=5),
            new_id=new_id,
            now=NOON,
        )
    )


async def rows(database: Database, table: Table) -> Sequence[Any]:
    async with database.reading() as connection:
        return (await connection.execute(select(table))).all()


async def left(database: Database) -> tuple[Decimal | None, Decimal | None]:
    """Return how many lattes may be sold, and how many orders hold."""
    pair = ("product_latte", None)
    async with database.reading() as connection:
        free = (await catalog.available(connection, [pair]))[pair]
        held = await connection.scalar(select(func.sum(order_line.c.reserved)))
    return free, held


def omnichat(**changes: Any) -> OrderCall:
    whole = a_call(
        origin=Origin("omnichat", "Instagram"), key="ORDER_ID", raw={"objectId": "O"}
    )
    return replace(whole, **changes)


async def test_a_call_makes_an_order_with_all_that_follows_once(
    database: Database, shop: str
) -> None:
    call = omnichat(lines=(a_called_line(), by_hand()))
    made = await called(database, call)
    assert (made.order.number, made.order.grand_total, made.repeated) == (
        *(1, 17100 + 20050),
        False,
    )
    again = await called(database, call)
    assert (again.order.id, again.repeated) == (made.order.id, True)
    async with database.transaction() as connection:
        before = await called_before(connection, call)
        assert before is not None
        assert before.id == made.order.id
        assert await raw_of(connection, shop, made.order.id) == {"objectId": "O"}
        stored = await load_order(connection, shop, made.order.id)
        (first,) = await history(connection, made.order.id)
    assert stored is not None
    assert stored.order == made.order
    assert (first.state, first.actor) == (OrderState.CONFIRMED, "key:erp")
    # Never back to where it came from.
    events = [r.payload for r in await rows(database, outbox) if r.topic == "event"]
    assert [each["sink_id"] for each in events] == ["sink_webhook"]
    (noted,) = await rows(database, audit)
    assert (noted.action, noted.target) == ("create_order", made.order.id)
    assert (await left(database))[0] == 3
    other = replace(call, raw={"objectId": "other"})
    with pytest.raises(CallConflict, match="ORDER_ID made the order 1") as conflict:
        await called(database, other)
    assert conflict.value.order.id == made.order.id
    elsewhere = replace(other, origin=Origin("omnichat", "Facebook"))
    assert (await called(database, elsewhere)).order.number == 2


async def test_the_same_call_many_times_at_once_is_one_order(
    database: Database, shop: str
) -> None:
    del shop
    found = await asyncio.gather(*(called(database, omnichat()) for _ in range(6)))
    assert len({each.order.id for each in found}) == 1
    assert [each.repeated for each in found].count(False) == 1
    assert len(await rows(database, order)) == 1


async def test_what_is_refused_leaves_nothing_and_takes_no_number(
    database: Database, shop: str
) -> None:
    much = omnichat(lines=(by_hand(), a_called_line(quantity=D(6))))
    with pytest.raises(CallRefused) as refused:
        await called(database, much)
    (problem,) = refused.value.problems
    assert (problem.code, problem.line) == (CallCode.SOLD_OUT, 1)
    with pytest.raises(CallRefused):
        await called(database, omnichat(lines=(a_called_line(product_id="x"),)))
    for table in (order, order_call, outbox, audit):
        assert await rows(database, table) == []
    assert (await called(database, omnichat())).order.number == 1
    assert await left(database) == (D(3), D(2))
    del shop


async def test_a4_an_order_that_is_over_takes_nothing_from_the_stock(
    database: Database, shop: str
) -> None:
    del shop
    call = a_call(
        state=OrderState.DELIVERED,
        lines=(a_called_line(quantity=D(50)),),
        announced=False,
    )
    made = (await called(database, call)).order
    assert made.fulfilment_status is FulfilmentStatus.FULFILLED
    assert await left(database) == (D(5), D(0))
    assert await rows(database, outbox) == []
    async with database.reading() as connection:
        parts = await load_parts(connection, [made.id])
    assert parts[made.id]["L1"].open == 0


async def test_a5_a_line_that_is_over_takes_nothing_from_the_stock(
    database: Database, shop: str
) -> None:
    over = a_called_line(quantity=D(50), holds_stock=False)
    made = (await called(database, a_call(lines=(over, a_called_line())))).order
    assert await left(database) == (D(3), D(2))
    stored = StoredOrder(made, shop, None)
    who: dict[str, Any] = {"actor": "key:erp", "now": NOON}
    async with database.transaction() as connection:
        for state in (OrderState.PROVISIONING_FAILED, OrderState.PROVISIONING):
            await move_order(connection, stored, state, **who)
    # Tried again, it holds what it held.
    assert await left(database) == (D(3), D(2))
    async with database.transaction() as connection:
        await move_order(connection, stored, OrderState.CANCELLED, **who)
    assert await left(database) == (D(5), D(0))


async def test_an_order_leaves_in_parts_and_the_rest_is_let_go(
    database: Database, shop: str
) -> None:
    call = a_call(lines=(a_called_line(quantity=D(4)), by_hand()))
    made = (await called(database, call)).order
    stored = StoredOrder(made, shop, None)
    who: dict[str, Any] = {"actor": "key:erp", "now": NOON}
    async with database.transaction() as connection:
        part = {"L1": D(3)}
        sent = await fulfil(connection, stored, part, message="van 1", **who)
        assert sent.fulfilment_status is FulfilmentStatus.PARTIALLY_FULFILLED
        assert (made.entity_version, sent.entity_version) == (1, 2)
    assert await left(database) == (D(1), D(1))
    async with database.transaction() as connection:
        await move_order(connection, stored, OrderState.CANCELLED, **who)
    assert await left(database) == (D(2), D(0))
    async with database.reading() as connection:
        moves = await history(connection, made.id)
    assert [(m.kind, m.value, dict(m.parts)) for m in moves[1:]] == [
        (MoveKind.FULFILMENT, "partially_fulfilled", {"L1": D(3)}),
        (MoveKind.STATE, None, {}),
    ]
    assert (moves[1].message, moves[1].actor) == ("van 1", "key:erp")


async def test_money_comes_and_goes_back_as_facts(
    database: Database, shop: str
) -> None:
    made = (await called(database, a_call())).order
    stored = StoredOrder(made, shop, None)
    who: dict[str, Any] = {"actor": "key:psp", "now": NOON}

    async def told() -> list[tuple[str, str | None, int | None]]:
        async with database.reading() as connection:
            moves = await history(connection, made.id)
        return [(m.kind.value, m.value, m.amount) for m in moves[1:]]

    async with database.transaction() as connection:
        paid = await set_payment(connection, stored, PaymentStatus.PAID, **who)
        again = await set_payment(connection, stored, PaymentStatus.PAID, **who)
        assert again == paid
        part = await refund(connection, stored, 100, message="late", **who)
        assert (part.refunded_total, part.payment_status.value) == (
            *(100, "partially_refunded"),
        )
        sent = await fulfil(connection, stored, **who)
        assert await fulfil(connection, stored, **who) == sent
        back = await give_back(connection, stored, **who)
        assert back.fulfilment_status is FulfilmentStatus.RETURNED
        whole: Order = await refund(connection, stored, **who)
        assert (whole.refunded_total, whole.entity_version) == (made.grand_total, 6)
        with pytest.raises(VersionConflict, match="at version 6, not 1"):
            await set_payment(
                connection, stored, PaymentStatus.PAID, expected_version=1, **who
            )
    assert await told() == [
        ("payment", "paid", None),
        ("refund", "partially_refunded", 100),
        ("fulfilment", "fulfilled", None),
        ("fulfilment", "returned", None),
        ("refund", "refunded", made.grand_total - 100),
    ]


async def test_a_state_brings_what_it_tells_of_payment_and_fulfilment(
    database: Database, shop: str
) -> None:
    made = (await called(database, a_call())).order
    stored = StoredOrder(made, shop, None)
    async with database.transaction() as connection:
        await move_order(connection, stored, OrderState.PAID, actor="a", now=NOON)
        moved = await move_order(
            connection, stored, OrderState.SHIPPED, actor="a", now=NOON
        )
        moves = await history(connection, made.id)
        parts = await load_parts(connection, [made.id])
    assert moved.payment_status is PaymentStatus.PAID
    assert moved.fulfilment_status is FulfilmentStatus.FULFILLED
    assert moved.entity_version == 3
    assert [m.kind for m in moves].count(MoveKind.STATE) == 3
    assert parts[made.id]["L1"].open == 0
    async with database.transaction() as connection:
        with pytest.raises(VersionConflict):
            await move_order(
                connection,
                stored,
                OrderState.DELIVERED,
                actor="a",
                now=NOON,
                expected_version=2,
            )


def test_a_body_is_the_same_in_any_order_of_its_keys() -> None:
    assert digest_of({"a": 1, "b": [1, {"c": 2, "d": 3}]}) == digest_of(
        {"b": [1, {"d": 3, "c": 2}], "a": 1}
    )
    assert digest_of({"a": [1, 2]}) != digest_of({"a": [2, 1]})
    assert digest_of({"a": "\ud800"})
