"""A product file of whatever kind, opened: recognised by its content, or as told.

First bytes tell the container, names of columns tell the dialect.
"""

import codecs
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from catalog.domain.feed import REQUIRED, RowError
from catalog.formats.json_lines import open_json_lines
from catalog.formats.registry import FORMATS
from catalog.formats.rows import BadFeed, Container, Dialect, Kind, Pulse, Row, Told
from catalog.formats.shopify import canonical
from catalog.formats.shopping import META, plain
from catalog.formats.shopping_xml import open_shopping_xml
from catalog.formats.spreadsheet import open_spreadsheet
from catalog.formats.text_table import TextTable, open_text_table

_HEAD = 4096
_WRITE_ROWS = (
    "write a header line with sku, name and price, and a line for each product"
)
_SPREADSHEET = b"PK\x03\x04"
#: First bytes of what is no product file, and what it is.
_OTHERS = {
    b"\xd0\xcf\x11\xe0": "an old spreadsheet: save it as .xlsx",
    b"PK\x05\x06": "an empty archive: send the file itself",
    b"%PDF": "a PDF: save the products as a spreadsheet",
    b"\x1f\x8b": "compressed: send the file itself",
    b"BZh": "compressed: send the file itself",
    b"\x28\xb5\x2f\xfd": "compressed: send the file itself",
    b"\xfd7zXZ": "compressed: send the file itself",
    b"Rar!": "compressed: send the file itself",
    b"7z\xbc\xaf": "compressed: send the file itself",
    b"\x89PNG": "a picture: send the products as a table",
    b"\xff\xd8\xff": "a picture: send the products as a table",
}
#: Names of columns that are warned about; whoever has more has no table of products.
_MOST_NAMED = 1000
_LONGEST_NAME = 100


_OPENERS: dict[
    Kind, Callable[[Path, str, str | None, Pulse], AbstractContextManager[Container]]
] = {
    Kind.TABLE: open_text_table,
    Kind.SPREADSHEET: lambda path, name, _, pulse: open_spreadsheet(path, name, pulse),
    Kind.JSON_LINES: open_json_lines,
    Kind.XML: open_shopping_xml,
}


@dataclass(slots=True)
class Feed:
    """An open product file: rows with our own columns, once."""

    format: str
    nothing: str  #: What to say of a file without records.
    errors: tuple[RowError, ...]  #: What is wrong with the header.
    _container: Container
    _dialect: Dialect
    _columns: dict[str, None] = field(default_factory=dict)

    @property
    def share(self) -> float:
        """How much of the file is read, from 0 to 1."""
        return self._container.share

    def records(self) -> Iterator[Iterator[Row]]:
        """Yield the rows of each record, a product before its variants."""
        has_header = self._container.header is not None
        for record in self._container.records():
            if not has_header and record.cells.keys() - self._columns.keys():
                self._note(record.cells)
            yield self._dialect.rows(record)

    def governed(self) -> frozenset[str]:
        """Return the fields of products that the file sets, once it is read."""
        return self._dialect.governs(frozenset(self._columns))

    def warnings(self) -> tuple[RowError, ...]:
        """Return what was decided for the sender and left out, once it is read."""
        unread = self._dialect.unread(dict.fromkeys(self._columns))
        return (*self._container.warnings, *unread)

    def _note(self, columns: Iterable[str]) -> None:
        for column in columns:
            name = column[:_LONGEST_NAME]
            if len(self._columns) < _MOST_NAMED:
                self._columns[name] = None


def _silent(_: float) -> None:
    """Tell nobody."""


@contextmanager
def open_feed(
    path: Path, name: str, told: Told, *, now: datetime, pulse: Pulse = _silent
) -> Iterator[Feed]:
    """Open a product file. `name` is what messages call it.

    What it says of other times than `now` is left out. Raises BadFeed, here and while
    it is read: the message says what to do.
    """
    if told.format is not None and told.format not in FORMATS:
        known = ", ".join(FORMATS)
        raise BadFeed(f"there is no format {told.format!r}: write one of {known}")
    try:
        with ExitStack() as stack:
            kind = _kind(path, name, told)
            opener = _OPENERS[kind]
            container = stack.enter_context(opener(path, name, told.encoding, pulse))
            yield _feed(container, told.format or _format(kind, container), now)
    except FileNotFoundError:
        raise BadFeed(f"there is no file {name}") from None
    except OSError as error:
        raise BadFeed(f"{name} cannot be read: {error.strerror}") from error


def _feed(container: Container, format_: str, now: datetime) -> Feed:
    dialect = FORMATS[format_].dialect(now)
    header = container.header
    errors = tuple(dialect.check(header)) if header is not None else ()
    columns = dict.fromkeys(header or ())
    return Feed(format_, container.nothing, errors, container, dialect, columns)


def _kind(path: Path, name: str, told: Told) -> Kind:
    """Return which container a file is. Raises BadFeed and OSError."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    text = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if not text:
        raise BadFeed(f"{name} is empty: {_WRITE_ROWS}")
    for magic, what in _OTHERS.items():
        if head.startswith(magic):
            raise BadFeed(f"{name} is {what}")
    kind = _recognised(head, text)
    if told.format is not None and kind not in FORMATS[told.format].kinds:
        raise BadFeed(
            f"{name} is {kind}, not {told.format}: send another file, or do not name"
            " its format"
        )
    return kind


def _recognised(head: bytes, text: bytes) -> Kind:
    if head.startswith(_SPREADSHEET):
        return Kind.SPREADSHEET
    # UTF-16 begins with its mark, or with the zero of a letter.
    first = text.lstrip(b"\xff\xfe\x00")[:1]
    if first == b"<":
        return Kind.XML
    return Kind.JSON_LINES if first in {b"{", b"["} else Kind.TABLE


def _format(kind: Kind, container: Container) -> str:
    """Return the format that a container's columns speak."""
    if kind is Kind.XML:
        return "google"
    if container.header is None:
        return "jsonl"
    columns = set(container.header)
    shopify = {canonical(column) for column in columns}
    is_ours = columns.issuperset(REQUIRED)
    if {"handle", "title"} <= shopify and not is_ours:
        return "shopify"
    shopping = {plain(column) for column in columns}
    if {"id", "title"} <= shopping and "sku" not in columns:
        return "meta" if shopping & META else "google"
    if kind is Kind.SPREADSHEET:
        return "xlsx"
    is_tabbed = isinstance(container, TextTable) and container.separator == "\t"
    return "tsv" if is_tabbed else "csv"
