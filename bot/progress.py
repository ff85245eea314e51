"""An order moves on in the merchant's system: stored, and told to the customer."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.announcing import overdue_key
from bot.inbox.overdue import PROVISIONING
from bot.inbox.ownership import attend
from bot.notices import TOLD, News, lock_conversation, tell
from bot.runtime import Runtime
from orders import Order, OrderState
from orders.cancelling import tell_sinks
from orders.moving import move_order
from orders.outbox.store import cancel
from orders.provisioning.shortfalls import Unavailable, short_lines
from orders.store import OrderGone, load_order

#: Who moves an order on when a merchant's system calls back.
CALLBACK = "callback"

__all__ = ["TOLD", "advance", "move_on"]


async def advance(
    runtime: Runtime,
    *,
    tenant_id: str,
    order_id: str,
    target: OrderState,
    actor: str,
    message: str | None = None,
    external_id: str | None = None,
    checkout_url: str | None = None,
    responsible: str | None = None,
    unavailable: Sequence[Unavailable] = (),
) -> Order:
    """Move an order on, and tell the customer what concerns them.

    A repeat changes and says nothing. Raises OrderGone for an order that the tenant
    does not have, IllegalMove, BadItems, or DatabaseUnavailable.
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
            checkout_url=checkout_url,
            responsible=responsible,
            unavailable=unavailable,
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
    checkout_url: str | None = None,
    responsible: str | None = None,
    unavailable: Sequence[Unavailable] = (),
    expected_version: int | None = None,
) -> tuple[Order, bool]:
    """Do what `advance` does, in the caller's transaction.

    Returns the order, and whether something waits to be told: then ring the outbox's
    bell after the commit. Raises OrderGone, IllegalMove, StockGone, BadItems or
    VersionConflict.
    """
    now = runtime.clock()
    stored = await load_order(connection, tenant_id, order_id)
    if stored is None:
        raise OrderGone(f"there is no order {order_id}")
    short = short_lines(stored.order, unavailable)
    # Conversations are locked before orders, here as when a turn is saved.
    row = await lock_conversation(connection, stored)
    before = await load_order(connection, tenant_id, order_id)
    moved = await move_order(
        connection,
        stored,
        target,
        actor=actor,
        message=message,
        external_id=external_id,
        checkout_url=checkout_url,
        responsible=responsible,
        now=now,
        expected_version=expected_version,
    )
    await _let_know(connection, tenant_id, moved, actor, now)
    if before is None or row is None:
        return moved, False
    failed = moved.state is OrderState.PROVISIONING_FAILED
    if failed and before.order.state is not moved.state:
        await attend(connection, {row.id: PROVISIONING}, now=now)
    is_new = before.order.checkout_url != moved.checkout_url
    news = News(
        order=moved,
        moved=before.order.state is not moved.state,
        link=moved.checkout_url if is_new else None,
        short=short,
    )
    return moved, await tell(connection, runtime, row, news)


async def _let_know(
    connection: AsyncConnection,
    tenant_id: str,
    moved: Order,
    actor: str,
    now: datetime,
) -> None:
    """Tell the sinks of an order's end; nobody waits for an answer any more."""
    if moved.state is OrderState.CANCELLED:
        await tell_sinks(
            connection,
            tenant_id=tenant_id,
            order_id=moved.id,
            by_callback=actor == CALLBACK,
            now=now,
        )
    await cancel(
        connection,
        tenant_id=tenant_id,
        unique_keys=[overdue_key(moved.id)],
        now=now,
    )
