"""An export is what an import reads back without a change, whatever its format."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from bot.db import Database
from catalog import OptionGroup, OptionValue
from catalog.exporting import export_products
from catalog.formats.registry import FORMATS
from catalog.store import ImportCounts, reserve, upsert_products
from tests.databases import add_test_tenant
from tests.factories import a_product, a_shirt
from tests.feeds import NOW, made_id, read, stored, take_in

MILK = OptionGroup(
    "milk",
    "Milk",
    (
        OptionValue("whole-milk", "whole milk"),
        OptionValue("oat", "Oat", Decimal("12.50"), ("yulaf",)),
    ),
    minimum=1,
    default="oat",
)
GOODS = (
    a_product(
        id="",
        aliases=("latte | grande", "=1+1"),
        option_groups=(MILK,),
        stock=Decimal(7),
    ),
    a_shirt(
        id="",
        price=None,
        variants=tuple(
            # A feed says of a variant what it is.
            type(form)("", form.sku, form.name, {"colour": form.name}, form.price)
            for form in a_shirt().variants
        ),
    ),
    a_product(id="", sku="OLD", name='"Old"\nthing; ş', active=False),
)


async def fill(database: Database, tenant_id: str) -> None:
    async with database.transaction() as connection:
        await upsert_products(connection, tenant_id, GOODS, new_id=made_id, now=NOW)


async def export(
    database: Database,
    path: Path,
    tenant_id: str = "tenant_test",
    file_format: str = "csv",
) -> Path:
    writer = FORMATS[file_format].writer()
    parts = export_products(database, tenant_id, writer)
    content = b"".join([part async for part in parts])
    path.write_bytes(content)  # noqa: ASYNC240  # nothing else runs meanwhile
    return path


@pytest.mark.parametrize("file_format", ["csv", "tsv", "jsonl", "xlsx"])
async def test_an_export_is_imported_without_a_change(
    database: Database, tenant_id: str, tmp_path: Path, file_format: str
) -> None:
    await fill(database, tenant_id)
    before = await stored(database)
    path = await export(database, tmp_path / "out", file_format=file_format)
    report = await take_in(database, path)
    assert (report.errors, report.warnings) == ((), ())
    assert (report.counts, report.format) == (ImportCounts(unchanged=3), file_format)
    assert await stored(database) == before


@pytest.mark.parametrize("file_format", ["google", "meta", "shopify"])
async def test_a_feed_leaves_alone_what_it_has_no_field_for(
    database: Database, tenant_id: str, tmp_path: Path, file_format: str
) -> None:
    priced = replace(GOODS[1], price=Decimal(400))
    async with database.transaction() as connection:
        goods = [GOODS[0], priced]
        await upsert_products(connection, tenant_id, goods, new_id=made_id, now=NOW)
    before = await stored(database)
    path = await export(database, tmp_path / "out", file_format=file_format)
    report = await take_in(database, path)
    assert (report.errors, report.stored) == ((), True)
    after = await stored(database)
    latte, shirt = after["LATTE"], after["SHIRT"]
    assert latte.aliases == before["LATTE"].aliases
    assert latte.option_groups == before["LATTE"].option_groups
    assert latte.tax_rate == before["LATTE"].tax_rate
    assert [(v.id, v.sku) for v in shirt.variants] == [
        (v.id, v.sku) for v in before["SHIRT"].variants
    ]
    again = await take_in(database, path)
    assert again.counts == ImportCounts(unchanged=2), "the second time it is known"


async def test_an_export_makes_the_same_catalog_in_another_shop(
    database: Database, tenant_id: str, tmp_path: Path
) -> None:
    await fill(database, tenant_id)
    await add_test_tenant(database, "tenant_other")
    first = await export(database, tmp_path / "first.csv")
    await take_in(database, first, tenant_id="tenant_other")
    second = await export(database, tmp_path / "second.csv", "tenant_other")
    assert second.read_bytes() == first.read_bytes()


async def test_stock_is_what_the_merchant_has_held_back_or_not(
    database: Database, tenant_id: str, tmp_path: Path
) -> None:
    await fill(database, tenant_id)
    latte = (await stored(database))["LATTE"]
    async with database.transaction() as connection:
        await reserve(connection, {(latte.id, None): Decimal(2)})
    products = {each.sku: each for each in read(await export(database, tmp_path / "o"))}
    assert products["LATTE"].stock == 7
    assert (await stored(database))["LATTE"].stock == 5


async def test_more_products_than_are_read_at_a_time_are_all_written(
    database: Database, tenant_id: str, tmp_path: Path
) -> None:
    products = [a_product(id="", sku=f"S{n}") for n in range(1201)]
    async with database.transaction() as connection:
        await upsert_products(connection, tenant_id, products, new_id=made_id, now=NOW)
    written = read(await export(database, tmp_path / "out.csv"))
    assert [each.sku for each in written] == [each.sku for each in products]


async def test_an_empty_catalog_is_a_header(
    database: Database, tenant_id: str, tmp_path: Path
) -> None:
    path = await export(database, tmp_path / "out.csv")
    assert path.read_text().startswith("sku,parent_sku,name,price,stock,active,")
    assert len(path.read_text().splitlines()) == 1
