"""Facts about the order that are no products, said without being asked for."""

import pytest

from bot.domain.message import ContactCard, Contacts, Location
from bot.domain.snapshot import Asked
from bot.domain.understanding import Detail, Intent
from bot.reading.rules.reader import understand
from orders.domain.rules import Field
from tests.readings import a_request, told

DETAILS: dict[str, list[tuple[str, str]]] = {
    "deliver to 5 Rose Street, flat 3": [
        ("fulfilment", "delivery"),
        ("address", "5 Rose Street, flat 3"),
    ],
    "my address is 12 Main Road Springfield": [("address", "12 Main Road Springfield")],
    "can you change my address to 7 Hill Road": [("address", "7 Hill Road")],
    "adresim Lale Sok. No:5 D:3 Kadıköy": [("address", "Lale Sok. No:5 D:3 Kadıköy")],
    "Moda Cad. No 5 adresine gönderin": [
        ("address", "Moda Cad. No 5"),
        ("fulfilment", "delivery"),
    ],
    "Lale Sokak No 5 Daire 3 Kadıköy": [("address", "Lale Sokak No 5 Daire 3 Kadıköy")],
    "deliver it to me": [("fulfilment", "delivery")],
    "2 latte 19.30": [("date", "2026-11-22T19:30+03:00")],
    "19:30": [("date", "2026-11-22T19:30+03:00")],
    "1.25 kg feta": [],
    "feta 25.70": [],
    "I'll collect it": [("fulfilment", "pickup")],
    "pickup": [("fulfilment", "pickup")],
    "2 latte to go": [("fulfilment", "pickup")],
    "gel al": [("fulfilment", "pickup")],
    "gelip alırım": [("fulfilment", "pickup")],
    "delivery please": [("fulfilment", "delivery")],
    "eve teslim": [("fulfilment", "delivery")],
    "adrese": [("fulfilment", "delivery")],
    "do you deliver?": [],
    "cash please": [("payment", "cash")],
    "kartla ödeyeceğim": [("payment", "card")],
    "havale ile": [("payment", "transfer")],
    "can I pay by card?": [],
    "my name is john smith": [("name", "john smith")],
    "I'm Sarah": [("name", "Sarah")],
    "I'm hungry": [],
    "adım Ali Veli": [("name", "Ali Veli")],
    "ben Ayşe": [("name", "Ayşe")],
    "+90 532 123 45 67": [("phone", "+905321234567")],
    "0532 123 45 67": [("phone", "+905321234567")],
    "mail me: ali@example.com.": [("email", "ali@example.com")],
    "tomorrow at 5": [("date", "2026-11-23"), ("note", "tomorrow at 5")],
    "yarın saat 17:30": [("date", "2026-11-23T17:30+03:00")],
    "2 latte tomorrow": [("date", "2026-11-23")],
    "on Friday": [("date", "2026-11-27")],
    "2 latte on 24.12.2026": [("date", "2026-12-24")],
    "24.12.2026 at 17:30": [("date", "2026-12-24T17:30+03:00")],
    "2 latte for 24 December": [("date", "2026-12-24")],
    "24 Aralık için 2 latte": [("date", "2026-12-24")],
    "it must be 31.02.2027": [],
    "coupon SAVE10": [("coupon", "SAVE10")],
    "kupon kodum HOSGELDIN20": [("coupon", "HOSGELDIN20")],
    "do you have a coupon": [],
    "vergi no 1234567890": [("tax_id", "1234567890")],
    "note: ring the bell twice": [("note", "ring the bell twice")],
    "not: zile basmayın": [("note", "zile basmayın")],
    "gift note: happy birthday Ada": [("gift_note", "happy birthday Ada")],
}
MIXED = {
    "2 latte, deliver to 5 Rose Street": (
        "add 2 latte",
        {"fulfilment": "delivery", "address": "5 Rose Street"},
    ),
    "hi, 2 latte, my name is John, delivery please": (
        "add 2 latte",
        {"name": "John", "fulfilment": "delivery"},
    ),
    "3 simit lütfen, adresim Lale Sokak 5 Kadıköy, adım Ali": (
        "add 3 simit",
        {"address": "Lale Sokak 5 Kadıköy", "name": "Ali"},
    ),
    "2 ekmek ve 1 su lütfen. adrese teslim. nakit": (
        "add 2 ekmek; add 1 su",
        {"fulfilment": "delivery", "payment": "cash"},
    ),
}


@pytest.mark.parametrize("said", DETAILS)
def test_details_are_heard_without_being_asked_for(said: str) -> None:
    details = understand(a_request(said)).details
    assert [(each.detail.value, each.value) for each in details] == DETAILS[said]
    assert all(each.quote and each.quote.text in said for each in details)


@pytest.mark.parametrize("said", MIXED)
def test_details_and_products_share_a_message(said: str) -> None:
    understanding = understand(a_request(said))
    details = {each.detail.value: each.value for each in understanding.details}
    assert (told(understanding.mentions), details) == MIXED[said]


def test_a_turn_of_details_alone_changes_the_order() -> None:
    assert understand(a_request("adım Ali")).intents == (Intent.CHANGE,)


def test_a_place_without_a_name_is_its_coordinates() -> None:
    here = Location(latitude=41.0, longitude=29.025)
    (detail,) = understand(a_request(here)).details
    assert (detail.value, detail.quote) == ("41.000000, 29.025000", None)


@pytest.mark.parametrize("requested", [True, False])
def test_whose_a_contact_card_is_no_reader_decides(*, requested: bool) -> None:
    card = ContactCard(name="Ada", phones=("+905321234567",))
    shared = Contacts(cards=(card,), requested=requested)
    assert understand(a_request(shared)).details == ()


AFTER_A_SUMMARY = {
    "7 Hill Road Springfield": "7 Hill Road Springfield",
    "Bahariye Caddesi 12 Kadıköy": "Bahariye Caddesi 12 Kadıköy",
    "no, 3": None,
    "2 latte no sugar": None,
    "no 3 latte": None,
}


@pytest.mark.parametrize("said", AFTER_A_SUMMARY)
def test_a_better_address_may_follow_the_summary(said: str) -> None:
    asked = Asked(field=Field.CONFIRMATION)
    details = understand(a_request(said, asked=asked)).details
    values = [each.value for each in details if each.detail is Detail.ADDRESS]
    assert values == [v for v in [AFTER_A_SUMMARY[said]] if v is not None]


@pytest.mark.parametrize("said", ["cancel my address", "adresimi iptal et"])
def test_who_cancels_the_address_keeps_the_order(said: str) -> None:
    assert understand(a_request(said)).intents == (Intent.CHANGE,)
