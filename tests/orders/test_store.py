"""Drafts and orders in the database, on both engines."""

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from functools import reduce
from typing import Any

import pytest
from sqlalchemy import Table, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

import catalog.store as catalog
from bot.db import Database
from catalog import Product
from orders import (
    Change,
    Draft,
    DraftState,
    Evidence,
    IllegalMove,
    Order,
    OrderState,
    PutLine,
    SetName,
    Shown,
    SinkAccount,
    SinkState,
    Source,
    awaiting,
    changed,
    ended,
    proposed,
)
from orders.codec import load_address, load_change
from orders.domain.editing import apply
from orders.holding import StockGone
from orders.moving import move_order
from orders.sinks import add_sink, load_sink, load_sinks
from orders.store import (
    DraftWrite,
    OrderGone,
    OrderMove,
    PlacedOrder,
    SoldOut,
    StoredOrder,
    history,
    last_orders,
    load_drafts,
    load_order,
    lock_drafts,
    place_orders,
    write_drafts,
)
from orders.table import (
    customer,
    customer_address,
    draft,
    draft_change,
    order,
    order_line,
)
from tests.databases import add_test_tenant
from tests.factories import (
    NOON,
    SAID,
    a_draft,
    a_line,
    a_product,
    a_shirt,
    an_address,
    an_order,
    an_order_line,
)

D = Decimal
LATTE = ("product_latte", None)
BUN = ("product_bun", None)
_serial = itertools.count(1)


def new_id(kind: str) -> str:
    return f"{kind}_{next(_serial):06}"


async def add_products(database: Database, tenant_id: str, *products: Product) -> None:
    async with database.transaction() as connection:
        await catalog.upsert_products(
            connection, tenant_id, products, new_id=new_id, now=NOON
        )


@pytest.fixture
async def shop(database: Database, tenant_id: str) -> str:
    """Return the id of a tenant that has 5 lattes and any number of buns."""
    await add_products(
        database,
        tenant_id,
        a_product(stock=D(5)),
        a_product(id="product_bun", sku="BUN", name="Bun"),
    )
    return tenant_id


async def rows(
    connection: AsyncConnection, table: Table
) -> Sequence[dict[str, object]]:
    found = await connection.execute(select(table))
    return [dict(row) for row in found.mappings()]


# -- drafts ---------------------------------------------------------------------------


def a_write(tenant_id: str, new: Draft, *changes: Change, **fields: Any) -> DraftWrite:
    whole = DraftWrite(tenant_id, "conversation_1", new, changes, "contact_1", True)
    return replace(whole, **fields)


async def written(database: Database, *writes: DraftWrite) -> None:
    async with database.transaction() as connection:
        await write_drafts(connection, writes, now=NOON)


async def loaded(database: Database, *conversations: str) -> dict[str, Draft]:
    async with database.reading() as connection:
        return await load_drafts(connection, conversations)


async def test_a_draft_and_its_changes_come_back(
    database: Database, tenant_id: str
) -> None:
    empty = Draft("draft_1", "TRY")
    first, second = PutLine(a_line()), SetName("Ada")
    one = changed(empty, [first, second])
    two = changed(one, [SetName("Grace", SAID)])
    await written(database, a_write(tenant_id, one, first, second))
    later = a_write(tenant_id, two, SetName("Grace", SAID), created=False)
    await written(database, later)
    assert await loaded(database, "conversation_1") == {"conversation_1": two}
    async with database.reading() as connection:
        log = await connection.execute(
            select(draft_change).order_by(
                draft_change.c.version, draft_change.c.position
            )
        )
        entries = log.all()
    assert [(e.version, e.position, e.actor) for e in entries] == [
        (1, 0, "contact_1"),
        (1, 1, "contact_1"),
        (2, 0, "contact_1"),
    ]
    replayed = reduce(apply, [load_change(e.change) for e in entries], empty)
    assert replace(replayed, version=2) == two


async def test_many_drafts_are_written_in_one_go(
    database: Database, tenant_id: str
) -> None:
    drafts = [a_draft(id=f"draft_{i}", name=f"Customer {i}") for i in range(30)]
    known = drafts[:10]
    await written(
        database,
        *(a_write(tenant_id, d, conversation_id=f"c{d.id}") for d in known),
    )
    renamed = [changed(d, [SetName("Ada")]) for d in known]
    await written(
        database,
        *(
            a_write(
                tenant_id, d, SetName("Ada"), conversation_id=f"c{d.id}", created=False
            )
            for d in reversed(renamed)
        ),
        *(a_write(tenant_id, d, conversation_id=f"c{d.id}") for d in drafts[10:]),
    )
    found = await loaded(database, *(f"c{d.id}" for d in drafts))
    assert found == {f"c{d.id}": d for d in (*renamed, *drafts[10:])}


async def test_only_a_live_draft_is_loaded_and_the_newest(
    database: Database, tenant_id: str
) -> None:
    old = ended(a_draft(), DraftState.ORDERED)
    shown = proposed(a_draft(id="draft_2"))
    await written(database, a_write(tenant_id, old), a_write(tenant_id, shown))
    assert await loaded(database, "conversation_1", "unknown") == {
        "conversation_1": shown
    }
    async with database.transaction() as connection:
        newer = a_write(tenant_id, a_draft(id="draft_0"))
        await write_drafts(connection, [newer], now=NOON + timedelta(seconds=1))
        found = await lock_drafts(connection, ["conversation_1"])
    assert found["conversation_1"].id == "draft_0"
    assert await loaded(database) == {}


async def test_a_draft_that_awaits_approval_is_still_live(
    database: Database, tenant_id: str
) -> None:
    confirmed = awaiting(proposed(a_draft(), Shown(0, 17_100)), SAID)
    await written(database, a_write(tenant_id, confirmed))
    assert await loaded(database, "conversation_1") == {"conversation_1": confirmed}


async def test_two_writers_of_one_version_cannot_both_win(
    database: Database, tenant_id: str
) -> None:
    one = changed(a_draft(), [SetName("Ada")])
    await written(database, a_write(tenant_id, a_draft()))
    await written(database, a_write(tenant_id, one, SetName("Ada"), created=False))
    other = changed(a_draft(), [SetName("Grace")])
    with pytest.raises(IntegrityError):
        await written(
            database, a_write(tenant_id, other, SetName("Grace"), created=False)
        )
    assert (await loaded(database, "conversation_1"))["conversation_1"] == one


async def test_a_draft_is_written_only_for_its_tenant(
    database: Database, tenant_id: str
) -> None:
    other = await add_test_tenant(database, "tenant_other")
    await written(database, a_write(tenant_id, a_draft()))
    stolen = a_write(other, a_draft(name="Mallory"), created=False)
    await written(database, stolen)
    assert (await loaded(database, "conversation_1"))["conversation_1"] == a_draft()


async def test_odd_characters_do_not_stop_a_draft(
    database: Database, tenant_id: str
) -> None:
    odd = SetName("A\0da \ud800")
    await written(database, a_write(tenant_id, changed(a_draft(), [odd]), odd))
    (found,) = (await loaded(database, "conversation_1")).values()
    assert found.name == "A\N{REPLACEMENT CHARACTER}da \N{REPLACEMENT CHARACTER}"


async def test_nothing_to_write_is_nothing(database: Database) -> None:
    async with database.transaction() as connection:
        await write_drafts(connection, [], now=NOON)
        assert await place_orders(connection, [], new_id=new_id, now=NOON) == {}
    async with database.reading() as connection:
        assert await rows(connection, draft) == []


# -- placing --------------------------------------------------------------------------


def a_placed(tenant_id: str, number: int = 1, **changes: object) -> PlacedOrder:
    """Return an order of two lattes by contact 1, in conversation `number`."""
    fields = {"id": f"order_{number:03}", "draft_id": f"draft_{number:03}"}
    return PlacedOrder(
        tenant_id,
        f"conversation_{number}",
        "contact_1",
        an_order(**{**fields, **changes}),
    )


def sold(quantity: int, product_id: str = "product_latte", **line: object) -> object:
    return an_order_line(quantity=D(quantity), product_id=product_id, **line)


async def place(database: Database, *placed: PlacedOrder) -> dict[str, Order | SoldOut]:
    async with database.transaction() as connection:
        return await place_orders(connection, placed, new_id=new_id, now=NOON)


async def place_one(database: Database, placed: PlacedOrder) -> Order:
    (result,) = (await place(database, placed)).values()
    assert isinstance(result, Order)
    return result


async def left(database: Database, *pairs: tuple[str, str | None]) -> list[object]:
    async with database.reading() as connection:
        found = await catalog.available(connection, pairs)
    return [found[pair] for pair in pairs]


async def test_a_placed_order_has_a_number_a_customer_and_its_stock(
    database: Database, shop: str
) -> None:
    placed = a_placed(shop)
    saved = await place_one(database, placed)
    assert saved.number == 1
    assert saved.customer_id is not None
    given: dict[str, Any] = {
        "number": 1,
        "customer_id": saved.customer_id,
        "updated_at": NOON,
    }
    assert saved == replace(placed.order, **given)
    assert await left(database, LATTE) == [3]
    async with database.reading() as connection:
        stored = await load_order(connection, shop, "order_001")
        assert stored == StoredOrder(saved, shop, "conversation_1")
        assert await history(connection, "order_001") == (
            OrderMove(OrderState.CONFIRMED, "contact_1", None, NOON),
        )
        (row,) = await rows(connection, order)
        (line,) = await rows(connection, order_line)
        (who,) = await rows(connection, customer)
        (where,) = await rows(connection, customer_address)
    assert (row["grand_total"], row["currency"]) == (17100, "TRY")
    assert (row["draft_id"], row["draft_version"]) == ("draft_001", 3)
    assert (line["quantity"], line["reserved"], line["total"]) == (2, 2, 17100)
    assert (who["name"], who["contact_id"]) == ("Ada Lovelace", "contact_1")
    assert where["is_default"]
    assert load_address(where["body"]) == an_address()  # type: ignore[arg-type]  # JSON


async def test_numbers_rise_by_one_per_tenant(database: Database, shop: str) -> None:
    other = await add_test_tenant(database, "tenant_other")
    bun = {"lines": (sold(1, "product_bun"),)}
    result = await place(
        database,
        a_placed(shop, 1, **bun),
        a_placed(other, 2, **bun),
        a_placed(shop, 3, **bun),
    )
    again = await place_one(database, a_placed(shop, 4, **bun))
    numbers = [o.number for o in result.values() if isinstance(o, Order)]
    assert (numbers, again.number) == ([1, 1, 2], 3)


async def test_a_number_that_was_not_committed_is_given_again(
    database: Database, shop: str
) -> None:
    async def fail() -> None:
        async with database.transaction() as connection:
            await place_orders(connection, [a_placed(shop)], new_id=new_id, now=NOON)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert await left(database, LATTE) == [5]
    assert (await place_one(database, a_placed(shop))).number == 1


async def test_twenty_at_once_get_twenty_numbers(database: Database, shop: str) -> None:
    bun = {"lines": (sold(1, "product_bun"),)}
    placed = await asyncio.gather(
        *(place_one(database, a_placed(shop, i, **bun)) for i in range(20))
    )
    assert sorted(o.number or 0 for o in placed) == list(range(1, 21))
    assert len({o.customer_id for o in placed}) == 1


async def test_the_last_piece_is_sold_once(database: Database, tenant_id: str) -> None:
    await add_products(database, tenant_id, a_product(stock=D(1)))
    results = await asyncio.gather(
        *(place(database, a_placed(tenant_id, i, lines=(sold(1),))) for i in range(10))
    )
    outcomes = [outcome for result in results for outcome in result.values()]
    assert sum(isinstance(outcome, Order) for outcome in outcomes) == 1
    assert outcomes.count(SoldOut((LATTE,))) == 9
    assert await left(database, LATTE) == [0]


async def test_batches_that_want_the_same_goods_do_not_wait_for_each_other_for_ever(
    database: Database, shop: str
) -> None:
    """Every batch wants both products, named in another order."""
    lines = (sold(1), sold(1, "product_bun", id="L2"))
    await asyncio.gather(
        *(
            place(
                database,
                a_placed(shop, 2 * i, lines=lines[:: 1 if i % 2 else -1]),
                a_placed(shop, 2 * i + 1, lines=lines[:: -1 if i % 2 else 1]),
            )
            for i in range(2)
        )
    )
    assert await left(database, LATTE) == [1]


async def test_in_a_batch_the_first_come_first_and_get_all_or_nothing(
    database: Database, shop: str
) -> None:
    await add_products(
        database, shop, a_product(id="product_tea", sku="TEA", name="Tea", stock=D(1))
    )
    tea = ("product_tea", None)
    result = await place(
        database,
        a_placed(shop, 1, lines=(sold(4),)),
        # Tea is there, lattes are not: it must not keep the tea.
        a_placed(shop, 2, lines=(sold(2), sold(1, "product_tea", id="L2"))),
        a_placed(shop, 3, lines=(sold(1, "product_tea"),)),
        a_placed(shop, 4, lines=(sold(1),)),
    )
    assert list(map(type, (result[f"order_00{i}"] for i in (1, 2, 3, 4)))) == [
        Order,
        SoldOut,
        Order,
        Order,
    ]
    assert result["order_002"] == SoldOut((LATTE,))
    assert [o.number for o in result.values() if isinstance(o, Order)] == [1, 2, 3]
    assert await left(database, LATTE, tea) == [0, 0]
    async with database.reading() as connection:
        assert await load_order(connection, shop, "order_002") is None


async def test_lines_of_one_product_are_held_together(
    database: Database, shop: str
) -> None:
    lines = (sold(3), sold(3, id="L2", note="hot"))
    result = await place(database, a_placed(shop, lines=lines))
    assert result == {"order_001": SoldOut((LATTE,))}
    assert await left(database, LATTE) == [5]


async def test_each_variant_has_its_own_stock(
    database: Database, tenant_id: str
) -> None:
    variants = tuple(replace(v, stock=D(1)) for v in a_shirt().variants)
    await add_products(database, tenant_id, a_shirt(variants=variants))
    red = sold(1, "product_shirt", variant_id="variant_red")
    blue = sold(1, "product_shirt", variant_id="variant_blue", id="L2")
    await place_one(database, a_placed(tenant_id, 1, lines=(red, blue)))
    result = await place(database, a_placed(tenant_id, 2, lines=(blue,)))
    assert result == {"order_002": SoldOut((("product_shirt", "variant_blue"),))}


async def test_the_database_refuses_a_second_order_of_one_draft(
    database: Database, shop: str
) -> None:
    await place_one(database, a_placed(shop, 1))
    with pytest.raises(IntegrityError):
        await place(database, a_placed(shop, 2, draft_id="draft_001"))
    assert await left(database, LATTE) == [3]
    async with database.reading() as connection:
        assert len(await rows(connection, order)) == 1


# -- customers ------------------------------------------------------------------------


async def test_a_contact_is_one_customer_whose_details_are_completed(
    database: Database, shop: str
) -> None:
    first = await place_one(
        database, a_placed(shop, 1, name=None, email="ada@example.com")
    )
    second = await place_one(
        database, a_placed(shop, 2, name="Ada", email="other@example.com")
    )
    assert first.customer_id == second.customer_id
    async with database.reading() as connection:
        (who,) = await rows(connection, customer)
    assert (who["name"], who["email"]) == ("Ada", "ada@example.com")


async def test_an_address_is_remembered_once_and_the_first_is_the_default(
    database: Database, shop: str
) -> None:
    bun = {"lines": (sold(1, "product_bun"),)}
    home, work = an_address(), an_address(text="Work")
    await place(
        database,
        a_placed(shop, 1, **bun, address=home),
        a_placed(shop, 2, **bun, address=home),
        a_placed(shop, 3, **bun, address=work),
        a_placed(shop, 4, **bun, address=None),
    )
    await place_one(database, a_placed(shop, 5, **bun, address=work))
    async with database.reading() as connection:
        known = await rows(connection, customer_address)
    assert sorted((bool(row["is_default"]), row["body"]["text"]) for row in known) == [  # type: ignore[index]  # JSON
        (False, "Work"),
        (True, home.text),
    ]


async def test_a_customer_that_the_order_names_wins_when_it_is_the_tenants(
    database: Database, shop: str
) -> None:
    other = await add_test_tenant(database, "tenant_other")
    bun = {"lines": (sold(1, "product_bun"),)}
    theirs = await place_one(database, a_placed(other, 1, **bun))
    ours = await place_one(database, a_placed(shop, 2, **bun))
    named = replace(
        a_placed(shop, 3, **bun, customer_id=ours.customer_id), contact_id="contact_2"
    )
    assert (await place_one(database, named)).customer_id == ours.customer_id
    foreign = replace(
        a_placed(shop, 4, **bun, customer_id=theirs.customer_id), contact_id="contact_3"
    )
    made = await place_one(database, foreign)
    assert made.customer_id not in {None, ours.customer_id, theirs.customer_id}


async def test_an_order_without_a_contact_has_no_customer(
    database: Database, shop: str
) -> None:
    placed = replace(a_placed(shop), contact_id=None, conversation_id=None)
    assert (await place_one(database, placed)).customer_id is None


async def test_who_confirmed_stands_first_in_the_history(
    database: Database, shop: str
) -> None:
    by_key = Evidence(Source.KEY, actor="key_1")
    await place_one(database, a_placed(shop, confirmed_by=by_key))
    async with database.reading() as connection:
        assert [move.actor for move in await history(connection, "order_001")] == [
            "key_1"
        ]


# -- reading --------------------------------------------------------------------------


async def test_the_last_order_of_each_conversation(
    database: Database, shop: str
) -> None:
    bun = {"lines": (sold(1, "product_bun"),)}
    early = replace(a_placed(shop, 1, **bun), conversation_id="a")
    late = replace(
        a_placed(shop, 2, **bun, placed_at=NOON + timedelta(minutes=1)),
        conversation_id="a",
    )
    other = replace(a_placed(shop, 3, **bun), conversation_id="b")
    await place(database, late, early, other)
    async with database.reading() as connection:
        found = await last_orders(connection, ["a", "b", "c"])
    assert {key: each.id for key, each in found.items()} == {
        "a": "order_002",
        "b": "order_003",
    }


async def test_another_tenants_order_is_none(database: Database, shop: str) -> None:
    other = await add_test_tenant(database, "tenant_other")
    await place_one(database, a_placed(shop))
    async with database.reading() as connection:
        assert await load_order(connection, other, "order_001") is None
        assert await load_order(connection, shop, "order_404") is None


# -- moves ----------------------------------------------------------------------------


async def moved(
    database: Database, stored: StoredOrder, *targets: OrderState, **fields: Any
) -> Order:
    result = stored.order
    for target in targets:
        async with database.transaction() as connection:
            result = await move_order(
                connection,
                stored,
                target,
                actor="erp",
                now=NOON + timedelta(hours=1),
                **fields,
            )
    return result


async def stored_order(database: Database, shop: str) -> StoredOrder:
    """Place an order of two lattes out of five and return it as stored."""
    placed = a_placed(shop)
    saved = await place_one(database, placed)
    return StoredOrder(saved, shop, placed.conversation_id)


async def test_an_order_moves_and_its_history_says_who_and_why(
    database: Database, shop: str
) -> None:
    stored = await stored_order(database, shop)
    result = await moved(
        database, stored, OrderState.PROVISIONED, message="ok", external_id="ERP-7"
    )
    assert (result.state, result.external_id) == (OrderState.PROVISIONED, "ERP-7")
    async with database.reading() as connection:
        found = await load_order(connection, shop, "order_001")
        steps = await history(connection, "order_001")
        latest = await last_orders(connection, ["conversation_1"])
    assert found is not None
    assert found.order == result == latest["conversation_1"]
    assert steps[1:] == (
        OrderMove(OrderState.PROVISIONED, "erp", "ok", NOON + timedelta(hours=1)),
    )


async def test_a_repeat_changes_nothing_but_a_missing_external_id(
    database: Database, shop: str
) -> None:
    stored = await stored_order(database, shop)
    await moved(database, stored, OrderState.PROVISIONED, OrderState.PROVISIONED)
    again = await moved(database, stored, OrderState.PROVISIONED, external_id="ERP-7")
    assert again.external_id == "ERP-7"
    async with database.reading() as connection:
        assert len(await history(connection, "order_001")) == 2
        found = await load_order(connection, shop, "order_001")
    assert found is not None
    assert found.order.external_id == "ERP-7"


async def test_ten_repeats_at_once_are_one_move(database: Database, shop: str) -> None:
    stored = await stored_order(database, shop)
    await asyncio.gather(
        *(moved(database, stored, OrderState.SHIPPED) for _ in range(10))
    )
    async with database.reading() as connection:
        steps = await history(connection, "order_001")
    assert [step.state for step in steps] == [OrderState.CONFIRMED, OrderState.SHIPPED]


async def test_the_state_in_the_database_decides_not_the_one_remembered(
    database: Database, shop: str
) -> None:
    stale = await stored_order(database, shop)
    await moved(database, stale, OrderState.DELIVERED)
    with pytest.raises(IllegalMove, match="cannot follow 'delivered'"):
        await moved(database, stale, OrderState.PREPARING)


async def test_an_order_of_another_tenant_does_not_move(
    database: Database, shop: str
) -> None:
    stored = await stored_order(database, shop)
    with pytest.raises(OrderGone, match="tenant_other has no order order_001"):
        await moved(
            database, replace(stored, tenant_id="tenant_other"), OrderState.SHIPPED
        )


@dataclass(frozen=True)
class Settling:
    id: str
    targets: tuple[OrderState, ...]
    left: int  #: Of five lattes, two of them ordered.
    fields: tuple[tuple[str, object], ...] = ()


S = OrderState
FOR_GOOD = (("for_good", True),)
SETTLINGS = [
    Settling("provisioned: held", (S.PROVISIONED,), 3),
    Settling("cancelled: let go", (S.CANCELLED,), 5),
    Settling("cancelled later: let go", (S.PROVISIONED, S.PREPARING, S.CANCELLED), 5),
    Settling("failed, to be tried again: held", (S.PROVISIONING_FAILED,), 3),
    Settling("failed for good: let go", (S.PROVISIONING_FAILED,), 5, FOR_GOOD),
    Settling(
        "failed for good and cancelled: let go once",
        (S.PROVISIONING_FAILED, S.CANCELLED),
        5,
        FOR_GOOD,
    ),
    Settling(
        "failed for good and tried again: held again",
        (S.PROVISIONING_FAILED, S.PROVISIONING),
        3,
        FOR_GOOD,
    ),
    Settling(
        "failed and tried again: held once",
        (S.PROVISIONING_FAILED, S.PROVISIONING, S.PROVISIONED),
        3,
    ),
    Settling("shipped: held", (S.SHIPPED,), 3),
    Settling("delivered: used up", (S.SHIPPED, S.DELIVERED), 3),
    Settling("delivered and refunded: used up once", (S.DELIVERED, S.REFUNDED), 3),
    Settling("paid and refunded: let go", (S.PAID, S.REFUNDED), 5),
    Settling("shipped and refunded: used up", (S.SHIPPED, S.REFUNDED), 3),
    Settling("cancelled and refunded: let go once", (S.CANCELLED, S.REFUNDED), 5),
]


@pytest.mark.parametrize("case", SETTLINGS, ids=lambda case: case.id)
async def test_what_becomes_of_the_stock(
    database: Database, shop: str, case: Settling
) -> None:
    stored = await stored_order(database, shop)
    await moved(database, stored, *case.targets, **dict(case.fields))
    assert await left(database, LATTE) == [case.left]


async def test_what_is_used_up_is_no_longer_held(database: Database, shop: str) -> None:
    stored = await stored_order(database, shop)
    await moved(database, stored, OrderState.DELIVERED)
    async with database.reading() as connection:
        (line,) = await rows(connection, order_line)
        products = await catalog.load_products(connection, shop)
    assert line["reserved"] == 0
    assert [p.stock for p in products if p.id == "product_latte"] == [3]


async def test_goods_that_were_let_go_may_be_gone(
    database: Database, shop: str
) -> None:
    stored = await stored_order(database, shop)
    await moved(database, stored, OrderState.PROVISIONING_FAILED, for_good=True)
    await place_one(database, a_placed(shop, 2, lines=(sold(4),)))
    with pytest.raises(StockGone, match="short of: product_latte"):
        await moved(database, stored, OrderState.PROVISIONING)
    async with database.reading() as connection:
        found = await load_order(connection, shop, "order_001")
    assert found is not None
    assert found.order.state is OrderState.PROVISIONING_FAILED
    assert await left(database, LATTE) == [1]


# -- sinks ----------------------------------------------------------------------------


async def test_sinks_belong_to_their_tenant(database: Database, tenant_id: str) -> None:
    other = await add_test_tenant(database, "tenant_other")
    one = SinkAccount("sink_1", tenant_id, "omnichat", "https://a.test/", "sealed")
    two = SinkAccount(
        "sink_2", tenant_id, "webhook", "https://b.test/", "sealed", SinkState.PAUSED
    )
    async with database.transaction() as connection:
        await add_sink(connection, two, now=NOON + timedelta(seconds=1))
        await add_sink(connection, one, now=NOON)
    async with database.reading() as connection:
        assert await load_sinks(connection, [tenant_id, other]) == {
            tenant_id: (one, two),
            other: (),
        }
        assert await load_sink(connection, tenant_id, "sink_2") == two
        assert await load_sink(connection, other, "sink_2") is None
