"""The page on Akinon's fields, held against the face and against the sink."""

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from orders.domain.draft import Address, Discount, Evidence, LineOption, Source
from orders.domain.order import OrderLine
from orders.domain.pricing import Goods, reckon
from orders.faces.akinon import (
    SERVER_FIELDS,
    CreateOrderGiven,
    ItemGiven,
    OrderGiven,
    OrderTold,
)
from orders.faces.akinon_calling import Buyer, Known, call_of, wrong_in
from orders.faces.akinon_types import decimal_of
from orders.provisioning.akinon_body import AkinonOptions, order_body
from orders.provisioning.sink import SinkDelivery, SinkTenant
from tests.akinon import PRINTED, PRINTED_BESIDE
from tests.factories import NOON, an_order, an_order_line

SHOP = SinkTenant("tenant_1", "Çay Evi", "Europe/Istanbul", "TRY", "TR")
OPTIONS = AkinonOptions(
    channel_id=5, payment_option=1, cargo_company=1, price_list=1, stock_list=1
)


def page() -> dict[str, tuple[str, str]]:
    """Return what the page says of each field: told, and sent."""
    spec = find_spec("orders")
    assert spec is not None
    assert spec.origin is not None
    text = (Path(spec.origin).parent.parent / "docs" / "fields-akinon.md").read_text(
        "utf-8"
    )
    rows = re.findall(r"^\| `([\w.\[\]]+)` \| (.+) \| (.*)\|$", text, re.MULTILINE)
    return {name: (told, sent.strip()) for name, told, sent in rows}


def a_full_delivery() -> SinkDelivery:
    """Return an order that has all that an order can have."""
    line = an_order_line(
        variant_id="v",
        variant_name="Large",
        options=(
            LineOption("milk", "oat", "oat milk"),
            LineOption("sugar", "sugar", "sugar", negated=True),
        ),
        note="hot",
        evidence=(Evidence(Source.MESSAGE, ref="msg_1"),),
        snapshot={"list_price": "99.5", "stock": "7", "image": "https://a.example/1"},
    )
    order = an_order(
        number=17,
        lines=(line,),
        customer_id="customer_1",
        due_at=NOON + timedelta(hours=1),
        gift_note="Nice birthday!",
        note="ring twice",
        coupon="TEA10",
        instalments=3,
        payment="cash",
    )
    return SinkDelivery(
        event_id="e",
        url="https://akinon.example",
        secret="k",
        order=order,
        tenant=SHOP,
        sent_at=NOON,
        sales_channel="whatsapp",
        conversation_id="cnv_1",
    )


def test_the_page_names_every_field_of_the_printed_order_and_answer() -> None:
    printed = {
        *PRINTED["order"],
        *PRINTED_BESIDE,
        *(f"order_item[].{name}" for name in PRINTED["order_item"][0]),
    }
    assert set(page()) == printed
    assert set(OrderGiven.model_fields) == set(PRINTED["order"])
    assert set(ItemGiven.model_fields) == set(PRINTED["order_item"][0])
    assert set(SERVER_FIELDS) == set(PRINTED_BESIDE)
    assert set(SERVER_FIELDS) <= set(OrderTold.model_fields)


def test_a_full_order_is_sent_with_every_field_that_has_a_source() -> None:
    body = order_body(
        a_full_delivery(), OPTIONS, customer=1, address=1, products={"LATTE": 1}
    )
    order, items = body["order"], body["order_item"]
    assert isinstance(order, dict)
    assert isinstance(items, list)
    sent = {*order, *(f"order_item[].{name}" for name in items[0])}
    told = {
        name
        for name, (_, source) in page().items()
        if source and not source.startswith("absent")
    }
    assert sent == told


def test_what_the_sink_sends_is_what_the_face_takes_a6() -> None:
    body = order_body(
        a_full_delivery(), OPTIONS, customer=1, address=1, products={"LATTE": 1}
    )
    assert wrong_in(CreateOrderGiven.model_validate(body), 5) == []


def test_the_printed_amounts_pass_the_rule_a6() -> None:
    assert wrong_in(CreateOrderGiven.model_validate(PRINTED), 1) == []


@given(
    st.lists(
        st.tuples(
            st.decimals("0.01", "500", places=3),
            st.decimals("0.1", "40", places=1),
            st.sampled_from([Decimal(0), Decimal(1), Decimal(20)]),
        ),
        min_size=1,
        max_size=4,
    ),
    st.integers(0, 20_000),
    st.booleans(),
)
@settings(max_examples=20, deadline=None)
def test_amounts_that_we_send_always_keep_akinons_rule_a6(
    goods: list[tuple[Decimal, Decimal, Decimal]],
    shipping: int,
    tax_included: bool,
) -> None:
    delivery = a_full_delivery()
    totals = reckon(
        [
            Goods(f"L{at}", round(price * quantity * 100), rate)
            for at, (price, quantity, rate) in enumerate(goods)
        ],
        "TRY",
        Discount(percent=Decimal(10)),
        shipping=shipping,
        tax_included=tax_included,
    )
    lines: list[OrderLine] = [
        an_order_line(
            id=amounts.line_id,
            quantity=quantity,
            unit_price=price,
            subtotal=amounts.subtotal,
            discount=amounts.discount,
            tax_rate=rate,
            tax=amounts.tax,
            total=amounts.total,
        )
        for amounts, (price, quantity, rate) in zip(totals.lines, goods, strict=True)
    ]
    order = replace(
        delivery.order,
        lines=tuple(lines),
        subtotal=totals.subtotal,
        discount_total=totals.discount,
        tax_total=totals.tax,
        shipping_total=totals.shipping,
        grand_total=totals.grand_total,
        tax_included=tax_included,
    )
    body = order_body(
        replace(delivery, order=order),
        OPTIONS,
        customer=1,
        address=1,
        products={"LATTE": 1},
    )
    assert wrong_in(CreateOrderGiven.model_validate(body), 5) == []


@pytest.mark.parametrize("value", [100, 100.5, "100.50"])
def test_an_amount_is_read_in_every_form_and_stays_in_it_a6(value: float | str) -> None:
    assert decimal_of(value) == Decimal(str(value))


@pytest.mark.parametrize(
    ("status", "cancel", "holds"),
    [
        ("waiting", "waiting", True),
        ("on_the_moon", None, True),
        ("canceled", "waiting", False),
        ("refunded", None, False),
        ("delivered", None, False),
        ("waiting", "approved", False),
    ],
)
def test_an_item_that_is_over_holds_no_stock_in_an_order_that_goes_on_a5(
    status: str, cancel: str | None, *, holds: bool
) -> None:
    item = {**PRINTED["order_item"][0], "status": status, "cancel_status": cancel}
    body = CreateOrderGiven.model_validate({**PRINTED, "order_item": [item]})
    known = Known(Buyer("c"), Address("Moda"), products={1: ("latte", None)})
    (line,) = call_of("tenant", "1", body, known, now=NOON).lines
    assert line.holds_stock is holds


def test_what_is_added_to_a_range_is_something_that_can_be_kept_a10() -> None:
    span = {**PRINTED["order"]["delivery_range"], "more": float("inf")}
    order = {**PRINTED["order"], "delivery_range": span}
    with pytest.raises(ValidationError, match="too large"):
        CreateOrderGiven.model_validate({**PRINTED, "order": order})
