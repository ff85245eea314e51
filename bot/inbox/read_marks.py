"""How far people have read conversations. Nothing here commits."""

from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.agents_table import conversation_read


async def mark_read(
    connection: AsyncConnection,
    tenant_id: str,
    conversation_id: str,
    *,
    user_id: str,
    seq: int,
    now: datetime,
) -> None:
    """Remember that a user has read a conversation up to a message.

    It never goes back: of two tabs the one that read further counts. The caller knows
    that the conversation exists and has that message.
    """
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    put = dialect.insert(conversation_read).values(
        conversation_id=conversation_id,
        user_id=user_id,
        tenant_id=tenant_id,
        seq=seq,
        at=now,
    )
    await connection.execute(
        put.on_conflict_do_update(
            index_elements=["conversation_id", "user_id"],
            set_={"seq": put.excluded.seq, "at": put.excluded.at},
            where=conversation_read.c.seq < put.excluded.seq,
        )
    )
