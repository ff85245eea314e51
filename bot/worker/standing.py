"""Whether the bot may speak in a conversation right now, asked for many at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from bot.db import Database, DatabaseUnavailable
from bot.db.batcher import Batcher
from bot.domain.message import Alias
from bot.domain.snapshot import Owner
from bot.inbox.table import contact, conversation

_BATCH = 64
_WAITING = 10_000


@dataclass(frozen=True, slots=True)
class Standing:
    """How a conversation stands at this moment."""

    owner: Owner
    opted_out: bool
    last_inbound_at: datetime | None  #: When the customer wrote last.
    conversation_id: str  #: Another one than was asked for: both were joined.
    address: Alias  #: Where its customer is reached now: numbers change hands.
    opted_in: bool = False  #: To more than news of their own orders.


class Standings:
    """Looks conversations up, those that are asked for together with one query."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._batcher: Batcher[str, Standing | None] = Batcher(
            self._look_up,
            size=_BATCH,
            waiting=_WAITING,
            shared=(DatabaseUnavailable,),
        )

    async def of(self, conversation_id: str) -> Standing | None:
        """Return how it stands; None when it is gone. Raises DatabaseUnavailable.

        What was joined into another conversation is that one.
        """
        return await self._batcher.do(conversation_id)

    async def run(self) -> None:
        """Look up until cancelled."""
        await self._batcher.run()

    async def _look_up(self, ids: Sequence[str]) -> Sequence[Standing | None]:
        asked = conversation.alias("asked")
        query = (
            select(
                asked.c.id.label("asked_id"),
                conversation.c.id,
                conversation.c.owner,
                conversation.c.address,
                contact.c.opted_out,
                contact.c.opted_in_at,
                conversation.c.last_inbound_at,
            )
            .join(
                conversation,
                conversation.c.id == func.coalesce(asked.c.merged_into, asked.c.id),
            )
            .join(contact, contact.c.id == conversation.c.contact_id)
            .where(asked.c.id.in_(sorted(set(ids))))
        )
        async with self._database.reading() as connection:
            rows = await connection.execute(query)
            found = {
                r.asked_id: Standing(
                    Owner(r.owner),
                    r.opted_out,
                    r.last_inbound_at,
                    r.id,
                    Alias.model_validate(r.address),
                    opted_in=r.opted_in_at is not None,
                )
                for r in rows
            }
        return [found.get(each) for each in ids]
