"""Who, where, when, how it is paid: taken as said, with where it was said."""

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.message import Content, Location, Text
from bot.domain.places import NotOffered
from bot.domain.replies import AskField, DetailNoted, DetailUnclear
from bot.domain.snapshot import Asked
from bot.domain.understanding import Act, Detail
from orders import Field, Fulfilment
from tests.factories import a_shop
from tests.turns import (
    Chat,
    a_snapshot,
    decided,
    is_told,
    kinds,
    messages,
    reply,
    says,
    wants,
)

TAKEN: list[tuple[Detail, str, str, Any]] = [
    (Detail.NAME, " Ada Lovelace ", "name", "Ada Lovelace"),
    (Detail.PHONE, "+90 (532) 123 45 67", "phone", "+905321234567"),
    (Detail.EMAIL, "ada@example.com", "email", "ada@example.com"),
    (Detail.TAX_ID, "1234567890", "tax_id", "1234567890"),
    (Detail.FULFILMENT, "pickup", "fulfilment", Fulfilment.PICKUP),
    (Detail.PAYMENT, "cash", "payment", "cash"),
    (Detail.COUPON, "SPRING", "coupon", "SPRING"),
    (Detail.GIFT_NOTE, "for Grace", "gift_note", "for Grace"),
    (Detail.NOTE, "ring twice", "note", "ring twice"),
    (Detail.DATE, "tomorrow at noon", "note", "tomorrow at noon"),
    (Detail.COMPANY, "Lale A.Ş.", "company", "Lale A.Ş."),
    (Detail.TAX_OFFICE, "Kadıköy", "tax_office", "Kadıköy"),
    (Detail.BUSINESS, "yes", "business", True),
    (Detail.RECIPIENT, "Grace", "recipient", "Grace"),
    (Detail.RECIPIENT_PHONE, "0532 123 45 67", "recipient_phone", "05321234567"),
]


@pytest.mark.parametrize(
    ("detail", "value", "field", "expected"), TAKEN, ids=[t[0].value for t in TAKEN]
)
def test_a_detail_is_taken_with_its_evidence(
    detail: Detail, value: str, field: str, expected: object
) -> None:
    decision = Chat().turn(says(details=(is_told(detail, value, message=0),)))
    assert getattr(decision.draft, field) == expected
    evidence = dict(decision.draft.field_evidence)[field]
    assert (evidence.ref, evidence.quote) == ("message_1", value)
    assert reply(decision, DetailNoted).field is detail


def test_every_detail_is_taken_somewhere() -> None:
    elsewhere = {Detail.ADDRESS, Detail.EXTRA}  # Tests of their own follow.
    assert {t[0] for t in TAKEN} | elsewhere == set(Detail)


def test_an_address_says_that_it_is_to_be_delivered() -> None:
    draft = Chat().turn(says(details=(is_told(Detail.ADDRESS, "Lale 5"),))).draft
    assert draft.address is not None
    assert (draft.address.text, draft.fulfilment) == ("Lale 5", Fulfilment.DELIVERY)


def test_a_time_that_can_be_told_is_in_the_shops_zone() -> None:
    draft = Chat().turn(says(details=(is_told(Detail.DATE, "2026-11-25T10:00"),))).draft
    assert draft.due_at is not None
    assert draft.due_at.isoformat() == "2026-11-25T10:00:00+03:00"


UNCLEAR = [
    (Detail.PHONE, "soon"),
    (Detail.PHONE, "12"),
    (Detail.EMAIL, "ada at example"),
    (Detail.DATE, "2020-01-01"),
    (Detail.FULFILMENT, "by pigeon"),
]


@pytest.mark.parametrize(("detail", "value"), UNCLEAR)
def test_what_cannot_be_one_is_said_and_not_taken(detail: Detail, value: str) -> None:
    decision = Chat().turn(says(details=(is_told(detail, value),)))
    assert reply(decision, DetailUnclear).value == value
    assert decision.changes == ()


def test_notes_are_collected_and_said_once() -> None:
    chat = Chat()
    for note in ("no onions", "ring twice", "no onions"):
        chat.turn(says(details=(is_told(Detail.NOTE, note),)))
    assert chat.snapshot.draft.note == "no onions; ring twice"


@pytest.mark.parametrize(
    "detail",
    [is_told(Detail.ADDRESS, "Lale 5"), is_told(Detail.FULFILMENT, "delivery")],
)
def test_a_shop_that_does_not_deliver_says_so(detail: Any) -> None:
    at = a_snapshot([Text(text="x")], shop=a_shop(fulfilments=(Fulfilment.PICKUP,)))
    decision = decided(at, says(details=(detail,)))
    assert reply(decision, NotOffered).fulfilment is Fulfilment.DELIVERY
    assert decision.changes == ()


def test_a_late_detail_fills_a_gap_and_never_overrides() -> None:
    chat = Chat()
    chat.turn(says(details=(is_told(Detail.NAME, "Ada"),)))
    at = replace(chat.snapshot, messages=messages(Text(text="x"), late=True))
    details = (is_told(Detail.NAME, "Bob"), is_told(Detail.PAYMENT, "cash"))
    draft = decided(at, says(details=details)).draft
    assert (draft.name, draft.payment) == ("Ada", "cash")


PLACES: list[tuple[str, Location, str]] = [
    (
        "with words",
        Location(latitude=41.0, longitude=29.0, name="Office", address="Lale 5"),
        "Office, Lale 5",
    ),
    ("bare", Location(latitude=41.0, longitude=29.5), "41.00000, 29.50000"),
]


@pytest.mark.parametrize(
    ("place", "words"), [p[1:] for p in PLACES], ids=[p[0] for p in PLACES]
)
def test_a_location_is_where_to_deliver(place: Content, words: str) -> None:
    draft = Chat().turn(says(), place).draft
    assert draft.address is not None
    assert (draft.address.text, draft.address.latitude) == (words, 41.0)


@pytest.mark.parametrize("latitude", [float("nan"), float("inf"), 91.0])
def test_a_location_nowhere_on_earth_is_not_taken(latitude: float) -> None:
    decision = Chat().turn(says(), Location(latitude=latitude, longitude=0))
    assert kinds(decision) == ["CannotRead", "AskWhatElse"]


@pytest.mark.parametrize("field", [Field.ADDRESS, Field.NAME])
def test_a_number_alone_answers_a_question_for_words(field: Field) -> None:
    chat = Chat()
    chat.orders(wants("latte", 2))
    memory = chat.snapshot.memory.model_copy(update={"asked": Asked(field=field)})
    said = says(mentions=(wants("", 12, Act.SET),))
    decision = chat.turn(said, Text(text="12"), memory=memory)
    assert decision.draft.lines[0].quantity == 2
    address = decision.draft.address
    taken = address and address.text if field is Field.ADDRESS else decision.draft.name
    assert taken == "12"


def test_an_amount_that_makes_no_sense_is_asked_for_and_adds_nothing() -> None:
    decision = Chat().orders(wants("latte", unit="-1"))
    assert not decision.draft.lines
    assert reply(decision, AskField).field is Field.QUANTITY


def test_a_number_alone_is_never_a_note() -> None:
    chat = Chat()
    chat.orders(wants("latte", 2))
    decision = chat.orders(wants("", act=Act.SET, options=("7",)))
    assert decision.draft.lines[0].note is None
