"""The moment of confirmation."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog import Product
from orders import (
    Difference,
    Discount,
    Draft,
    DraftState,
    DropLine,
    Evidence,
    Field,
    Fulfilment,
    Gone,
    IllegalMove,
    LineOption,
    Missing,
    NotReady,
    Order,
    PriceMoved,
    Reprice,
    SetQuantity,
    Shop,
    Source,
    StockShort,
    adjustments,
    changed,
    ended,
    missing,
    place,
    price,
    review,
    unit_price,
)
from orders.domain.rules import Available
from tests.factories import (
    NOON,
    SAID,
    a_draft,
    a_line,
    a_product,
    a_proposed_draft,
    a_shirt,
    a_shop,
    some_milk,
)

D = Decimal
LATTE = a_product()
KG = a_product(unit="kg", step=D("0.1"), minimum=D("0.5"))
OAT = LineOption("milk", "oat", "oat milk")
PAIR = ("product_latte", None)
TAP = Evidence(Source.MESSAGE, ref="msg_9", quote="Confirm", actor="contact_1")


def placed(
    draft: Draft,
    product: Product = LATTE,
    available: Available | None = None,
    shop: Shop | None = None,
) -> Order | NotReady:
    return place(
        draft,
        shop=shop or a_shop(),
        products={product.id: product},
        available=available or {},
        order_id="order_1",
        now=NOON,
        confirmed_by=TAP,
    )


# -- review ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    id: str
    draft: Draft
    differences: tuple[Difference, ...] = ()
    product: Product = LATTE
    available: Mapping[tuple[str, str | None], Decimal | None] = field(
        default_factory=dict
    )


CASES = [
    Case("all as shown", a_draft()),
    Case(
        "the price moved",
        a_draft(),
        (PriceMoved("L1", "Latte", D("85.50"), D(90)),),
        a_product(price=D(90)),
    ),
    Case(
        "the price is gone",
        a_draft(),
        (PriceMoved("L1", "Latte", D("85.50"), None),),
        a_product(price=None),
    ),
    Case("equal prices look alike", a_draft(), (), a_product(price=D("85.5"))),
    Case(
        "the surcharge of an option moved",
        a_draft(lines=(a_line(options=(OAT,), unit_price=D(95)),)),
        (PriceMoved("L1", "Latte", D(95), D(98)),),
        a_product(option_groups=(some_milk(),)),
    ),
    Case("not counted", a_draft(), available={PAIR: None}),
    Case("just enough", a_draft(), available={PAIR: D(2)}),
    Case(
        "some are left",
        a_draft(),
        (StockShort("L1", "Latte", D(2), D(1), "piece"),),
        available={PAIR: D(1)},
    ),
    Case(
        "only what can be sold is offered",
        a_draft(lines=(a_line(quantity=D(3), unit="kg"),)),
        (StockShort("L1", "Latte", D(3), D("2.0"), "kg"),),
        KG,
        {PAIR: D("2.07")},
    ),
    Case(
        "less than the minimum is nothing",
        a_draft(lines=(a_line(quantity=D(3), unit="kg"),)),
        (StockShort("L1", "Latte", D(3), D(0), "kg"),),
        KG,
        {PAIR: D("0.4")},
    ),
    Case(
        "the first line comes first",
        a_draft(lines=(a_line(), a_line(id="L2", note="hot"))),
        (StockShort("L2", "Latte", D(2), D(1), "piece"),),
        available={PAIR: D(3)},
    ),
    Case(
        "what a cut line leaves is there for the next",
        a_draft(
            lines=(
                a_line(quantity=D(3), unit="kg"),
                a_line(id="L2", quantity=D("0.5"), unit="kg", note="fine"),
            )
        ),
        (
            StockShort("L1", "Latte", D(3), D("0.7"), "kg"),
            StockShort("L2", "Latte", D("0.5"), D(0), "kg"),
        ),
        KG,
        {PAIR: D("0.7")},
    ),
    Case(
        "a price and a stock",
        a_draft(),
        (
            PriceMoved("L1", "Latte", D("85.50"), D(90)),
            StockShort("L1", "Latte", D(2), D(1), "piece"),
        ),
        a_product(price=D(90)),
        {PAIR: D(1)},
    ),
    Case(
        "a price says nothing about what is sold out",
        a_draft(),
        (StockShort("L1", "Latte", D(2), D(0), "piece"),),
        a_product(price=D(90)),
        {PAIR: D(0)},
    ),
    Case("not in the catalog", a_draft(), (Gone("L1", "Latte"),), a_shirt()),
    Case("inactive", a_draft(), (Gone("L1", "Latte"),), a_product(active=False)),
    Case(
        "a variant that is gone",
        a_draft(lines=(a_line(product_id="product_shirt", variant_id="green"),)),
        (Gone("L1", "Latte"),),
        a_shirt(),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_where_the_draft_and_the_catalog_part(case: Case) -> None:
    products = {case.product.id: case.product}
    assert review(case.draft, products, case.available) == case.differences


def test_a_difference_is_repriced_cut_or_dropped() -> None:
    why = Evidence(Source.CATALOG)
    assert adjustments(
        [
            PriceMoved("L1", "Latte", D(1), D(2)),
            StockShort("L2", "Tea", D(3), D(1), "piece"),
            StockShort("L3", "Bun", D(3), D(0), "piece"),
            Gone("L4", "Cake"),
        ]
    ) == (
        Reprice("L1", D(2)),
        SetQuantity("L2", D(1), why),
        DropLine("L3", why),
        DropLine("L4", why),
    )


wanted = st.lists(
    st.tuples(st.integers(1, 9), st.booleans(), st.sampled_from([None, "a", "b"])),
    min_size=1,
    max_size=4,
)


@given(
    wanted, st.none() | st.integers(-1, 12), st.none() | st.decimals(0, 99, places=2)
)
def test_after_the_adjustments_nothing_differs(
    some: list[tuple[int, bool, str | None]],
    stock: int | None,
    now: Decimal | None,
) -> None:
    lines = tuple(
        a_line(
            id=f"L{i}",
            quantity=D(many),
            note=f"{i}",
            product_id="product_latte" if known else "gone",
        )
        for i, (many, known, _) in enumerate(some, 1)
    )
    products = {"product_latte": a_product(price=now, minimum=D(2), step=D(1))}
    available: Available = {PAIR: None if stock is None else D(stock)}
    draft = a_draft(lines=lines, next_line=9)
    agreed = changed(draft, adjustments(review(draft, products, available)))
    assert review(agreed, products, available) == ()


# -- unit prices ----------------------------------------------------------------------

MILKY = a_product(option_groups=(some_milk(),))
DEFAULT_OAT = a_product(option_groups=(some_milk(default="oat"),))


@pytest.mark.parametrize(
    ("product", "variant", "options", "expected"),
    [
        (LATTE, None, (), D("85.50")),
        (a_product(price=None), None, (), None),
        (a_shirt(), "variant_red", (), D(400)),
        (a_shirt(), "variant_blue", (), D(450)),
        (MILKY, None, (OAT,), D(98)),
        (MILKY, None, (LineOption("milk", "whole", "whole"),), D("85.50")),
        (MILKY, None, (replace(OAT, negated=True),), D("85.50")),
        (MILKY, None, (replace(OAT, surcharge=D(-50)),), D(98)),
        (MILKY, None, (replace(OAT, group_id="size"),), D("85.50")),
        (DEFAULT_OAT, None, (), D(98)),
        (DEFAULT_OAT, None, (replace(OAT, negated=True),), D("85.50")),
        (DEFAULT_OAT, None, (LineOption("milk", "whole", "whole"),), D("85.50")),
    ],
    ids=[
        "the product's",
        "none",
        "the product's for a variant without its own",
        "the variant's own",
        "with a surcharge",
        "an option that costs nothing",
        "an option that is not wanted",
        "the surcharge is the catalog's, never the line's",
        "an option of another group",
        "the default counts when nothing was said",
        "but not when it was refused",
        "nor when another was chosen",
    ],
)
def test_the_price_of_one(
    product: Product,
    variant: str | None,
    options: tuple[LineOption, ...],
    expected: Decimal | None,
) -> None:
    assert unit_price(product, variant, options) == expected


# -- placing --------------------------------------------------------------------------


def test_a_complete_draft_becomes_an_order() -> None:
    draft = a_proposed_draft(
        discount=Discount(amount=100),
        email="ada@example.com",
        tax_id="123",
        due_at=NOON,
        payment="cash",
        coupon="SUMMER",
        gift_note="Happy birthday",
        note="ring twice",
        customer_id="customer_1",
    )
    order = placed(draft, shop=a_shop(delivery_fee=3000))
    assert isinstance(order, Order)
    totals = price(draft, a_shop(delivery_fee=3000))
    for name in (
        *("name", "phone", "email", "tax_id", "fulfilment", "address", "due_at"),
        *("payment", "coupon", "gift_note", "note", "customer_id", "currency"),
    ):
        assert getattr(order, name) == getattr(draft, name), name
    assert (order.id, order.draft_id, order.draft_version) == ("order_1", "draft_1", 3)
    assert (order.placed_at, order.confirmed_by, order.number) == (NOON, TAP, None)
    assert (order.subtotal, order.discount_total) == (17100, 100)
    assert (order.tax_total, order.shipping_total) == (totals.tax, 3000)
    assert order.grand_total == totals.grand_total == 20000


def test_a_line_is_frozen_with_its_amounts_its_reasons_and_its_product() -> None:
    shirt = a_shirt(external_id="X1", weight_kg=D("0.25"))
    draft = a_proposed_draft(
        lines=(
            a_line(
                product_id="product_shirt",
                variant_id="variant_blue",
                variant_name="blue",
                unit_price=D(450),
            ),
        )
    )
    order = placed(draft, shirt)
    assert isinstance(order, Order)
    (line,) = order.lines
    assert (line.subtotal, line.discount, line.tax, line.total) == (
        90000,
        0,
        8182,
        90000,
    )
    assert (line.unit_price, line.tax_rate, line.evidence) == (D(450), D(10), (SAID,))
    assert line.snapshot["external_id"] == "X1"
    assert line.snapshot["weight_kg"] == "0.25"
    variants = line.snapshot["variants"]
    assert isinstance(variants, list)
    assert [variant["id"] for variant in variants] == ["variant_blue"]


def test_a_single_way_is_written_into_the_order() -> None:
    draft = a_proposed_draft(fulfilment=None)
    order = placed(draft, shop=a_shop(fulfilments=(Fulfilment.PICKUP,)))
    assert isinstance(order, Order)
    assert order.fulfilment is Fulfilment.PICKUP
    assert order.address is None  # Nobody delivers what is picked up.


def test_nothing_is_placed_while_something_is_missing() -> None:
    assert placed(a_draft(name=None)) == NotReady((Missing(Field.NAME),))


def test_nothing_is_placed_at_a_price_that_nobody_saw() -> None:
    assert placed(a_draft(), a_product(price=D(90))) == NotReady(
        (), (PriceMoved("L1", "Latte", D("85.50"), D(90)),)
    )


def test_nothing_is_placed_that_is_not_there() -> None:
    result = placed(a_draft(), available={PAIR: D(1)})
    assert isinstance(result, NotReady)
    assert result.differences == (StockShort("L1", "Latte", D(2), D(1), "piece"),)


@given(
    st.sampled_from([None, "Ada"]),
    st.sampled_from([None, *Fulfilment]),
    st.sampled_from([(), (a_line(),), (a_line(unit_price=None),)]),
    st.sampled_from([None, D(1), D(2)]),
)
def test_an_order_exists_exactly_when_nothing_is_missing_and_nothing_differs(
    name: str | None,
    fulfilment: Fulfilment | None,
    lines: tuple[object, ...],
    stock: Decimal | None,
) -> None:
    draft = a_draft(name=name, fulfilment=fulfilment, lines=lines)
    products = {LATTE.id: LATTE}
    available: Available = {PAIR: stock}
    lacking = missing(draft, a_shop(), products, available)
    differing = review(draft, products, available)
    result = placed(draft, available=available)
    assert isinstance(result, Order) == (not lacking and not differing)


@pytest.mark.parametrize(
    "end", [DraftState.ORDERED, DraftState.CANCELLED, DraftState.EXPIRED]
)
def test_an_ended_draft_places_nothing(end: DraftState) -> None:
    with pytest.raises(IllegalMove, match=f"has ended as {end.value}"):
        placed(ended(a_draft(), end))
