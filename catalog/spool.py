"""The rows of one feed, checked and set down in a file of their own until it is whole.

A private SQLite file that the operating system forgets with the process: a feed of a
million rows costs disk, not memory, and nobody's lock. Its methods block; call them in
a thread, one at a time.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass

from pydantic_core import from_json, to_json

from catalog.domain.feed import MOST_VARIANTS, RowError, VariantRow
from catalog.domain.product import Product
from catalog.record import Values, product_values, stored_form, variant_values

#: What a product gets behind the SKU that one of its variants has.
GROUP_SUFFIX = "-group"
#: So many wrong rows are told; the others are counted.
NAMED = 100
_BATCH = 500
#: Line, SKU, SKU of the product of a variant, whether it is made, and shown.
_Key = tuple[int, str, str | None, bool, bool]
_SETUP = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -8000;
CREATE TABLE item (
  place INTEGER PRIMARY KEY, line INTEGER, sku TEXT, parent TEXT, made INTEGER,
  shown INTEGER, body BLOB);
CREATE TABLE made (sku TEXT PRIMARY KEY, shown INTEGER) WITHOUT ROWID;
CREATE TABLE spoilt (sku TEXT PRIMARY KEY) WITHOUT ROWID;
BEGIN;
"""
_INDEXES = """
CREATE INDEX by_sku ON item (sku, place);
CREATE INDEX by_parent ON item (parent, place) WHERE parent IS NOT NULL;
"""
_MAKE = """
INSERT INTO made VALUES (?, ?) ON CONFLICT (sku) DO
UPDATE SET shown = 1 WHERE excluded.shown AND NOT made.shown"""
#: What hidden variants told of a product that has others.
_DROP_HIDDEN = """
DELETE FROM item WHERE made AND NOT shown AND sku IN (SELECT sku FROM made WHERE shown)
"""
_SELL_OUT_HIDDEN = """
UPDATE item SET body = CAST(json_set(CAST(body AS TEXT), '$.stock', 0) AS BLOB)
WHERE parent IS NOT NULL AND NOT shown AND EXISTS (
  SELECT 1 FROM item p WHERE p.sku = item.parent AND p.parent IS NULL AND p.shown)"""
_REPEATED = """
SELECT i.place, i.line, i.sku, i.parent, e.line FROM item i
JOIN item e ON e.place = (SELECT min(f.place) FROM item f WHERE f.sku = i.sku)
WHERE e.place < i.place ORDER BY i.place"""
#: Products that the file does not have itself, whose SKU one of its items has.
_NAMESAKES = """
SELECT m.place, m.sku, min(i.parent IS NOT NULL) FROM item m
JOIN item i ON i.sku = m.sku AND NOT i.made WHERE m.made GROUP BY m.place"""
_CROWDED = """
SELECT parent, max(line) FROM item WHERE parent IS NOT NULL
GROUP BY parent HAVING count(*) > ? ORDER BY 2"""
_ORPHANED = """
SELECT line, parent FROM item WHERE parent IS NOT NULL
AND NOT EXISTS (SELECT 1 FROM item p WHERE p.sku = item.parent AND p.parent IS NULL)
AND parent NOT IN (SELECT sku FROM spoilt) ORDER BY place"""
_DROP_SPOILT = """
DELETE FROM item WHERE coalesce(parent, sku) IN (SELECT sku FROM spoilt)"""
_PRODUCTS = """
SELECT place, line, sku, body FROM item WHERE parent IS NULL AND place > ?
ORDER BY place LIMIT ?"""
_VARIANTS = """
SELECT parent, line, sku, body FROM item
WHERE parent IN (SELECT value FROM json_each(?)) ORDER BY parent, place"""
_HOLDS = "SELECT sku FROM item WHERE sku IN (SELECT value FROM json_each(?))"


class Mistakes:
    """What is wrong with a feed: counted, and the first ones kept."""

    def __init__(self) -> None:
        self.count = 0
        self._kept: list[RowError] = []

    def add(self, error: RowError) -> None:
        self.count += 1
        self._kept.append(error)
        if len(self._kept) >= 2 * NAMED:
            self._kept = list(self.first())

    def first(self) -> tuple[RowError, ...]:
        """Return the first `NAMED` of them by line."""
        return tuple(sorted(self._kept, key=lambda error: error.line)[:NAMED])


@dataclass(frozen=True, slots=True)
class GivenVariant:
    """A variant as the feed has it: its columns as stored, but for ids."""

    line: int
    sku: str
    values: Values


@dataclass(frozen=True, slots=True)
class Given:
    """A product as the feed has it: its columns as stored, but for ids."""

    place: int  #: In the order of the feed; several may stand on one line.
    line: int
    sku: str
    values: Values
    variants: tuple[GivenVariant, ...]


class Spool:
    """Holds the rows that are right, and forgets those of products that are not."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._waiting: list[tuple[int, str, str | None, bool, bool, bytes]] = []
        connection.executescript(_SETUP)

    def add(
        self,
        line: int,
        value: Product | VariantRow,
        *,
        made: bool = False,
        hidden: bool = False,
    ) -> None:
        """Set down what a row says.

        A product is `made` if the feed tells it by its variants only: the first of
        them that people see counts, or the first. A variant is `hidden` if people do
        not see it: nothing is left of it unless its product is hidden as a whole.
        """
        if isinstance(value, Product):
            if not made or self._counts(value):
                values = product_values(value)
                self._add((line, value.sku, None, made, value.active), values)
        else:
            values = variant_values(value.variant, 0)
            key = (line, value.sku, value.parent_sku, False, not hidden)
            self._add(key, values)

    def spoil(self, sku: str) -> None:
        """Leave out a product of which a row could not be read.

        Half a product would lose its other variants.
        """
        self._connection.execute("INSERT OR IGNORE INTO spoilt VALUES (?)", (sku,))

    def close(self, mistakes: Mistakes) -> int:
        """Check the rows against each other; return how many products are right."""
        self._write()
        self._connection.executescript(_INDEXES)
        self._connection.execute(_DROP_HIDDEN)
        self._tell_apart()
        # They keep their ids, and their stock where the whole product is hidden.
        self._connection.execute(_SELL_OUT_HIDDEN)
        self._refuse_repeated(mistakes)
        self._refuse_crowded(mistakes)
        self._refuse_orphaned(mistakes)
        self._connection.execute(_DROP_SPOILT)
        count: int = self._connection.execute(
            "SELECT count(*) FROM item WHERE parent IS NULL"
        ).fetchone()[0]
        return count

    def products(self, after: int, limit: int) -> tuple[Given, ...]:
        """Return the next products after a place, each with its variants in order."""
        return self._whole(self._connection.execute(_PRODUCTS, (after, limit)))

    def _whole(self, found: Iterable[tuple[int, int, str, bytes]]) -> tuple[Given, ...]:
        rows = list(found)
        skus = json.dumps([sku for _, _, sku, _ in rows])
        forms: dict[str, list[GivenVariant]] = {}
        for parent, line, sku, body in self._connection.execute(_VARIANTS, (skus,)):
            siblings = forms.setdefault(parent, [])
            values = from_json(body) | {"position": len(siblings)}
            siblings.append(GivenVariant(line, sku, values))
        return tuple(
            Given(
                place,
                line,
                sku,
                from_json(body) | {"sku": sku},  # it may have got another
                tuple(forms.get(sku, ())),
            )
            for place, line, sku, body in rows
        )

    def holds(self, skus: AbstractSet[str]) -> frozenset[str]:
        """Return which of these SKUs are products of the feed."""
        return self._which(skus, "parent IS NULL")

    def holds_variants(self, skus: AbstractSet[str]) -> frozenset[str]:
        """Return which of these SKUs are variants in the feed."""
        return self._which(skus, "parent IS NOT NULL")

    def _which(self, skus: AbstractSet[str], condition: str) -> frozenset[str]:
        if not skus:
            return frozenset()
        found = self._connection.execute(
            f"{_HOLDS} AND {condition}", (json.dumps(sorted(skus)),)
        )
        return frozenset(sku for (sku,) in found)

    def _counts(self, made: Product) -> bool:
        """Return whether this is the first that is told of it, or the first shown."""
        added = self._connection.execute(_MAKE, (made.sku, made.active))
        return added.rowcount == 1

    def _add(self, key: _Key, values: Values) -> None:
        self._waiting.append((*key, to_json(stored_form(values))))
        if len(self._waiting) >= _BATCH:
            self._write()

    def _write(self) -> None:
        self._connection.executemany(
            "INSERT INTO item VALUES (NULL, ?, ?, ?, ?, ?, ?)", self._waiting
        )
        self._waiting.clear()

    def _tell_apart(self) -> None:
        """Let no product that the feed tells by its variants only share a SKU.

        With a product of the feed it is that product; with one of its variants, which
        keeps its SKU, it gets another.
        """
        namesakes = self._connection.execute(_NAMESAKES).fetchall()
        for place, sku, is_variant in namesakes:
            if not is_variant:
                self._connection.execute("DELETE FROM item WHERE place = ?", (place,))
                continue
            change = (sku + GROUP_SUFFIX, sku)
            self._connection.execute(
                "UPDATE item SET sku = ? WHERE sku = ? AND made", change
            )
            self._connection.execute(
                "UPDATE item SET parent = ? WHERE parent = ?", change
            )
            self._connection.execute(
                "INSERT OR IGNORE INTO spoilt SELECT ? FROM spoilt WHERE sku = ?",
                change,
            )

    def _refuse_repeated(self, mistakes: Mistakes) -> None:
        places = []
        for place, line, sku, parent, first in self._connection.execute(_REPEATED):
            message = f"{sku!r} is also on line {first}: give each row its own"
            mistakes.add(RowError(line, "sku", message))
            places.append((place, parent))
        for place, parent in places:
            self._connection.execute("DELETE FROM item WHERE place = ?", (place,))
            if parent is not None:
                self.spoil(parent)

    def _refuse_crowded(self, mistakes: Mistakes) -> None:
        crowded = self._connection.execute(_CROWDED, (MOST_VARIANTS,)).fetchall()
        for parent, line in crowded:
            message = f"{parent!r} has more than {MOST_VARIANTS} variants: split it"
            mistakes.add(RowError(line, "parent_sku", message))
            self.spoil(parent)

    def _refuse_orphaned(self, mistakes: Mistakes) -> None:
        advice = "add a row with this sku, without parent_sku"
        for line, parent in self._connection.execute(_ORPHANED):
            message = f"there is no product {parent!r} in this file: {advice}"
            mistakes.add(RowError(line, "parent_sku", message))


@contextmanager
def open_spool() -> Iterator[Spool]:
    """Make an empty spool; it is gone after the block."""
    # An empty name is a temporary file that SQLite deletes.
    connection = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    try:
        yield Spool(connection)
    finally:
        connection.close()
