"""What customers call things, found in what they write: whole, and nothing besides."""

import pytest

from bot.reading.rules.names import Shelf
from bot.reading.rules.tokens import tokenize
from bot.reading.rules.words import words_for
from catalog import Index, Taught
from catalog.domain.learnt import Learnt, Lesson, Meaning, key_of
from tests.factories import NOON, a_product

INDEX = Index.build(
    [
        a_product(id=name.lower(), sku=name.upper(), name=name)
        for name in ("Milk", "Tea", "Chai", "Toast", "Salt and Pepper Nuts")
    ]
)


def shelf_with(phrase: str) -> Shelf:
    alias = Learnt(
        *("ana", key_of(phrase, ()), phrase, Meaning("chai")),
        *(Lesson.TOLD, 1, 8.0, NOON),
    )
    return Shelf(Taught(INDEX, [alias], now=NOON), words_for("en"))


@pytest.mark.parametrize(
    ("phrase", "text", "product_id", "length"),
    [
        ("milk tea", "milk and tea", "milk", 1),
        ("milk tea", "milk tea", "milk", 1),
        ("milk and tea", "milk and tea", "milk", 1),
        ("foamy tea", "foamy and tea", None, 0),
        ("foamy tea", "foamy tea", "chai", 2),
        ("foamy tea", "foamy teas and toast", "chai", 2),
        ("half and half", "half and half", "chai", 3),
        ("and foamy", "foamy", "chai", 1),
        ("tea", "tea", "tea", 1),
        ("brew", "salt pepper nuts", "salt and pepper nuts", 3),
    ],
    ids=[
        "two things and a word that joins them",
        "two things side by side",
        "two things that were learnt as one",
        "a word that joins stands between",
        "word by word",
        "with an ending",
        "a word that joins belongs to it",
        "a word that joins around it does not",
        "a name means what it says",
        "a name of the catalog may leave the word out",
    ],
)
def test_a_learnt_phrase_is_said_whole_and_swallows_no_names(
    phrase: str, text: str, product_id: str | None, length: int
) -> None:
    named = shelf_with(phrase).name_at(tokenize(text), 0)
    assert (named and named.product_id, named.length if named else 0) == (
        *(product_id, length),
    )
