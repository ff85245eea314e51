"""How many messages a second a channel's number may send. Nothing here commits."""

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.checking import InvalidAccount
from bot.inbox.table import channel

#: Meta raises a number to at most so many ("Throughput" in its Cloud API reference).
_MOST = 1000


async def set_speed(
    connection: AsyncConnection, channel_id: str, per_second: int | None
) -> None:
    """Let a channel send so many messages a second; None: as its kind does.

    Raises InvalidAccount for what no number may send.
    """
    if per_second is not None and not 1 <= per_second <= _MOST:
        raise InvalidAccount(
            "per_second", f"{per_second} is not a number of messages from 1 to {_MOST}"
        )
    await connection.execute(
        update(channel).where(channel.c.id == channel_id).values(per_second=per_second)
    )
