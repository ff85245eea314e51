"""Amounts with a unit are comparable, however they are written."""

from decimal import Decimal

import pytest

from catalog.domain.measure import Dimension, Measure, amount_of, measure_of

UNITS = {"litre": "l", "кг": "kg", "шт": "piece"}
MASS, VOLUME, LENGTH = Dimension.MASS, Dimension.VOLUME, Dimension.LENGTH


@pytest.mark.parametrize(
    ("amount", "unit", "dimension", "smallest", "text"),
    [
        ("33", "cl", VOLUME, "330", "330ml"),
        ("330", "ML", VOLUME, "330", "330ml"),
        ("0.33", "L", VOLUME, "330", "330ml"),
        ("1.5", "litre", VOLUME, "1500", "1500ml"),
        ("500", "gr", MASS, "500", "500g"),
        ("0.5", "kg", MASS, "500", "500g"),
        ("500", "mg", MASS, "0.5", "0.5g"),
        ("2", "кг", MASS, "2000", "2000g"),
        ("20", "cm", LENGTH, "200", "200mm"),
    ],
)
def test_a_measure_is_the_same_in_every_unit(
    amount: str, unit: str, dimension: Dimension, smallest: str, text: str
) -> None:
    measure = measure_of(Decimal(amount), unit, UNITS)
    assert measure == Measure(dimension, Decimal(smallest))
    assert measure.text == text


@pytest.mark.parametrize("unit", ["шт", "latte", "up", ""])
def test_what_is_no_unit_measures_nothing(unit: str) -> None:
    assert measure_of(Decimal(2), unit, UNITS) is None


@pytest.mark.parametrize(
    ("whole", "decimals", "amount"),
    [
        ("33", None, "33"),
        ("1", "5", "1.5"),
        ("0", "750", "0.750"),
        ("1", "000", "1000"),
        ("12", "50", "12.50"),
    ],
)
def test_thousands_are_told_from_decimals(
    whole: str, decimals: str | None, amount: str
) -> None:
    assert amount_of(whole, decimals) == Decimal(amount)
