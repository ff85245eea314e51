"""An order that no system answers for: who hears of it. Nothing here commits."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.announcing import Note, note_items
from catalog.table import tenant
from orders.domain.event_names import PROVISIONING_OVERDUE
from orders.order_rows import StoredOrder
from orders.outbox.store import append
from orders.sinks import load_sinks

#: What a person is to look at: an order that the merchant's system did not take.
PROVISIONING: Final = "provisioning"


async def announce_overdue(
    connection: AsyncConnection,
    stored: StoredOrder,
    waited: timedelta,
    *,
    now: datetime,
) -> None:
    """Tell the sinks that hear of it, in the transaction that notes it."""
    order = stored.order
    note = Note(
        PROVISIONING_OVERDUE,
        order.id,
        f"v{order.entity_version}",
        {
            "order": {"id": order.id, "number": order.number},
            "waited_seconds": int(waited.total_seconds()),
        },
    )
    sinks = (await load_sinks(connection, [stored.tenant_id]))[stored.tenant_id]
    shard = await connection.execute(
        select(tenant.c.shard).where(tenant.c.id == stored.tenant_id)
    )
    items = note_items(
        note,
        tenant_id=stored.tenant_id,
        shard=shard.scalar_one(),
        sinks=sinks,
        now=now,
    )
    await append(connection, items, now=now)
