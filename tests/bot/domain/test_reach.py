"""Questions whether we deliver: answered from the shop's rules, and nothing more."""

from dataclasses import replace

import pytest

from bot.domain.decision import Decision
from bot.domain.message import Text
from bot.domain.places import Delivers, NotOffered, OutsideArea
from bot.domain.replies import AskField, Summary
from bot.domain.understanding import Intent, Understanding
from bot.texts import languages
from orders import Area, Field, Fulfilment, Shop
from tests.factories import a_shop, an_area
from tests.turns import (
    Chat,
    a_snapshot,
    decided,
    kinds,
    messages,
    rendered,
    reply,
    says,
    wants,
)

KADIKOY = an_area(name="Kadıköy", minimum_order=15_000, free_from=40_000)
ARBAT = Area("Арбат", cities=("Старый Арбат", "Москва"))
CITIES = a_shop(areas=(KADIKOY, ARBAT), country="TR")
CODES = a_shop(areas=(replace(KADIKOY, cities=()),), country="TR")
ASKS = says(Intent.ASK_DELIVERY)


def asked(shop: Shop, words: str, understanding: Understanding = ASKS) -> Decision:
    chat = Chat(a_snapshot(shop=shop))
    return chat.turn(understanding, Text(text=words))


def words(shop: Shop, decision: Decision) -> str:
    parts = rendered(a_snapshot(shop=shop), decision)
    return "\n".join(getattr(part, "body", "") for part in parts)


NAMED = [
    ("a city", "do you deliver to Kadıköy?", ("Kadıköy",)),
    ("a city, written plainly", "KADIKOY'e getiriyor musunuz", ("Kadıköy",)),
    ("a city with its ending", "kadıköyde teslimat var mı", ("Kadıköy",)),
    ("a city in another case", "вы доставляете в Москву?", ("Арбат",)),
    ("the name of an area", "вы доставляете на Арбат?", ("Арбат",)),
    ("a postal code", "34710'a teslimat var mı?", ("Kadıköy",)),
    ("two places", "Kadıköy and Москва", ("Kadıköy", "Арбат")),
]


@pytest.mark.parametrize(
    ("said", "areas"), [n[1:] for n in NAMED], ids=[n[0] for n in NAMED]
)
def test_a_place_that_is_asked_about_is_told_with_its_terms(
    said: str, areas: tuple[str, ...]
) -> None:
    told = reply(asked(CITIES, said), Delivers)
    assert told.named
    assert tuple(terms.area.name for terms in told.terms) == areas


@pytest.mark.parametrize("said", ["do you deliver?", "to Kadı?", "to Kadirli?"])
def test_without_a_place_of_ours_all_places_are_told(said: str) -> None:
    told = reply(asked(CITIES, said), Delivers)
    assert not told.named
    assert len(told.terms) == 2


def test_a_postal_code_outside_is_refused_with_the_places_there_are() -> None:
    assert reply(asked(CODES, "06500?"), OutsideArea).areas == ("Kadıköy",)


def test_a_shop_that_does_not_deliver_says_so() -> None:
    shop = a_shop(areas=(KADIKOY,), fulfilments=(Fulfilment.PICKUP,))
    assert reply(asked(shop, "Kadıköy?"), NotOffered).fulfilment is Fulfilment.DELIVERY


def test_fee_free_amount_minimum_and_time_are_those_of_the_area() -> None:
    shop = replace(CITIES, minimum_order=20_000)
    assert words(shop, asked(shop, "to Kadıköy?")).startswith(
        "Yes, we deliver to Kadıköy. Delivery costs ₺30.00. From ₺400.00 on it is"
        " free. The minimum order is ₺200.00. Delivery takes about 45 minutes."
    )


def test_places_are_listed_one_below_the_other() -> None:
    said = words(CITIES, asked(CITIES, "do you deliver?"))
    assert said.startswith("We deliver to:\n• Kadıköy: Delivery costs ₺30.00.")
    assert "\n• Арбат: Delivery is free." in said


@pytest.mark.parametrize("code", languages())
def test_without_areas_it_is_everywhere_in_every_language(code: str) -> None:
    shop = a_shop(delivery_fee=2500)
    decision = asked(shop, "Pinheiros?", says(Intent.ASK_DELIVERY, language=code))
    assert reply(decision, Delivers).terms[0].area is None
    assert "25" in words(shop, decision)


def test_it_keeps_the_draft_and_asks_the_open_question_again() -> None:
    chat = Chat(a_snapshot(shop=CITIES))
    before = chat.orders(wants("latte", 2))
    decision = chat.turn(ASKS, Text(text="do you deliver to Kadıköy?"))
    assert decision.changes == ()
    assert decision.draft == before.draft
    assert decision.memory.asked == before.memory.asked
    assert kinds(decision) == ["Delivers", "AskField"]
    assert reply(decision, AskField).field is Field.FULFILMENT


def test_before_the_yes_it_orders_nothing_and_the_summary_stays() -> None:
    chat = Chat()
    version = reply(chat.ready(), Summary).draft.version
    decision = chat.turn(ASKS, Text(text="yes, do you deliver to Moda?"))
    assert decision.order is None
    assert reply(decision, Summary).draft.version == version
    assert chat.confirms(version).order is not None


def test_what_is_ordered_with_the_question_is_taken() -> None:
    both = says(Intent.ORDER, Intent.ASK_DELIVERY, mentions=(wants("latte", 2),))
    decision = asked(CITIES, "2 lattes, do you deliver?", both)
    assert kinds(decision) == ["LinesPut", "Delivers", "AskField"]


def test_a_question_that_came_late_is_answered() -> None:
    late = messages(Text(text="Kadıköy?"), late=True)
    at = replace(a_snapshot(shop=CITIES), messages=late)
    assert "Delivers" in kinds(decided(at, ASKS))
