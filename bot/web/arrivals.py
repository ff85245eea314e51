"""What a gateway repeats of our own sends settles those of which nobody told us."""

from collections.abc import Iterator, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db import DatabaseUnavailable
from bot.domain.message import AT_RECEIPT, ECHO, Ignored, InboundMessage, Received
from bot.inbox.directory import ChannelEntry
from bot.inbox.own_echoes import Echo, note, proven
from bot.runtime import Runtime
from bot.web.webhooks import unavailable


async def note_arrivals(
    runtime: Runtime, entry: ChannelEntry, received: Sequence[Received]
) -> None:
    """Write down which sends of unknown outcome the echoes of a body tell of.

    Raises 503 while the database cannot be reached: the echo comes again then.
    """
    channel_id, now = entry.account.channel_id, runtime.clock()
    for said in _echoes(received, entry):
        echo = Echo(
            provider_id=said.provider_id,
            aliases=tuple((each.kind, each.value) for each in said.sender.aliases),
            content=said.content.model_dump_json(exclude_none=True),
            sent_at=now if said.sent_at == AT_RECEIPT else said.sent_at,
        )

        async def work(connection: AsyncConnection, echo: Echo = echo) -> None:
            send = await proven(connection, channel_id, echo)
            if send is not None:
                await note(connection, channel_id, echo, send, now=now)

        try:
            async with runtime.database.reading() as connection:
                found = await proven(connection, channel_id, echo)
            if found is not None:  # seldom: only then anything is written
                await runtime.database.retried(work)
        except DatabaseUnavailable:
            raise unavailable() from None


def _echoes(
    received: Sequence[Received], entry: ChannelEntry
) -> Iterator[InboundMessage]:
    for item in received:
        said = item.own if isinstance(item, Ignored) else item
        if not isinstance(said, InboundMessage) or said.event != ECHO:
            continue
        if said.account == entry.account.named:
            yield said
