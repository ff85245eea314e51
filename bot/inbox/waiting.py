"""Who of the customers that wait for a person began to wait last."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.queues import WAITING, Assigned, LiveDrafts, Queue
from bot.inbox.table import contact, conversation


@dataclass(frozen=True, slots=True)
class Waiting:
    """A conversation whose customer waits."""

    id: str
    name: str | None


async def newest_waiting(
    connection: AsyncConnection, tenant_id: str, assigned: Assigned | None = None
) -> Waiting | None:
    """Return who came last to any waiting queue; None: nobody waits."""
    live = LiveDrafts.waiting(tenant_id)
    chosen = true() if assigned is None else assigned.condition()
    # Who waits for a yes began with their last word, or about then.
    human = live.is_in(Queue.HUMAN)
    since: ColumnElement[Any] = case(
        (human, live.since(Queue.HUMAN)), else_=conversation.c.last_inbound_at
    )
    found = await connection.execute(
        select(conversation.c.id, contact.c.name)
        .select_from(
            live.joined().join(contact, contact.c.id == conversation.c.contact_id)
        )
        .where(
            conversation.c.tenant_id == tenant_id,
            conversation.c.merged_into.is_(None),
            chosen,
            or_(*(live.is_in(queue) for queue in WAITING)),
        )
        .order_by(since.desc().nulls_last(), conversation.c.id)
        .limit(1)
    )
    row = found.one_or_none()
    return None if row is None else Waiting(row.id, row.name)
