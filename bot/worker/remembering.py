"""What sinks made in merchants' systems, kept in the database at once."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db import DatabaseUnavailable
from bot.runtime import Runtime
from orders.domain.events import SinkAccount
from orders.outbox.delivery import Unavailable
from orders.sinks import made_by, note_made


@dataclass(frozen=True, slots=True)
class StoredMemory:
    """The memory of one sink: each note is a transaction of its own.

    It is `orders.provisioning.memory.SinkMemory`.
    """

    runtime: Runtime
    sink: SinkAccount

    async def recall(self, kind: str, ours: str) -> str | None:
        try:
            async with self.runtime.database.reading() as connection:
                return await made_by(connection, self.sink.id, kind, ours)
        except DatabaseUnavailable as error:
            raise Unavailable(str(error)) from None

    async def note(self, kind: str, ours: str, theirs: str, *, owner: str) -> None:
        async def work(connection: AsyncConnection) -> None:
            await note_made(
                connection,
                self.sink,
                kind,
                ours,
                theirs,
                owner=owner,
                now=self.runtime.clock(),
            )

        try:
            await self.runtime.database.retried(work)
        except DatabaseUnavailable as error:
            raise Unavailable(str(error)) from None
