"""What removes the old rows of one kind, a bounded part at a time.

A broom is called in a transaction of its own, again and again with the cursor that it
returned, until it returns none. It reads and removes at most `Sweep.size` rows, so that
nobody waits long for what it locks. What is unhandled stays, however old it is.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.api_table import audit
from bot.inbox.table import app, channel, quarantine
from bot.privacy.chat_brooms import analyses, drafts, files, messages, statuses
from bot.privacy.kinds import QUARANTINED
from bot.privacy.sweep import SLACK, Broom, Sweep, Swept, remove, so_far
from catalog.alias_table import learnt_alias
from catalog.domain.learnt import SHOP
from catalog.import_table import catalog_import
from orders.advice.table import activity
from orders.outbox.store import State, Topic
from orders.table import outbox, outbox_attempt


async def replies(connection: AsyncConnection, sweep: Sweep) -> Swept:
    """Remove replies and timers that are over; what is parked waits for longer."""
    topics = (Topic.REPLY, Topic.TIMER)
    return await _outbox(connection, sweep, topics, parked=sweep.limits["messages"])


async def events(connection: AsyncConnection, sweep: Sweep) -> Swept:
    """Remove the record of what sinks were told."""
    return await _outbox(connection, sweep, (Topic.EVENT,), parked=sweep.before)


async def _outbox(
    connection: AsyncConnection,
    sweep: Sweep,
    topics: Sequence[Topic],
    *,
    parked: datetime,
) -> Swept:
    columns = (outbox.c.id, outbox.c.tenant_id, outbox.c.topic, outbox.c.state)
    query = select(*columns, outbox.c.done_at, outbox.c.created_at)
    if sweep.cursor:
        query = query.where(outbox.c.id > sweep.cursor[0])
    found = await connection.execute(query.order_by(outbox.c.id).limit(sweep.size))
    rows = found.all()
    limits = {
        State.DONE: sweep.before,
        State.CANCELLED: sweep.before,
        State.PARKED: parked,
    }
    old = [
        row.id
        for row in rows
        if row.tenant_id == sweep.tenant_id
        and row.topic in topics
        and row.state in limits
        and row.done_at is not None
        and row.done_at < limits[row.state]
    ]
    if old:
        for table, key in ((outbox_attempt, "outbox_id"), (outbox, "id")):
            await connection.execute(delete(table).where(table.c[key].in_(old)))
    if rows and rows[-1].created_at > sweep.before + SLACK:
        return Swept(len(old), None)  # All that follows is younger.
    return so_far(rows, sweep, len(old))


# -- the rest -------------------------------------------------------------------------


async def quarantined(connection: AsyncConnection, sweep: Sweep) -> Swept:
    """Remove unreadable bodies: old ones, and of each app all but the newest.

    What gateways sent is kept with their channel in the place of an app.
    """
    apps = await connection.execute(
        select(app.c.id)
        .where(app.c.tenant_id == sweep.tenant_id)
        .union(
            select(channel.c.id).where(
                channel.c.tenant_id == sweep.tenant_id,
                channel.c.webhook_secret.is_not(None),
            )
        )
    )
    gone: list[str] = []
    for app_id in apps.scalars().all():
        mine = quarantine.c.app_id == app_id
        newest = (
            select(quarantine.c.id)
            .where(mine)
            .order_by(quarantine.c.id.desc())
            .limit(QUARANTINED)
        )
        found = await connection.execute(
            select(quarantine.c.id)
            .where(
                mine,
                or_(
                    quarantine.c.received_at < sweep.before,
                    quarantine.c.id.not_in(newest),
                ),
            )
            .limit(sweep.size - len(gone))
        )
        gone += found.scalars()
    return await remove(connection, sweep, quarantine.c.id, gone)


async def imports(connection: AsyncConnection, sweep: Sweep) -> Swept:
    """Remove the reports of imports that ended."""
    found = await connection.execute(
        select(catalog_import.c.id)
        .where(
            catalog_import.c.tenant_id == sweep.tenant_id,
            catalog_import.c.created_at < sweep.before,
            catalog_import.c.ended_at.is_not(None),
        )
        .limit(sweep.size)
    )
    return await remove(connection, sweep, catalog_import.c.id, found.scalars().all())


async def learnt(connection: AsyncConnection, sweep: Sweep) -> Swept:
    """Remove what was learnt of customers who have not said it again."""
    found = await connection.execute(
        select(learnt_alias.c.id)
        .where(
            learnt_alias.c.tenant_id == sweep.tenant_id,
            learnt_alias.c.contact_id != SHOP,
            learnt_alias.c.learnt_at < sweep.before,
        )
        .limit(sweep.size)
    )
    return await remove(connection, sweep, learnt_alias.c.id, found.scalars().all())


async def activities(connection: AsyncConnection, sweep: Sweep) -> Swept:
    """Remove sales activities that nobody has touched for long."""
    found = await connection.execute(
        select(activity.c.id)
        .where(
            activity.c.tenant_id == sweep.tenant_id,
            activity.c.updated_at < sweep.before,
        )
        .limit(sweep.size)
    )
    return await remove(connection, sweep, activity.c.id, found.scalars().all())


async def audited(connection: AsyncConnection, sweep: Sweep) -> Swept:
    """Remove entries of the audit."""
    found = await connection.execute(
        select(audit.c.id)
        .where(audit.c.tenant_id == sweep.tenant_id, audit.c.at < sweep.before)
        .order_by(audit.c.at)
        .limit(sweep.size)
    )
    return await remove(connection, sweep, audit.c.id, found.scalars().all())


#: By kind. `kinds.KINDS` says for how long, and in which order.
BROOMS: Mapping[str, Broom] = {
    "media": files,
    "analyses": analyses,
    "drafts": drafts,
    "learnt": learnt,
    "activities": activities,
    "outbox": replies,
    "events": events,
    "statuses": statuses,
    "messages": messages,
    "quarantine": quarantined,
    "imports": imports,
    "audit": audited,
}
