"""The demo shop can be sold from: every row is read, every kind of product is there."""

import zlib
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from importlib.resources import as_file, files

import pytest

from bot.db import Database
from bot.simulator.shop.drawing import paint
from bot.simulator.shop.pictures import PICTURES, SIZE, draw
from catalog import Ambiguous, Certain, Index, Product
from tests.databases import add_test_tenant
from tests.feeds import read, take_in

SHOP = files("bot.simulator.shop")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ALL_PICTURES_BYTES = 300 * 1024


@pytest.fixture(scope="module")
def products() -> dict[str, Product]:
    """Return what the shop sells by name, read as the importer reads it."""
    with as_file(SHOP.joinpath("products.csv")) as path:
        return {product.name: product for product in read(path)}


@pytest.fixture(scope="module")
def index(products: dict[str, Product]) -> Index:
    return Index.build(
        replace(product, id=product.sku)
        for product in products.values()
        if product.active
    )


async def test_the_importer_takes_all_of_it(
    sqlite_database: Database, products: dict[str, Product]
) -> None:
    tenant_id = await add_test_tenant(sqlite_database)
    with as_file(SHOP.joinpath("products.csv")) as path:
        report = await take_in(sqlite_database, path, tenant_id=tenant_id)
    assert report.stored
    assert (report.errors, report.warnings) == ((), ())
    assert report.counts.added == len(products)


def test_two_trades_and_more_than_a_hundred_products(
    products: dict[str, Product],
) -> None:
    trades = Counter(
        (product.category or "").partition(" > ")[0] for product in products.values()
    )
    assert len(products) >= 110
    assert trades["Café"] + trades["Bakery"] >= 40
    assert trades["Grocery"] + trades["Household"] + trades["Hardware"] >= 40


def test_every_kind_of_product_is_there(products: dict[str, Product]) -> None:
    every = products.values()
    assert {p.unit for p in every} >= {"piece", "kg", "m"}
    assert {p.tax_rate for p in every} == {Decimal(1), Decimal(10), Decimal(20)}
    assert {p.type.value for p in every} == {"goods", "service"}
    for name in ("Tomatoes", "White Cheese"):
        sold = products[name]
        assert (sold.unit, sold.step, sold.minimum) == (
            "kg",
            Decimal("0.1"),
            Decimal("0.1"),
        )
    assert {(p.unit, p.size) for p in products["Spring Water 0.5 l"].packs} == {
        ("koli", Decimal(24))
    }
    assert any(p.stock == 0 for p in every), "some are sold out"
    assert any(p.stock == 2 for p in every), "some are nearly sold out"
    assert any(not p.active for p in every)
    assert any(p.list_price and p.price and p.list_price > p.price for p in every)
    assert all(len(products[n].variants) > 1 for n in ("T-Shirt", "Wall Paint White"))
    assert any(v.stock == 0 for v in products["T-Shirt"].variants)
    assert all(p.price for p in every)
    assert sum(bool(p.aliases) for p in every) > len(every) * 0.9
    assert len({p.brand for p in every if p.brand}) > 3
    assert any(
        p.weight_kg and p.length_cm and p.width_cm and p.height_cm for p in every
    )


def test_two_latte_need_no_question(products: dict[str, Product]) -> None:
    groups = products["Latte"].option_groups
    assert {group.name for group in groups} >= {"Milk", "Size", "Syrup"}
    assert all(group.default for group in groups if group.minimum)
    assert products["Latte"].stock is None, "made to order: nobody counts"


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("latte", "Latte"),
        ("choc croissant", "Chocolate Croissant"),
        ("çikolatalı kruvasan", "Chocolate Croissant"),
        ("beyaz peynir", "White Cheese"),
        ("domates", "Tomatoes"),
        ("sesame ring", "Simit"),
    ],
)
def test_customers_find_it_in_both_languages(
    index: Index, words: str, name: str
) -> None:
    found = index.find(words)
    assert isinstance(found, Certain)
    assert index.products[found.candidate.product_id].name == name


def test_a_croissant_alone_may_be_any_of_them(index: Index) -> None:
    found = index.find("croissant")
    assert isinstance(found, Ambiguous)
    names = {index.products[each.product_id].name for each in found.candidates}
    assert names >= {"Butter Croissant", "Chocolate Croissant", "Almond Croissant"}


def gtins(products: dict[str, Product]) -> list[str]:
    own = [p.gtin for p in products.values() if p.gtin]
    return own + [v.gtin for p in products.values() for v in p.variants if v.gtin]


def test_barcodes_are_unique_and_their_check_digits_right(
    products: dict[str, Product],
) -> None:
    codes = gtins(products)
    assert len(codes) == len(set(codes)) >= 30
    for code in codes:
        # GS1: from the right, digits weigh 1 and 3 in turn; the sum ends in 0.
        digits = [int(digit) for digit in reversed(code)]
        assert (sum(digits[::2]) + 3 * sum(digits[1::2])) % 10 == 0
        assert code.startswith("2"), "a number for use inside one shop"


def test_every_picture_is_there_and_used(products: dict[str, Product]) -> None:
    wanted = {product.image for product in products.values()}
    drawn = {f"{name}.png" for name in PICTURES}
    assert wanted == drawn
    sizes = [len(SHOP.joinpath(name).read_bytes()) for name in drawn]
    assert sum(sizes) < ALL_PICTURES_BYTES


@pytest.mark.parametrize("name", ["latte", "cheese"])
def test_the_stored_pictures_are_the_drawn_ones(name: str) -> None:
    # Compressors differ between machines; what they hold does not.
    stored = SHOP.joinpath(f"{name}.png").read_bytes()
    assert rows(stored) == rows(draw(name))


def rows(png: bytes) -> bytes:
    start = png.index(b"IDAT") + 4
    length = int.from_bytes(png[start - 8 : start - 4], "big")
    return zlib.decompress(png[start : start + length])


def test_a_picture_has_three_bytes_a_pixel() -> None:
    background, layers = PICTURES["egg"]
    pixels = paint(background, layers, 8)
    assert len(pixels) == 8 * 8 * 3
    assert pixels[:3] == bytes(background)
    assert len(rows(draw("egg"))) == SIZE * (SIZE * 3 + 1)
