"""Numbers are read as people of different countries write them, or not at all."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.notation import BadCell
from catalog.domain.numerals import (
    Mark,
    Spelt,
    amount_and_currency,
    spelt,
    unmistakable,
)

POINT, COMMA = Mark.POINT, Mark.COMMA


@pytest.mark.parametrize(
    ("written", "read"),
    {
        "12": Spelt("12"),
        "12.5": Spelt("12.5", POINT),
        "12,5": Spelt("12.5", COMMA),
        "0,125": Spelt("0.125", COMMA),
        "0.125": Spelt("0.125", POINT),
        "1.234,56": Spelt("1234.56", COMMA),
        "1,234.56": Spelt("1234.56", POINT),
        "1 234,50": Spelt("1234.50", COMMA),
        "1\u202f234": Spelt("1234"),
        "1'234.50": Spelt("1234.50", POINT),
        "1.234.567": Spelt("1234567", COMMA),
        "1,234,567": Spelt("1234567", POINT),
        "1.250": Spelt("1.250", doubtful=True),
        "1250.125": Spelt("1250.125", POINT),
        "12.05.2024": Spelt("12.05.2024"),
        "1.234.56": Spelt("1.234.56"),
        "12.": Spelt("12."),
        "cheap": Spelt("cheap"),
        "": Spelt(""),
    }.items(),
)
def test_a_number_is_read_when_it_means_one_thing(written: str, read: Spelt) -> None:
    assert spelt(written) == read


def test_a_comma_before_three_digits_is_asked_about() -> None:
    with pytest.raises(BadCell, match=r"'1,250' may be 1250 or 1\.250: write one"):
        spelt("1,250")


@pytest.mark.parametrize(
    ("written", "mark", "read"),
    [
        ("1,250", COMMA, "1.250"),
        ("1,250", POINT, "1250"),
        ("1.250", COMMA, "1250"),
        ("1.250", POINT, "1.250"),
        ("1.234,5", COMMA, "1234.5"),
    ],
)
def test_who_says_what_starts_the_decimals_is_believed(
    written: str, mark: Mark, read: str
) -> None:
    assert spelt(written, mark) == Spelt(read, mark if written == "1.234,5" else None)


@pytest.mark.parametrize(
    ("written", "mark"), [("12.5", COMMA), ("12,5", POINT), ("0,125", POINT)]
)
def test_a_number_that_is_not_written_as_told_is_refused(
    written: str, mark: Mark
) -> None:
    with pytest.raises(BadCell, match="has no decimal"):
        spelt(written, mark)


@given(st.decimals(0, 999_999, places=2), st.sampled_from(["", " ", ".", "\u00a0"]))
def test_every_price_with_decimals_is_read_in_every_spelling(
    price: Decimal, between: str
) -> None:
    english = f"{price:,.2f}"
    turkish = english.replace(",", "?").replace(".", ",").replace("?", between)
    assert Decimal(spelt(english).text) == Decimal(spelt(turkish).text) == price


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("19.99 USD", ("19.99", "USD")),
        ("USD 19.99", ("19.99", "USD")),
        ("19,99try", ("19,99", "TRY")),
        ("19.99", ("19.99", "")),
        ("12.May", ("12.May", "")),
        ("USD", ("USD", "")),
        ("none", ("none", "")),
        ("USD 1 USD", ("USD 1 USD", "")),
    ],
)
def test_a_price_may_name_its_currency(written: str, parts: tuple[str, str]) -> None:
    assert amount_and_currency(written) == parts


def test_what_is_far_too_long_costs_no_time() -> None:
    text = "USD" + " " * 200_000 + "?"
    assert amount_and_currency(text) == (text, "")


@given(st.decimals(0, 9_999, places=3))
def test_what_we_write_is_read_as_one_number(number: Decimal) -> None:
    read = spelt(unmistakable(number))
    assert (Decimal(read.text), read.doubtful) == (number, False)
