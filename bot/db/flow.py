"""Database work as a generator: it asks, and whoever drives it answers.

The hot path is written once, as plain code without I/O, and driven by what is fastest
on each engine: one thread with the standard library's sqlite3, or asyncpg itself.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

T = TypeVar("T")

Row = Sequence[Any]


class LostRace(Exception):
    """A flow saw what is no longer true: its driver starts it again."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One statement for many rows.

    `sql` names the row's columns and then the `scalars`, in their order: `?1`, `?2` ...
    on SQLite, which runs it once a row; `$1`, `$2` ... on PostgreSQL, which runs it
    once and gets each column as an array.
    """

    sql: str
    rows: Sequence[Row]
    scalars: Row = ()
    answers: bool = False  #: It returns rows.


Flow = Generator[Ask, Sequence[Row], T]


class Driver(Protocol):
    """Runs flows, each in one transaction of its own."""

    async def run(self, flow: Callable[[], Flow[T]]) -> T:
        """Return what the flow returns, committed.

        Raises what the flow raises (nothing is written then), or DatabaseUnavailable.
        A flow that lost a race is started again from the beginning.
        """
        ...

    async def close(self) -> None: ...
