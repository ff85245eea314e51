"""Reading a file into a spool: every row is checked, every wrong one is told."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from catalog.csv_file import BadFeed, by_column, open_csv
from catalog.domain.feed import (
    RowError,
    check_header,
    governed,
    parse_row,
    unknown_columns,
)
from catalog.spool import Mistakes, Spool

#: Rows between two calls of `tell`.
_STRIDE = 500


@dataclass(frozen=True, slots=True)
class Contents:
    """What a file holds. Its right rows are in the spool."""

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
    tell: Callable[[int, float], None],
) -> Contents:
    """Read a whole file. Blocks: call it in a thread.

    `tell` gets the rows read so far and their share of the file, and may raise to stop
    reading. `name` is what the sender calls the file. What is wrong with rows goes to
    `mistakes`. Raises BadFeed.
    """
    size = max(1, path.stat().st_size) if path.exists() else 1
    with open_csv(path, name) as feed:
        wrong = check_header(feed.header)
        for error in wrong:
            mistakes.add(error)
        warnings = unknown_columns(feed.header)
        if wrong:
            return Contents(0, frozenset(), warnings)
        rows = 0
        for rows, (line, cells) in enumerate(feed.rows(), 1):  # counted
            _take(by_column(feed.header, cells, line), line, spool, mistakes, currency)
            if rows % _STRIDE == 0:
                tell(rows, feed.position / size)
    if not rows:
        raise BadFeed(f"{name} has a header and no rows: write a line for each product")
    tell(rows, 1.0)
    return Contents(spool.close(mistakes), governed(feed.header), warnings)


def _take(
    cells: dict[str, str] | RowError,
    line: int,
    spool: Spool,
    mistakes: Mistakes,
    currency: str,
) -> None:
    if isinstance(cells, RowError):
        mistakes.add(cells)
        return
    value = parse_row(cells, currency=currency, line=line)
    if isinstance(value, RowError):
        mistakes.add(value)
        sku = (cells.get("parent_sku") or cells["sku"]).strip()
        spool.spoil(sku)
    else:
        spool.add(line, value)
