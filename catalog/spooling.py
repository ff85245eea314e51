"""Reading a file into a spool: every row is checked, every wrong one is told."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from catalog.domain.feed import RowError, parse_row
from catalog.formats.numbers import Numbers, WrongNumber
from catalog.formats.opening import open_feed
from catalog.formats.rows import UNTOLD, BadFeed, Row, Told
from catalog.spool import Mistakes, Spool

#: Records between two calls of `tell`.
_STRIDE = 500


@dataclass(frozen=True, slots=True)
class Contents:
    """What a file holds. Its right rows are in the spool."""

    format: str
    products: int
    columns: frozenset[str]  #: Fields that the file sets; others are left alone.
    warnings: tuple[RowError, ...]


def spool_file(
    path: Path,
    spool: Spool,
    mistakes: Mistakes,
    *,
    name: str,
    currency: str,
    now: datetime,
    tell: Callable[[int, float], None],
    told: Told = UNTOLD,
) -> Contents:
    """Read a whole file. Blocks: call it in a thread.

    `tell` gets the records read so far and their share of the file, also while the file
    has none, and may raise to stop reading. Prices are those of `now`. `name` is what
    the sender calls the file. What is wrong with rows goes to `mistakes`. Raises
    BadFeed.
    """
    count = 0

    def pulse(share: float) -> None:
        tell(count, share)

    with open_feed(path, name, told, now=now, pulse=pulse) as feed:
        for error in feed.errors:
            mistakes.add(error)
        if feed.errors:
            return Contents(feed.format, 0, frozenset(), feed.warnings())
        numbers = Numbers(name, told.decimal, currency)
        taking = _Taking(spool, mistakes, currency, numbers)
        for count, rows in enumerate(feed.records(), 1):  # counted
            taking.take(rows)
            if count % _STRIDE == 0:
                tell(count, feed.share)
        if not count:
            raise BadFeed(feed.nothing)
        numbers.close()
        tell(count, 1.0)
        products = spool.close(mistakes)
        return Contents(feed.format, products, feed.governed(), feed.warnings())


@dataclass(frozen=True, slots=True)
class _Taking:
    """Takes the rows of records one after the other."""

    spool: Spool
    mistakes: Mistakes
    currency: str
    numbers: Numbers

    def take(self, rows: Iterator[Row]) -> None:
        """Set down what is right; what follows a wrong row in its record is lost."""
        for row in rows:
            wrong = self._wrong(row)
            if wrong is not None:
                self.mistakes.add(wrong)
                sku = row.cells.get("parent_sku") or row.cells.get("sku", "")
                self.spool.spoil(sku.strip())
                return

    def _wrong(self, row: Row) -> RowError | None:
        if row.wrong is not None:
            return row.wrong
        try:
            self.numbers.rewrite(row)
        except WrongNumber as error:
            return row.error(error.column, str(error))
        value = parse_row(row.cells, currency=self.currency, line=row.line)
        if isinstance(value, RowError):
            return row.error(value.column, value.message)
        self.spool.add(row.line, value, made=row.made, hidden=row.hidden)
        return None
