"""One sheet of a spreadsheet: its rows, each cell as it is stored."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import IO

from catalog.formats.markup import Markup
from catalog.formats.rows import BadFeed

#: Columns that spreadsheet programs have.
_MOST_COLUMNS = 16_384
#: Columns that a table of products may have; cells far to the right are mostly strays.
_WIDEST = 2_000
#: Characters of one row.
_LONGEST_ROW = 1_000_000
_LETTERS = 26


class Kind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    SHARED = "shared"  #: The text is a place in the list of shared texts.
    FLAG = "flag"
    ERROR = "error"
    FORMULA = "formula"  #: Without a saved result.


_KINDS = {
    "s": Kind.SHARED,
    "b": Kind.FLAG,
    "e": Kind.ERROR,
    "n": Kind.NUMBER,
    "": Kind.NUMBER,
}


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    kind: Kind = Kind.TEXT
    style: int = 0


_EMPTY = Cell("")


class Sheet(Markup[tuple[int, list[Cell]]]):
    """Yields the number and the cells of each row that has any."""

    def __init__(
        self, file: IO[bytes], name: str, heard: Callable[[int], None]
    ) -> None:
        super().__init__(file, name, heard=heard)
        self._row = 0
        self._cells: list[Cell] = []
        self._length = 0
        self._type = ""
        self._style = 0
        self._column = 0
        self._formula = False
        self._hearing = False  #: Within what holds the text of a cell.
        self._phonetic = 0
        self._text: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        match name.rpartition(" ")[2]:
            case "row":
                self._row = _whole(attributes.get("r"), self._row + 1)
                self._cells, self._length = [], 0
            case "c":
                self._begin_cell(attributes)
            case "v" | "t":
                self._hearing = not self._phonetic
            case "f":
                self._formula = True
            case "rPh":  # how to pronounce it
                self._phonetic += 1
            case _:
                pass

    def end(self, name: str) -> None:
        match name.rpartition(" ")[2]:
            case "row":
                if self._cells:
                    self.found((self._row, self._cells))
                self._cells = []
            case "c":
                self._end_cell()
            case "v" | "t":
                self._hearing = False
            case "rPh":
                self._phonetic -= 1
            case _:
                pass

    def text(self, text: str) -> None:
        if self._hearing:
            self._length += len(text)
            if self._length > _LONGEST_ROW:
                raise BadFeed(f"{self._place()}: a row is far too long: shorten it")
            self._text.append(text)

    def _place(self) -> str:
        return f"{self._name}, row {self._row}"

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        self._column = _column(attributes.get("r", ""), len(self._cells))
        self._type = attributes.get("t", "")
        self._style = _whole(attributes.get("s"), 0)
        self._formula, self._text = False, []

    def _end_cell(self) -> None:
        text = "".join(self._text)
        self.refuse_long(len(text))
        kind = _KINDS.get(self._type, Kind.TEXT)
        if self._formula and not text and self._type != "str":
            kind, text = Kind.FORMULA, "="
        if not text:
            return
        if self._column >= _WIDEST:
            raise BadFeed(
                f"{self._place()} has cells beyond the {_WIDEST}th column: delete them"
            )
        if self._column < len(self._cells):
            raise BadFeed(f"{self._place()}: its cells are in disorder: save it again")
        self._cells += [_EMPTY] * (self._column - len(self._cells))
        self._cells.append(Cell(text, kind, self._style))


def _whole(text: str | None, otherwise: int) -> int:
    """Return a number that is no larger than any that a spreadsheet has."""
    if text is None or not (text.isascii() and text.isdecimal() and len(text) < 10):  # noqa: PLR2004  # nine digits are enough
        return otherwise
    return int(text)


def _column(reference: str, following: int) -> int:
    """Return the place of "C7", or the next one when a cell does not say."""
    place = 0
    for letter in reference:
        if not "A" <= letter <= "Z":
            break
        place = place * _LETTERS + ord(letter) - ord("A") + 1
        if place > _MOST_COLUMNS:
            break
    return place - 1 if place else following
