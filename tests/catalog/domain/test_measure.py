"""Measures are told apart from other numbers, however they are written."""

from decimal import Decimal

import pytest

from catalog.domain.measure import Dimension, Measure, measured

UNITS = {"litre": "l", "gr": "g", "шт": "piece", "кг": "kg"}
MASS, VOLUME, LENGTH = Dimension.MASS, Dimension.VOLUME, Dimension.LENGTH


@pytest.mark.parametrize(
    ("text", "dimension", "amount"),
    [
        ("cola 33 cl", VOLUME, "330"),
        ("cola 330ml", VOLUME, "330"),
        ("COLA 0,33 L", VOLUME, "330"),
        ("cola 0.33lt", VOLUME, "330"),
        ("water 1,5 litre", VOLUME, "1500"),
        ("rice 1.000 gr", MASS, "1000"),
        ("rice 1kg", MASS, "1000"),
        ("rice 0.750 kg", MASS, "750"),
        ("рис 2 кг", MASS, "2000"),
        ("rope 2 m", LENGTH, "2000"),
        ("rope 20cm", LENGTH, "200"),
        ("6x33 cl", VOLUME, "330"),
        ("6 x 33cl", VOLUME, "330"),
    ],
)
def test_a_measure_is_read_in_every_spelling(
    text: str, dimension: Dimension, amount: str
) -> None:
    assert measured(text, UNITS).measures == (Measure(dimension, Decimal(amount)),)


@pytest.mark.parametrize(
    "text", ["t-144", "no 102", "7 up", "2 latte", "3 шт", "2026", "m 5", "a5g7"]
)
def test_other_numbers_are_left_in_the_text(text: str) -> None:
    split = measured(text, UNITS)
    assert split.measures == ()
    assert split.rest == text


def test_the_text_is_left_without_its_measures() -> None:
    split = measured("Coca-Cola 33 cl zero", UNITS)
    assert split.rest.split() == ["Coca-Cola", "zero"]
    assert split.units == ("cl",)
