"""Our own columns: the fields of products, as `catalog.domain.feed` reads them."""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet

from catalog.domain.feed import RowError, check_header, governed, unknown_columns
from catalog.formats.rows import Record, Row


class OwnColumns:
    """Reads rows as they are."""

    def check(self, columns: Sequence[str]) -> Iterable[RowError]:
        return check_header(columns)

    def unread(self, columns: Iterable[str]) -> Iterable[RowError]:
        return unknown_columns(list(columns))

    def governs(self, columns: AbstractSet[str]) -> frozenset[str]:
        return governed(list(columns))

    def rows(self, record: Record) -> Iterator[Row]:
        cells = dict(record.cells)
        yield Row(record.line, cells, item=record.item, wrong=record.wrong)
