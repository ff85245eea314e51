"""Answers to questions about products: quoted, told by code, or left to a person."""

from decimal import Decimal

import pytest

from bot.domain.answers import (
    Compared,
    FactsQuoted,
    OtherLanguages,
    ProductFacts,
    QuestionPassedOn,
)
from bot.domain.decision import Decision
from bot.domain.message import OutImage, OutText, Text
from bot.domain.snapshot import Memory, Owner
from bot.domain.understanding import (
    Act,
    Asks,
    FactPointer,
    Intent,
    Mention,
    Topic,
    Understanding,
)
from catalog import Index
from tests.factories import a_product
from tests.turns import a_snapshot, decided, kinds, rendered, reply, says, wants

PRODUCTS = (
    a_product(
        id="brownie",
        sku="BRO",
        name="Brownie",
        price=Decimal(60),
        description="With *walnuts*.\nBest today.",
        weight_kg=Decimal("0.09"),
        attributes={"Allergens": "wheat, milk"},
        image="https://shop.example/brownie.jpg",
    ),
    a_product(id="latte", sku="LAT", name="Latte", price=Decimal(95)),
    a_product(id="mocha", sku="MOC", name="Mocha", price=Decimal(90)),
    a_product(
        id="cake", sku="CAK", name="Lemon cake", price=Decimal(90), stock=Decimal(0)
    ),
)
SHOP = Index.build(PRODUCTS)
SAID = (Text(text="words"),)


def asks(
    name: str, topic: Topic = Topic.FACT, *facts: str, of: str | None = None
) -> Mention:
    pointers = tuple(
        FactPointer(product_id=of or name.lower(), fact=each) for each in facts
    )
    return wants(name, act=Act.ASK, asks=Asks(topic=topic, facts=pointers))


def answered(*mentions: Mention, **changes: object) -> Decision:
    said = says(Intent.ASK_PRODUCT, mentions=mentions)
    return decided(a_snapshot(SAID, index=SHOP, **changes), said)


def words(*mentions: Mention, language: str = "en") -> str:
    snapshot = a_snapshot(SAID, index=SHOP, language=language)
    decision = decided(snapshot, says(Intent.ASK_PRODUCT, mentions=mentions))
    first = rendered(snapshot, decision)[0]
    assert isinstance(first, OutText)
    return first.body


def test_a_fact_is_quoted_word_for_word() -> None:
    quoted = reply(answered(asks("brownie", Topic.FACT, "sentence:1")), FactsQuoted)
    assert [fact.text for fact in quoted.facts] == ["With *walnuts*."]
    assert "Brownie: With *walnuts*." in words(
        asks("brownie", Topic.FACT, "sentence:1")
    )


def test_several_facts_are_a_list_and_numbers_are_written_by_code() -> None:
    both = asks("brownie", Topic.FACT, "attribute:Allergens", "weight")
    assert "Allergens: wheat, milk" in words(both)
    assert "0,09 kg" in words(both, language="tr")


@pytest.mark.parametrize(
    "pointed",
    [
        asks("brownie"),
        asks("brownie", Topic.FACT, "sentence:99"),
        asks("brownie", Topic.FACT, "sentence:1", of="latte"),
        asks("latte", Topic.PICTURE),
    ],
)
def test_what_the_catalog_does_not_say_is_left_to_a_person(pointed: Mention) -> None:
    decision = answered(pointed)
    assert isinstance(reply(decision, QuestionPassedOn), QuestionPassedOn)
    assert decision.attention == "question"
    assert decision.owner is Owner.BOT
    assert not any(isinstance(each, FactsQuoted) for each in decision.replies)


def test_a_picture_is_sent_by_its_public_link() -> None:
    snapshot = a_snapshot(SAID, index=SHOP)
    said = says(Intent.ASK_PRODUCT, mentions=(asks("brownie", Topic.PICTURE),))
    first, *_ = rendered(snapshot, decided(snapshot, said))
    link = "https://shop.example/brownie.jpg"
    assert first == OutImage(link=link, caption="Here it is: Brownie.")


def test_prices_are_compared_by_code_and_the_cheapest_comes_first() -> None:
    both = (asks("latte", Topic.CHEAPER), asks("mocha", Topic.CHEAPER))
    compared = reply(answered(*both), Compared)
    assert [name for name, *_ in compared.rows] == ["Mocha", "Latte"]
    assert words(*both).startswith("Mocha costs less:")


def test_one_product_alone_is_not_compared() -> None:
    decision = answered(asks("latte", Topic.CHEAPER))
    assert "QuestionPassedOn" in kinds(decision)


@pytest.mark.parametrize(
    ("name", "told"),
    [("latte", ["ProductFacts"]), ("lemon cake", ["ProductFacts", "QuestionPassedOn"])],
)
def test_when_something_is_back_only_a_person_knows(name: str, told: list[str]) -> None:
    decision = answered(asks(name, Topic.RESTOCK))
    assert kinds(decision)[:-1] == told


def test_it_is_the_product_spoken_of_last() -> None:
    memory = Memory(welcomed=True, last_asked="brownie")
    pointing = asks("", Topic.FACT, "sentence:1", of="brownie")
    quoted = reply(answered(pointing, memory=memory), FactsQuoted)
    assert quoted.name == "Brownie"


def test_what_there_is_to_choose_is_told_with_the_price() -> None:
    facts = reply(answered(asks("latte", Topic.FORMS)), ProductFacts)
    assert facts.price == Decimal(95)


# -- languages ------------------------------------------------------------------------

SPOKEN = {"en": "English", "tr": "Türkçe"}


def test_a_language_that_we_do_not_speak_is_told_once_in_the_shops() -> None:
    snapshot = a_snapshot(SAID, spoken=SPOKEN, language="tr")
    said = Understanding(language="de")
    decision = decided(snapshot, said)
    assert reply(decision, OtherLanguages).names == ("English", "Türkçe")
    assert decision.language == "tr"
    again = decided(a_snapshot(SAID, spoken=SPOKEN, memory=decision.memory), said)
    assert "OtherLanguages" not in kinds(again)


def test_a_language_that_we_speak_is_the_conversations_from_then_on() -> None:
    snapshot = a_snapshot(SAID, spoken=SPOKEN, language="en")
    decision = decided(snapshot, says(Intent.THANKS, language="tr"))
    assert (decision.language, decision.memory.language_told) == ("tr", True)


def test_words_that_tell_no_language_change_none() -> None:
    snapshot = a_snapshot(SAID, spoken=SPOKEN, language="tr")
    assert decided(snapshot, says(Intent.CONFIRM)).language == "tr"
