"""The shop's rules at the draft, and again at the moment of confirmation."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog import Product
from orders import (
    Address,
    Confirms,
    Discount,
    Draft,
    DraftState,
    Evidence,
    Field,
    Fulfilment,
    Hours,
    IllegalMove,
    Missing,
    NotReady,
    Order,
    PriceMoved,
    Reopen,
    Reprice,
    SetAddress,
    SetName,
    SetPayment,
    Shop,
    Shown,
    Source,
    TermsMoved,
    Unserved,
    WhenClosed,
    adjustments,
    as_shown,
    awaiting,
    changed,
    missing,
    place,
    price,
    proposed,
    review_terms,
)
from tests.factories import (
    NOON,
    SAID,
    a_draft,
    a_line,
    a_payment,
    a_product,
    a_shop,
    an_address,
    an_area,
    hours_on,
)

LATTE = a_product()
KADIKOY = an_area()  # The factories' address is there.
BEYKOZ = an_area(name="Beykoz", postal_prefixes=(), cities=("Beykoz",), fee=9000)
AREAS = a_shop(areas=(KADIKOY, BEYKOZ), country="TR")
CASH = a_payment()
CARD = a_payment(id="card", names={"en": "Card"})
BOTH = a_shop(payments=(CASH, CARD))
#: NOON is a Sunday; the next hours are Monday's.
CLOSED = a_shop(
    hours=hours_on(0), when_closed=WhenClosed.REFUSE, timezone="Europe/Berlin"
)
MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
AGENT = Evidence(Source.AGENT, actor="user_1")
KEY = Evidence(Source.KEY, actor="key_1")


def elsewhere(text: str, city: str | None = None) -> Draft:
    return a_draft(address=Address(text, city=city))


@dataclass(frozen=True)
class Case:
    id: str
    draft: Draft
    shop: Shop
    lacks: tuple[Missing, ...] = ()
    now: datetime | None = field(default=NOON)


CASES = [
    Case("inside an area", a_draft(), AREAS),
    Case(
        "outside of all",
        elsewhere("Lale Sk. 5, Ankara", city="Ankara"),
        AREAS,
        (Missing(Field.ADDRESS, reason=Unserved.OUTSIDE),),
    ),
    Case(
        "nobody knows where",
        elsewhere("Lale Sk. 5"),
        AREAS,
        (Missing(Field.ADDRESS, reason=Unserved.UNCLEAR),),
    ),
    Case(
        "without areas anywhere will do", elsewhere("Lale Sk. 5"), a_shop(country="TR")
    ),
    Case(
        "who picks it up may live anywhere",
        replace(elsewhere("Ankara"), fulfilment=Fulfilment.PICKUP),
        AREAS,
    ),
    Case(
        "areas need an address, whatever the shop requires",
        a_draft(address=None),
        replace(AREAS, required=()),
        (Missing(Field.ADDRESS),),
    ),
    Case(
        "an area's own minimum",
        a_draft(),
        a_shop(areas=(an_area(minimum_order=20_000),), country="TR"),
        (Missing(Field.MINIMUM, short_by=2900, area="Kadikoy"),),
    ),
    Case(
        "the shop's minimum where that is higher",
        a_draft(),
        a_shop(
            areas=(an_area(minimum_order=18_000),), minimum_order=20_000, country="TR"
        ),
        (Missing(Field.MINIMUM, short_by=2900),),
    ),
    Case(
        "the minimum of an area that it does not go to",
        replace(a_draft(), fulfilment=Fulfilment.PICKUP),
        a_shop(areas=(an_area(minimum_order=20_000),), country="TR"),
    ),
    Case("one way to pay is not asked for", a_draft(), a_shop(payments=(CASH,))),
    Case("of several one is chosen", a_draft(), BOTH, (Missing(Field.PAYMENT),)),
    Case("and then it is known", a_draft(payment="card"), BOTH),
    Case(
        "what was chosen is no longer offered",
        a_draft(payment="wallet"),
        a_shop(payments=(CASH,)),
        (Missing(Field.PAYMENT),),
    ),
    Case("without methods nobody asks", a_draft(), a_shop()),
    Case(
        "unless the shop requires it",
        a_draft(),
        a_shop().needing(["payment"]),
        (Missing(Field.PAYMENT),),
    ),
    Case(
        "then the customer's own words will do",
        a_draft(payment="as always"),
        a_shop().needing(["payment"]),
    ),
    Case(
        "a closed shop that refuses",
        a_draft(),
        CLOSED,
        (Missing(Field.HOURS, opens_at=MONDAY),),
    ),
    Case("while it is open", a_draft(), CLOSED, now=MONDAY),
    Case(
        "a closed shop that accepts",
        a_draft(),
        replace(CLOSED, when_closed=WhenClosed.ACCEPT),
    ),
    Case("its own people order at any hour", a_draft(), CLOSED, now=None),
    Case(
        "a shop that never opens again",
        a_draft(),
        replace(CLOSED, hours=Hours(week=((),) * 7)),
        (Missing(Field.HOURS),),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_what_the_shops_rules_still_ask_for(case: Case) -> None:
    found = missing(case.draft, case.shop, {LATTE.id: LATTE}, {}, case.now)
    assert found == case.lacks


FEES = [
    ("the area's fee", a_draft(), KADIKOY, 3000),
    ("free from its own amount", a_draft(), an_area(free_from=17_100), 0),
    ("and not before", a_draft(), an_area(free_from=17_101), 3000),
    (
        "a discount does not count towards it",
        a_draft(discount=Discount(amount=1)),
        an_area(free_from=17_100),
        3000,
    ),
    ("none yet while nobody knows where", elsewhere("Lale Sk. 5"), KADIKOY, 0),
    ("none yet without an address", a_draft(address=None), KADIKOY, 0),
    ("a fee set by hand wins", a_draft(shipping=100), KADIKOY, 100),
]


@pytest.mark.parametrize(
    ("draft", "area", "fee"), [f[1:] for f in FEES], ids=[f[0] for f in FEES]
)
def test_what_a_delivery_costs_in_an_area(draft: Draft, area: object, fee: int) -> None:
    # The shop's own terms hold where there are no areas.
    shop = a_shop(areas=(area,), country="TR", delivery_fee=1, free_delivery_from=0)
    assert price(draft, shop).shipping == fee


# -- at the moment of confirmation ----------------------------------------------------


def placed(
    draft: Draft, shop: Shop, by: Evidence = SAID, product: Product = LATTE
) -> Order | NotReady:
    return place(
        draft,
        shop=shop,
        products={product.id: product},
        available={},
        order_id="order_1",
        now=NOON,
        confirmed_by=by,
    )


def shown(shop: Shop, **changes: object) -> Draft:
    """Return a complete draft whose summary was shown under these rules."""
    draft = a_draft(**changes)
    return proposed(draft, as_shown(draft, shop))


MOVED = [
    (
        "the fee rose",
        AREAS,
        replace(AREAS, areas=(an_area(fee=5000),)),
        Shown(5000, 22_100),
    ),
    ("delivery is free now", a_shop(delivery_fee=100), a_shop(), Shown(0, 17_100)),
    (
        "tax comes on top now",
        a_shop(),
        a_shop(tax_included=False),
        Shown(0, 18_810),
    ),
    (
        "the only way to pay is another one",
        a_shop(payments=(CASH,)),
        a_shop(payments=(CARD,)),
        Shown(0, 17_100, "card"),
    ),
]


@pytest.mark.parametrize(
    ("before", "after", "now"), [m[1:] for m in MOVED], ids=[m[0] for m in MOVED]
)
def test_rules_that_moved_since_the_summary_place_nothing(
    before: Shop, after: Shop, now: Shown
) -> None:
    draft = shown(before)
    assert isinstance(placed(draft, before), Order)
    result = placed(draft, after)
    assert isinstance(result, NotReady)
    assert draft.shown is not None
    assert result.differences == (TermsMoved(draft.shown, now),)
    # Shown again under the new rules, the new version can be ordered.
    again = changed(draft, adjustments(result.differences))
    assert (again.version, again.state) == (draft.version + 1, DraftState.OPEN)
    assert isinstance(placed(proposed(again, as_shown(again, after)), after), Order)


def test_an_area_that_is_served_no_longer_places_nothing() -> None:
    result = placed(shown(AREAS), replace(AREAS, areas=(BEYKOZ,)))
    assert isinstance(result, NotReady)
    lacking = [(each.field, each.reason) for each in result.missing]
    assert lacking == [(Field.ADDRESS, Unserved.OUTSIDE)]


def test_rules_that_moved_say_nothing_of_a_draft_that_was_not_shown() -> None:
    draft = shown(AREAS)
    opened = changed(draft, [SetName("Grace")])
    assert review_terms(opened, a_shop()) == ()
    assert review_terms(replace(draft, shown=None), a_shop()) == ()


def test_a_price_that_moved_is_not_told_twice() -> None:
    dearer = replace(LATTE, price=Decimal(90))
    result = placed(shown(AREAS), AREAS, product=dearer)
    assert isinstance(result, NotReady)
    assert [type(each) for each in result.differences] == [PriceMoved]


def test_the_order_keeps_how_it_is_paid_as_it_was_offered() -> None:
    order = placed(shown(a_shop(payments=(CASH,))), a_shop(payments=(CASH,)))
    assert isinstance(order, Order)
    assert (order.payment, order.payment_method) == ("cash", CASH)
    chosen = shown(BOTH, payment="card")
    order = placed(chosen, BOTH)
    assert isinstance(order, Order)
    assert (order.payment, order.payment_method) == ("card", CARD)


def test_only_customers_are_bound_to_opening_hours() -> None:
    draft = shown(CLOSED)
    refused = placed(draft, CLOSED)
    assert isinstance(refused, NotReady)
    assert [each.field for each in refused.missing] == [Field.HOURS]
    assert isinstance(placed(draft, CLOSED, AGENT), Order)
    assert isinstance(placed(draft, CLOSED, KEY), Order)


# -- approval -------------------------------------------------------------------------

TOTALS = [
    (Confirms.CUSTOMER, 10**9, False),
    (Confirms.AGENT, 1, True),
    (Confirms.AUTO, 49_999, False),
    (Confirms.AUTO, 50_000, True),
    (Confirms.AUTO, 50_001, True),
]


@pytest.mark.parametrize(("confirms", "total", "needed"), TOTALS)
def test_who_approves_an_order(confirms: Confirms, total: int, needed: bool) -> None:
    shop = a_shop(confirms=confirms, approval_from=50_000)
    assert shop.needs_approval(total) is needed


def waiting(shop: Shop = AREAS) -> Draft:
    return awaiting(shown(shop), SAID)


def test_what_a_customer_confirmed_waits_at_its_version() -> None:
    draft = waiting()
    assert draft.state is DraftState.AWAITING
    assert (draft.version, draft.confirmed_by) == (3, SAID)


def test_an_approval_makes_the_order_that_the_customer_confirmed() -> None:
    order = placed(waiting(), AREAS, AGENT)
    assert isinstance(order, Order)
    assert (order.confirmed_by, order.approved_by) == (SAID, AGENT)
    assert order.draft_version == 3


def test_without_approval_there_is_none_to_name() -> None:
    order = placed(shown(AREAS), AREAS)
    assert isinstance(order, Order)
    assert (order.confirmed_by, order.approved_by) == (SAID, None)


def test_a_customer_cannot_approve() -> None:
    with pytest.raises(IllegalMove, match="awaits the approval of an agent"):
        placed(waiting(), AREAS)


def test_an_approval_of_what_costs_more_by_now_places_nothing() -> None:
    result = placed(waiting(), replace(AREAS, areas=(an_area(fee=5000),)), AGENT)
    assert isinstance(result, NotReady)
    assert adjustments(result.differences) == (Reopen(),)


def test_only_what_was_shown_can_await_approval() -> None:
    with pytest.raises(IllegalMove):
        awaiting(a_draft(), SAID)


def test_what_awaits_approval_is_not_shown_again_as_it_is() -> None:
    with pytest.raises(IllegalMove):
        proposed(waiting())


edits = st.sampled_from(
    [
        Reopen(),
        SetName("Grace"),
        SetPayment("card"),
        SetAddress(an_address()),
        Reprice("L1", None),
    ]
)


@given(edits)
def test_any_change_voids_the_request_for_approval(change: object) -> None:
    draft = waiting()
    edited = changed(draft, [change])  # type: ignore[list-item]  # one of the above
    assert edited.state is DraftState.OPEN
    assert edited.confirmed_by is None
    assert edited.version == draft.version + 1
    assert edited.shown_version == draft.version  # Not the one that is now.


def test_reopening_changes_nothing_else() -> None:
    draft = shown(AREAS)
    again = changed(draft, [Reopen()])
    assert again == replace(draft, version=draft.version + 1, state=DraftState.OPEN)


shops = st.builds(
    Shop,
    delivery_fee=st.integers(0, 5000),
    free_delivery_from=st.none() | st.integers(0, 50_000),
    tax_included=st.booleans(),
    areas=st.sampled_from([(), (KADIKOY,), (an_area(fee=100),), (BEYKOZ,)]),
    payments=st.sampled_from([(), (CASH,), (CASH, CARD), (CARD,)]),
    country=st.just("TR"),
)


@given(shops, shops, st.sampled_from([None, "cash", "card"]))
def test_nobody_pays_what_was_not_shown(
    before: Shop, after: Shop, payment: str | None
) -> None:
    draft = shown(before, payment=payment, lines=(a_line(),))
    result = placed(draft, after)
    if isinstance(result, Order):
        assert draft.shown == Shown(
            result.shipping_total, result.grand_total, result.payment
        )
