"""Tables as text: CSV and its kin as people save them, read row by row.

What is damaged is said exactly.
"""

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from catalog.domain.feed import RowError
from catalog.formats.encoding import SAVE_AS, encoding_of, undecodable
from catalog.formats.formulas import GUARD, bare
from catalog.formats.rows import BadFeed, Pulse, Record

#: Separators by how spreadsheets of different countries save a CSV.
_SEPARATORS = (",", ";", "\t")
#: Characters of a line; what is longer has lost a quote or is no table.
_LONGEST_LINE = 250_000
#: Lines between two signs of life.
_STRIDE = 1000
#: Lines above a header that explain it, as templates for catalogs have them.
_MOST_COMMENTS = 20
#: A byte order mark that a program put where one stood already.
_MARK = "\ufeff"
#: What the reader of the standard library complains of, in words that help.
_DAMAGE = {
    "expected after": "a double quote stands inside a cell: write it twice",
    "unexpected end": "a double quote is opened and never closed: close it",
    "field limit": (
        "a cell is far too long; perhaps a double quote is opened and never closed:"
        " close it, or shorten the cell"
    ),
}


class TextTable:
    """An open table: its header, and then its records, once."""

    def __init__(self, text: TextIO, name: str, size: int, pulse: Pulse) -> None:
        self.line = 1  #: On which the row begins that is read now.
        self.nothing = f"{name} has a header and no rows: write a line for each product"
        self.warnings: tuple[RowError, ...] = ()
        self._text = text
        self._size = size
        self._pulse = pulse
        skipped = self._skip_comments()
        self.separator = _separator(text.readline(_LONGEST_LINE))
        text.seek(0)
        for _ in range(skipped):
            text.readline(_LONGEST_LINE)
        self._skipped = skipped
        self._reader = csv.reader(self._lines(), delimiter=self.separator, strict=True)
        cells = next(self._reader, [])
        self.header = [cell.strip(f"{_MARK} \t").lower() for cell in cells]

    @property
    def share(self) -> float:
        """How much of it is read."""
        return min(1.0, self._text.buffer.tell() / max(1, self._size))

    def records(self) -> Iterator[Record]:
        """Yield the rows; skip empty ones."""
        self.line = self._next_line()
        for cells in self._reader:
            if any(map(str.strip, cells)):
                told = [bare(cell) if cell[:1] == GUARD else cell for cell in cells]
                yield by_column(self.header, told, self.line)
            elif self._reader.line_num % _STRIDE == 0:
                self._pulse(self.share)
            self.line = self._next_line()

    def _next_line(self) -> int:
        return self._skipped + self._reader.line_num + 1

    def _skip_comments(self) -> int:
        """Return how many lines stand above the header."""
        for count in range(_MOST_COMMENTS):
            line = self._text.readline(_LONGEST_LINE)
            told = line.strip(f'{_MARK}" \t\r\n,;')
            if not line or (told and not told.startswith("#")):
                self._text.seek(0)
                for _ in range(count):
                    self._text.readline(_LONGEST_LINE)
                return count
        self._text.seek(0)
        return 0

    def _lines(self) -> Iterator[str]:
        while line := self._text.readline(_LONGEST_LINE):
            if len(line) == _LONGEST_LINE:
                raise csv.Error("field limit")
            yield line


@contextmanager
def open_text_table(
    path: Path, name: str, told: str | None, pulse: Pulse
) -> Iterator[TextTable]:
    """Open a table whose cells are separated by commas, semicolons or tabs.

    `name` is what messages call it, `told` its encoding, if the sender says so;
    `pulse` hears that it goes on where rows are empty. Raises BadFeed, here and while
    its rows are read; OSError.
    """
    encoding = encoding_of(path, name, told)
    line = 1
    try:
        with path.open(encoding=encoding.codec, newline="") as text:
            table = TextTable(text, name, path.stat().st_size, pulse)
            if encoding.guessed:
                table.warnings = (guessed(encoding.name),)
            try:
                yield table
            finally:
                line = table.line
    except UnicodeError:
        raise BadFeed(f"{name}, {undecodable(path, encoding)}: {SAVE_AS}") from None
    except csv.Error as error:
        raise BadFeed(f"{name}, line {line}: {_explained(str(error))}") from error


def guessed(encoding: str) -> RowError:
    """Return the warning that an encoding was guessed."""
    message = (
        f"it is not UTF-8 and was read as {encoding}: if letters are wrong, say the"
        " encoding or save the file as UTF-8"
    )
    return RowError(1, "(file)", message)


def by_column(header: Sequence[str], cells: Sequence[str], line: int) -> Record:
    """Return a row's cells by their columns."""
    if len(cells) == len(header):
        return Record(line, dict(zip(header, cells, strict=True)))
    message = (
        f"it has {len(cells)} cells, the header {len(header)}: put cells that hold the "
        "separator in double quotes"
    )
    known = dict(zip(header, cells, strict=False))
    return Record(line, known, wrong=RowError(line, "(row)", message))


def _explained(damage: str) -> str:
    for words, advice in _DAMAGE.items():
        if words in damage:
            return advice
    return f"{damage}: {SAVE_AS}"


def _separator(header: str) -> str:
    return max(_SEPARATORS, key=header.count)
