"""CSV files as people save them, read row by row; what is damaged is said exactly."""

import codecs
import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from catalog.domain.feed import RowError

#: Separators by how spreadsheets of different countries save a CSV.
_SEPARATORS = (",", ";", "\t")
#: Characters of a line; what is longer has lost a quote or is no table.
_LONGEST_LINE = 250_000
_HEAD = 4096
_SAVE_AS = "save the file as CSV UTF-8"
#: First bytes of what is not CSV in UTF-8, and what it is.
_MAGIC = {
    b"\xff\xfe": "UTF-16, not UTF-8",
    b"\xfe\xff": "UTF-16, not UTF-8",
    b"PK\x03\x04": "a spreadsheet, not CSV",
    b"\xd0\xcf\x11\xe0": "a spreadsheet, not CSV",
    b"%PDF": "a PDF, not CSV",
    b"\x1f\x8b": "compressed, not CSV",
}
#: What the reader of the standard library complains of, in words that help.
_DAMAGE = {
    "expected after": "a double quote stands inside a cell: write it twice",
    "unexpected end": "a double quote is opened and never closed: close it",
    "field limit": (
        "a cell is far too long; perhaps a double quote is opened and never closed:"
        " close it, or shorten the cell"
    ),
}
_WRITE_ROWS = (
    "write a header line with sku, name and price, and a line for each product"
)


class BadFeed(Exception):
    """The file cannot be read at all; the message says why and what to do."""


class CsvFile:
    """An open file: its header, and then its rows, once."""

    def __init__(self, text: TextIO) -> None:
        self.line = 1  #: On which the row begins that is read now.
        self._text = text
        separator = _separator(text.readline(_LONGEST_LINE))
        text.seek(0)
        self._reader = csv.reader(self._lines(), delimiter=separator, strict=True)
        self.header = [cell.strip().lower() for cell in next(self._reader, [])]

    @property
    def position(self) -> int:
        """How many bytes are read."""
        return self._text.buffer.tell()

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the line that each row begins on, and its cells; skip empty rows."""
        self.line = self._reader.line_num + 1
        for cells in self._reader:
            if any(map(str.strip, cells)):
                yield self.line, cells
            self.line = self._reader.line_num + 1

    def _lines(self) -> Iterator[str]:
        while line := self._text.readline(_LONGEST_LINE):
            if len(line) == _LONGEST_LINE:
                raise csv.Error("field limit")
            yield line


@contextmanager
def open_csv(path: Path, name: str) -> Iterator[CsvFile]:
    """Open a file in UTF-8, with or without a byte order mark.

    Its cells are separated by commas, semicolons or tabs. `name` is what messages call
    it. Raises BadFeed, here and while its rows are read.
    """
    line = 1
    try:
        _refuse_other_kinds(path, name)
        with path.open(encoding="utf-8-sig", newline="") as text:
            feed = CsvFile(text)
            try:
                yield feed
            finally:
                line = feed.line
    except FileNotFoundError:
        raise BadFeed(f"there is no file {name}") from None
    except OSError as error:
        raise BadFeed(f"{name} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        raise BadFeed(f"{name}, {_undecodable(path)}: {_SAVE_AS}") from None
    except csv.Error as error:
        raise BadFeed(f"{name}, line {line}: {_explained(str(error))}") from error


def by_column(
    header: list[str], cells: list[str], line: int
) -> dict[str, str] | RowError:
    """Return a row's cells by their columns."""
    if len(cells) == len(header):
        return dict(zip(header, cells, strict=True))
    message = (
        f"it has {len(cells)} cells, the header {len(header)}: put cells that hold the "
        "separator in double quotes"
    )
    return RowError(line, "(row)", message)


def _refuse_other_kinds(path: Path, name: str) -> None:
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head.removeprefix(codecs.BOM_UTF8).strip():
        raise BadFeed(f"{name} is empty: {_WRITE_ROWS}")
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            raise BadFeed(f"{name} is {kind}: {_SAVE_AS}")
    # UTF-16 without its mark: every second byte of a header is zero.
    if head.count(0) > len(head) // 4:
        raise BadFeed(f"{name} is UTF-16 or no text at all, not UTF-8: {_SAVE_AS}")


def _undecodable(path: Path) -> str:
    """Return the line and the byte that are not UTF-8."""
    with path.open("rb") as file:
        for number, line in enumerate(
            iter(lambda: file.readline(_LONGEST_LINE), b""), 1
        ):
            try:
                line.decode()
            except UnicodeDecodeError as error:
                return f"line {number} is not UTF-8 (byte {line[error.start]:#04x})"
    return "it is not UTF-8"


def _explained(damage: str) -> str:
    for words, advice in _DAMAGE.items():
        if words in damage:
            return advice
    return f"{damage}: {_SAVE_AS}"


def _separator(header: str) -> str:
    return max(_SEPARATORS, key=header.count)
