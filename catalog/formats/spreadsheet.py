"""Spreadsheets (XLSX), read row by row in bounded memory.

Read with our own parser: the libraries for it hold all shared texts and whole cells in
memory however large they are declared, and make floats of prices. Formulas are not
computed: what the spreadsheet program saved as their results is read.
"""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import IO

from catalog.domain.feed import RowError
from catalog.domain.numerals import Numeral
from catalog.formats.archive import refuse_crowded
from catalog.formats.rows import BadFeed, Pulse, Record
from catalog.formats.sheet import Cell, Kind, Sheet
from catalog.formats.workbook import Workbook, read_workbook, unescaped

#: Bytes of a sheet when unpacked: a million rows of thirty columns have fewer.
_LARGEST_SHEET = 2 << 30
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,  # it is encrypted
    KeyError,  # a part is missing
)
#: Digits that spreadsheets compute with; what follows is their error.
_DIGITS = 15
_PERCENT = Decimal(100)
_BEYOND = "it has cells beyond the header: name their columns or delete them"


@dataclass(slots=True)
class Spreadsheet:
    """An open spreadsheet: the header of its first sheet, and then its records."""

    header: list[str]
    nothing: str
    warnings: tuple[RowError, ...]
    _sheet: Sheet
    _rows: Iterator[tuple[int, list[Cell]]]
    _book: Workbook
    _size: int

    @property
    def share(self) -> float:
        return min(1.0, self._sheet.read / max(1, self._size))

    def records(self) -> Iterator[Record]:
        """Yield the rows; skip empty ones."""
        for line, cells in self._rows:
            if any(cell.text.strip() for cell in cells):
                yield self._record(line, cells)

    def _record(self, line: int, cells: list[Cell]) -> Record:
        texts: list[str] = []
        wrong: RowError | None = None
        for place, cell in enumerate(cells):
            try:
                texts.append(_written(cell, self._book))
            except ValueError as error:
                texts.append("")
                column = self.header[place] if place < len(self.header) else "(row)"
                wrong = wrong or RowError(line, column, str(error))
        while len(texts) > len(self.header) and not texts[-1]:
            texts.pop()
        if len(texts) > len(self.header):
            wrong = wrong or RowError(line, "(row)", _BEYOND)
        texts += [""] * (len(self.header) - len(texts))
        return Record(line, dict(zip(self.header, texts, strict=False)), wrong=wrong)


@contextmanager
def open_spreadsheet(path: Path, name: str, pulse: Pulse) -> Iterator[Spreadsheet]:
    """Open the first sheet. `pulse` hears that it goes on while rows are empty.

    Raises BadFeed, here and while it is read; OSError.
    """
    refuse_crowded(path, name)
    try:
        with zipfile.ZipFile(path) as archive:
            book = read_workbook(archive, name)
            size = archive.getinfo(book.sheet).file_size
            if size > _LARGEST_SHEET:
                raise BadFeed(
                    f"{name} unpacks to {size} bytes, which is too much: save it as CSV"
                )
            with archive.open(book.sheet) as file:
                yield _opened(file, name, book, size, pulse)
    except _DAMAGE as error:
        raise BadFeed(
            f"{name} is damaged or protected by a password ({error}): save it again as"
            " a spreadsheet (.xlsx), or as CSV UTF-8"
        ) from error


def _opened(
    file: IO[bytes], name: str, book: Workbook, size: int, pulse: Pulse
) -> Spreadsheet:
    def heard(read: int) -> None:
        pulse(min(1.0, read / max(1, size)))

    sheet = Sheet(file, f"{name}, sheet {book.title!r}", heard)
    rows = sheet.parse()
    header: list[str] = []
    for _, cells in rows:
        header = _named(cells, book, name)
        while header and not header[-1]:
            header.pop()
        if header and not header[0].startswith("#"):
            break
    if not header:
        raise BadFeed(
            f"{name} is empty: write a header line with sku, name and price, and a"
            " line for each product"
        )
    left = ", ".join(repr(title) for title in book.others)
    message = f"the first sheet is read, other sheets are left out: {left}"
    return Spreadsheet(
        header=header,
        nothing=f"{name} has a header and no rows: write a line for each product",
        warnings=(RowError(1, "(file)", message),) if book.others else (),
        _sheet=sheet,
        _rows=rows,
        _book=book,
        _size=size,
    )


def _named(cells: list[Cell], book: Workbook, name: str) -> list[str]:
    try:
        return [_written(cell, book).strip().lower() for cell in cells]
    except ValueError as error:
        raise BadFeed(f"{name}: the header has a cell with {error}") from None


def _written(cell: Cell, book: Workbook) -> str:
    """Return what people see in a cell. Raises ValueError with what is wrong."""
    match cell.kind:
        case Kind.SHARED:
            return book.shared(cell.text)
        case Kind.NUMBER:
            return _number(cell, book)
        case Kind.FLAG:
            return {"1": "yes", "0": "no"}.get(cell.text, cell.text)
        case Kind.ERROR:
            raise ValueError(f"{cell.text} is what a formula failed with: correct it")
        case Kind.FORMULA:
            raise ValueError(
                "a formula without its result: open the file in a spreadsheet program"
                " and save it again"
            )
        case _:
            return unescaped(cell.text)


def _number(cell: Cell, book: Workbook) -> str:
    if not cell.text:
        return ""
    if cell.style in book.dates:
        raise ValueError(
            "the spreadsheet has made a date of it: format the column as text and write"
            " what you mean"
        )
    try:
        number = Decimal(cell.text)
        rounded = +Decimal(f"{number:.{_DIGITS}g}")
    except ArithmeticError:
        raise ValueError(f"{cell.text[:60]!r} is not a number: correct it") from None
    if not number.is_finite():
        raise ValueError(f"{cell.text[:60]!r} is not a number: correct it")
    if abs(number.adjusted()) > _DIGITS:
        return cell.text  # no price, no code: whoever reads the column says so
    if cell.style in book.percents:
        return Numeral(f"{_plain(rounded * _PERCENT)}%")
    return Numeral(_plain(rounded).zfill(book.codes.get(cell.style, 0)))


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
