"""What long work needs of the database: many small transactions, not one given one."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

T = TypeVar("T")


class Storage(Protocol):
    """Opens connections; only it commits."""

    def reading(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """Return a connection that sees one state of the data."""
        ...

    async def retried(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Run `work` in a transaction, again after a deadlock or a failed race."""
        ...
