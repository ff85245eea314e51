"""What a shop asks for beside the goods: which, when, in which order."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from orders import (
    Draft,
    Field,
    FieldRules,
    Fulfilment,
    Missing,
    Need,
    Order,
    OwnField,
    OwnKind,
    OwnOption,
    PaymentKind,
    Shop,
    Unserved,
    When,
    changed,
    missing,
    place,
)
from orders.domain.changes import SetCompany, SetExtra
from orders.domain.fields import ADDRESS_PARTS, REQUIRABLE, together
from orders.provisioning.registry import REQUIRED, SINKS
from tests.factories import (
    NOON,
    SAID,
    a_draft,
    a_payment,
    a_product,
    a_shop,
    an_address,
)

TRANSFER = a_payment(id="transfer", names={}, kind=PaymentKind.TRANSFER)
LATTE = {"product_latte": a_product()}
TODAY = date(2026, 11, 22)
TABLE = OwnField("table", {"en": "Table"}, OwnKind.NUMBER, minimum=Decimal(1))


def needing(field: Field, **when: object) -> Shop:
    return a_shop(
        payments=(a_payment(), TRANSFER),
        fields=FieldRules(needs=(Need(field.value, When(**when)),)),  # type: ignore[arg-type]  # a table of cases
    )


def lacks(draft: Draft, shop: Shop) -> tuple[Field, ...]:
    return tuple(each.field for each in missing(draft, shop, LATTE, {}))


PAID = a_draft(payment="cash")  # 171.00 in all


@dataclass(frozen=True)
class Case:
    id: str
    shop: Shop
    draft: Draft
    lacks: tuple[Field, ...] = ()


CASES = [
    Case("always", needing(Field.TAX_ID), PAID, (Field.TAX_ID,)),
    Case("until it is told", needing(Field.TAX_ID), replace(PAID, tax_id="1")),
    Case(
        "from a total on",
        needing(Field.TAX_ID, total_from=17100),
        PAID,
        (Field.TAX_ID,),
    ),
    Case("not below it", needing(Field.TAX_ID, total_from=17101), PAID),
    Case("companies only", needing(Field.TAX_ID, business=True), PAID),
    Case(
        "a company",
        needing(Field.TAX_ID, business=True),
        replace(PAID, business=True),
        (Field.TAX_ID,),
    ),
    Case(
        "by the way it gets there",
        needing(Field.EMAIL, fulfilment=Fulfilment.PICKUP),
        replace(PAID, fulfilment=Fulfilment.PICKUP),
        (Field.EMAIL,),
    ),
    Case("and by no other", needing(Field.EMAIL, fulfilment=Fulfilment.PICKUP), PAID),
    Case(
        "by how it is paid",
        needing(Field.EMAIL, payments=("transfer",)),
        replace(PAID, payment="transfer"),
        (Field.EMAIL,),
    ),
    Case("and not otherwise", needing(Field.EMAIL, payments=("transfer",)), PAID),
    Case(
        "several conditions must all hold",
        needing(Field.EMAIL, payments=("cash",), total_from=99999),
        PAID,
    ),
    Case("a date", needing(Field.DATE), PAID, (Field.DATE,)),
    Case("a recipient", needing(Field.RECIPIENT), PAID, (Field.RECIPIENT,)),
    Case(
        "nobody receives what is picked up",
        needing(Field.RECIPIENT),
        replace(PAID, fulfilment=Fulfilment.PICKUP),
    ),
    Case("a company's name", needing(Field.COMPANY), PAID, (Field.COMPANY,)),
    Case(
        "no private person's company",
        needing(Field.COMPANY),
        replace(PAID, business=False),
    ),
    Case("who buys", needing(Field.BUSINESS), PAID, (Field.BUSINESS,)),
    Case(
        "a part of the address that is not clear",
        a_shop().needing([Field.POSTAL_CODE]),
        a_draft(address=an_address(postal_code=None)),
        (Field.POSTAL_CODE,),
    ),
    Case("not one that is", a_shop().needing(ADDRESS_PARTS[:1]), a_draft()),
    Case(
        "nor one that the words tell",
        a_shop(country="TR").needing(["street", "number", "city", "country"]),
        a_draft(address=replace(an_address(), text="Lale Sokak 5, Kadikoy, Istanbul")),
    ),
    Case(
        "an address where only a part of it is needed",
        a_shop(required=("city",)),
        a_draft(address=None),
        (Field.ADDRESS,),
    ),
    Case(
        "no part of what is picked up",
        a_shop().needing(["city"]),
        a_draft(fulfilment=Fulfilment.PICKUP, address=None),
    ),
    Case(
        "a field of the shop's own",
        a_shop(fields=FieldRules(own=(TABLE,))),
        a_draft(),
        (Field.EXTRA,),
    ),
    Case(
        "one that was answered",
        a_shop(fields=FieldRules(own=(TABLE,))),
        a_draft(extra={"table": "4"}),
    ),
    Case(
        "one that is only kept when told",
        a_shop(fields=FieldRules(own=(replace(TABLE, required=False),))),
        a_draft(),
    ),
    Case(
        "one with a condition that does not hold",
        a_shop(
            fields=FieldRules(
                own=(replace(TABLE, when=When(fulfilment=Fulfilment.PICKUP)),)
            )
        ),
        a_draft(),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_what_a_shop_asks_for(case: Case) -> None:
    assert lacks(case.draft, case.shop) == case.lacks


def test_a_date_that_passes_meanwhile_is_asked_for_again() -> None:
    draft = a_draft(due_at=NOON)
    later = missing(draft, a_shop(), LATTE, {}, NOON + timedelta(minutes=1))
    assert later == (Missing(Field.DATE),)
    assert missing(draft, a_shop(), LATTE, {}, NOON - timedelta(hours=1)) == ()


def test_a_shop_asks_in_its_own_order() -> None:
    draft = a_draft(lines=(), name=None, phone=None, address=None)
    shop = a_shop(
        required=("name", "phone", "address"),
        fields=FieldRules(order=("table", "phone"), own=(TABLE,)),
    )
    assert lacks(draft, shop) == (
        Field.LINES,  # Goods always come first.
        Field.EXTRA,
        Field.PHONE,
        Field.ADDRESS,
        Field.NAME,
    )


TOGETHER = [
    ((), ()),
    ((Field.ADDRESS, Field.NAME), (Field.ADDRESS,)),
    ((Field.ADDRESS, Field.NAME, Field.PHONE), None),
    ((Field.NAME, Field.PHONE, Field.EMAIL), None),
    ((Field.CITY, Field.POSTAL_CODE), None),
    ((Field.RECIPIENT, Field.RECIPIENT_PHONE), None),
    ((Field.COMPANY, Field.TAX_ID, Field.TAX_OFFICE), None),
    ((Field.FULFILMENT, Field.NAME, Field.PHONE, Field.EMAIL), (Field.FULFILMENT,)),
    ((Field.VARIANT, Field.VARIANT), (Field.VARIANT,)),
]


@pytest.mark.parametrize(("lacking", "asked"), TOGETHER, ids=str)
def test_what_is_asked_in_one_question(
    lacking: tuple[Field, ...], asked: tuple[Field, ...] | None
) -> None:
    expected = lacking if asked is None else asked
    assert together(tuple(map(Missing, lacking))) == expected


def test_an_address_that_will_not_do_is_asked_about_alone() -> None:
    outside = Missing(Field.ADDRESS, reason=Unserved.OUTSIDE)
    others = tuple(map(Missing, (Field.NAME, Field.PHONE, Field.EMAIL)))
    assert together((outside, *others)) == (Field.ADDRESS,)


SIZE = OwnField(
    "size",
    {"en": "Size"},
    OwnKind.CHOICE,
    options=(OwnOption("s", {"en": "Small", "tr": "Küçük"}), OwnOption("l", {})),
)
PLATE = OwnField("plate", {"en": "Plate"}, formats=("99 AA 999", "99 A 9999"))
DAY = OwnField("day", {"en": "Day"}, OwnKind.DATE, days_ahead=2)
UP_TO = replace(TABLE, maximum=Decimal(40))
ANSWERS = [
    (TABLE, " 4 ", "4"),
    (TABLE, "4,5", "4.5"),
    (TABLE, "0", None),
    (TABLE, "NaN", None),
    (TABLE, "1e9999", None),
    (TABLE, "four", None),
    (UP_TO, "41", None),
    (SIZE, "KUCUK", "s"),
    (SIZE, "l", "l"),
    (SIZE, "medium", None),
    (PLATE, "34 ab 123", "34 ab 123"),
    (PLATE, "34AB123", "34AB123"),
    (PLATE, "hello", None),
    (DAY, "2026-11-24", "2026-11-24"),
    (DAY, "24.11.2026", "2026-11-24"),
    (DAY, "2026-11-24T15:00+03:00", "2026-11-24"),
    (DAY, "2026-11-23", None),
    (DAY, "tomorrow", None),
    (OwnField("text", {}), "any words", "any words"),
    (OwnField("text", {}), "  ", None),
    (OwnField("text", {}), "x" * 501, None),
]


@pytest.mark.parametrize(
    ("own", "answer", "kept"), ANSWERS, ids=[f"{a[0].id} {a[1][:20]}" for a in ANSWERS]
)
def test_an_answer_is_kept_in_one_form(
    own: OwnField, answer: str, kept: str | None
) -> None:
    assert own.read(answer, TODAY) == kept


def test_what_the_shop_needs_reaches_the_order() -> None:
    shop = a_shop(country="TR").needing(["city", "number"])
    draft = changed(
        a_draft(address=replace(an_address(), city=None, street=None, number=None)),
        [SetCompany("Lale A.Ş.", SAID), SetExtra("table", "4", SAID)],
    )
    draft = replace(draft, recipient="Grace", recipient_phone="+44", tax_office="X")
    order = place(
        draft,
        shop=shop,
        products=LATTE,
        available={},
        order_id="o",
        now=NOON,
        confirmed_by=SAID,
    )
    assert isinstance(order, Order)
    assert (order.company, order.business, order.extra) == (
        "Lale A.Ş.",
        True,
        {"table": "4"},
    )
    assert (order.recipient, order.recipient_phone) == ("Grace", "+44")
    assert order.address is not None
    assert (order.address.street, order.address.number, order.address.city) == (
        "Lale Sokak",
        "5",
        "Istanbul",
    )
    assert dict(draft.field_evidence)["extra.table"] == SAID


def test_an_answer_can_be_taken_back() -> None:
    draft = a_draft(extra={"table": "4", "size": "s"})
    assert changed(draft, [SetExtra("table", None)]).extra == {"size": "s"}


def test_every_kind_of_sink_says_what_it_needs_in_words_that_can_be_asked_for() -> None:
    assert REQUIRED.keys() == SINKS.keys()
    for needed in REQUIRED.values():
        assert needed <= frozenset(REQUIRABLE)
