"""Spreadsheets: what programs save is read, what we write they read."""

import io
import struct
import zipfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils.escape import unescape

from catalog.domain.spelling import HEADER
from catalog.formats import sheet, workbook
from catalog.formats.opening import open_feed
from catalog.formats.rows import BadFeed, Told
from catalog.formats.spreadsheet_writing import SpreadsheetWriter
from tests.factories import a_product
from tests.feeds import NOW, read
from tests.taking import taken

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
HEAD = ("sku", "name", "price", "stock")


def saved(folder: Path, rows: Sequence[Sequence[object]], **more: Any) -> Path:
    """Return a spreadsheet as a program saves it."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for place, number_format in more.get("formats", {}).items():
        book.active[place].number_format = number_format
    for title in more.get("sheets", ()):
        book.create_sheet(title)
    path = folder / "shop.xlsx"
    book.save(path)
    return path


def packed(folder: Path, rows: str, parts: Mapping[str, str] | None = None) -> Path:
    """Return a spreadsheet whose parts are written by hand."""
    writer = SpreadsheetWriter()
    whole = io.BytesIO(writer.head() + writer.tail())
    path = folder / "shop.xlsx"
    own = {"xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}">{rows}</worksheet>'}
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(path, "w") as target:
        kept = {name: source.read(name).decode() for name in source.namelist()}
        for name, text in (kept | own | dict(parts or {})).items():
            target.writestr(name, text, zipfile.ZIP_DEFLATED)
    return path


def text_row(*cells: str) -> str:
    inside = "".join(f'<c t="inlineStr"><is><t>{c}</t></is></c>' for c in cells)
    return f"<row>{inside}</row>"


HEADER_ROW = text_row("sku", "name", "price")


def test_numbers_are_what_people_see(tmp_path: Path) -> None:
    rows = [
        (*HEAD, "gtin", "tax_rate", "active"),
        ("A", "Tea", 19.99, 3, 4006381333931, 0.18, True),
        ("B", "Cake", 0.1 + 0.2, 1e3, "00012345", "8%", False),
        ("C", "Pie", "12,50", None, None, 20, None),
    ]
    tea, cake, pie = read(saved(tmp_path, rows, formats={"F2": "0%"}))
    assert (tea.price, tea.stock) == (Decimal("19.99"), Decimal(3))
    assert (tea.gtin, tea.tax_rate) == ("4006381333931", Decimal(18))
    assert (cake.price, cake.stock) == (Decimal("0.3"), Decimal(1000))
    assert (cake.gtin, cake.tax_rate) == ("00012345", Decimal(8))
    assert (tea.active, cake.active) == (True, False)
    assert (pie.price, pie.stock, pie.tax_rate) == (Decimal("12.50"), None, Decimal(20))


def test_texts_of_several_looks_empty_rows_and_comments_are_read(
    tmp_path: Path,
) -> None:
    rich = (
        '<row r="7"><c r="A7" t="inlineStr"><is><r><t>A</t></r><r><t>-1</t></r>'
        "<rPh><t>no</t></rPh></is></c>"
        '<c r="B7" t="str"><f>UPPER("tea")</f><v>TEA_x000A_2</v></c>'
        '<c r="D7"><v>2</v></c></row><row r="9"/>'
    )
    path = packed(tmp_path, text_row("# our products") + HEADER_ROW + rich)
    assert taken(path).errors == [
        (
            "line 7, (row): it has cells beyond the header: name their columns or"
            " delete them"
        )
    ]
    path = packed(tmp_path, HEADER_ROW + rich.replace("D7", "C7"))
    (tea,) = read(path)
    assert (tea.sku, tea.name, tea.price) == ("A-1", "TEA\n2", Decimal(2))


def test_only_the_first_sheet_is_read_and_others_are_told(tmp_path: Path) -> None:
    path = saved(tmp_path, [HEAD, ("A", "Tea", 1, 1)], sheets=("Old", "Notes"))
    found = taken(path)
    assert (found.format, found.kept) == ("xlsx", {"A": []})
    assert found.warnings == [
        (
            "line 1, (file): the first sheet is read, other sheets are left out: 'Old',"
            " 'Notes'"
        )
    ]


def test_a_feed_for_google_may_be_a_spreadsheet(tmp_path: Path) -> None:
    path = saved(tmp_path, [("id", "title", "price"), ("A", "Tea", "5 TRY")])
    assert taken(path).format == "google"


@pytest.mark.parametrize(
    ("value", "number_format", "message"),
    [
        (
            datetime(2026, 5, 12, tzinfo=UTC).replace(tzinfo=None),
            "dd.mm",
            "the spreadsheet has made a date of it: format the column as text",
        ),
        ("=1+1", "General", "a formula without its result: open the file"),
        ("#N/A", "General", "#N/A is what a formula failed with: correct it"),
    ],
    ids=["date", "formula", "error"],
)
def test_what_a_spreadsheet_made_of_a_cell_is_told(
    tmp_path: Path, value: object, number_format: str, message: str
) -> None:
    path = saved(
        tmp_path,
        [HEAD, ("A", "Tea", value, 1), ("B", "Cake", 1, 1)],
        formats={"C2": number_format},
    )
    (error,) = taken(path).errors
    assert error.startswith(f"line 2, price: {message}")


def test_what_we_write_other_programs_read_as_texts(tmp_path: Path) -> None:
    products = [
        a_product(name="=HYPERLINK(1)", gtin="00012345"),
        a_product(sku="B", name="a _x000D_ b\r\nc <&>", description="  two  "),
    ]
    writer = SpreadsheetWriter()
    path = tmp_path / "out.xlsx"
    path.write_bytes(writer.head() + writer.write(products) + writer.tail())
    rows = list(openpyxl.load_workbook(path).active.iter_rows())
    header = [cell.value for cell in rows[0]]
    assert header == list(HEADER)
    names = [row[header.index("name")] for row in rows[1:]]
    texts = [unescape(cell.value) for cell in names]
    assert texts == ["=HYPERLINK(1)", "a _x000D_ b\r\nc <&>"]
    assert {cell.data_type for row in rows for cell in row if cell.value} == {"s"}
    assert rows[1][header.index("gtin")].value == "00012345"
    assert [each.name for each in read(path)] == [each.name for each in products]


BOMB = "<row>" + "<c/>" * 3 + '<c t="inlineStr"><is><t>{}</t></is></c></row>'
DAMAGED: dict[str, tuple[str, Mapping[str, str], str]] = {
    "a cell too long": (
        HEADER_ROW + text_row("x" * 300_000),
        {},
        "row 2: a text is far too long",
    ),
    "a row too long": (
        HEADER_ROW + text_row(*["x" * 200_000] * 6),
        {},
        "row 2: a row is far too long",
    ),
    "cells far to the right": (
        HEADER_ROW + '<row r="2"><c r="XFD2"><v>1</v></c></row>',
        {},
        "row 2 has cells beyond the 2000th column",
    ),
    "cells in disorder": (
        '<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row>',
        {},
        "row 1: its cells are in disorder",
    ),
    "broken XML": (HEADER_ROW + "<row>", {}, "the XML is broken"),
    "entities": (
        HEADER_ROW,
        {"xl/workbook.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a/>'},
        "workbook.xml, line 1: it declares a document type",
    ),
    "no sheet": (HEADER_ROW, {"xl/workbook.xml": "<a/>"}, "has no sheet that people"),
    "a sheet that is elsewhere": (
        HEADER_ROW,
        {"xl/_rels/workbook.xml.rels": "<a/>"},
        "is damaged or protected",
    ),
    "empty": ("", {}, "is empty: write a header line"),
    "a header and no rows": (HEADER_ROW, {}, "has a header and no rows"),
    "a header that failed": (
        '<row><c t="e"><v>#REF!</v></c></row>',
        {},
        "the header has a cell with #REF! is what",
    ),
}


@pytest.mark.parametrize(("rows", "parts", "message"), DAMAGED.values(), ids=DAMAGED)
def test_a_spreadsheet_that_is_damaged_is_refused(
    tmp_path: Path, rows: str, parts: Mapping[str, str], message: str
) -> None:
    with pytest.raises(BadFeed, match=message):
        taken(packed(tmp_path, rows, parts))


def test_a_text_that_is_missing_is_told(tmp_path: Path) -> None:
    row = '<row><c t="s"><v>7</v></c><c t="s"><v>9x</v></c></row>'
    (error,) = taken(packed(tmp_path, HEADER_ROW + row)).errors
    assert error == (
        "line 2, sku: its text is missing in the file: save the spreadsheet again"
    )


def test_what_unpacks_to_too_much_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = "<sst>" + " " * (17 << 20) + "</sst>"
    with pytest.raises(BadFeed, match=r"unpacks xl/styles\.xml to 17825803 bytes"):
        taken(packed(tmp_path, HEADER_ROW, {"xl/styles.xml": large}))
    shared = f"<sst>{'<si><t>' + 'x' * 200 + '</t></si>'}</sst>"
    monkeypatch.setattr(workbook, "_MOST_TEXT", 100)
    with pytest.raises(BadFeed, match="has too many different texts"):
        taken(packed(tmp_path, HEADER_ROW, {"xl/sharedStrings.xml": shared}))


def declared(size: int) -> Callable[[bytes], bytes]:
    """Return a change that makes a sheet say that it unpacks to so many bytes."""

    def change(content: bytes) -> bytes:
        name = b"xl/worksheets/sheet1.xml"
        at = content.rindex(b"PK\x01\x02", 0, content.rindex(name))
        return content[: at + 24] + size.to_bytes(4, "little") + content[at + 28 :]

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda content: content[: len(content) // 2], "is damaged or protected"),
        (lambda content: content[:-30], "is damaged or protected"),
        (lambda _: b"PK\x03\x04" + bytes(9), "is damaged or protected"),
        (declared(0xF0000000), "unpacks to 4026531840 bytes, which is too much"),
        (declared(100), "is damaged|XML is broken"),
    ],
    ids=["cut in the middle", "cut at the end", "no zip", "declared", "lying"],
)
def test_an_archive_that_is_damaged_is_refused(
    tmp_path: Path, change: Callable[[bytes], bytes], message: str
) -> None:
    path = packed(tmp_path, HEADER_ROW + text_row("A", "Tea", "1") * 500)
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(BadFeed, match=message):
        taken(path)


def test_another_archive_is_no_spreadsheet(tmp_path: Path) -> None:
    path = tmp_path / "feed.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("products.csv", "sku,name,price\n")
    with pytest.raises(BadFeed, match="is a compressed archive, not a spreadsheet"):
        taken(path)
    with pytest.raises(BadFeed, match="shop is a spreadsheet, not csv: send another"):
        taken(path, told=Told(format="csv"))


LARGE = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 70_000, 9, 0)
WHERE = struct.pack("<4sLQL", b"PK\x06\x07", 0, 4, 1)


@pytest.mark.parametrize(
    ("before", "files", "length"),
    [(b"", 10_001, 9), (b"", 1, 5 << 20), (LARGE + WHERE, 0xFFFF, 0)],
    ids=["many files", "a long list", "a large archive"],
)
@pytest.mark.parametrize("comment", [b"", b"from a friend"])
def test_an_archive_of_very_many_files_is_refused_before_they_are_listed(
    tmp_path: Path, before: bytes, files: int, length: int, comment: bytes
) -> None:
    counts = (0, 0, files, files, length, 0, len(comment))
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", *counts)
    path = tmp_path / "shop.xlsx"
    path.write_bytes(b"PK\x03\x04" + before + end + comment)
    with pytest.raises(BadFeed, match=r"shop is an archive of \d+ files, not a spread"):
        taken(path)


class Stopped(Exception):
    """Nobody wants the import any more."""


def test_a_sheet_of_empty_rows_can_be_stopped(tmp_path: Path) -> None:
    path = packed(tmp_path, HEADER_ROW + "<row/>" * 50_000)
    heard: list[float] = []

    def stop(share: float) -> None:
        heard.append(share)
        if share > 0.5:
            raise Stopped

    with (
        pytest.raises(Stopped),
        open_feed(path, "shop", Told(), now=NOW, pulse=stop) as feed,
    ):
        list(feed.records())
    assert heard[0] < 0.5 < heard[-1] < 1


def test_codes_that_are_shown_with_zeros_keep_them(tmp_path: Path) -> None:
    rows = [
        ("sku", "name", "price", "gtin"),
        (42, "Tea", 9, 1234567),
        (123456, "Cake", 9, None),
    ]
    formats = {"A2": "00000", "A3": "00000", "D2": "00000000", "C2": "0"}
    tea, cake = read(saved(tmp_path, rows, formats=formats))
    assert (tea.sku, tea.gtin, tea.price) == ("00042", "01234567", Decimal(9))
    assert cake.sku == "123456"


def test_no_byte_that_is_changed_breaks_the_reader(tmp_path: Path) -> None:
    """The bytes of the last part, and every 41st of the rest, one after the other."""
    path = packed(tmp_path, HEADER_ROW + text_row("A", "Tea", "1"))
    content = path.read_bytes()
    for at in {*range(0, len(content), 41), *range(len(content) - 60, len(content))}:
        path.write_bytes(content[:at] + bytes([content[at] ^ 0x5A]) + content[at + 1 :])
        with suppress(BadFeed):
            taken(path)


def test_columns_are_found_by_their_letters() -> None:
    assert [sheet._column(r, 7) for r in ("A1", "Z9", "AA1", "XFD1", "", "1")] == [  # noqa: SLF001  # a table of its own
        *(0, 25, 26, 16_383, 7, 7),
    ]
