import contextlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.cleaning import TEXT_LIMIT, clean
from bot.channels.strict_json import UnreadableJson, parse, show


def test_numbers_with_a_point_are_exact() -> None:
    assert parse(b'{"a": 0.1, "b": 2}') == {"a": Decimal("0.1"), "b": 2}


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b'{"a": 1, "a": 1}', "duplicate keys"),
        (b'[{"a": 1, "\\u0061": 2}]', "duplicate keys"),
        (b"\xff", "not UTF-8"),
        (b"{", "not JSON"),
        (b"", "not JSON"),
        (b"{} {}", "not JSON"),
        (b"[" * 100_000, "nested too deep"),
    ],
)
def test_what_has_no_one_meaning_is_refused(body: bytes, why: str) -> None:
    with pytest.raises(UnreadableJson, match=why):
        parse(body)


@given(st.binary() | st.text())
def test_nothing_else_is_raised(body: bytes | str) -> None:
    with contextlib.suppress(UnreadableJson):
        show(parse(body))


@given(st.text(st.characters(codec=None) | st.just("\0")))
def test_clean_text_can_be_stored_and_stays_as_it_is(text: str) -> None:
    cleaned = clean(text)
    assert "\0" not in cleaned
    cleaned.encode()  # would raise for a lone surrogate
    assert clean(cleaned) == cleaned


def test_only_what_cannot_be_stored_is_lost() -> None:
    assert clean("a\0b\ud83dc\u202e２😀") == "abc\u202e２😀"  # noqa: RUF001  # on purpose
    assert clean("x" * (TEXT_LIMIT + 1)) == "x" * TEXT_LIMIT
    assert clean("\0\0abc", 2) == "ab"
