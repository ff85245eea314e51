"""Money and quantities on the wire are exact, whatever the currency."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from bot.web.api.models import Exact, Given, Moment, Money, plain
from catalog.domain.money import to_major

CURRENCIES = st.sampled_from(["TRY", "JPY", "KWD", "EUR"])
PRICES = st.decimals("0", "1000000", allow_nan=False, places=6)


class Weighed(Given):
    weight: Exact


class Dated(BaseModel):
    at: Moment


@given(st.integers(-(10**14), 10**14), CURRENCIES)
def test_money_goes_out_and_comes_back_the_same(minor: int, currency: str) -> None:
    assert Money.of_minor(minor, currency).minor(currency) == minor


@given(PRICES, CURRENCIES)
def test_a_unit_price_keeps_all_its_decimals(price: Decimal, currency: str) -> None:
    assert Money.of_price(price, currency).price(currency) == price


@pytest.mark.parametrize(
    ("minor", "currency", "amount"),
    [
        (1250, "TRY", "12.50"),
        (1250, "JPY", "1250"),
        (1250, "KWD", "1.250"),
        (0, "TRY", "0.00"),
    ],
)
def test_money_has_the_decimals_of_its_currency(
    minor: int, currency: str, amount: str
) -> None:
    assert Money.of_minor(minor, currency).amount == amount
    assert Decimal(amount) == to_major(minor, currency)


@pytest.mark.parametrize(
    ("price", "amount"),
    [("85.5", "85.50"), ("0.123456", "0.123456"), ("1E+2", "100.00")],
)
def test_a_unit_price_has_at_least_the_decimals_of_its_currency(
    price: str, amount: str
) -> None:
    assert Money.of_price(Decimal(price), "TRY").amount == amount


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [("1.5", "JPY", "more decimals"), ("1.005", "TRY", "more decimals")],
)
def test_money_that_cannot_be_paid_is_refused(
    amount: str, currency: str, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        Money(amount=amount, currency=currency).minor(currency)


@given(st.decimals(-(10**9), 10**9, places=6))
def test_a_quantity_is_plain_digits(value: Decimal) -> None:
    text = plain(value)
    assert Decimal(text) == value
    assert "E" not in text
    assert Weighed.model_validate_json(f'{{"weight": "{text}"}}').weight == value


@pytest.mark.parametrize("sent", ['"2.5"', "2.5", "2", '"2"', "-1"])
def test_a_quantity_is_read_as_text_or_number(sent: str) -> None:
    weighed = Weighed.model_validate_json(f'{{"weight": {sent}}}')
    assert weighed.weight == Decimal(sent.strip('"'))


@pytest.mark.parametrize(
    "sent",
    [
        '"1e400"',
        "1e400",
        '"NaN"',
        '"\\u0661"',  # an Arabic digit
        '" 1"',
        '""',
        "true",
        "null",
        "[]",
        "0.1234567",
    ],
)
def test_what_is_no_quantity_is_refused(sent: str) -> None:
    with pytest.raises(ValidationError):
        Weighed.model_validate_json(f'{{"weight": {sent}}}')


@pytest.mark.parametrize(
    "far", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"]
)
def test_a_moment_beyond_the_calendar_is_refused(far: str) -> None:
    with pytest.raises(ValidationError, match="too far away"):
        Dated.model_validate_json(f'{{"at": "{far}"}}')
