"""An order moves on in the merchant's system: stored, and told to the customer."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.announcing import overdue_key
from bot.inbox.overdue import PROVISIONING
from bot.notices import News, ask_people, lock_conversation, tell
from bot.runtime import Runtime
from orders import Order, OrderState
from orders.cancelling import tell_sinks
from orders.moving import move_order
from orders.outbox.store import cancel
from orders.provisioning.shortfalls import Unavailable, short_lines
from orders.store import OrderGone, load_order

#: Who moves an order on when a merchant's system calls back.
CALLBACK = "callback"


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
    """Move an order on, and tell the customer what concerns them.

    A repeat changes and says nothing. Returns the order, and whether something waits
    to be told: then ring the outbox's bell after the commit. Raises OrderGone,
    IllegalMove, StockGone, BadItems or VersionConflict.
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
        await ask_people(connection, runtime, row, PROVISIONING)
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
