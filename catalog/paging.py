"""How many rows a list has, of which a page was read."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class Paged:
    """A page of at most `limit` rows, after the first `offset` of them."""

    limit: int
    offset: int = 0

    async def total(
        self, connection: AsyncConnection, read: int, count: Select[Any] | int
    ) -> int:
        """Return how many rows there are; `read` of them are on the page.

        The page that is not full is the last one: most lists are told without being
        counted. `count` selects their number; or it is known, or nearly: others may
        have come or gone since.
        """
        if read < self.limit and (read or not self.offset):
            return self.offset + read
        if isinstance(count, int):
            return max(count, self.offset + read)
        counted = await connection.execute(count)
        return int(counted.scalar_one())
