"""The rows of one feed, checked and set down in a file of their own until it is whole.

A private SQLite file that the operating system forgets with the process: a feed of a
million rows costs disk, not memory, and nobody's lock. Its methods block; call them in
a thread, one at a time.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass

from pydantic_core import from_json, to_json

from catalog.domain.feed import RowError, VariantRow
from catalog.domain.product import Product
from catalog.record import Values, product_values, stored_form, variant_values

#: More than anybody can choose from, and as much as is compared at a time.
MOST_VARIANTS = 1000
#: So many wrong rows are told; the others are counted.
NAMED = 100
_BATCH = 500
_SETUP = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -8000;
CREATE TABLE item (line INTEGER PRIMARY KEY, sku TEXT, parent TEXT, body BLOB);
CREATE TABLE spoilt (sku TEXT PRIMARY KEY) WITHOUT ROWID;
BEGIN;
"""
_INDEXES = """
CREATE INDEX by_sku ON item (sku, line);
CREATE INDEX by_parent ON item (parent, line) WHERE parent IS NOT NULL;
"""
_REPEATED = """
SELECT line, sku, parent, first FROM (
  SELECT *, (SELECT min(e.line) FROM item e WHERE e.sku = item.sku) AS first FROM item)
WHERE first < line ORDER BY line"""
_CROWDED = """
SELECT parent, max(line) FROM item WHERE parent IS NOT NULL
GROUP BY parent HAVING count(*) > ? ORDER BY 2"""
_ORPHANED = """
SELECT line, parent FROM item WHERE parent IS NOT NULL
AND NOT EXISTS (SELECT 1 FROM item p WHERE p.sku = item.parent AND p.parent IS NULL)
AND parent NOT IN (SELECT sku FROM spoilt) ORDER BY line"""
_DROP_SPOILT = """
DELETE FROM item WHERE coalesce(parent, sku) IN (SELECT sku FROM spoilt)"""
_PRODUCTS = """
SELECT line, sku, body FROM item WHERE parent IS NULL AND line > ?
ORDER BY line LIMIT ?"""
_ON_LINES = """
SELECT line, sku, body FROM item
WHERE line IN (SELECT value FROM json_each(?)) ORDER BY line"""
_VARIANTS = """
SELECT parent, line, sku, body FROM item
WHERE parent IN (SELECT value FROM json_each(?)) ORDER BY parent, line"""
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

    line: int
    sku: str
    values: Values
    variants: tuple[GivenVariant, ...]


class Spool:
    """Holds the rows that are right, and forgets those of products that are not."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._waiting: list[tuple[int, str, str | None, bytes]] = []
        connection.executescript(_SETUP)

    def add(self, line: int, value: Product | VariantRow) -> None:
        """Set down what a row says."""
        if isinstance(value, Product):
            self._add(line, value.sku, None, product_values(value))
        else:
            values = variant_values(value.variant, 0)
            self._add(line, value.sku, value.parent_sku, values)

    def spoil(self, sku: str) -> None:
        """Leave out a product of which a row could not be read.

        Half a product would lose its other variants.
        """
        self._connection.execute("INSERT OR IGNORE INTO spoilt VALUES (?)", (sku,))

    def close(self, mistakes: Mistakes) -> int:
        """Check the rows against each other; return how many products are right."""
        self._write()
        self._connection.executescript(_INDEXES)
        self._refuse_repeated(mistakes)
        self._refuse_crowded(mistakes)
        self._refuse_orphaned(mistakes)
        self._connection.execute(_DROP_SPOILT)
        count: int = self._connection.execute(
            "SELECT count(*) FROM item WHERE parent IS NULL"
        ).fetchone()[0]
        return count

    def products(self, after: int, limit: int) -> tuple[Given, ...]:
        """Return the next products after a line, each with its variants in order."""
        return self._whole(self._connection.execute(_PRODUCTS, (after, limit)))

    def products_on(self, lines: Sequence[int]) -> tuple[Given, ...]:
        """Return the products of these lines, each with its variants in order."""
        return self._whole(self._connection.execute(_ON_LINES, (json.dumps(lines),)))

    def _whole(self, found: Iterable[tuple[int, str, bytes]]) -> tuple[Given, ...]:
        rows = list(found)
        skus = json.dumps([sku for _, sku, _ in rows])
        forms: dict[str, list[GivenVariant]] = {}
        for parent, line, sku, body in self._connection.execute(_VARIANTS, (skus,)):
            siblings = forms.setdefault(parent, [])
            values = from_json(body) | {"position": len(siblings)}
            siblings.append(GivenVariant(line, sku, values))
        return tuple(
            Given(line, sku, from_json(body), tuple(forms.get(sku, ())))
            for line, sku, body in rows
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

    def _add(self, line: int, sku: str, parent: str | None, values: Values) -> None:
        body = to_json(stored_form(values))
        self._waiting.append((line, sku, parent, body))
        if len(self._waiting) >= _BATCH:
            self._write()

    def _write(self) -> None:
        self._connection.executemany(
            "INSERT INTO item VALUES (?, ?, ?, ?)", self._waiting
        )
        self._waiting.clear()

    def _refuse_repeated(self, mistakes: Mistakes) -> None:
        lines = []
        for line, sku, parent, first in self._connection.execute(_REPEATED):
            message = f"{sku!r} is also on line {first}: give each row its own"
            mistakes.add(RowError(line, "sku", message))
            lines.append((line, parent))
        for line, parent in lines:
            self._connection.execute("DELETE FROM item WHERE line = ?", (line,))
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
