"""What a product's record says, cut into facts that can be quoted."""

from decimal import Decimal

import pytest

from catalog.domain.facts import (
    LONGEST,
    MOST,
    fact_of,
    facts_of,
    picture_of,
    sentences_of,
)
from tests.factories import a_product


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("", ()),
        ("One only", ("One only",)),
        ("Dark. Sweet!", ("Dark.", "Sweet!")),
        (
            "Stoneware, 300 ml. Dishwasher safe.",
            ("Stoneware, 300 ml.", "Dishwasher safe."),
        ),
        ("Approx. 5 kg net", ("Approx. 5 kg net",)),
        ("Contains nuts, e.g. almonds.", ("Contains nuts, e.g. almonds.",)),
        ("No. 7 is best", ("No. 7 is best",)),
        ("1.5 l bottle", ("1.5 l bottle",)),
        ("First\nsecond\n\n third", ("First", "second", "third")),
        ("Без глютена. Хранить в холоде.", ("Без глютена.", "Хранить в холоде.")),
    ],
)
def test_a_description_has_sentences(text: str, sentences: tuple[str, ...]) -> None:
    assert sentences_of(text) == sentences


def test_fields_attributes_and_sentences_are_facts_with_ids() -> None:
    product = a_product(
        brand="Acme",
        colour="White",
        material=None,
        weight_kg=Decimal("0.35"),
        length_cm=Decimal(10),
        width_cm=None,
        height_cm=Decimal(4),
        attributes={"Care": "By\nhand"},
        description="Stoneware. Safe.",
    )
    found = {fact.id: (fact.text, fact.amounts) for fact in facts_of(product)}
    assert found == {
        "brand": ("Acme", ()),
        "colour": ("White", ()),
        "weight": ("", (Decimal("0.35"),)),
        "dimensions": ("", (Decimal(10), Decimal(4))),
        "attribute:Care": ("By hand", ()),
        "sentence:1": ("Stoneware.", ()),
        "sentence:2": ("Safe.", ()),
    }
    assert fact_of(product, "attribute:Care") is not None
    assert fact_of(product, "sentence:3") is None


def test_quotes_are_bounded() -> None:
    long = a_product(description="word " * 200, attributes={})
    assert all(len(fact.text) <= LONGEST for fact in facts_of(long))
    many = a_product(description="Yes. " * 100)
    assert len(facts_of(many)) == MOST


@pytest.mark.parametrize(
    ("image", "shown"),
    [
        ("https://shop.example/a.jpg", True),
        ("http://shop.example/a.jpg", False),
        ("a.jpg", False),
        (None, False),
        ("https://shop.example/a b.jpg", False),
    ],
)
def test_only_a_public_link_is_a_picture(image: str | None, shown: bool) -> None:
    assert (picture_of(a_product(image=image), None) is not None) == shown
