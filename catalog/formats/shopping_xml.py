"""Shopping feeds as XML: RSS 2.0 or Atom whose items have attributes of products.

Google's product data specification names the attributes; Meta reads the same.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from catalog.domain.feed import RowError
from catalog.formats.encoding import ENCODINGS
from catalog.formats.markup import Markup
from catalog.formats.rows import BadFeed, Pulse, Record

_ITEMS = frozenset({"item", "entry"})
_ROOTS = frozenset({"rss", "feed", "rdf", "channel"})
#: Namespaces of attributes of products; those of others may have the same names.
_OURS = (
    "http://base.google.com/",
    "https://base.google.com/",
    "http://www.w3.org/2005/Atom",
    "http://purl.org/rss/1.0/",
)
#: Between the parts of an attribute that has parts, and between the values of one that
#: is there several times. No XML can hold these characters.
PARTS = "\x1f"
SEVERAL = "\x1e"
_COMPOSED = frozenset({"product_detail"})
#: Characters of one item.
_LONGEST_ITEM = 1_000_000
#: Elements of one item, with those inside others.
_MOST_ELEMENTS = 5_000


class ShoppingXml(Markup[Record]):
    """An open feed: its items, once."""

    header = None
    warnings: tuple[RowError, ...] = ()

    def __init__(
        self,
        file: IO[bytes],
        name: str,
        size: int,
        encoding: str | None,
        pulse: Pulse,
    ) -> None:
        super().__init__(file, name, encoding, heard=lambda _: pulse(self.share))
        self.nothing = f"{name} has no items: write an <item> for each product"
        self._size = size
        self._count = 0
        self._path: list[str] = []  #: Elements that are open within the item.
        self._inside = False
        self._line = 0
        self._cells: dict[str, list[str]] = {}
        self._elements = 0  #: Of the item.
        self._text: list[str] = []
        self._length = 0  #: Of the text that is read now.
        self._whole = 0  #: Of the item.
        self._parts: list[str] = []

    @property
    def share(self) -> float:
        return min(1.0, self.read / max(1, self._size))

    def records(self) -> Iterator[Record]:
        return self.parse()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = _local(name)
        if not self._count and not self._inside and self._depth == 1:
            self._check_root(local)
        if self._inside:
            self._count_element()
            self._path.append(local)
            self._forget_text()
            if local == "link" and "href" in attributes:  # as Atom writes it
                self._keep(local, attributes["href"])
        elif local in _ITEMS:
            self._inside, self._line = True, self.line
            self._cells, self._whole, self._elements = {}, 0, 0

    def end(self, _name: str) -> None:
        if not self._inside:
            return
        if not self._path:
            self._inside = False
            self._count += 1
            cells = {name: SEVERAL.join(told) for name, told in self._cells.items()}
            self.found(Record(self._line, cells, f"item {self._count}"))
            return
        local = self._path.pop()
        text = "".join(self._text).strip()
        self._forget_text()
        if not self._path:
            self._keep(local, text or PARTS.join(self._parts))
            self._parts = []
        elif self._path[0] in _COMPOSED:
            self._parts.append(text)

    def text(self, text: str) -> None:
        if self._path:
            self._length += len(text)
            self.refuse_long(self._length)
            self._count_in(text)
            self._text.append(text)

    def _keep(self, name: str, value: str) -> None:
        if name and value:
            self._count_in(value)
            self._cells.setdefault(name, []).append(value)

    def _count_element(self) -> None:
        self._elements += 1
        if self._elements > _MOST_ELEMENTS:
            raise BadFeed(
                f"{self._place()}: an item has more than {_MOST_ELEMENTS} elements:"
                " remove some"
            )

    def _count_in(self, text: str) -> None:
        self._whole += len(text) + 1
        if self._whole > _LONGEST_ITEM:
            raise BadFeed(f"{self._place()}: an item is far too long: shorten it")

    def _forget_text(self) -> None:
        self._text, self._length = [], 0

    def _check_root(self, local: str) -> None:
        if local not in _ROOTS:
            raise BadFeed(
                f"{self._name} is XML with <{local[:60]}>, not a product feed: send RSS"
                " or Atom"
            )


@contextmanager
def open_shopping_xml(
    path: Path, name: str, told: str | None, pulse: Pulse
) -> Iterator[ShoppingXml]:
    """Open a feed. `pulse` hears that it goes on while there are no items.

    Raises BadFeed, here and while its items are read; OSError.
    """
    if told is not None and told not in ENCODINGS:
        raise BadFeed(f"there is no encoding {told!r}: write one of {list(ENCODINGS)}")
    with path.open("rb") as file:
        yield ShoppingXml(file, name, path.stat().st_size, told, pulse)


def _local(name: str) -> str:
    """Return an element's name; empty for those of others."""
    space, _, local = name.rpartition(" ")
    if space and not space.startswith(_OURS):
        # The root of RDF has a namespace of its own.
        return local.lower() if local == "RDF" else ""
    return local.lower()
