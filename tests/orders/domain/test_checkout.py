"""What a checkout that others run changes of an order."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders import IllegalMove, OrderState
from orders.domain.checkout import (
    CheckoutChange,
    Freight,
    GivenDiscount,
    checked_out,
)
from orders.domain.order import Order
from tests.factories import an_address, an_order, an_order_line

D = Decimal
ELSEWHERE = an_address(text="Rua das Flores 1", street="Rua das Flores", country="BR")


def two_lines(**changes: object) -> Order:
    other = an_order_line(
        id="L2",
        unit_price=D("100.00"),
        quantity=D(1),
        subtotal=10000,
        tax=909,
        total=10000,
    )
    whole = an_order(
        lines=(an_order_line(), other),
        subtotal=27100,
        tax_total=2464,
        shipping_total=1000,
        grand_total=28100,
    )
    return replace(whole, **changes)  # type: ignore[arg-type]  # any field


def test_an_address_a_freight_and_a_discount_are_taken_over_and_priced() -> None:
    after = checked_out(
        two_lines(),
        CheckoutChange(
            address=ELSEWHERE,
            freight=Freight(D("25.50"), "1bd", "SEDEX"),
            discount=GivenDiscount(D(10), percent=True),
            recipient="Bia",
        ),
    )
    assert (after.address, after.recipient) == (ELSEWHERE, "Bia")
    assert (after.delivery_time, after.shipping_method) == ("1bd", "SEDEX")
    assert after.shipping_total == 2550
    assert (after.discount_total, after.discount_percent) == (2710, D(10))
    assert after.grand_total == 27100 - 2710 + 2550
    assert sum(line.total for line in after.lines) == 27100 - 2710


def test_what_is_not_said_stays() -> None:
    order = two_lines(delivery_time="2bd", shipping_method="PAC")
    assert checked_out(order, CheckoutChange()) == order
    freight = Freight(method="SEDEX")
    after = checked_out(order, CheckoutChange(freight=freight))
    assert after == replace(order, shipping_method="SEDEX")


def test_a_discount_takes_the_place_of_the_one_before() -> None:
    once = checked_out(
        two_lines(), CheckoutChange(discount=GivenDiscount(D(10), percent=True))
    )
    twice = checked_out(once, CheckoutChange(discount=GivenDiscount(D("5.00"))))
    assert (twice.discount_total, twice.discount_percent) == (500, None)
    assert twice.grand_total == 27100 - 500 + 1000


@given(
    value=st.decimals("0", "1000", places=2),
    percent=st.booleans(),
    freight=st.decimals("0", "500", places=2),
)
@settings(max_examples=25, deadline=None)
def test_the_sums_always_agree_and_a_repeat_changes_nothing(
    value: Decimal, percent: bool, freight: Decimal
) -> None:
    off = GivenDiscount(min(value, D(100)) if percent else value, percent=percent)
    change = CheckoutChange(freight=Freight(freight), discount=off)
    after = checked_out(two_lines(), change)
    assert 0 <= after.discount_total <= after.subtotal
    assert after.discount_total == sum(line.discount for line in after.lines)
    assert after.grand_total == (
        sum(line.total for line in after.lines) + after.shipping_total
    )
    assert checked_out(after, change) == after


@pytest.mark.parametrize(
    "state",
    [
        OrderState.PAID,
        OrderState.PREPARING,
        OrderState.SHIPPED,
        OrderState.DELIVERED,
        OrderState.CANCELLED,
        OrderState.REFUNDED,
    ],
)
def test_a_checkout_that_is_over_changes_nothing_and_a_repeat_is_harmless(
    state: OrderState,
) -> None:
    order = two_lines(state=state)
    with pytest.raises(IllegalMove, match="its checkout is over"):
        checked_out(order, CheckoutChange(freight=Freight(D(1))))
    assert checked_out(order, CheckoutChange(freight=Freight(D(10)))) == order
