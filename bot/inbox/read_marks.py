"""How far people have read conversations. Nothing here commits."""

from datetime import datetime

from sqlalchemy import BigInteger, case, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.agents_table import conversation_read
from bot.inbox.table import conversation


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

    It never goes back: of two tabs the one that read further counts. What is not there
    yet is not read. The caller knows that the conversation exists.
    """
    there = conversation.c.seq
    read = select(case((there < seq, there), else_=literal(seq, BigInteger))).where(
        conversation.c.tenant_id == tenant_id, conversation.c.id == conversation_id
    )
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    put = dialect.insert(conversation_read).values(
        conversation_id=conversation_id,
        user_id=user_id,
        tenant_id=tenant_id,
        seq=read.scalar_subquery(),
        at=now,
    )
    await connection.execute(
        put.on_conflict_do_update(
            index_elements=["conversation_id", "user_id"],
            set_={"seq": put.excluded.seq, "at": put.excluded.at},
            where=conversation_read.c.seq < put.excluded.seq,
        )
    )
