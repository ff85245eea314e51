"""What a call says, and the order that it becomes; money adds up whatever it says."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders import Discount, Evidence, Order, OrderState, Source
from orders.domain.calling import CallCode, CalledLine, CallRefused, OrderCall, order_of
from orders.domain.order import (
    FulfilmentStatus,
    Origin,
    PaymentStatus,
    PriceSource,
)
from orders.domain.pricing import Goods, reckon
from tests.factories import NOON, a_product, a_shirt
from tests.purchase_calls import a_call, a_called_line, by_hand

D = Decimal
KEY = Evidence(Source.KEY, actor="key:erp")
PRODUCTS = {
    each.id: each
    for each in (
        a_product(default_quantity=D(3), step=D(1)),
        a_shirt(),
        a_product(id="gone", sku="GONE", active=False),
        a_product(id="free", sku="FREE", price=None),
    )
}


def made(call: OrderCall) -> Order:
    return order_of(call, PRODUCTS, order_id="ord_1", confirmed_by=KEY, now=NOON)


def codes(call: OrderCall) -> list[tuple[CallCode, str, int | None]]:
    with pytest.raises(CallRefused) as refused:
        made(call)
    return [(each.code, each.field, each.line) for each in refused.value.problems]


def test_z1_a_line_of_the_catalog_takes_name_price_unit_and_quantity_from_it() -> None:
    (line,) = made(a_call(lines=(CalledLine("product_latte"),))).lines
    assert (line.name, line.unit_price, line.unit) == ("Latte", D("85.50"), "piece")
    assert (line.quantity, line.tax_rate) == (D(3), D(10))
    assert line.price_source is PriceSource.CATALOG
    assert line.snapshot["sku"] == "LATTE"


def test_a_line_by_hand_needs_a_name_and_a_price_and_nothing_else() -> None:
    (line,) = made(a_call(lines=(by_hand(),))).lines
    assert line.is_manual
    assert (line.quantity, line.total, line.snapshot) == (D(1), 20050, {})
    assert line.price_source is PriceSource.CALLER
    free = made(a_call(lines=(by_hand(unit_price=D(0)),)))
    assert free.grand_total == 0


def test_z2_totals_are_exact_decimals() -> None:
    lines = (
        by_hand(unit_price=D("23.1"), quantity=D(3)),
        by_hand(unit_price=D("23.1"), quantity=D(3)),
        by_hand(unit_price=D(50), quantity=D(2)),
    )
    assert made(a_call(lines=lines)).grand_total == 23860


def test_z6_an_order_without_lines_is_one() -> None:
    order = made(a_call(lines=()))
    assert (order.lines, order.grand_total) == ((), 0)


def test_a_given_price_is_kept_and_marked() -> None:
    (line,) = made(a_call(lines=(a_called_line(unit_price=D(1)),))).lines
    assert (line.unit_price, line.price_source) == (D(1), PriceSource.CALLER)


def test_a_call_has_no_draft_and_keeps_what_it_said() -> None:
    call = a_call(
        origin=Origin("akinon", "5", {"akinon.status": "cancellation_waiting"}),
        given_number="1234567890",
        instalments=3,
        gift_card="GIFT",
        tags=("vip",),
        data={"bin_number": "123456"},
        placed_at=NOON.replace(hour=1),
    )
    order = made(call)
    assert (order.draft_id, order.draft_version) == ("ord_1", 0)
    for name in ("origin", "given_number", "instalments", "gift_card", "tags", "data"):
        assert getattr(order, name) == getattr(call, name)
    assert order.placed_at == call.placed_at
    assert order.confirmed_by == KEY


@pytest.mark.parametrize(
    ("state", "payment", "fulfilment"),
    [
        (OrderState.CONFIRMED, PaymentStatus.UNPAID, FulfilmentStatus.UNFULFILLED),
        (OrderState.PAID, PaymentStatus.PAID, FulfilmentStatus.UNFULFILLED),
        (OrderState.DELIVERED, PaymentStatus.UNPAID, FulfilmentStatus.FULFILLED),
        (OrderState.REFUNDED, PaymentStatus.REFUNDED, FulfilmentStatus.UNFULFILLED),
    ],
)
def test_a4_an_order_may_come_in_any_state(
    state: OrderState, payment: PaymentStatus, fulfilment: FulfilmentStatus
) -> None:
    order = made(a_call(state=state))
    assert (order.payment_status, order.fulfilment_status) == (payment, fulfilment)


REFUSED: list[tuple[str, CalledLine, CallCode, str]] = [
    ("unknown", CalledLine("nobody"), CallCode.UNKNOWN_PRODUCT, "product_id"),
    ("inactive", CalledLine("gone"), CallCode.NOT_SOLD, "product_id"),
    ("which variant", CalledLine("product_shirt"), CallCode.VARIANT_REQUIRED, ""),
    (
        "no such variant",
        CalledLine("product_latte", "red"),
        CallCode.UNKNOWN_VARIANT,
        "variant_id",
    ),
    ("no price", CalledLine("free"), CallCode.PRICE_REQUIRED, "unit_price"),
    ("no name", by_hand(name=" "), CallCode.NAME_REQUIRED, "name"),
    ("hand, no price", by_hand(unit_price=None), CallCode.PRICE_REQUIRED, ""),
    ("below zero", by_hand(unit_price=D(-1)), CallCode.BAD_PRICE, "unit_price"),
    ("no number", by_hand(unit_price=D("NaN")), CallCode.BAD_PRICE, "unit_price"),
    ("too fine", by_hand(unit_price=D("1e-7")), CallCode.BAD_PRICE, "unit_price"),
    ("t5 none", a_called_line(quantity=D(0)), CallCode.BAD_QUANTITY, "quantity"),
    ("t5 half", a_called_line(quantity=D("1.5")), CallCode.BAD_QUANTITY, "quantity"),
    ("endless", a_called_line(quantity=D("1e40")), CallCode.BAD_QUANTITY, "quantity"),
    ("taxes", by_hand(tax_rate=D(101)), CallCode.BAD_TAX_RATE, "tax_rate"),
    (
        "a discount that adds",
        by_hand(discount=Discount(amount=-1)),
        CallCode.BAD_DISCOUNT,
        "discount",
    ),
]


@pytest.mark.parametrize(
    ("line", "code", "field"),
    [each[1:] for each in REFUSED],
    ids=[each[0] for each in REFUSED],
)
def test_what_makes_no_order(line: CalledLine, code: CallCode, field: str) -> None:
    found = codes(a_call(lines=(by_hand(), line)))
    assert [(each[0], each[2]) for each in found] == [(code, 1)]
    assert not field or found[0][1] == field


def test_every_problem_is_told_at_once_with_its_place() -> None:
    bad = (CalledLine("nobody"), by_hand(name=None, unit_price=None))
    call = a_call(lines=bad, shipping=-1, discount=Discount(percent=D(101)))
    assert codes(call) == [
        (CallCode.BAD_SHIPPING, "shipping", None),
        (CallCode.BAD_DISCOUNT, "discount", None),
        (CallCode.UNKNOWN_PRODUCT, "product_id", 0),
        (CallCode.NAME_REQUIRED, "name", 1),
        (CallCode.PRICE_REQUIRED, "unit_price", 1),
    ]
    with pytest.raises(CallRefused, match=r"lines\[1\]\.name: is required"):
        made(call)


def test_a_price_of_the_catalog_is_of_its_currency() -> None:
    call = a_call(currency="EUR")
    assert codes(call) == [(CallCode.CURRENCY_MISMATCH, "currency", 0)]
    assert made(replace(call, lines=(a_called_line(unit_price=D(1)),))).currency == (
        "EUR"
    )


def test_more_than_can_be_added_up_is_refused() -> None:
    dear = by_hand(unit_price=D(10**9), quantity=D(10**6))
    assert codes(a_call(lines=(dear,))) == [(CallCode.TOO_MUCH, "lines", None)]


def test_a_percentage_of_the_order_is_of_what_lines_leave() -> None:
    line = by_hand(unit_price=D(100), discount=Discount(percent=D(10)))
    call = a_call(lines=(line, line), discount=Discount(percent=D(50)), shipping=500)
    order = made(call)
    assert (order.subtotal, order.discount_total) == (20000, 11000)
    assert order.grand_total == 9500


def test_the_example_of_the_documentation() -> None:
    lines = (
        by_hand(unit_price=D("85.50"), quantity=D(2), tax_rate=D(10)),
        by_hand(unit_price=D("100.005"), tax_rate=D(10)),
    )
    call = a_call(lines=lines, discount=Discount(percent=D(10)), shipping=3000)
    order = made(call)
    assert (order.subtotal, order.discount_total) == (27101, 2710)
    assert (order.tax_total, order.grand_total) == (2217, 27391)
    told = [(each.discount, each.tax, each.total) for each in order.lines]
    assert told == [(1710, 1399, 15390), (1000, 818, 9001)]


# -- laws -----------------------------------------------------------------------------

discounts = st.none() | st.builds(
    Discount,
    amount=st.integers(0, 3000),
    percent=st.sampled_from([D(0), D("12.5"), D("33.333"), D(100)]),
)
goods = st.builds(
    Goods,
    line_id=st.just("L1"),
    subtotal=st.integers(0, 2000),
    tax_rate=st.sampled_from([D(0), D(1), D(10), D("18.5")]),
    discount=discounts,
)
baskets: Any = st.tuples(st.lists(goods, max_size=5), discounts, st.booleans())


@settings(max_examples=60)
@given(baskets, st.integers(0, 500), st.randoms(use_true_random=False))
def test_money_adds_up_whatever_a_call_says(
    basket: tuple[list[Goods], Discount | None, bool], shipping: int, chance: Any
) -> None:
    lines, off, included = basket
    totals = reckon(lines, "TRY", off, shipping=shipping, tax_included=included)
    assert totals.subtotal == sum(each.subtotal for each in totals.lines)
    assert totals.discount == sum(each.discount for each in totals.lines)
    assert totals.tax == sum(each.tax for each in totals.lines)
    added = 0 if included else totals.tax
    net = totals.subtotal - totals.discount
    assert totals.grand_total == net + added + shipping
    assert 0 <= totals.discount <= totals.subtotal
    for line in totals.lines:
        assert 0 <= line.discount <= line.subtotal
        assert line.tax >= 0
        assert line.total >= 0
    mixed = list(lines)
    chance.shuffle(mixed)
    again = reckon(mixed, "TRY", off, shipping=shipping, tax_included=included)
    assert replace(again, lines=()) == replace(totals, lines=())
