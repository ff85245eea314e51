"""Pictures and words together: what "2 of these" is about."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from bot.domain.decide import match_mentions
from bot.domain.message import Content, Media, MediaKind, ReplyTo, Text
from bot.domain.regions import Region
from bot.domain.understanding import (
    PICTURED,
    Act,
    Intent,
    Mention,
    Quote,
    SeenProduct,
    Sight,
    Spot,
    Understanding,
    Visual,
    VisualStatus,
)
from bot.reading.pointing import with_pictures
from bot.reading.reader import ReadingRequest
from bot.reading.rules.reader import understand
from bot.reading.sighting import Sighting, Thing, told_by_codes
from bot.reading.trivial import trivial
from catalog import Ambiguous, Certain, Index, Match, Unknown
from tests.factories import a_product
from tests.readings import SHOP, a_request


def photo(caption: str | None = None) -> Media:
    return Media(kind=MediaKind.IMAGE, caption=caption)


def shows(*product_ids: str, sure: bool = True, code: str = "") -> Thing:
    """Return a thing that is this product, or one of them."""
    seen = tuple(
        SeenProduct(
            product_id=each, probability=0.95, why="code" if code else "picture"
        )
        for each in product_ids
    )
    return Thing(Sight(products=seen, sure=sure), code)


def turn(*messages: tuple[Content | str, Sequence[Thing]]) -> ReadingRequest:
    """Return a turn of messages with what their pictures show."""
    request = a_request(*(content for content, _ in messages))
    return replace(
        request,
        messages=tuple(
            replace(
                message,
                provider_id=f"wamid_{number}",
                sighting=Sighting(tuple(things), searched=True)
                if isinstance(message.content, Media)
                else None,
            )
            for number, (message, (_, things)) in enumerate(
                zip(request.messages, messages, strict=True)
            )
        ),
    )


def heard(request: ReadingRequest) -> Understanding:
    return with_pictures(understand(request), request)


def told(understanding: Understanding) -> list[tuple[str, str, str | None]]:
    """Return each mention: its act, its product, its amount."""
    matches = match_mentions(understanding, SHOP)
    return [
        (
            mention.act.value,
            _product(matches.get(place)),
            None if mention.quantity is None else f"{mention.quantity:f}",
        )
        for place, mention in enumerate(understanding.mentions)
    ]


def _product(match: Match | None) -> str:
    match match:
        case Certain(candidate=candidate):
            variant = f"/{candidate.variant_id}" if candidate.variant_id else ""
            return f"{candidate.product_id}{variant}"
        case Ambiguous(candidates=candidates):
            return "|".join(each.product_id for each in candidates)
        case Unknown(near=near):
            return "?".join(("", *(each.product_id for each in near)))
    return "-"


LATTE, BAGEL = shows("latte"), shows("bagel")
WHICH = shows("cheese_toast", "ham_and_cheese_toast", sure=False)
ADDED = ("add", "latte", None)
TURNS: dict[
    str,
    tuple[list[tuple[Content, list[Thing]]], list[tuple[str, str, str | None]]],
] = {
    "a picture alone is wanted": (
        [(photo(), [LATTE])],
        [ADDED],
    ),
    "an amount beneath it is its amount": (
        [(photo("2 of these please"), [LATTE])],
        [("add", "latte", "2")],
    ),
    "in Turkish, too": (
        [(photo("bundan 2 tane"), [LATTE])],
        [("add", "latte", "2")],
    ),
    "an amount in the next message, too": (
        [(photo(), [LATTE]), (Text(text="3 of these"), [])],
        [("add", "latte", "3")],
    ),
    "of two pictures in a row it is the amount of both": (
        [(photo(), [LATTE]), (photo(), [BAGEL]), (Text(text="2 of these"), [])],
        [("add", "latte", "2"), ("add", "bagel", "2")],
    ),
    "each caption is about its own picture": (
        [(photo("2 of this"), [LATTE]), (photo("3 of this"), [BAGEL])],
        [("add", "latte", "2"), ("add", "bagel", "3")],
    ),
    "several things in one picture are all wanted": (
        [(photo("2 of each"), [LATTE, BAGEL])],
        [("add", "latte", "2"), ("add", "bagel", "2")],
    ),
    "a question beneath it asks about it": (
        [(photo("how much is this?"), [LATTE])],
        [("ask", "latte", None)],
    ),
    "words that nobody understands make it a question": (
        [(photo("xyzzy plugh"), [LATTE])],
        [("ask", "latte", None)],
    ),
    "its name beneath it says the same": (
        [(photo("2 latte"), [LATTE])],
        [("add", "latte", "2")],
    ),
    "another name beneath it wins": (
        [(photo("2 bagel"), [LATTE])],
        [("add", "bagel", "2")],
    ),
    "a complaint orders nothing": (
        [(photo("I want to complain, this is terrible"), [LATTE])],
        [],
    ),
    "look-alikes are a question": (
        [(photo("2 of these"), [WHICH])],
        [("add", "cheese_toast|ham_and_cheese_toast", "2")],
    ),
    "a name beneath look-alikes answers it": (
        [(photo("2 cheese toast"), [WHICH])],
        [("add", "cheese_toast", "2")],
    ),
    "a picture of nothing that we sell says nothing": (
        [(photo("2 of these"), [])],
        [("set", "-", "2")],
    ),
    "what is gone from the shop is not found": (
        [(photo(), [shows("gone")])],
        [("add", "", None)],
    ),
}


@pytest.mark.parametrize("case", TURNS)
def test_words_beside_a_picture(case: str) -> None:
    messages, expected = TURNS[case]
    assert told(heard(turn(*messages))) == expected


def test_an_answer_to_a_picture_is_about_that_picture() -> None:
    request = turn(
        (photo(), [LATTE]), (photo(), [BAGEL]), (Text(text="4 of this one"), [])
    )
    *pictures, answer = request.messages
    answer = replace(answer, reply_to=ReplyTo(provider_id="wamid_0"))
    said = heard(replace(request, messages=(*pictures, answer)))
    assert told(said) == [("add", "latte", "4"), ("add", "bagel", None)]


def test_the_message_with_the_picture_is_the_evidence() -> None:
    said = heard(turn((photo(), [shows("latte", code="8690000000012")])))
    (mention,) = said.mentions
    assert mention.quote == Quote(message=0, text="8690000000012")
    assert said.intents == (Intent.ORDER,)
    assert said.entities.product_name == "Latte"
    assert said.confidence > 0.9
    (visual,) = said.visual
    assert (visual.status, visual.candidate_count, visual.query) == (
        VisualStatus.HIGH_CONFIDENCE,
        1,
        "Latte",
    )


STATUSES = {
    VisualStatus.HIGH_CONFIDENCE: Sighting((LATTE,)),
    VisualStatus.AMBIGUOUS: Sighting((WHICH,)),
    VisualStatus.NO_MATCH: Sighting(codes=("12345678",)),
    VisualStatus.NOT_SEARCHED: Sighting(),
}


@pytest.mark.parametrize("status", STATUSES)
def test_the_status_is_what_the_catalog_says(status: VisualStatus) -> None:
    assert STATUSES[status].status is status


def test_what_a_model_saw_stays_and_the_catalog_says_which_product_it_is() -> None:
    request = turn((photo("2 of these"), [WHICH]))
    toast = Mention(text="Cheese Toast", quote=Quote(message=0, text="2 of these"))
    seen = Visual(message=0, description="A toast.", status=VisualStatus.NO_MATCH)
    both = Understanding(
        intents=(Intent.ORDER,),
        mentions=(toast.model_copy(update={"quantity": Decimal(2)}),),
        visual=(seen,),
    )
    said = with_pictures(both, request)
    assert told(said) == [("add", "cheese_toast", "2")], "two witnesses agree"
    (visual,) = said.visual
    assert (visual.description, visual.status) == ("A toast.", VisualStatus.AMBIGUOUS)

    blank = replace(request.messages[0], sighting=Sighting(searched=True))
    alone = with_pictures(both, replace(request, messages=(blank,)))
    assert alone.visual == (seen,), "where we saw nothing, the model's word stands"


def test_a_model_that_overheard_the_amount_is_helped_by_the_rules() -> None:
    request = turn((photo("2 of these"), [LATTE]))
    said = with_pictures(Understanding(intents=(Intent.ORDER,)), request)
    assert told(said) == [("add", "latte", "2")]


def test_a_thing_that_is_still_to_be_told_has_no_products_name() -> None:
    (mention,) = heard(turn((photo(), [WHICH]))).mentions
    assert (mention.text, mention.act) == (PICTURED, Act.ADD)


def test_a_picture_that_is_known_needs_no_model() -> None:
    known = turn((photo(), [LATTE]))
    assert trivial(known) is not None
    assert trivial(turn((photo("2 of these for my dear mother"), [LATTE]))) is None


CODED = Index.build(
    [
        a_product(id="milk", sku="MILK-1", gtin="8690000000012"),
        a_product(id="cola", sku="036000291452"),
        a_product(id="tea", sku="TEA", external_id="erp-77"),
    ]
)
CODES = {
    "8690000000012": ["milk"],
    "08690000000012": ["milk"],
    "(01)08690000000012(10)A7": ["milk"],
    "https://id.gs1.example/01/08690000000012/10/A7": ["milk"],
    "0036000291452": [],
    "036000291452": ["cola"],
    "MILK-1": ["milk"],
    "erp-77": ["tea"],
    "https://shop.example/tea": ["tea"],
    "https://elsewhere.example/MILK-1": [],
    "4006381333931": [],
    "BEGIN:VCARD": [],
    "WIFI:S:shop;P:secret;;": [],
}


@pytest.mark.parametrize("text", CODES)
def test_what_a_code_names(text: str) -> None:
    pages = {"https://shop.example/tea": ["tea"]}
    things = told_by_codes({text: None}, pages, CODED)
    assert [each.sight.products[0].product_id for each in things] == CODES[text]
    assert all(each.sight.sure and each.words == text for each in things)


def test_a_thing_is_told_with_the_place_of_its_code() -> None:
    (thing,) = told_by_codes({"MILK-1": HERE, "erp-77x": THERE}, {}, CODED)
    assert thing.region == HERE


def test_two_codes_of_one_product_are_one_thing() -> None:
    codes = ["8690000000012", "MILK-1", "TEA"]
    assert len(told_by_codes(dict.fromkeys(codes), {}, CODED)) == 2


def test_the_page_of_several_products_tells_none() -> None:
    page = "https://shop.example/p"
    assert told_by_codes({page: None}, {page: ["tea", "milk"]}, CODED) == ()


# -- where it is seen -----------------------------------------------------------------

HERE = Region(left=0.1, top=0.2, width=0.3, height=0.4)
THERE = Region(left=0.6, top=0.2, width=0.3, height=0.4)


def placed(product_id: str, region: Region | None) -> Thing:
    return replace(shows(product_id), region=region)


def spots(request: ReadingRequest) -> list[tuple[str, Spot | None]]:
    return [(each.text, each.spot) for each in heard(request).mentions]


PHOTOS: dict[str, tuple[Content | str, ...]] = {
    "a picture alone": (photo(),),
    "words beneath it": (photo("2 of these"),),
    "words for each": (photo("2 of each"),),
    "words after it": (photo(), "2 of these"),
}


@pytest.mark.parametrize("case", PHOTOS)
def test_each_thing_is_told_with_its_place_in_the_picture(case: str) -> None:
    things = (placed("latte", HERE), placed("tea", THERE))
    request = turn(*((each, things) for each in PHOTOS[case]))
    assert spots(request) == [
        ("Latte", Spot(message_id="msg_0", region=HERE)),
        ("Tea", Spot(message_id="msg_0", region=THERE)),
    ]


def test_what_words_name_is_where_the_picture_shows_it() -> None:
    things = (placed("latte", HERE), placed("tea", THERE))
    request = turn((photo("2 tea"), things))
    assert spots(request) == [("tea", Spot(message_id="msg_0", region=THERE))]


def test_where_a_model_saw_it_stays_when_nothing_better_is_known() -> None:
    request = turn((photo("2 of these"), [placed("latte", None)]))
    seen = Spot(message_id="msg_0", region=HERE)
    said = understand(request)
    mentions = [each.model_copy(update={"spot": seen}) for each in said.mentions]
    assert len(mentions) == 1
    joined = with_pictures(
        said.model_copy(update={"mentions": tuple(mentions)}), request
    )
    assert [each.spot for each in joined.mentions] == [seen]
