"""An order moves on in the merchant's system: stored, and told to the customer."""

from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.message import Alias, OutboundMessage, OutText
from bot.domain.phrasing import render_text
from bot.domain.replies import OrderNews
from bot.domain.snapshot import Tenant
from bot.inbox.announcing import overdue_key
from bot.inbox.speaking import Said, speak
from bot.inbox.table import conversation
from bot.runtime import Runtime
from bot.texts import wording_for
from catalog.table import tenant
from orders import Order, OrderState
from orders.outbox.store import cancel
from orders.store import OrderGone, StoredOrder, load_order, move_order

#: States that a customer is told about; the others are the merchant's own business.
TOLD = frozenset(
    {
        OrderState.PROVISIONED,
        OrderState.PROVISIONING_FAILED,
        OrderState.PREPARING,
        OrderState.PARTIALLY_SHIPPED,
        OrderState.SHIPPED,
        OrderState.DELIVERED,
        OrderState.CANCELLED,
        OrderState.REFUNDED,
    }
)


async def advance(
    runtime: Runtime,
    *,
    tenant_id: str,
    order_id: str,
    target: OrderState,
    actor: str,
    message: str | None = None,
    external_id: str | None = None,
) -> Order:
    """Move an order on, and tell the customer what concerns them.

    A repeat changes and says nothing. Raises OrderGone for an order that the tenant
    does not have, IllegalMove, or DatabaseUnavailable.
    """

    async def work(connection: AsyncConnection) -> tuple[Order, bool]:
        return await move_on(
            connection,
            runtime,
            tenant_id=tenant_id,
            order_id=order_id,
            target=target,
            actor=actor,
            message=message,
            external_id=external_id,
        )

    order, told = await runtime.database.retried(work)
    if told:
        runtime.outbox_bell.ring()
    return order


async def move_on(
    connection: AsyncConnection,
    runtime: Runtime,
    *,
    tenant_id: str,
    order_id: str,
    target: OrderState,
    actor: str,
    message: str | None = None,
    external_id: str | None = None,
) -> tuple[Order, bool]:
    """Do what `advance` does, in the caller's transaction.

    Returns the order, and whether something waits to be told: then ring the outbox's
    bell after the commit. Raises OrderGone, IllegalMove or StockGone.
    """
    now = runtime.clock()
    stored = await load_order(connection, tenant_id, order_id)
    if stored is None:
        raise OrderGone(f"there is no order {order_id}")
    # Conversations are locked before orders, here as when a turn is saved.
    row = await _lock_conversation(connection, stored)
    before = await load_order(connection, tenant_id, order_id)
    moved = await move_order(
        connection,
        stored,
        target,
        actor=actor,
        message=message,
        external_id=external_id,
        now=now,
    )
    await cancel(
        connection,
        tenant_id=tenant_id,
        unique_keys=[overdue_key(order_id)],
        now=now,
    )
    is_news = before is not None and before.order.state is not moved.state
    if row is None or not is_news or target not in TOLD:
        return moved, False
    await _tell(connection, runtime, row, moved)
    return moved, True


async def _lock_conversation(
    connection: AsyncConnection, stored: StoredOrder
) -> Row[*tuple[Any, ...]] | None:
    if stored.conversation_id is None:
        return None
    result = await connection.execute(
        select(
            conversation.c.id,
            conversation.c.channel_id,
            conversation.c.shard,
            conversation.c.seq,
            conversation.c.address,
            conversation.c.language,
            tenant.c.id.label("tenant_id"),
            tenant.c.name,
            tenant.c.language.label("tenant_language"),
            tenant.c.timezone,
            tenant.c.currency,
            tenant.c.country,
        )
        .join(tenant, tenant.c.id == conversation.c.tenant_id)
        .where(
            conversation.c.id == stored.conversation_id,
            # Whoever was erased is told nothing any more.
            conversation.c.erased_at.is_(None),
        )
        .with_for_update(of=conversation)
    )
    row: Row[*tuple[Any, ...]] | None = result.one_or_none()
    return row


async def _tell(
    connection: AsyncConnection,
    runtime: Runtime,
    row: Row[*tuple[Any, ...]],
    order: Order,
) -> None:
    shop = Tenant(
        row.tenant_id,
        row.name,
        row.tenant_language,
        row.timezone,
        row.currency,
        row.country,
    )
    news = OrderNews(order.number or 0, order.state)
    wording = wording_for(row.language, row.tenant_language)
    body = render_text(news, tenant=shop, wording=wording)
    to = Alias.model_validate(row.address)
    said = Said(
        tenant_id=row.tenant_id,
        shard=row.shard,
        channel_id=row.channel_id,
        conversation_id=row.id,
        seq=row.seq,
        key=f"order:{order.id}:{order.state}",
        messages=(OutboundMessage(to=to, content=OutText(body=body)),),
        notice=True,
    )
    await speak(connection, [said], new_id=runtime.new_id, now=runtime.clock())
    await connection.execute(
        update(conversation)
        .where(conversation.c.id == row.id)
        .values(seq=conversation.c.seq + len(said.messages))
    )
