"""What every container yields and every dialect makes of it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from catalog.domain.feed import RowError
from catalog.domain.numerals import Mark


class Kind(StrEnum):
    """Containers, as messages call them."""

    TABLE = "a table as text"
    SPREADSHEET = "a spreadsheet"
    JSON_LINES = "lines of JSON"
    XML = "XML"


#: Hears which share of a file is read, from 0 to 1, also while nothing is found in it.
#: May raise to stop reading.
Pulse = Callable[[float], None]


class BadFeed(Exception):
    """The file cannot be read at all; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the sender says about a file; what is None is found out."""

    format: str | None = None
    encoding: str | None = None
    decimal: Mark | None = None  #: What starts the decimals of numbers.


#: Of a file of which nothing is known.
UNTOLD = Told()


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a file: its cells by the file's own, lower-case column names."""

    line: int
    cells: Mapping[str, str]
    item: str = ""  #: Which record it is, where several may stand on a line.
    wrong: RowError | None = None  #: What its container found wrong with it.


@dataclass(frozen=True, slots=True)
class Row:
    """What a record says of one product or variant, by our own column names."""

    line: int
    cells: dict[str, str]
    names: Mapping[str, str] = field(default_factory=dict)
    """What the file calls our columns, where that is not the same."""
    item: str = ""
    made: bool = False  #: A product that the file tells by its variants only.
    hidden: bool = False  #: A variant that people do not see, whatever its product is.
    wrong: RowError | None = None

    def error(self, column: str, message: str) -> RowError:
        """Return what is wrong with a cell, in the file's own words."""
        where = f"{self.item}: " if self.item else ""
        return RowError(self.line, self.names.get(column, column), where + message)


class Dialect(Protocol):
    """The columns that a file speaks."""

    def check(self, columns: Sequence[str]) -> Iterable[RowError]:
        """Return what is wrong with a header."""

    def unread(self, columns: Iterable[str]) -> Iterable[RowError]:
        """Return a warning for each column that is left out, if people may miss it.

        Asked for when the file is read; what was left out of rows is told, too.
        """

    def governs(self, columns: AbstractSet[str]) -> frozenset[str]:
        """Return the fields of products that a file with these columns sets."""

    def rows(self, record: Record) -> Iterator[Row]:
        """Yield what a record says, a product before its variants."""


class Container(Protocol):
    """An open file, read once."""

    @property
    def header(self) -> Sequence[str] | None:
        """Return its columns, or None when each record names its own."""

    @property
    def nothing(self) -> str:
        """Return what to say of a file without records."""

    @property
    def warnings(self) -> tuple[RowError, ...]:
        """Return what was decided for the sender, and what was left out."""

    @property
    def share(self) -> float:
        """Return how much of it is read, from 0 to 1."""

    def records(self) -> Iterator[Record]:
        """Yield the records. Raises BadFeed."""
