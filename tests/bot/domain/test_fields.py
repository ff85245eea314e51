"""Questions for facts, and their answers: one question a turn, nothing known asked."""

from dataclasses import replace
from datetime import time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.domain.forms import (
    AnswerInvalid,
    CardEmpty,
    CardNotYours,
    DateRefused,
    DayRefused,
    NotThen,
    PartUnclear,
    TaxIdInvalid,
)
from bot.domain.message import ContactCard, Contacts
from bot.domain.replies import (
    AskField,
    DetailNoted,
    DetailUnclear,
    OrderPlaced,
    Summary,
)
from bot.domain.snapshot import Asked, Buyer
from bot.domain.understanding import Detail, Pick
from bot.texts import languages, wording_for
from orders import (
    Address,
    Field,
    FieldRules,
    Hours,
    Interval,
    Need,
    OwnField,
    OwnKind,
    OwnOption,
    Shop,
    When,
    missing,
)
from orders.domain.fields import REQUIRABLE
from tests.factories import NOON, a_shop, an_area, an_order
from tests.turns import (
    Chat,
    a_snapshot,
    decided,
    is_told,
    kinds,
    rendered,
    reply,
    says,
    wants,
)

TWO = (wants("latte", 2),)
SLOT = OwnField(
    "slot",
    {"en": "Delivery slot", "tr": "Teslimat aralığı"},
    OwnKind.CHOICE,
    questions={"en": "When shall the courier come?"},
    options=(
        OwnOption("am", {"en": "Morning", "tr": "Sabah"}),
        OwnOption("pm", {"en": "Evening", "tr": "Akşam"}),
    ),
)
TABLE = OwnField(
    "table",
    {"en": "Table"},
    OwnKind.NUMBER,
    examples={"en": "12"},
    minimum=Decimal(1),
    maximum=Decimal(40),
)


def a_chat(shop: Shop, **changes: Any) -> Chat:
    return Chat(a_snapshot(shop=shop, **changes))


def asking(*required: Field, **changes: Any) -> Shop:
    return a_shop(required=tuple(f.value for f in required), **changes)


def test_what_belongs_together_is_asked_in_one_question() -> None:
    chat = a_chat(asking(Field.ADDRESS, Field.NAME, Field.EMAIL))
    asked = reply(
        chat.orders(*TWO, details=(is_told(Detail.FULFILMENT, "delivery"),)), AskField
    )
    assert (asked.field, asked.more) == (Field.ADDRESS, (Field.NAME, Field.EMAIL))
    assert chat.snapshot.memory.asked == Asked(
        field=Field.ADDRESS, more=(Field.NAME, Field.EMAIL)
    )
    assert chat.last is not None
    (message,) = rendered(chat.snapshot, chat.last)
    body = getattr(message, "body", "")
    assert "• the address for the delivery\n• the name for the order" in body
    details = (
        is_told(Detail.NAME, "Ada"),
        is_told(Detail.EMAIL, "ada@example.com"),
        is_told(Detail.ADDRESS, "Lale Sokak 5"),
    )
    assert kinds(chat.turn(says(details=details))) == ["Summary"]


def test_only_what_is_still_open_is_asked_again() -> None:
    chat = a_chat(asking(Field.ADDRESS, Field.NAME, Field.EMAIL))
    chat.orders(*TWO, details=(is_told(Detail.FULFILMENT, "delivery"),))
    chat.turn(says(details=(is_told(Detail.ADDRESS, "Lale Sokak 5"),)))
    assert chat.last is not None
    assert (reply(chat.last, AskField).field, reply(chat.last, AskField).more) == (
        Field.NAME,
        (),
    )


def test_the_parts_that_a_system_needs_are_asked_for_and_no_others() -> None:
    shop = a_shop().needing(["street", "number", "city", "postal_code"])
    chat = a_chat(replace(shop, country="TR"))
    chat.orders(
        *TWO,
        details=(
            is_told(Detail.NAME, "Ada"),
            is_told(Detail.ADDRESS, "Lale Sokak 5"),
        ),
    )
    assert chat.last is not None
    asked = reply(chat.last, AskField)
    assert (asked.field, asked.more) == (Field.CITY, (Field.POSTAL_CODE,))
    chat.turn(says(details=(is_told(Detail.ADDRESS, "İstanbul"),)))
    assert reply(chat.last, AskField).field is Field.POSTAL_CODE
    wrong = chat.turn(says(details=(is_told(Detail.ADDRESS, "no idea"),)))
    assert reply(wrong, PartUnclear).value == "no idea"
    chat.turn(says(details=(is_told(Detail.ADDRESS, "34710"),)))
    address = chat.snapshot.draft.address
    assert address == Address(
        "Lale Sokak 5, İstanbul, 34710",
        street="Lale Sokak",
        number="5",
        city="İstanbul",
        postal_code="34710",
    )


def test_a_tax_number_whose_digits_do_not_fit_is_told_with_an_example() -> None:
    chat = a_chat(asking(Field.FULFILMENT, Field.TAX_ID))
    chat.orders(*TWO, details=(is_told(Detail.FULFILMENT, "pickup"),))
    decision = chat.turn(says(details=(is_told(Detail.TAX_ID, "12345678951"),)))
    told = reply(decision, TaxIdInvalid)
    assert (told.value, told.names, told.example) == (
        "12345678951",
        ("TCKN", "VKN"),
        "12345678950",
    )
    assert reply(decision, AskField).field is Field.TAX_ID
    chat.turn(says(details=(is_told(Detail.TAX_ID, "123 456 789 50"),)))
    assert chat.snapshot.draft.tax_id == "12345678950"


def test_who_buys_is_a_choice_and_companies_tell_more() -> None:
    needs = tuple(
        Need(field.value, When(business=True))
        for field in (Field.COMPANY, Field.TAX_ID)
    )
    shop = asking(Field.FULFILMENT, Field.BUSINESS, fields=FieldRules(needs=needs))
    chat = a_chat(shop)
    chat.orders(*TWO, details=(is_told(Detail.FULFILMENT, "pickup"),))
    assert chat.last is not None
    asked = reply(chat.last, AskField)
    assert [choice for choice, _ in asked.choices] == ["yes", "no"]
    company = chat.turn(says(pick=Pick(number=1)))
    assert reply(company, AskField).field is Field.COMPANY
    assert reply(company, AskField).more == (Field.TAX_ID,)
    chat.turn(says(details=(is_told(Detail.BUSINESS, "no"),)))
    assert kinds(chat.last)[-1] == "Summary"


def test_a_name_that_answers_who_receives_it_is_not_the_buyers() -> None:
    chat = a_chat(
        asking(Field.ADDRESS, Field.RECIPIENT, Field.RECIPIENT_PHONE), contact=NAMED
    )
    chat.orders(*TWO, details=(is_told(Detail.ADDRESS, "Lale Sokak 5"),))
    details = (is_told(Detail.NAME, "Grace"), is_told(Detail.PHONE, "0533 123 45 67"))
    draft = chat.turn(says(details=details)).draft
    assert (draft.name, draft.recipient) == ("Ada", "Grace")
    assert (draft.phone, draft.recipient_phone) == ("+905321234567", "05331234567")


NAMED = replace(a_snapshot().contact, name="Ada")
OTHERS = ContactCard(name="Grace", phones=("+90 533 123 45 67",))
OWN = ContactCard(name="Ada L.", phones=("0532 123 45 67",))


def test_a_card_is_whoever_receives_it_when_that_was_asked() -> None:
    chat = a_chat(asking(Field.ADDRESS, Field.RECIPIENT), contact=NAMED)
    chat.orders(*TWO, details=(is_told(Detail.ADDRESS, "Lale Sokak 5"),))
    draft = chat.turn(says(), Contacts(cards=(OTHERS,))).draft
    assert (draft.recipient, draft.recipient_phone) == ("Grace", "+905331234567")
    assert draft.phone == "+905321234567"


def test_somebody_elses_card_is_never_the_customers_own() -> None:
    hidden = replace(NAMED, phone=None)
    chat = a_chat(asking(Field.FULFILMENT, Field.PHONE), contact=hidden)
    chat.orders(*TWO, details=(is_told(Detail.FULFILMENT, "pickup"),))
    shared = chat.turn(says(), Contacts(cards=(OTHERS,), requested=True))
    assert reply(shared, CardNotYours)
    assert shared.draft.phone is None
    empty = chat.turn(says(), Contacts(cards=(ContactCard(),), requested=True))
    assert reply(empty, CardEmpty)


def test_the_customers_own_card_is_taken() -> None:
    chat = a_chat(asking(Field.FULFILMENT, Field.NAME, Field.PHONE))
    chat.orders(*TWO, details=(is_told(Detail.FULFILMENT, "pickup"),))
    draft = chat.turn(says(), Contacts(cards=(OWN,))).draft
    assert draft.name == "Ada L."


@pytest.mark.parametrize("card", [ContactCard(), OTHERS])
def test_a_card_that_nobody_asked_for_changes_nothing(card: ContactCard) -> None:
    decision = a_chat(a_shop()).turn(says(), Contacts(cards=(card,)))
    assert kinds(decision)[0] == "CannotRead"
    assert decision.changes == ()


OPEN = Hours(week=((Interval(time(9), time(18)),),) * 7)


def test_a_date_is_asked_for_where_the_shop_needs_one() -> None:
    chat = a_chat(asking(Field.FULFILMENT, Field.DATE))
    chat.orders(*TWO, details=(is_told(Detail.FULFILMENT, "pickup"),))
    assert chat.last is not None
    (message,) = rendered(chat.snapshot, chat.last)
    assert "tomorrow at 3 pm" in getattr(message, "body", "")
    chat.turn(says(details=(is_told(Detail.DATE, "2026-11-25T10:00"),)))
    assert kinds(chat.last) == ["Summary"]


def test_a_time_at_which_the_shop_is_closed_is_not_taken() -> None:
    chat = a_chat(a_shop(hours=OPEN, timezone="Europe/Istanbul"))
    decision = chat.turn(says(details=(is_told(Detail.DATE, "2026-11-25T20:00"),)))
    told = reply(decision, DateRefused)
    assert told.why is NotThen.CLOSED
    assert told.earliest is not None
    assert f"{told.earliest:%d %H:%M}" == "26 09:00"
    assert decision.draft.due_at is None


DAYS: dict[str, tuple[Any, str]] = {
    "2026-11-25": (DetailNoted, "Wednesday, November 25, 2026"),
    "2026-11-22": (DetailNoted, "Sunday, November 22, 2026"),
    "2026-11-23": (DayRefused, "Tuesday, November 24, 2026"),
    "2026-11-21": (DetailUnclear, "Saturday, November 21, 2026"),
    "2036-11-25": (DetailUnclear, "Tuesday, November 25, 2036"),
    "9999-12-31T23:59-12:00": (DetailUnclear, "9999"),
    "0001-01-01T00:00+14:00": (DetailUnclear, "1"),
}


@pytest.mark.parametrize("value", DAYS)
def test_a_day_without_an_hour_is_judged_as_a_day(value: str) -> None:
    week = tuple(() if day == 0 else (Interval(time(9), time(18)),) for day in range(7))
    shop = asking(Field.DATE, hours=Hours(week=week), timezone="Europe/Istanbul")
    chat = a_chat(shop)
    decision = chat.turn(says(details=(is_told(Detail.DATE, value),)))
    kind, words = DAYS[value]
    assert reply(decision, kind)
    told = " ".join(getattr(m, "body", "") for m in rendered(chat.snapshot, decision))
    assert words in told
    assert (decision.draft.due_at is not None) is (kind is DetailNoted)
    assert decision.draft.due_day_only is (kind is DetailNoted)


def test_a_day_answers_the_question_for_the_date_until_it_is_over() -> None:
    chat = a_chat(asking(Field.FULFILMENT, Field.DATE, timezone="Europe/Istanbul"))
    chat.orders(*TWO, details=(is_told(Detail.FULFILMENT, "pickup"),))
    decision = chat.turn(says(details=(is_told(Detail.DATE, "2026-11-22"),)))
    assert kinds(decision) == ["Summary"]
    (shown,) = rendered(chat.snapshot, decision)
    assert "When: Sunday, November 22, 2026\n" in getattr(shown, "body", "") + "\n"
    draft, shop = decision.draft, chat.snapshot.shop
    late = NOON.replace(hour=20, minute=59)
    for now, lacks in ((late, False), (late + timedelta(minutes=2), True)):
        found = missing(draft, shop, chat.snapshot.index.products, {}, now)
        assert (Field.DATE in {each.field for each in found}) is lacks


def test_an_hour_that_was_said_stays_when_its_day_is_said_again() -> None:
    chat = a_chat(a_shop(timezone="Europe/Istanbul"))
    chat.turn(says(details=(is_told(Detail.DATE, "2026-11-25T10:00"),)))
    kept = chat.turn(says(details=(is_told(Detail.DATE, "2026-11-25"),))).draft
    assert kept.due_at is not None
    assert (kept.due_at.hour, kept.due_day_only) == (10, False)
    other = chat.turn(says(details=(is_told(Detail.DATE, "2026-11-26"),))).draft
    assert other.due_day_only
    exact = chat.turn(says(details=(is_told(Detail.DATE, "2026-11-26T11:00"),))).draft
    assert not exact.due_day_only


def test_nothing_arrives_sooner_than_it_takes() -> None:
    shop = a_shop(areas=(an_area(lead_minutes=120),), country="TR")
    chat = a_chat(shop)
    chat.turn(says(details=(is_told(Detail.ADDRESS, "Lale Sokak 5 Kadıköy"),)))
    soon = chat.turn(says(details=(is_told(Detail.DATE, "2026-11-22T16:00"),)))
    assert reply(soon, DateRefused).why is NotThen.SOON
    later = chat.turn(says(details=(is_told(Detail.DATE, "2026-11-22T17:30"),)))
    assert later.draft.due_at is not None


def test_a_field_of_the_shops_own_is_asked_in_its_words_and_chosen() -> None:
    chat = a_chat(asking(Field.FULFILMENT, fields=FieldRules(own=(SLOT,))))
    chat.orders(*TWO, details=(is_told(Detail.FULFILMENT, "pickup"),))
    assert chat.last is not None
    (message,) = rendered(chat.snapshot, chat.last)
    assert "When shall the courier come?" in getattr(message, "body", "")
    chat.turn(says(pick=Pick(text="evening")))
    assert chat.snapshot.draft.extra == {"slot": "pm"}
    summary = reply(chat.last, Summary)
    assert summary.own == (SLOT,)
    (shown,) = rendered(chat.snapshot, chat.last)
    assert "Delivery slot: Evening" in getattr(shown, "body", "")
    placed = chat.confirms()
    assert placed.order is not None
    assert placed.order.extra == {"slot": "pm"}


def test_an_answer_that_cannot_be_one_is_told_with_an_example() -> None:
    chat = a_chat(asking(Field.FULFILMENT, fields=FieldRules(own=(TABLE,))))
    chat.orders(*TWO, details=(is_told(Detail.FULFILMENT, "pickup"),))
    wrong = chat.turn(says(details=(is_told(Detail.EXTRA, "the one outside"),)))
    assert reply(wrong, AnswerInvalid).value == "the one outside"
    (message,) = rendered(chat.snapshot, wrong)
    assert "For example: 12" in getattr(message, "body", "")
    right = chat.turn(says(details=(is_told(Detail.EXTRA, "table 7"),)))
    assert right.draft.extra == {"table": "7"}


def test_an_answer_to_nothing_is_none() -> None:
    decision = Chat().turn(says(details=(is_told(Detail.EXTRA, "7"),)))
    assert decision.changes == ()


def test_what_the_last_order_tells_is_not_asked_again() -> None:
    last = an_order(
        address=Address("Lale Sokak 5"),
        email="ada@example.com",
        tax_id="12345678950",
        company="Lale A.Ş.",
    )
    shop = asking(
        *(Field.FULFILMENT, Field.ADDRESS, Field.NAME, Field.EMAIL),
        *(Field.TAX_ID, Field.COMPANY),
    )
    chat = a_chat(shop, last_order=last)
    decision = chat.orders(*TWO, details=(is_told(Detail.FULFILMENT, "delivery"),))
    assert kinds(decision) == ["Summary"]
    draft = decision.draft
    assert draft.address == last.address
    assert (draft.email, draft.tax_id) == (last.email, last.tax_id)
    assert (draft.name, draft.company) == (last.name, "Lale A.Ş.")


def test_what_the_shop_knows_of_a_customer_is_not_asked() -> None:
    buyer = Buyer(
        id="cus_1",
        name="Ada Lovelace",
        phone="+905321112233",
        email="ada@example.com",
        tax_id="10000000146",
        address=Address("Lale Sokak 5, Kadıköy"),
    )
    fields = (Field.FULFILMENT, Field.ADDRESS, Field.EMAIL, Field.TAX_ID)
    shop = asking(*fields, country="TR")
    known = a_chat(shop, buyer=buyer)
    known.orders(*TWO, details=(is_told(Detail.FULFILMENT, "delivery"),))
    assert known.last is not None
    draft = known.last.draft
    assert kinds(known.last) == ["Summary"]
    assert (draft.name, draft.phone) == (buyer.name, buyer.phone)
    assert (draft.email, draft.tax_id) == (buyer.email, buyer.tax_id)
    assert draft.address == buyer.address
    wrong = a_chat(shop, buyer=replace(buyer, tax_id="12345678901"))
    wrong.orders(*TWO, details=(is_told(Detail.FULFILMENT, "delivery"),))
    assert wrong.last is not None
    assert reply(wrong.last, AskField).field is Field.TAX_ID
    other = a_chat(shop, buyer=buyer)
    other.snapshot = replace(
        other.snapshot, draft=replace(other.snapshot.draft, customer_id="cus_2")
    )
    other.orders(*TWO, details=(is_told(Detail.FULFILMENT, "delivery"),))
    assert other.last is not None
    assert other.last.draft.email is None


def test_an_order_that_was_placed_tells_the_shops_own_answers() -> None:
    day = OwnField("day", {"en": "Delivery day"}, OwnKind.DATE)
    placed = an_order(extra={"day": "2026-11-25", "gone": "x"})
    snapshot = a_snapshot()
    decision = replace(
        decided(snapshot, says()), replies=(OrderPlaced(placed, (day,)),)
    )
    (shown,) = rendered(snapshot, decision)
    said = getattr(shown, "body", "")
    assert "Delivery day: Wednesday, November 25, 2026" in said
    assert "2026-11-25" not in said


@pytest.mark.parametrize(
    ("said", "day"),
    {"12.12.": "2026-12-12", "12.12": "2026-12-12", "1/2": "2027-02-01"}.items(),
)
def test_a_day_of_the_shops_own_needs_no_year(said: str, day: str) -> None:
    own = OwnField("day", {"en": "Delivery day"}, OwnKind.DATE)
    assert own.read(said, NOON.date()) == day
    assert own.read("31.02.", NOON.date()) is None


def test_an_address_that_is_no_longer_served_is_asked_for() -> None:
    last = an_order(address=Address("10115 Berlin", postal_code="10115"))
    chat = a_chat(a_shop(areas=(an_area(),), country="TR"), last_order=last)
    decision = chat.orders(*TWO, details=(is_told(Detail.FULFILMENT, "delivery"),))
    assert reply(decision, AskField).field is Field.ADDRESS
    assert decision.draft.address is None


@pytest.mark.parametrize("code", languages())
@pytest.mark.parametrize("field", REQUIRABLE)
def test_every_field_has_a_question_and_where_it_helps_an_example(
    code: str, field: Field
) -> None:
    wording = wording_for(code)
    assert wording.knows(f"ask.{field.value}")
    chosen = {Field.FULFILMENT, Field.BUSINESS, Field.PAYMENT, Field.TAX_ID}
    assert wording.knows(f"example.{field.value}") == (field not in chosen)


def test_a_fact_is_noted_in_words() -> None:
    decision = Chat().turn(says(details=(is_told(Detail.BUSINESS, "yes"),)))
    assert reply(decision, DetailNoted).value == "yes"
    (message,) = rendered(a_snapshot(), decision)
    assert "For a company: noted." in getattr(message, "body", "")
