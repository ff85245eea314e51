"""CSV files are taken in whole, or refused with every line that is wrong."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.db import Database
from catalog import Product
from catalog.importing import (
    BadFeed,
    ImportReport,
    UnknownTenant,
    import_csv,
    read_csv,
)
from catalog.store import ImportCounts, catalog_revision, load_products

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SHOP = """\
sku,name,price,stock,parent_sku,attributes,aliases
LAT,Latte,85.50,,,,caffe latte|late
TEE-S,,,4,TEE,colour=Red|size=S,
TEE,"T-Shirt, basic",199.90,,,,
"""
WITH_ERRORS = """\
sku,name,price,parent_sku,attributes
LAT,Latte,85.50,,
BAD,Bagel,"12,50",,
TEE,T-Shirt,199.90,,
TEE-S,,x,TEE,size=S
TEE-M,,,TEE,size=M
LAT,Latte again,1,,
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str | bytes], Path]:
    def to_file(content: str | bytes) -> Path:
        path = tmp_path / "shop.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return to_file


async def take_in(
    database: Database, path: Path, *, dry_run: bool = False, partial: bool = False
) -> ImportReport:
    numbers = count(1)
    return await import_csv(
        database.transaction,
        "tenant_test",
        path,
        new_id=lambda kind: f"{kind}_{next(numbers):026}",
        now=NOW,
        dry_run=dry_run,
        partial=partial,
    )


async def stored(database: Database) -> dict[str, Product]:
    async with database.reading() as connection:
        found = await load_products(connection, "tenant_test")
    return {product.sku: product for product in found}


async def test_a_file_is_taken_in_once_and_again_without_effect(
    database: Database, tenant_id: str, write: Callable[[str | bytes], Path]
) -> None:
    path = write(SHOP)
    report = await take_in(database, path)
    assert report == ImportReport(ImportCounts(added=2), (), stored=True)
    again = await take_in(database, path)
    assert again == ImportReport(ImportCounts(unchanged=2), (), stored=True)
    products = await stored(database)
    assert products["LAT"].aliases == ("caffe latte", "late")
    assert products["LAT"].currency == "TRY"
    assert products["TEE"].name == "T-Shirt, basic"
    (form,) = products["TEE"].variants
    assert (form.name, form.stock) == ("Red, S", Decimal(4))


async def test_one_wrong_row_stops_everything_and_all_wrong_rows_are_told(
    database: Database, tenant_id: str, write: Callable[[str | bytes], Path]
) -> None:
    report = await take_in(database, write(WITH_ERRORS))
    assert not report.stored
    assert report.counts == ImportCounts()
    assert [str(error).split(" is ")[0] for error in report.errors] == [
        "line 3, price: '12,50'",
        "line 5, price: 'x'",
        "line 7, sku: 'LAT'",
    ]
    assert await stored(database) == {}


async def test_a_partial_import_takes_in_the_products_that_are_right(
    database: Database, tenant_id: str, write: Callable[[str | bytes], Path]
) -> None:
    report = await take_in(database, write(WITH_ERRORS), partial=True)
    assert report.stored
    assert report.counts == ImportCounts(added=1)
    assert len(report.errors) == 3
    assert (await stored(database)).keys() == {"LAT"}, "half a T-shirt is none"


@pytest.mark.parametrize(("content", "added"), [(SHOP, 2), (WITH_ERRORS, 1)])
async def test_a_dry_run_says_what_would_happen_and_changes_nothing(
    database: Database,
    tenant_id: str,
    write: Callable[[str | bytes], Path],
    content: str,
    added: int,
) -> None:
    report = await take_in(database, write(content), dry_run=True, partial=True)
    assert not report.stored
    assert report.counts == ImportCounts(added=added)
    assert await stored(database) == {}
    async with database.reading() as connection:
        assert await catalog_revision(connection, [tenant_id]) == {tenant_id: 0}


async def test_a_file_for_nobody_is_refused(
    database: Database, write: Callable[[str | bytes], Path]
) -> None:
    with pytest.raises(UnknownTenant, match="tenant_test"):
        await take_in(database, write(SHOP))


@pytest.mark.parametrize(
    "content",
    [
        SHOP.encode("utf-8-sig"),
        SHOP.replace("\n", "\r\n").encode(),
        SHOP.replace(",", ";").replace("; basic", ", basic").encode(),
        SHOP.replace(",", "\t").replace("\t basic", ", basic").encode(),
        SHOP.replace("\n", "\n\n").replace("sku,name", "SKU, Name ").encode(),
        SHOP.encode() + b",,,,,,\n",
    ],
    ids=["bom", "crlf", "semicolons", "tabs", "blank lines", "empty cells"],
)
def test_the_ways_in_which_spreadsheets_save_are_read(
    write: Callable[[str | bytes], Path], content: bytes
) -> None:
    products, errors = read_csv(write(content), currency="TRY")
    assert errors == []
    assert [product.name for product in products] == ["Latte", "T-Shirt, basic"]
    assert products[0].price == Decimal("85.50")


def test_lines_are_those_of_the_file_even_after_a_cell_of_several_lines(
    write: Callable[[str | bytes], Path],
) -> None:
    content = 'sku,name,price\nA,"two\nlines",1\nB,Bagel,x\nC,Cake\n'
    products, errors = read_csv(write(content), currency="TRY")
    assert [product.name for product in products] == ["two\nlines"]
    assert [(error.line, error.column) for error in errors] == [
        (4, "price"),
        (5, "(row)"),
    ]
    assert "2 cells, the header 3" in errors[1].message


def test_a_wrong_header_is_all_that_is_told(
    write: Callable[[str | bytes], Path],
) -> None:
    products, errors = read_csv(write("sku,prize\nA,1\n"), currency="TRY")
    assert products == []
    assert [error.column for error in errors] == ["name", "price", "prize"]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("sku,name,price\nA,Çay,1\n".encode("cp1254"), "not UTF-8"),
        ("sku,name,price\nA,Tea,1\n".encode("utf-16"), "not UTF-8"),
        (b'sku,name,price\nA,"Tea"x,1\n', "line 2"),
        (b'sku,name,price\nA,"Tea,1\n', "line 2"),
        (b"sku,name,price\nA," + b"x" * 200_000 + b",1\n", "line 2"),
    ],
    ids=["latin", "utf-16", "quotes", "open quote", "giant cell"],
)
def test_a_file_that_cannot_be_read_says_what_to_do(
    write: Callable[[str | bytes], Path], content: bytes, complaint: str
) -> None:
    with pytest.raises(BadFeed, match=complaint) as refused:
        read_csv(write(content), currency="TRY")
    assert "save the file as CSV UTF-8" in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadFeed, match=r"no file .*shop\.csv"):
        read_csv(tmp_path / "shop.csv", currency="TRY")
    with pytest.raises(BadFeed, match="cannot be read"):
        read_csv(tmp_path, currency="TRY")


def test_an_empty_file_misses_its_columns(
    write: Callable[[str | bytes], Path],
) -> None:
    assert len(read_csv(write(b""), currency="TRY")[1]) == 3


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.csv"
    path.write_bytes(b"sku,name,price\n" + content)
    with suppress(BadFeed):
        read_csv(path, currency="TRY")
