"""Every stored secret under the current key: batch by batch, beside a running server.

Which columns hold secrets is said by the tables themselves (`SEALED`).
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final, Protocol

from sqlalchemy import Column, Row, Table, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

import bot.inbox.api_table
import bot.inbox.table
import orders.table
from bot.domain.account import Unsealable
from catalog.table import SEALED, metadata

Transaction = Callable[[], AbstractAsyncContextManager[AsyncConnection]]

#: Tables are known when their modules are imported.
ROOMS: Final = (orders.table, bot.inbox.table, bot.inbox.api_table)
#: Rows of a transaction: short enough that nobody waits for it.
_BATCH = 200


class _Outcome(Enum):
    NOTHING = auto()
    CURRENT = auto()
    DONE = auto()
    UNOPENED = auto()


class Reseal(Protocol):
    """Opens with any key and seals with the current: `bot.sealing.Sealer`."""

    def open(self, sealed: str) -> str: ...

    def is_current(self, sealed: str) -> bool: ...

    def reseal(self, sealed: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Resealed:
    """What became of the secrets. `unopened` names those that no key opens."""

    done: int
    current: int  #: Were under the current key already.
    unopened: tuple[str, ...]


def sealed_columns() -> Iterator[tuple[Table, Sequence[Column[Any]]]]:
    """Yield every table that holds secrets, with the columns that do."""
    for table in metadata.sorted_tables:
        columns = [column for column in table.c if column.info == SEALED]
        if columns:
            yield table, columns


async def reseal_all(transaction: Transaction, sealer: Reseal) -> Resealed:
    """Seal every secret anew that is not under the current key.

    Idempotent, and safe to break off: what was done is committed. A secret that is
    replaced meanwhile stays as it was replaced. Raises DatabaseUnavailable.
    """
    count: Counter[_Outcome] = Counter()
    unopened: list[str] = []
    for table, columns in sealed_columns():
        after: tuple[str, ...] | None = ()
        while after is not None:
            async with transaction() as connection:
                rows = await _batch(connection, table, columns, after)
                for row in rows:
                    for column in columns:
                        outcome = await _reseal(connection, column, row, sealer)
                        count[outcome] += 1
                        if outcome is _Outcome.UNOPENED:
                            unopened.append(_named(column, _key(table, row)))
            after = _key(table, rows[-1]) if len(rows) == _BATCH else None
    return Resealed(count[_Outcome.DONE], count[_Outcome.CURRENT], tuple(unopened))


async def find_unopened(
    connection: AsyncConnection, sealer: Reseal
) -> tuple[int, tuple[str, ...]]:
    """Return how many secrets there are, and which of them no key opens."""
    count = 0
    unopened: list[str] = []
    for table, columns in sealed_columns():
        rows = await connection.execute(select(*table.primary_key, *columns))
        for row in rows:
            for column in columns:
                sealed = getattr(row, column.name)
                count += sealed is not None
                if sealed is not None and not _opens(sealer, sealed):
                    unopened.append(_named(column, _key(table, row)))
    return count, tuple(unopened)


async def _batch(
    connection: AsyncConnection,
    table: Table,
    columns: Sequence[Any],
    after: tuple[str, ...],
) -> Sequence[Row[Any]]:
    key = tuple(table.primary_key)
    query = select(*key, *columns).order_by(*key).limit(_BATCH)
    if after:
        query = query.where(tuple_(*key) > tuple_(*after))
    return (await connection.execute(query)).all()


async def _reseal(
    connection: AsyncConnection, column: Column[Any], row: Row[Any], sealer: Reseal
) -> _Outcome:
    sealed = getattr(row, column.name)
    if sealed is None:
        return _Outcome.NOTHING
    if sealer.is_current(sealed):
        return _Outcome.CURRENT
    try:
        again = sealer.reseal(sealed)
    except Unsealable:
        return _Outcome.UNOPENED
    table = column.table
    await connection.execute(
        update(table)
        .where(
            *(each == getattr(row, each.name) for each in table.primary_key),
            column == sealed,
        )
        .values({column.name: again})
    )
    return _Outcome.DONE


def _opens(sealer: Reseal, sealed: str) -> bool:
    try:
        sealer.open(sealed)
    except Unsealable:
        return False
    return True


def _key(table: Table, row: Row[*tuple[Any, ...]]) -> tuple[str, ...]:
    return tuple(str(getattr(row, column.name)) for column in table.primary_key)


def _named(column: Column[Any], key: tuple[str, ...]) -> str:
    return f"{column.table.name}.{column.name} of {' '.join(key)}"
