"""What fits: nothing too long, nothing lost, nothing cut in two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.fitting import joined, shortened, split, titled, width

texts = st.text(max_size=120) | st.text("a \n👍🏽e\u0301\u200d", max_size=120)


@given(texts, st.integers(2, 40))
def test_shortened_texts_fit_and_short_ones_stay(text: str, limit: int) -> None:
    short = shortened(text, limit)
    assert width(short) <= limit
    assert short == text or short.endswith("…")
    assert (width(text) <= limit) == (short == text) or short == text


@given(texts, st.integers(4, 40))
def test_split_texts_fit_and_keep_every_word(text: str, limit: int) -> None:
    pieces = list(split(text, limit))
    assert all(width(piece) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


@given(st.lists(texts, max_size=12), st.integers(8, 24))
def test_titles_fit_and_differ(titles: list[str], limit: int) -> None:
    fitted = titled(titles, limit)
    assert len(set(fitted)) == len(fitted) == len(titles)
    assert all(0 < width(title) <= limit for title in fitted)


CUTS = [
    ("abcdef", 6, "abcdef"),
    ("abcdefg", 6, "abcde…"),
    ("ab cdefg", 4, "ab…"),
    ("cafe\u0301s and more", 6, "cafe\u0301…"),
    ("👍🏽👍🏽", 6, "👍🏽…"),
]


@pytest.mark.parametrize(("text", "limit", "expected"), CUTS)
def test_texts_are_cut_between_characters_as_seen(
    text: str, limit: int, expected: str
) -> None:
    assert shortened(text, limit) == expected


def test_paragraphs_of_several_lines_stand_apart() -> None:
    assert joined(["a", "", "b", "c\nd", "e"]) == "a\nb\n\nc\nd\n\ne"
