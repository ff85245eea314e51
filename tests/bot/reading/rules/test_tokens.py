"""How a text is cut, and how amounts are read from it."""

from decimal import Decimal

import pytest

from bot.reading.rules.amounts import amount_at
from bot.reading.rules.tokens import Break, tokenize
from bot.reading.rules.words import words_for


def test_tokens_are_verbatim_and_know_their_place() -> None:
    text = "Hi, İki latte'yi 500gr!"
    tokens = tokenize(text)
    assert [token.word for token in tokens] == (
        ["hi", "iki", "latte", "yi", "500", "gr"]
    )
    assert all(text[token.start : token.end] == token.text for token in tokens)
    assert [token.glued for token in tokens] == [False] * 3 + [True, False, True]


def test_breaks_tell_items_from_statements() -> None:
    tokens = tokenize("a, b. c\nd\n- e - f g-h")
    comma, sentence, none = Break.COMMA, Break.SENTENCE, Break.NONE
    assert [token.before for token in tokens] == (
        [none, comma, sentence, sentence, sentence, comma, none, none]
    )


def test_a_question_mark_marks_its_sentence_only() -> None:
    tokens = tokenize("hello. latte? tea")
    assert [token.asks for token in tokens] == [False, True, False]


@pytest.mark.parametrize(
    ("text", "quantity", "unit"),
    [
        ("2", "2", None),
        ("2x", "2", None),
        ("x 2", "2", None),
        ("1,5 kg", "1.5", "kg"),
        ("0.75 l", "0.75", "l"),
        ("1.000 adet", "1000", "piece"),
        ("500gr", "500", "g"),
        ("1/2 kilo", "0.5", "kg"),
        ("½ kg", "0.5", "kg"),
        ("a dozen", "12", None),
        ("two hundred fifty grams", "250", "g"),
        ("twenty five", "25", None),
        ("one and a half kilos", "1.5", "kg"),
        ("half a litre", "0.5", "l"),
        ("3 boxes", "3", "box"),
        ("iki yüz elli gram", "250", "g"),
        ("yüz elli", "150", None),
        ("bir buçuk kilo", "1.5", "kg"),
        ("çeyrek kilo", "0.25", "kg"),
        ("üç koli", "3", "koli"),
        ("2 düzine", "24", None),
    ],
)
def test_amounts_are_read_in_digits_and_words(
    text: str, quantity: str, unit: str | None
) -> None:
    tokens = tokenize(text)
    amount = amount_at(tokens, 0, words_for("en"))
    assert amount is not None
    assert (amount.quantity, amount.unit) == (Decimal(quantity), unit)
    assert amount.length == len(tokens)


@pytest.mark.parametrize(
    "text", ["latte", "0", "0,0 kg", "1234567890", "x", "", "9" * 99]
)
def test_what_is_no_usable_amount_is_none(text: str) -> None:
    tokens = tokenize(text)
    assert not tokens or amount_at(tokens, 0, words_for("en")) is None


def test_a_size_is_not_a_unit() -> None:
    amount = amount_at(tokenize("2 M shirts"), 0, words_for("en"))
    assert amount is not None
    assert amount.unit is None
