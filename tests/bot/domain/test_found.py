"""What was found for a turn, kept with its analysis and told in Ticaret.pro's words."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from bot.domain.explaining import explained
from bot.domain.found import (
    FoundMatch,
    Outcome,
    StockStatus,
    dump_found,
    found_for,
    found_in,
    load_found,
    looked_at,
)
from bot.domain.matching import match_mentions
from bot.domain.message import OutButtons
from bot.domain.product_matches import (
    VISUAL_STATUS,
    MatchStatus,
    ProductMatch,
    product_matches,
    status_of,
    visual_search,
)
from bot.domain.understanding import (
    Act,
    Mention,
    Visual,
    VisualAttributes,
    VisualStatus,
)
from catalog import Ambiguous, Candidate, Certain, Index, Match, Taught, Unknown
from catalog.domain.learnt import Learnt, Lesson, Meaning, key_of
from tests.factories import NOON, a_pack, a_product, a_shop
from tests.turns import INDEX, Chat, a_snapshot, rendered, says, wants

PRODUCTS = (
    a_product(id="latte", sku="LAT", name="Latte", url="https://shop.example/latte"),
    a_product(id="lemon", sku="LEM", name="Lemon cake", stock=Decimal(0), category="C"),
    a_product(id="carrot", sku="CAR", name="Carrot cake", category="C"),
    a_product(id="water", sku="WAT", name="Water", packs=(a_pack(),)),
)
SMALL = Index.build(PRODUCTS)


def found(words: str, index: Index = SMALL, **more: Any) -> FoundMatch:
    mention = wants(words, **more)
    return found_for(mention, index.find(words), index, {})


def test_what_was_found_can_be_stored_and_read_again() -> None:
    meant = says(mentions=(wants("latte", 2), wants("croissant"), wants("zzz")))
    snapshot = a_snapshot()
    matches = match_mentions(meant, snapshot.index)
    every = found_in(snapshot, meant, matches)
    assert [each.outcome for each in every] == [
        *(Outcome.CERTAIN, Outcome.AMBIGUOUS, Outcome.UNKNOWN),
    ]
    assert [(each.mention, each.text) for each in every] == [
        *((0, "latte"), (1, "croissant"), (2, "zzz")),
    ]
    assert load_found(dump_found(every)) == every
    assert load_found(None) == ()


def test_a_sure_product_says_price_stock_and_how_much_it_is() -> None:
    match = found("latte", quantity=2)
    (latte,) = match.products
    assert (latte.sku, latte.price, latte.url) == (
        "LAT",
        Decimal("85.50"),
        "https://shop.example/latte",
    )
    assert (latte.stock_status, latte.stock) == (StockStatus.NOT_COUNTED, None)
    assert match.amount
    assert (match.amount.quantity, match.amount.said) == (Decimal(2), None)


def test_packs_are_converted_and_say_so() -> None:
    match = found("water", quantity=2, unit="koli")
    assert match.amount
    assert (match.amount.said, match.amount.quantity, match.amount.unit) == (
        *("2 koli", Decimal(48), "piece"),
    )
    unknown = found("water", quantity=2, unit="barrel").amount
    assert unknown
    assert (unknown.said, unknown.quantity) == ("barrel", None)
    assert unknown.possible_units == ("piece", "koli")


def test_something_sold_out_is_found_and_brings_what_is_like_it() -> None:
    match = found("lemon cake")
    assert match.products[0].stock_status is StockStatus.OUT_OF_STOCK
    assert [each.product_id for each in match.alternatives] == ["carrot"]
    assert match.alternatives[0].why == ("category",)
    assert found("carrot cake").alternatives == ()


def test_what_others_have_bought_meanwhile_is_fresher_than_the_index() -> None:
    meant = wants("carrot cake")
    gone = found_for(
        meant, SMALL.find("carrot cake"), SMALL, {("carrot", None): Decimal(0)}
    )
    assert gone.products[0].stock_status is StockStatus.OUT_OF_STOCK


def test_stock_is_asked_of_all_that_is_found_and_of_what_there_is_instead() -> None:
    pairs = looked_at(SMALL.find("lemon cake"), SMALL)
    assert {("lemon", None), ("carrot", None)} <= pairs
    variants = looked_at(INDEX.find("shirt"), INDEX)
    assert {("shirt", "variant_red"), ("shirt", "variant_blue")} <= variants
    assert ("shirt", None) not in variants, "its variants are counted"
    meant = wants("lemon cake")
    sold = found_for(
        meant, SMALL.find("lemon cake"), SMALL, dict.fromkeys(pairs, Decimal(0))
    )
    assert sold.alternatives == ()


def test_a_parent_comes_with_the_variant_open_and_words_fill_it() -> None:
    parent = found("shirt", INDEX)
    assert parent.variant_required
    assert parent.products[0].stock_status is StockStatus.DEPENDS
    red = found("red shirt", INDEX)
    assert not red.variant_required
    assert (red.products[0].sku, red.products[0].name) == ("SHIRT-R", "Shirt (red)")
    blue = found("blue shirt", INDEX)
    assert blue.products[0].price == 450, "a variant has its own price"


# -- in Ticaret.pro's words -----------------------------------------------------------


def kept(match: Match, words: str = "x") -> FoundMatch:
    return found_for(Mention(text=words), match, SMALL, {})


LATTE, WATER = Candidate("latte", None, 0.9), Candidate("water", None, 0.05)


@pytest.mark.parametrize(
    ("match", "statuses"),
    [
        (Certain(LATTE), ["high_confidence"]),
        (Certain(LATTE, others=(WATER,)), ["high_confidence", "low_confidence"]),
        (Ambiguous((LATTE, WATER)), ["ambiguous", "ambiguous"]),
        (Unknown("x", (WATER,)), ["low_confidence"]),
        (Unknown("x"), ["no_match"]),
    ],
)
def test_each_outcome_has_its_status(match: Match, statuses: list[str]) -> None:
    matches = product_matches([kept(match)])
    assert [each.match_status for each in matches] == statuses
    assert status_of(kept(match)) == statuses[0]


def test_a_product_match_is_printed_as_the_reference_has_it() -> None:
    (match,) = product_matches([kept(Certain(LATTE))])
    assert match.model_dump(mode="json", by_alias=True, exclude_none=True) == {
        "productId": "latte",
        "sku": "LAT",
        "name": "Latte",
        "confidence": 0.9,
        "price": 85.5,
        "currency": "TRY",
        "stockStatus": "not_counted",
        "productUrl": "https://shop.example/latte",
        "matchStatus": "high_confidence",
    }
    names = {field.alias for field in ProductMatch.model_fields.values()}
    assert names == {
        *("productId", "sku", "name", "confidence", "price", "currency"),
        *("stockStatus", "stockQuantity", "productUrl", "matchStatus"),
    }


def test_a_product_that_was_found_twice_keeps_its_surer_match() -> None:
    matches = product_matches(
        [kept(Ambiguous((WATER, LATTE))), kept(Certain(LATTE)), kept(Unknown("y"))]
    )
    assert [(each.product_id, each.match_status.value) for each in matches] == [
        ("latte", "high_confidence"),
        ("water", "ambiguous"),
        (None, "no_match"),
    ]


def test_the_status_of_a_picture_has_two_words_more() -> None:
    more = set(VisualStatus) - set(VISUAL_STATUS.values())
    assert more == {VisualStatus.NOT_SEARCHED, VisualStatus.FAILED}
    assert set(VISUAL_STATUS) == set(MatchStatus)


def test_without_pictures_nothing_was_searched() -> None:
    printed = visual_search(()).model_dump(
        mode="json", by_alias=True, exclude_none=True
    )
    assert printed == {
        "attributes": {},
        "warnings": [],
        "candidateCount": 0,
        "matchStatus": "not_searched",
        "usage": {},
    }


def test_the_picture_that_tells_the_most_is_told_with_all_warnings() -> None:
    seen = (
        Visual(message=0, status=VisualStatus.FAILED, warnings=("too dark",)),
        Visual(
            message=1,
            description="a red shirt",
            query="red shirt",
            attributes=VisualAttributes(color="red", visible_text="MAVI"),
            status=VisualStatus.AMBIGUOUS,
            candidate_count=2,
        ),
    )
    printed = visual_search(seen, response_id="resp_1", usage={"input_tokens": 7})
    assert printed.model_dump(mode="json", by_alias=True, exclude_none=True) == {
        "query": "red shirt",
        "visualDescription": "a red shirt",
        "attributes": {"color": "red", "visibleText": "MAVI"},
        "warnings": ["too dark"],
        "candidateCount": 2,
        "matchStatus": "ambiguous",
        "responseId": "resp_1",
        "usage": {"input_tokens": 7},
    }
    assert {
        field.alias for field in type(printed.attributes).model_fields.values()
    } == {
        *("productType", "color", "model", "pattern", "material", "brand"),
        *("visibleText", "style", "shape", "otherFeatures"),
    }


# -- explained ------------------------------------------------------------------------


def test_an_explanation_says_what_was_second_and_what_was_learnt() -> None:
    words = "croissant"
    learnt = Learnt(
        "ana", key_of(words, ()), words, Meaning("plain"), Lesson.ORDER, 2, 2.0, NOON
    )
    index = Taught(INDEX, [learnt], now=NOON, sure=0.8)
    told = explained(wants(words), index, {})
    assert (told.found.outcome, told.alone) == (Outcome.CERTAIN, Outcome.AMBIGUOUS)
    first, second = told.found.products
    assert told.lead == round(first.probability - second.probability, 4) > 0.5
    assert [play.alias for play in told.learnt] == [learnt]
    assert told.sure == 0.8
    assert explained(wants("latte"), Taught(INDEX, now=NOON), {}).lead is None


def test_a_summary_says_how_a_pack_was_counted() -> None:
    chat = Chat(replace(a_snapshot(), shop=a_shop(required=())))
    decision = chat.orders(wants("water", 2, unit="koli"))
    (message,) = rendered(chat.snapshot, decision)
    assert isinstance(message, OutButtons)
    assert "Water (2 koli)" in message.body
    assert "2 koli of Water is 48 pieces." in message.body
    decision = chat.orders(wants("", 50, act=Act.SET))
    (message,) = rendered(chat.snapshot, decision)
    assert isinstance(message, OutButtons)
    assert "(2 koli)" not in message.body
