import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.graphemes import LONGEST, graphemes, trim, width

calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

#: A black flag, and "gbwls" in tags.
WALES = "🏴" + "".join(chr(0xE0000 + ord(tag)) for tag in "gbwls\x7f")

ONE = {
    "a letter": "a",
    "a letter and its accent": "e\u0301",
    "two accents": "a\u0323\u0302",
    "Windows' line end": "\r\n",
    "a skin tone": "👍🏽",
    "a family": "👨\u200d👩\u200d👧\u200d👦",
    "a heart that burns": "❤\ufe0f\u200d🔥",
    "a flag": "🇹🇷",
    "the flag of Wales": WALES,
    "the rainbow flag": "🏳\ufe0f\u200d🌈",
    "a keycap": "1\ufe0f⃣",
    "Hangul in letters": "\u1112\u1161\u11ab",
    "Hangul and a final": "\ud558\u11ab",
    "Devanagari with a vowel": "नि",
    "a conjunct": "क्ष",
    "Tamil": "நி",
    "Arabic with a mark": "بّ",
}


@pytest.mark.parametrize("text", ONE.values(), ids=ONE)
def test_it_is_seen_as_one_character(text: str) -> None:
    assert list(graphemes(text)) == [text]
    assert list(graphemes(f"x{text}x")) == ["x", text, "x"]


@pytest.mark.parametrize(
    ("text", "characters"),
    [
        ("", []),
        ("ab", ["a", "b"]),
        ("🇹🇷🇩🇪🇬", ["🇹🇷", "🇩🇪", "🇬"]),
        ("a\n\u0301", ["a", "\n", "\u0301"]),
        ("\n\r", ["\n", "\r"]),
        ("👍👍🏽", ["👍", "👍🏽"]),
        ("한국", ["한", "국"]),
        ("şç", ["ş", "ç"]),
    ],
)
def test_neighbours_stay_apart(text: str, characters: list[str]) -> None:
    assert list(graphemes(text)) == characters


def test_marks_without_end_are_not_one_character() -> None:
    zalgo = "a" + "\u0301" * 1000
    assert max(map(len, graphemes(zalgo))) == LONGEST
    assert "".join(graphemes(zalgo)) == zalgo


@calm
@given(st.text())
def test_joined_they_are_the_text(text: str) -> None:
    found = list(graphemes(text))
    assert "".join(found) == text
    assert all(found)


@calm
@given(st.text(max_size=LONGEST - 2).filter(lambda text: text.isprintable()))
def test_a_mark_is_never_cut_off(text: str) -> None:
    starts = [unicodedata.category(cluster[0]) for cluster in graphemes(f"x{text}")]
    assert "Mn" not in starts


def test_width_counts_as_phones_do() -> None:
    assert [width("a"), width("ş"), width("👍"), width("👍🏽")] == [1, 1, 2, 4]


@pytest.mark.parametrize(
    ("text", "limit", "trimmed"),
    [
        ("Confirm", 20, "Confirm"),
        ("x" * 20, 20, "x" * 20),
        ("x" * 21, 20, "x" * 19 + "…"),
        ("Chocolate croissant with nuts", 20, "Chocolate croissant…"),
        ("Chocolate croissants are", 20, "Chocolate croissant…"),
        ("Buy two of those now please", 11, "Buy two of…"),
        (
            "👨\u200d👩\u200d👧\u200d👦👨\u200d👩\u200d👧\u200d👦",
            20,
            "👨\u200d👩\u200d👧\u200d👦…",
        ),
        ("e\u0301" * 20, 4, "e\u0301…"),
        (WALES, 5, "…"),
    ],
)
def test_trimming_keeps_whole_characters(text: str, limit: int, trimmed: str) -> None:
    assert trim(text, limit) == trimmed


@calm
@given(text=st.text(), limit=st.integers(1, 40))
def test_what_is_trimmed_fits_and_fits_again(text: str, limit: int) -> None:
    short = trim(text, limit)
    assert width(short) <= limit
    assert trim(short, limit) == short
    assert (short == text) == (width(text) <= limit)
