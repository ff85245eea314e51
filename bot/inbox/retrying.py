"""Sending parked deliveries again, with what that means for messages."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.table import message
from orders.outbox.parked import Parked, retry_parked
from orders.outbox.store import Topic


async def retry_deliveries(
    connection: AsyncConnection,
    tenant_id: str | None = None,
    *,
    ids: Collection[int] | None = None,
    topic: Topic | None = None,
    now: datetime,
) -> Sequence[Parked]:
    """Let parked deliveries be tried again; return them as they were.

    `ids` None: all of them; `tenant_id` None asks as an operator, for all tenants. An
    id that is not parked or another tenant's is not among the answer. A reply that
    `may_have_arrived` may arrive twice by this.
    """
    again = await retry_parked(connection, tenant_id, ids=ids, topic=topic, now=now)
    replies = [each for each in again if each.topic is Topic.REPLY]
    if replies:
        await connection.execute(
            update(message)
            .where(
                message.c.id.in_(sorted(r.payload["message_id"] for r in replies)),
                message.c.state == "failed",
            )
            .values(state="queued")
        )
    return again
