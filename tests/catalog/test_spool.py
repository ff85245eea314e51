"""A feed's rows are checked against each other, in whatever order they stand."""

from collections.abc import Iterator

import pytest

from catalog import Product, Variant
from catalog.domain.feed import MOST_VARIANTS, RowError, VariantRow
from catalog.spool import NAMED, Mistakes, Spool, open_spool
from tests.factories import a_product


@pytest.fixture
def spool() -> Iterator[Spool]:
    with open_spool() as made:
        yield made


def product(sku: str) -> Product:
    return a_product(id="", sku=sku)


def variant(sku: str, parent: str) -> VariantRow:
    return VariantRow(parent, Variant("", sku, sku, {"size": sku}))


def held(spool: Spool) -> dict[str, list[str]]:
    """Return the SKUs of the products, each with those of its variants."""
    found = spool.products(0, 10_000)
    return {each.sku: [form.sku for form in each.variants] for each in found}


def test_variants_join_their_product_before_or_after_it(spool: Spool) -> None:
    spool.add(2, variant("TEE-S", "TEE"))
    spool.add(3, product("TEE"))
    spool.add(4, variant("TEE-M", "TEE"))
    spool.add(5, variant("CAP-M", "CAP"))
    mistakes = Mistakes()
    assert spool.close(mistakes) == 1
    assert held(spool) == {"TEE": ["TEE-S", "TEE-M"]}
    (given,) = spool.products(0, 10)
    assert [form.values["position"] for form in given.variants] == [0, 1]
    advice = "add a row with this sku, without parent_sku"
    assert mistakes.first() == (
        RowError(5, "parent_sku", f"there is no product 'CAP' in this file: {advice}"),
    )


def test_a_sku_used_twice_is_told_with_both_lines(spool: Spool) -> None:
    spool.add(2, product("LAT"))
    spool.add(5, product("TEE"))
    spool.add(6, variant("LAT", "TEE"))
    spool.add(9, product("LAT"))
    mistakes = Mistakes()
    spool.close(mistakes)
    assert [str(error) for error in mistakes.first()] == [
        "line 6, sku: 'LAT' is also on line 2: give each row its own",
        "line 9, sku: 'LAT' is also on line 2: give each row its own",
    ]
    assert held(spool) == {"LAT": []}, "half a T-shirt is none"


def test_a_product_of_which_a_row_is_spoilt_is_left_out_as_a_whole(
    spool: Spool,
) -> None:
    spool.add(2, product("TEE"))
    spool.add(3, variant("TEE-S", "TEE"))
    spool.spoil("TEE")
    mistakes = Mistakes()
    assert spool.close(mistakes) == 0
    assert (held(spool), mistakes.count) == ({}, 0)


def test_nobody_can_choose_from_more_than_a_thousand_variants(spool: Spool) -> None:
    spool.add(2, product("TEE"))
    spool.add(3, product("CAP"))
    for number in range(MOST_VARIANTS + 1):
        spool.add(4 + number, variant(f"TEE-{number}", "TEE"))
    mistakes = Mistakes()
    assert spool.close(mistakes) == 1
    assert [str(error) for error in mistakes.first()] == [
        "line 1004, parent_sku: 'TEE' has more than 1000 variants: split it"
    ]
    assert held(spool) == {"CAP": []}


def test_products_are_given_out_in_parts(spool: Spool) -> None:
    for line in range(2, 1500):
        spool.add(line, product(f"P{line}"))
    assert spool.close(Mistakes()) == 1498
    first = spool.products(0, 1000)
    rest = spool.products(first[-1].place, 1000)
    assert [each.line for each in (*first, *rest)] == list(range(2, 1500))
    assert spool.holds({"P2", "X"}) == {"P2"}
    assert spool.holds_variants({"P2"}) == frozenset()


def test_of_many_mistakes_the_first_by_line_are_kept() -> None:
    mistakes = Mistakes()
    for line in range(1000, 0, -1):
        mistakes.add(RowError(line, "sku", "no"))
    assert mistakes.count == 1000
    assert [error.line for error in mistakes.first()] == list(range(1, NAMED + 1))
