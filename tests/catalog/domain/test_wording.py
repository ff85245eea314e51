"""What merchants write and what customers type become the same words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.measure import Dimension
from catalog.domain.wording import latin, plain_words, words_of

UNITS = {"кг": "kg", "л": "l", "gram": "g", "adet": "piece"}


def said(text: str) -> list[str]:
    return [word.text for word in words_of(text, UNITS)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Coca-Cola 33 cl zero", ["coca", "cola", "330ml", "zero"]),
        ("cola 0,33lt", ["cola", "330ml"]),
        ("rice 500gram", ["rice", "500g"]),
        ("rice 0.5 kg", ["rice", "500g"]),
        ("6x33 cl", ["6", "330ml"]),
        ("Молоко 0,5 л", ["moloko", "500ml"]),
        ("moloko 500ml", ["moloko", "500ml"]),
        ("٣٣ cl", ["330ml"]),
        ("version 7.0", ["version", "7"]),
        ("0,90 €/l", ["0.9", "l"]),
        ("T-144", ["t", "144"]),
        ("th42pz80u", ["th42pz80u"]),
        ("4gb", ["4gb"]),
        ("10.2.8", ["10", "2", "8"]),
        ("3 adet su", ["3", "adet", "su"]),
        ("Щука Ёлка", ["schuka", "elka"]),
        ("牛乳パン", ["牛乳", "乳ハ", "ハン"]),
        ("🙂", []),
    ],
)
def test_texts_become_words(text: str, words: list[str]) -> None:
    assert said(text) == words


def test_a_measure_keeps_what_was_written() -> None:
    (word,) = words_of("0,5 KG", {})
    assert (word.text, word.number, word.unit) == ("500g", "0.5", "kg")
    assert word.dimension is Dimension.MASS
    assert word.factor == 1000


@given(st.text())
def test_no_text_breaks_and_words_are_words_of_themselves(text: str) -> None:
    for word in words_of(text, UNITS):
        assert word.text
        assert " " not in word.text
    assert plain_words(" ".join(plain_words(text))) == plain_words(text)


@given(st.text())
def test_latin_twice_is_latin_once(text: str) -> None:
    assert latin(latin(text)) == latin(text)
