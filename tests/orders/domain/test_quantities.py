"""From what people say to what can be sold."""

from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog import Product
from orders import (
    Amount,
    QuantityProblem,
    QuantityReason,
    UnknownUnit,
    at_most,
    converted,
    quantity_problem,
)
from tests.factories import a_pack, a_product

D = Decimal
WATER = a_product(packs=(a_pack("koli", 24),))
TEA = a_product(unit="kg", step=D("0.1"), minimum=D("0.1"), default_quantity=D("0.5"))
OIL = a_product(unit="l", step=D("0.05"), minimum=D("0.05"))
SPICE = a_product(unit="g", step=D(10), minimum=D(50))


@dataclass(frozen=True)
class Case:
    id: str
    product: Product
    quantity: Decimal | None
    unit: str | None
    result: Amount | UnknownUnit
    words: dict[str, str] = field(default_factory=dict)


CASES = [
    Case("pieces", WATER, D(2), None, Amount(D(2), "piece")),
    Case("nothing said: the default", TEA, None, None, Amount(D("0.5"), "kg")),
    Case("an empty unit is none", TEA, D(2), " ", Amount(D(2), "kg")),
    Case("packs", WATER, D(2), "koli", Amount(D(48), "piece", "2 koli")),
    Case("one pack", WATER, None, "Koli", Amount(D(24), "piece", "1 Koli")),
    Case("half a pack", WATER, D("0.5"), "koli", Amount(D(12), "piece", "0.5 koli")),
    Case("its own unit", TEA, D("1.5"), "KG", Amount(D("1.5"), "kg")),
    Case("half a kilo", TEA, D("0.5"), "kg", Amount(D("0.5"), "kg")),
    Case("grams of kilos", TEA, D(250), "g", Amount(D("0.25"), "kg", "250 g")),
    Case("kilos of grams", SPICE, D("0.5"), "kg", Amount(D(500), "g", "0.5 kg")),
    Case("millilitres", OIL, D(750), "ml", Amount(D("0.75"), "l", "750 ml")),
    Case("centilitres", OIL, D(50), "cl.", Amount(D("0.5"), "l", "50 cl.")),
    Case(
        "litres of millilitres",
        a_product(unit="ml"),
        D("1E+1"),
        "l",
        Amount(D(10000), "ml", "10 l"),
    ),
    Case(
        "a word of a language",
        TEA,
        D(500),
        "Gramm",
        Amount(D("0.5"), "kg", "500 Gramm"),
        {"gramm": "g"},
    ),
    Case(
        "a word that is the unit itself",
        WATER,
        D(3),
        "adet",
        Amount(D(3), "piece"),
        {"adet": "piece"},
    ),
    Case(
        "a pack wins over a word of the same spelling",
        a_product(packs=(a_pack("paket", 6),)),
        D(1),
        "paket",
        Amount(D(6), "piece", "1 paket"),
        {"paket": "piece"},
    ),
    Case(
        "another kind of unit",
        WATER,
        D(2),
        "kg",
        UnknownUnit("kg", ("piece", "koli")),
    ),
    Case("no unit at all", OIL, D(2), "xyz", UnknownUnit("xyz", ("l",))),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_what_was_said_in_the_products_unit(case: Case) -> None:
    assert converted(case.product, case.quantity, case.unit, case.words) == case.result


@dataclass(frozen=True)
class Limit:
    id: str
    product: Product
    asked: Decimal
    reason: QuantityReason | None = None
    nearest: Decimal | None = None


BELOW, OFF = QuantityReason.BELOW_MINIMUM, QuantityReason.OFF_STEP
LIMITS = [
    Limit("whole pieces", WATER, D(7)),
    Limit("half a piece", WATER, D("2.5"), OFF, D(3)),
    Limit("a little more than two", WATER, D("2.4"), OFF, D(2)),
    Limit("a tenth of a kilo", TEA, D("0.1")),
    Limit("less than a tenth", TEA, D("0.04"), BELOW, D("0.1")),
    Limit("a step and a bit", TEA, D("0.34"), OFF, D("0.3")),
    Limit("below the minimum", SPICE, D(40), BELOW, D(50)),
    Limit(
        "a minimum between two steps is the step above",
        a_product(step=D(4), minimum=D(6)),
        D(7),
        BELOW,
        D(8),
    ),
    Limit("no step: anything from the minimum", a_product(step=D(0)), D("1.234")),
]


@pytest.mark.parametrize("case", LIMITS, ids=lambda case: case.id)
def test_what_can_be_sold(case: Limit) -> None:
    product, found = case.product, quantity_problem(case.product, case.asked)
    if case.reason is None or case.nearest is None:
        assert found is None
    else:
        assert found == QuantityProblem(
            case.reason,
            case.asked,
            case.nearest,
            product.minimum,
            product.step,
            product.unit,
        )


steps = st.sampled_from([D("0.05"), D("0.1"), D("0.25"), D(1), D(6)])
amounts = st.decimals("0.01", 100, places=2)


@given(steps, amounts, amounts, st.booleans())
def test_the_nearest_can_be_sold_and_nothing_nearer(
    step: Decimal,
    minimum: Decimal,
    asked: Decimal,
    whole: bool,
) -> None:
    asked = max(asked - asked % step, step) if whole else asked
    product = a_product(step=step, minimum=minimum)
    found = quantity_problem(product, asked)
    if found is None:
        assert asked % step == 0
        assert asked >= minimum
        return
    assert quantity_problem(product, found.nearest) is None
    distance = abs(found.nearest - asked)
    for other in (found.nearest - step, found.nearest + step):
        if other > 0 and quantity_problem(product, other) is None:
            assert abs(other - asked) >= distance


@given(steps, amounts, st.decimals(-5, 100, places=2))
def test_at_most_is_the_largest_that_can_be_sold(
    step: Decimal, minimum: Decimal, available: Decimal
) -> None:
    product = a_product(step=step, minimum=minimum)
    most = at_most(product, available)
    if most:
        assert most <= available
        assert quantity_problem(product, most) is None
        assert most + step > available
    else:
        first = quantity_problem(product, D("0.001"))
        assert first is not None
        assert first.nearest > available
