"""A shelf holds products in little room and gives them back as they were."""

from decimal import Decimal

import pytest

from catalog import OptionGroup, OptionValue, Pack, Product, Variant
from catalog.domain.shelf import Packer, Shelf, pack, unpack
from tests.factories import a_product
from tests.goods import GOODS

RICH = a_product(
    id="rich",
    aliases=("other", "name"),
    packs=(Pack("koli", Decimal(24)),),
    attributes={"colour": "red"},
    stock=Decimal(0),
    active=False,
    variants=(Variant("v", "v-1", "red, M", {"size": "M"}),),
    option_groups=(OptionGroup("g", "G", (OptionValue("o", "O", Decimal("0.5")),)),),
)


def shelf_of(*products: Product) -> Shelf:
    packer = Packer()
    for product in products:
        packer.add(product)
    return packer.shelf()


@pytest.mark.parametrize("product", [*GOODS, RICH], ids=lambda p: p.sku)
def test_a_product_is_unpacked_as_it_was_packed(product: Product) -> None:
    assert unpack(pack(product)) == product


def test_products_are_found_by_id_and_by_place() -> None:
    shelf = shelf_of(RICH, a_product(id="b", name="B"))
    assert (len(shelf), list(shelf)) == (2, ["rich", "b"])
    assert shelf["rich"] == shelf.at(0) == RICH
    assert shelf.number("b") == 1
    assert shelf.get("nothing") is None


def test_of_two_products_with_one_id_the_last_counts() -> None:
    shelf = shelf_of(a_product(id="a", name="Old"), a_product(id="a", name="New"))
    assert shelf["a"].name == "New"


def test_an_empty_shelf_holds_nothing() -> None:
    assert dict(shelf_of()) == {}


def test_a_plain_product_takes_a_few_hundred_bytes() -> None:
    assert len(pack(a_product())) < 400


def test_what_was_looked_at_stays_unpacked_among_a_few_hundred() -> None:
    shelf = shelf_of(*(a_product(id=f"p{n}", name=f"Nr {n}") for n in range(600)))
    assert shelf.at(7) is shelf.at(7)
    assert [shelf.at(n).name for n in range(600)] == [f"Nr {n}" for n in range(600)]
    assert shelf.at(0).name == "Nr 0"
    assert len(shelf._unpacked) < 600  # noqa: SLF001  # what bounds the memory
