"""Noting with a message that who wrote it edited or deleted it.

The text that it had stays in its row for as long as the shop keeps messages: people in
the console may see it, readers never do again.
"""

from collections.abc import Sequence

from sqlalchemy import bindparam, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.amending import Mark
from bot.inbox.table import message


async def mark(connection: AsyncConnection, marks: Sequence[Mark]) -> None:
    """Write down what became of messages, the newest last."""
    if not marks:
        return
    await connection.execute(
        update(message)
        .where(message.c.id == bindparam("row_id"))
        .values(correction=bindparam("noted", type_=message.c.correction.type)),
        [
            {
                "row_id": each.message_id,
                "noted": {
                    "event": each.event,
                    "text": each.text,
                    "at": each.at.isoformat(),
                },
            }
            for each in marks
        ],
    )
