"""What a draft costs adds up, exactly and always."""

from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders import Discount, Draft, Fulfilment, Line, Shop, price
from orders.domain.pricing import spread
from tests.factories import a_draft, a_line, a_shop
from tests.orders.strategies import discounts, lines

D = Decimal


@dataclass(frozen=True)
class Case:
    id: str
    draft: Draft
    #: subtotal, discount, tax, shipping, grand total
    amounts: tuple[int, int, int, int, int]
    shop: Shop = field(default_factory=a_shop)


def priced(
    *prices: str, currency: str = "TRY", rate: int = 0, **draft: object
) -> Draft:
    return a_draft(
        currency=currency,
        lines=tuple(
            a_line(id=f"L{i}", unit_price=D(p), quantity=D(1), tax_rate=D(rate))
            for i, p in enumerate(prices, 1)
        ),
        **draft,
    )


def half(currency: str, unit_price: str) -> Draft:
    """Return one and a half of something that costs half a minor unit too much."""
    return a_draft(
        currency=currency,
        lines=(a_line(unit_price=D(unit_price), quantity=D("1.5"), tax_rate=D(0)),),
    )


ADDED = a_shop(tax_included=False)
FEE = a_shop(delivery_fee=3000, free_delivery_from=20000)
PICKUP = Fulfilment.PICKUP

CASES = [
    Case("nothing costs nothing", a_draft(lines=()), (0, 0, 0, 0, 0), FEE),
    Case("two lattes", a_draft(), (17100, 0, 1555, 0, 17100)),
    Case("tax on top", a_draft(), (17100, 0, 1710, 0, 18810), ADDED),
    # 3 * 33.335 = 100.005: rounded once, half up; three roundings would give 100.02.
    Case(
        "a line is rounded once",
        a_draft(lines=(a_line(unit_price=D("33.335"), quantity=D(3), tax_rate=D(0)),)),
        (10001, 0, 0, 0, 10001),
    ),
    Case("yen have no decimals", half("JPY", "333"), (500, 0, 0, 0, 500)),
    Case("dinars have three", half("KWD", "0.333"), (500, 0, 0, 0, 500)),
    Case(
        "a line without a price counts as nothing yet",
        a_draft(lines=(a_line(unit_price=None),)),
        (0, 0, 0, 0, 0),
    ),
    Case(
        "an amount off",
        priced("10", "20", discount=Discount(amount=500)),
        (3000, 500, 0, 0, 2500),
    ),
    Case(
        "a percentage off",
        priced("10", "20", rate=20, discount=Discount(percent=D(10))),
        (3000, 300, 450, 0, 2700),
    ),
    Case(
        "a percentage off before the tax comes on top",
        priced("10", "20", rate=20, discount=Discount(percent=D(10))),
        (3000, 300, 540, 0, 3240),
        ADDED,
    ),
    Case(
        "no more off than there is",
        priced("10", discount=Discount(amount=99999)),
        (1000, 1000, 0, 0, 0),
    ),
    Case("delivery has a fee", priced("10"), (1000, 0, 0, 3000, 4000), FEE),
    Case("free from here", priced("200"), (20000, 0, 0, 0, 20000), FEE),
    Case("and not a kurus before", priced("199.99"), (19999, 0, 0, 3000, 22999), FEE),
    Case(
        "what the discount takes does not count towards it",
        priced("200", discount=Discount(amount=1)),
        (20000, 1, 0, 3000, 22999),
        FEE,
    ),
    Case("pickup is free", priced("10", fulfilment=PICKUP), (1000, 0, 0, 0, 1000), FEE),
    Case(
        "undecided is free so far",
        priced("10", fulfilment=None),
        (1000, 0, 0, 0, 1000),
        FEE,
    ),
    Case(
        "the only way has its fee without being asked for",
        priced("10", fulfilment=None),
        (1000, 0, 0, 500, 1500),
        a_shop(fulfilments=(Fulfilment.DELIVERY,), delivery_fee=500),
    ),
    Case(
        "a fee set by hand wins",
        priced("200", shipping=700),
        (20000, 0, 0, 700, 20700),
        FEE,
    ),
    Case(
        "also when it is nothing", priced("10", shipping=0), (1000, 0, 0, 0, 1000), FEE
    ),
    Case(
        "nobody pays for bringing what is picked up",
        priced("10", shipping=700, fulfilment=PICKUP),
        (1000, 0, 0, 0, 1000),
        FEE,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_what_it_costs(case: Case) -> None:
    totals = price(case.draft, case.shop)
    assert (
        totals.subtotal,
        totals.discount,
        totals.tax,
        totals.shipping,
        totals.grand_total,
    ) == case.amounts


def test_the_lines_carry_their_shares() -> None:
    totals = price(priced("10", "10", "10", discount=Discount(amount=100)), a_shop())
    assert [line.discount for line in totals.lines] == [34, 33, 33]
    assert [line.total for line in totals.lines] == [966, 967, 967]


shops = st.builds(
    Shop,
    fulfilments=st.sampled_from([(Fulfilment.DELIVERY,), tuple(Fulfilment)]),
    delivery_fee=st.integers(0, 5000),
    free_delivery_from=st.none() | st.integers(0, 10**6),
    tax_included=st.booleans(),
)
drafts = st.builds(
    Draft,
    id=st.just("draft_1"),
    currency=st.sampled_from(["JPY", "TRY", "KWD"]),
    lines=st.lists(lines, max_size=6).map(tuple),
    discount=st.none() | discounts,
    fulfilment=st.none() | st.sampled_from(Fulfilment),
    shipping=st.none() | st.integers(0, 5000),
)


@given(drafts, shops)
def test_totals_add_up_exactly(draft: Draft, shop: Shop) -> None:
    totals = price(draft, shop)
    assert totals.subtotal == sum(line.subtotal for line in totals.lines)
    assert totals.discount == sum(line.discount for line in totals.lines)
    assert totals.tax == sum(line.tax for line in totals.lines)
    added = 0 if totals.tax_included else totals.tax
    assert totals.grand_total == (
        totals.subtotal - totals.discount + added + totals.shipping
    )
    for line in totals.lines:
        tax = 0 if totals.tax_included else line.tax
        assert line.total == line.subtotal - line.discount + tax


@given(drafts, shops)
def test_no_amount_is_ever_negative(draft: Draft, shop: Shop) -> None:
    totals = price(draft, shop)
    for line in totals.lines:
        assert 0 <= line.discount <= line.subtotal
        assert line.tax >= 0
        assert line.total >= 0
        assert not totals.tax_included or line.tax <= line.total
    assert min(totals.tax, totals.shipping, totals.grand_total) >= 0


@given(st.lists(lines, max_size=6), shops)
def test_the_order_of_lines_does_not_change_what_they_cost(
    some: list[Line], shop: Shop
) -> None:
    ahead = price(a_draft(lines=tuple(some)), shop)
    back = price(a_draft(lines=tuple(reversed(some))), shop)
    assert ahead.grand_total == back.grand_total


@given(st.lists(st.integers(0, 10**9), min_size=1), st.integers(0, 10**9))
def test_parts_add_up_and_are_fair_to_one_unit(weights: list[int], amount: int) -> None:
    parts = spread(amount, weights)
    whole = sum(weights)
    if whole == 0:
        assert set(parts) == {0}
        return
    assert sum(parts) == amount
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * whole - amount * weight) < whole
