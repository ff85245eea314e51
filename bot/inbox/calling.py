"""Orders that programs make in one call, with all that follows from them.

The order, its events to the tenant's other systems and the row of the audit are one
transaction of the caller's.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.announcing import provisioning_items
from bot.inbox.audit import audited
from catalog.table import tenant
from orders.calling import Called, place_call
from orders.domain.calling import OrderCall
from orders.domain.draft import Evidence, Source
from orders.domain.routing import facts_of
from orders.outbox.store import append
from orders.sinks import load_sinks


async def take_order(
    connection: AsyncConnection,
    call: OrderCall,
    *,
    actor: str,
    overdue_after: timedelta,
    audit: bool = True,
    new_id: Callable[[str], str],
    now: datetime,
) -> Called:
    """Make the order of a call, and let the tenant's systems know; a repeat does not.

    The system that the order came from hears nothing of it. `actor` is who calls, such
    as `key:ID`; `audit`: write it down here (a frame may do that by itself). Ring the
    outbox's bell after the commit. Raises CallRefused or CallConflict: raise them
    through the transaction, nothing may be kept.
    """
    evidence = Evidence(Source.KEY, ref=call.key, actor=actor)
    called = await place_call(
        connection, call, confirmed_by=evidence, new_id=new_id, now=now
    )
    if called.repeated:
        return called
    if call.announced:
        await _announce(connection, call, called, overdue_after, now=now)
    if audit:
        await audited(
            connection,
            id=new_id("audit"),
            tenant_id=call.tenant_id,
            actor=actor,
            action="create_order",
            target=called.order.id,
            details={"face": call.origin.face, "number": called.order.number},
            now=now,
        )
    return called


async def _announce(
    connection: AsyncConnection,
    call: OrderCall,
    called: Called,
    overdue_after: timedelta,
    *,
    now: datetime,
) -> None:
    sinks = (await load_sinks(connection, [call.tenant_id]))[call.tenant_id]
    shard = await connection.execute(
        select(tenant.c.shard).where(tenant.c.id == call.tenant_id)
    )
    items = provisioning_items(
        called.order.id,
        tenant_id=call.tenant_id,
        shard=shard.scalar_one(),
        sinks=[each for each in sinks if each.kind != call.origin.face],
        now=now,
        overdue_at=now + overdue_after,
        facts=facts_of(call.origin.channel or None, called.order),
    )
    await append(connection, items, now=now)
