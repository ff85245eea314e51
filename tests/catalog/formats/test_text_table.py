"""Files as people save them are read; damaged ones are refused with what to do."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.domain.numerals import Mark
from catalog.formats.rows import BadFeed, Told
from catalog.formats.text_table import open_text_table
from catalog.spool import Mistakes, open_spool
from catalog.spooling import spool_file
from tests.feeds import NOW, read
from tests.taking import taken

HEADER = b"sku,name,price\n"
SHOP = """\
sku,name,price,stock,parent_sku,attributes,aliases
LAT,Latte,85.50,,,,caffe latte|late
TEE-S,,,4,TEE,colour=Red|size=S,
TEE,"T-Shirt, basic",199.90,,,,
"""
SAVE_AS = "save the file as CSV UTF-8"


def errors_of(path: Path, told: Told | None = None) -> list[str]:
    """Return what is wrong with a file, as people are told."""
    mistakes = Mistakes()
    with open_spool() as spool:
        found = spool_file(
            path,
            spool,
            mistakes,
            name="shop.csv",
            currency="TRY",
            now=NOW,
            tell=lambda _, __: None,
            told=told or Told(),
        )
    return [str(each) for each in (*mistakes.first(), *found.warnings)]


def written(folder: Path, content: bytes) -> Path:
    path = folder / "shop.csv"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    "content",
    [
        SHOP.encode("utf-8-sig"),
        SHOP.replace("\n", "\r\n").encode(),
        SHOP.replace("\n", "\r").encode(),
        SHOP.replace(",", ";").replace("; basic", ", basic").encode(),
        SHOP.replace(",", "\t").replace("\t basic", ", basic").encode(),
        SHOP.replace("\n", "\n\n").replace("sku,name", "SKU, Name ").encode(),
        SHOP.encode() + b",,,,,,\n , ,,,,,\n",
        b"# Required | Optional,,,,\n\n# see the help,,\n" + SHOP.encode(),
        SHOP.encode("utf-16"),
        SHOP.encode("utf-16-le"),
        SHOP.encode("utf-16-be"),
        SHOP.encode().rstrip(),
    ],
    ids=[
        *("bom", "crlf", "cr", "semicolons", "tabs", "blank lines", "empty cells"),
        *("comments", "utf-16", "utf-16-le without its mark"),
        "utf-16-be without its mark",
        "no last line end",
    ],
)
def test_the_ways_in_which_spreadsheets_save_are_read(
    tmp_path: Path, content: bytes
) -> None:
    path = written(tmp_path, content)
    assert errors_of(path) == []
    latte, shirt = read(path)
    assert (latte.name, shirt.name) == ("Latte", "T-Shirt, basic")
    assert f"{latte.price}" == "85.50"
    assert [form.sku for form in shirt.variants] == ["TEE-S"]


DAMAGED = [
    (
        "one byte wrong in UTF-8",
        HEADER + "A,Şeker,1\nB,Çay".encode() + b"\xc7,1\n",
        f"shop.csv, line 3 is not UTF-8 (byte 0xc7): {SAVE_AS}",
    ),
    (
        "half a letter of UTF-16",
        "sku,name,price\nA,Tea,1\n".encode("utf-16")[:-1],
        f"shop.csv, it is not utf-16: {SAVE_AS}",
    ),
    ("zeros", HEADER + bytes(400), f"shop.csv is no text at all: {SAVE_AS}"),
    (
        "an old spreadsheet",
        b"\xd0\xcf\x11\xe0" + bytes(range(256)),
        "shop.csv is an old spreadsheet: save it as .xlsx",
    ),
    (
        "a PDF",
        b"%PDF-1.7",
        "shop.csv is a PDF: save the products as a spreadsheet",
    ),
    ("gzip", b"\x1f\x8b\x08", "shop.csv is compressed: send the file itself"),
    (
        "decimals of two kinds",
        HEADER + b'A,Tea,"12,50"\nB,Cake,1.250\n',
        (
            "shop.csv: decimals begin with a comma (line 2, price: '12,50'), so that"
            " nobody knows which number is meant elsewhere (line 3, price: '1.250'):"
            " say whether the file's decimals begin with a point or with a comma"
            " (--decimal)"
        ),
    ),
    (
        "quote inside",
        HEADER + b'A,Tea,1\nB,"Tea"x,1\n',
        "shop.csv, line 3: a double quote stands inside a cell: write it twice",
    ),
    (
        "open quote",
        HEADER + b'A,Tea,1\nB,"Tea,1\nC,Cake,2\n',
        "shop.csv, line 3: a double quote is opened and never closed: close it",
    ),
    (
        "open quote in a long file",
        HEADER + b'A,"Tea,1\n' + b"B,Cake,2\n" * 40_000,
        (
            "shop.csv, line 2: a cell is far too long; perhaps a double quote is opened"
            " and never closed: close it, or shorten the cell"
        ),
    ),
    (
        "cell of 10 MB",
        HEADER + b"A,Tea,1\nB," + b"x" * 10_000_000 + b",1\n",
        (
            "shop.csv, line 3: a cell is far too long; perhaps a double quote is opened"
            " and never closed: close it, or shorten the cell"
        ),
    ),
    (
        "empty",
        b"",
        (
            "shop.csv is empty: write a header line with sku, name and price, and a"
            " line for each product"
        ),
    ),
    (
        "a mark and nothing else",
        b"\xef\xbb\xbf\n",
        (
            "shop.csv is empty: write a header line with sku, name and price, and a"
            " line for each product"
        ),
    ),
    (
        "only a header",
        HEADER,
        "shop.csv has a header and no rows: write a line for each product",
    ),
]


@pytest.mark.parametrize(
    ("content", "message"),
    [pytest.param(content, message, id=name) for name, content, message in DAMAGED],
)
def test_a_file_that_cannot_be_read_says_where_and_what_to_do(
    tmp_path: Path, content: bytes, message: str
) -> None:
    with pytest.raises(BadFeed) as refused:
        errors_of(written(tmp_path, content))
    assert str(refused.value) == message


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadFeed, match=r"^there is no file shop\.csv$"):
        errors_of(tmp_path / "nowhere.csv")
    with pytest.raises(BadFeed, match=r"^shop\.csv cannot be read: Is a directory$"):
        errors_of(tmp_path)


ROWS = [
    (
        "missing columns",
        b"sku,title\nA,Tea\n",
        [
            "line 1, name: the column is missing: add it",
            "line 1, price: the column is missing: add it",
            "line 1, title: no such column, it is left out: remove it or rename it",
        ],
    ),
    (
        "a column misspelt, which is only a warning",
        b"sku,name,price,stok,color\nA,Tea,1,3,red\n",
        [
            "line 1, stok: no such column, it is left out: did you mean stock?",
            "line 1, color: no such column, it is left out: did you mean colour?",
        ],
    ),
    (
        "a sku twice",
        HEADER + b"A,Tea,1\nB,Cake,2\nA,Tea again,1\n",
        ["line 4, sku: 'A' is also on line 2: give each row its own"],
    ),
    (
        "too few cells",
        HEADER + b"A,Tea\n",
        [
            (
                "line 2, (row): it has 2 cells, the header 3: put cells that hold the"
                " separator in double quotes"
            ),
        ],
    ),
    (
        "numbers that are none",
        HEADER + b"A,Tea,1e400\nB,Tea,NaN\nC,Tea,-1\nD,Tea,0.1234567\nE,Tea,12.05.2024"
        b'\nF,Tea,12.May\nG,Tea,"1,234"\nH,Tea,12 EUR\nI,Tea,12345678901\nJ,Tea,9\0',
        [
            (
                "line 2, price: '1e400' is not a number here: write digits and at most"
                " one point, such as 12.50"
            ),
            (
                "line 3, price: 'NaN' is not a number here: write digits and at most"
                " one point, such as 12.50"
            ),
            "line 4, price: '-1' is not a number here: it cannot be negative",
            "line 5, price: '0.1234567' has too many decimals: write at most 6",
            (
                "line 6, price: '12.05.2024' is not a number here: it looks like a"
                " date: format the column as text and write 12.50"
            ),
            (
                "line 7, price: '12.May' is not a number here: it looks like a date:"
                " format the column as text and write 12.50"
            ),
            (
                "line 8, price: '1,234' may be 1234 or 1.234: write one of them, or"
                " say whether the file's decimals begin with a point or with a comma"
                " (--decimal)"
            ),
            "line 9, currency: 'EUR' is not the shop's: write TRY or nothing",
            (
                "line 10, price: '12345678901' is not a number here: write at most 9"
                " digits"
            ),
            (
                "line 11, price: '9\\x00' is not a number here: write digits and at"
                " most one point, such as 12.50"
            ),
        ],
    ),
    (
        "cells that are too long or cannot be stored",
        b"sku,name,price,aliases,gtin\n"
        + b"A,%b,1,,\n" % (b"x" * 501)
        + b"B,Te\0a,1,,\n"
        + b"C,Tea,1,a|b\0,\n"
        + b"D,Tea,%b,,\n" % (b"y" * 100)
        + b"E,Tea,1,%b,\n" % (b"z|" * 10_001)
        + b"F,Tea,1,,4.00638E+12\n",
        [
            "line 2, name: 501 characters are too many: write at most 500",
            "line 3, name: it holds a control character: remove it",
            "line 4, aliases: it holds a control character: remove it",
            (
                f"line 5, price: '{'y' * 60}...' is not a number here: write digits and"
                " at most one point, such as 12.50"
            ),
            "line 6, aliases: 20002 characters are too many: write at most 20000",
            (
                "line 7, gtin: '4.00638E+12' is not a GTIN: write its 8, 12, 13 or 14"
                " digits"
            ),
        ],
    ),
    (
        "a variant of nobody, and lines after a cell of two lines",
        b'sku,name,price,parent_sku,attributes\nA,"two\nlines",1,,\nB,,,X,size=M\n',
        [
            (
                "line 4, parent_sku: there is no product 'X' in this file: add a row"
                " with this sku, without parent_sku"
            ),
        ],
    ),
]


@pytest.mark.parametrize(
    ("content", "messages"),
    [pytest.param(content, messages, id=name) for name, content, messages in ROWS],
)
def test_every_wrong_row_is_told_with_its_line(
    tmp_path: Path, content: bytes, messages: list[str]
) -> None:
    assert errors_of(written(tmp_path, content)) == messages


@given(st.binary(max_size=300))
@settings(max_examples=40, deadline=None)  # the machine may be busy
def test_no_bytes_break_the_reader(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.csv"
    path.write_bytes(HEADER + content)
    with suppress(BadFeed):
        errors_of(path)


def test_how_far_it_is_read_is_known(tmp_path: Path) -> None:
    content = HEADER + b"A,Tea,1\n" * 5000
    path = written(tmp_path, content)
    with open_text_table(path, "shop.csv", None, lambda _: None) as table:
        shares = [table.share for _ in table.records()]
    assert shares == sorted(shares)
    assert shares[0] < 0.5
    assert shares[-1] == 1


LETTERS = {
    "Turkish": ("windows-1254", "Şekerli çığ köfte, İzmir"),
    "Russian": ("windows-1251", "Кофе в зёрнах, молотый"),
    "Spanish": ("windows-1252", "Piñata pequeña, café"),
    "Portuguese": ("windows-1252", "Pão de açúcar"),
}


@pytest.mark.parametrize(("encoding", "name"), LETTERS.values(), ids=LETTERS)
def test_letters_of_old_encodings_are_recognised_and_the_guess_is_told(
    tmp_path: Path, encoding: str, name: str
) -> None:
    path = written(tmp_path, f'sku,name,price\nA,"{name}",1\n'.encode(encoding))
    assert [each.name for each in read(path)] == [name]
    assert errors_of(path) == [
        (
            f"line 1, (file): it is not UTF-8 and was read as {encoding}: if letters"
            f" are"
            " wrong, say the encoding or save the file as UTF-8"
        )
    ]


def test_the_sender_knows_the_encoding_better(tmp_path: Path) -> None:
    path = written(tmp_path, "sku,name,price\nA,Чай,1\n".encode("koi8-r"))
    told = Told(encoding="koi8-r")
    assert [each.name for each in read(path, told=told)] == ["Чай"]
    assert errors_of(path, told) == []
    with pytest.raises(BadFeed, match="there is no encoding 'ebcdic': write one of"):
        errors_of(path, Told(encoding="ebcdic"))


def test_an_apostrophe_that_only_keeps_a_formula_from_running_is_removed(
    tmp_path: Path,
) -> None:
    rows = b"A,'=1+1,1\nB,''=1,1\nC,'s Heerenberg,1\nD,=SUM(A1),1\n"
    names = [each.name for each in read(written(tmp_path, HEADER + rows))]
    assert names == ["=1+1", "'=1", "'s Heerenberg", "=SUM(A1)"]


@pytest.mark.parametrize(
    ("prices", "currency", "expected"),
    [
        (["15.000", "8.500"], "IDR", None),
        (["1.250", "850"], "TRY", None),
        (["12.345 TRY"], "TRY", None),
        (["1.250", "12.50"], "TRY", ["1.250", "12.50"]),
        (["1.250", "1,250.00"], "TRY", ["1.250", "1250.00"]),
        (["1.250"], "KWD", ["1.250"]),
        (["0.250"], "TRY", ["0.250"]),
    ],
)
def test_a_price_that_may_be_thousands_is_asked_about_unless_others_show_it(
    tmp_path: Path, prices: list[str], currency: str, expected: list[str] | None
) -> None:
    rows = "".join(f'S{n},Tea,"{price}"\n' for n, price in enumerate(prices))
    path = written(tmp_path, HEADER + rows.encode())
    if expected is None:
        wrong = r"line 2, price: .* may be thousands .*\(--decimal\)"
        with pytest.raises(BadFeed, match=wrong):
            taken(path, currency=currency)
        told = Told(decimal=Mark.COMMA)
        assert not taken(path, currency=currency, told=told).errors
    else:
        assert not taken(path, currency=currency).errors
        assert [str(each.price) for each in read(path, currency=currency)] == expected


def test_a_quantity_with_three_decimals_is_no_price(tmp_path: Path) -> None:
    content = b"sku,name,price,weight_kg,stock\nA,Tea,9,1.250,1.500\n"
    assert errors_of(written(tmp_path, content)) == []


def test_whoever_writes_our_columns_may_have_columns_of_shopify(
    tmp_path: Path,
) -> None:
    content = b"sku,name,title,handle,price,stock\nA,Tea,T,h,9,3\n"
    found = taken(written(tmp_path, content))
    assert (found.format, found.kept) == ("csv", {"A": []})


def test_the_name_of_a_column_is_told_as_text(tmp_path: Path) -> None:
    content = b"sku,name,price,no\x00te\x1b" + b"x" * 500 + b"\nA,Tea,9,\n"
    (warning,) = taken(written(tmp_path, content)).warnings
    assert warning.startswith(r"line 1, no\x00te\x1bxxx")
    assert len(warning) < 300
    assert warning.isprintable()


@pytest.mark.parametrize("line", [b"\n", b",,\n"])
def test_a_file_of_empty_lines_can_be_stopped(tmp_path: Path, line: bytes) -> None:
    path = written(tmp_path, HEADER + line * 5000)
    heard: list[float] = []
    with open_text_table(path, "shop.csv", None, heard.append) as table:
        assert not list(table.records())
    assert heard
