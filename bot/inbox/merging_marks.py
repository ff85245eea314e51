"""What agents made of two conversations that become one: assignment, labels, notes.

The caller holds both rows. Nothing here commits.
"""

from typing import Any

from sqlalchemy import Row, Table, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.agents_table import conversation_label, conversation_read, note
from bot.inbox.assigning import ASSIGNMENT
from bot.inbox.table import conversation


async def merge_marks(
    connection: AsyncConnection, kept: Row[Any], other: Row[Any]
) -> None:
    """Take along what agents noted; whoever has one of the two has the one.

    The numbers of its messages are new ones: nobody has read that conversation yet.
    """
    await connection.execute(
        update(note)
        .where(note.c.conversation_id == other.id)
        .values(conversation_id=kept.id)
    )
    await _labels(connection, kept.id, other.id)
    await _forget(connection, conversation_read, kept.id, other.id)
    await _assignment(connection, kept, other)


async def _labels(connection: AsyncConnection, kept_id: str, other_id: str) -> None:
    known = select(conversation_label.c.label_id).where(
        conversation_label.c.conversation_id == kept_id
    )
    labels = (await connection.execute(known)).scalars().all()
    await connection.execute(
        update(conversation_label)
        .where(
            conversation_label.c.conversation_id == other_id,
            conversation_label.c.label_id.not_in(labels),
        )
        .values(conversation_id=kept_id)
    )
    await _forget(connection, conversation_label, other_id)


async def _forget(connection: AsyncConnection, table: Table, *ids: str) -> None:
    await connection.execute(delete(table).where(table.c.conversation_id.in_(ids)))


async def _assignment(
    connection: AsyncConnection, kept: Row[Any], other: Row[Any]
) -> None:
    taken = next((each for each in (kept, other) if each.assigned_to), None)
    teamed = taken or next((each for each in (kept, other) if each.team), kept)
    for chat_id, values in (
        (kept.id, {name: getattr(teamed, name) for name in ASSIGNMENT}),
        (other.id, dict.fromkeys(ASSIGNMENT)),
    ):
        await connection.execute(
            update(conversation).where(conversation.c.id == chat_id).values(values)
        )
