"""An order that its merchant's system moves on."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.progress import move_on
from bot.runtime import Runtime
from orders import Order


async def advance(runtime: Runtime, **given: Any) -> Order:
    """Move an order on as a callback does, in a transaction of its own; see move_on."""

    async def work(connection: AsyncConnection) -> tuple[Order, bool]:
        return await move_on(connection, runtime, **given)

    order, told = await runtime.database.retried(work)
    if told:
        runtime.outbox_bell.ring()
    return order
