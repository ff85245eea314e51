"""Which words may be taught, and without what."""

import pytest

from catalog.domain.learnt import key_of
from catalog.teachable import NotTeachable, fillers, teachable


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("coke 2", "coke"),
        ("2 coke", "coke"),
        ("2x coke", "coke"),
        ("coke x2", "coke"),
        ("2 x coke", "coke"),
        ("coke two", "coke"),
        ("2 koli su", "su"),
        ("su 2 koli", "su"),
        ("  the   usual ", "the usual"),
        ("40 mm ones", "40 mm ones"),
        ("5 mm ones", "5 mm ones"),
        ("cola 330 ml", "cola 330 ml"),
        ("iphone 15", "iphone 15"),
        ("7up", "7up"),
        ("no sugar cola", "no sugar cola"),
        ("milk tea", "milk tea"),
    ],
)
def test_a_name_is_kept_without_how_many(words: str, kept: str) -> None:
    assert teachable(words) == kept


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("evet", "whole message"),
        ("Evet, lütfen", "whole message"),
        ("yes", "whole message"),
        ("no", "whole message"),
        ("Thanks!", "whole message"),
        ("STOP", "whole message"),
        ("да", "whole message"),
        ("menü", "whole message"),
        ("2", "amount"),
        ("2 kg", "amount"),
        ("x2", "amount"),
        ("iki", "amount"),
        ("?!", "letters or digits"),
        ("x" * 500, "too long"),
    ],
)
def test_what_means_something_else_is_not_taught(words: str, why: str) -> None:
    with pytest.raises(NotTeachable, match=why):
        teachable(words)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("vitamin d", "vitamin e"),
        ("no sugar cola", "sugar cola"),
        ("hiç süt", "süt"),
        ("soğuk su", "soğuk"),
        ("milk and tea", "milk tea"),
    ],
)
def test_words_that_differ_in_a_word_that_tells_are_two(one: str, other: str) -> None:
    assert key_of(one, fillers()) != key_of(other, fillers())
