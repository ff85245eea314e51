"""Money is exact: minor units by ISO 4217, rounded once, half up."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.money import exponent, line_total, to_major, to_minor

MINOR = st.integers(min_value=-(10**15), max_value=10**15)
CURRENCIES = st.sampled_from(["JPY", "TRY", "USD", "KWD", "JOD", "CLP"])
ISO_4217 = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF",
    2: "TRY USD EUR GBP BRL RUB MXN SAR AED",
    3: "BHD IQD JOD KWD LYD OMR TND",
}
PRICES = st.decimals(min_value=0, max_value=10**6, places=6)
QUANTITIES = st.decimals(min_value=0, max_value=10**4, places=3)


@pytest.mark.parametrize(
    ("currency", "decimals"),
    [
        (code, decimals)
        for decimals, codes in ISO_4217.items()
        for code in codes.split()
    ],
)
def test_a_currency_has_its_iso_4217_decimals(currency: str, decimals: int) -> None:
    assert exponent(currency) == decimals
    assert to_minor(Decimal(1), currency) == 10**decimals


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("12.345", "TRY", 1235),
        ("12.344999", "TRY", 1234),
        ("0.005", "TRY", 1),
        ("-0.005", "TRY", -1),
        ("2.675", "USD", 268),
        ("99.5", "JPY", 100),
        ("1.2345", "KWD", 1235),
        ("1.2344", "KWD", 1234),
    ],
)
def test_amounts_round_half_up(amount: str, currency: str, minor: int) -> None:
    assert to_minor(Decimal(amount), currency) == minor


def test_a_line_is_rounded_once_not_per_piece() -> None:
    assert line_total(Decimal("0.333333"), Decimal(3), "TRY") == 100
    assert line_total(Decimal("89.90"), Decimal("0.35"), "TRY") == 3147


@given(MINOR, CURRENCIES)
def test_minor_units_survive_the_way_to_major_and_back(minor: int, code: str) -> None:
    assert to_minor(to_major(minor, code), code) == minor


@given(PRICES, QUANTITIES, CURRENCIES)
def test_a_line_is_never_off_by_more_than_half_a_minor_unit(
    price: Decimal, quantity: Decimal, code: str
) -> None:
    exact = (price * quantity).scaleb(exponent(code))
    assert abs(line_total(price, quantity, code) - exact) <= Decimal("0.5")


@given(st.lists(MINOR, max_size=50), CURRENCIES)
def test_sums_do_not_drift(amounts: list[int], code: str) -> None:
    total = sum((to_major(amount, code) for amount in amounts), Decimal(0))
    assert to_minor(total, code) == sum(amounts)
