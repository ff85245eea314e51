"""Of what somebody is to be told, wherever in the console they look.

A customer who waits is told to whom the conversation belongs, and while it belongs to
nobody, to all who may take it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.snapshot import Owner
from bot.inbox.people_table import user as users
from bot.inbox.queues import WAITING, LiveDrafts, Queue
from bot.inbox.table import contact, conversation
from bot.inbox.users import UserState

#: So many of those that wait are named; the others are counted.
MOST: Final = 50
#: So long somebody is told that they were given a conversation: whoever opens the
#: console later sees it among theirs.
RECENT: Final = timedelta(minutes=10)
_MOST_GIVEN: Final = 20
#: Who gives by the shop's rules: then a customer waits, and that is what is told.
BOT: Final = "bot"


@dataclass(frozen=True, slots=True)
class Told:
    """A conversation, and since when its customer waits, or it is theirs."""

    id: str
    name: str | None  #: Its customer's.
    at: datetime


@dataclass(frozen=True, slots=True)
class Alerts:
    """What one person is told."""

    count: int  #: Of conversations that wait for them.
    waiting: Sequence[Told]  #: The newest of these, the newest first.
    given: Sequence[Told]  #: What somebody else gave them just now, likewise.


async def alerts_of(
    connection: AsyncConnection, tenant_id: str, user_id: str, *, now: datetime
) -> Alerts:
    """Return what a person of a tenant is told."""
    count, waiting = await _waiting(connection, tenant_id, user_id)
    given = await _given(connection, tenant_id, user_id, now)
    return Alerts(count, waiting, given)


async def _waiting(
    connection: AsyncConnection, tenant_id: str, user_id: str
) -> tuple[int, Sequence[Told]]:
    live = LiveDrafts.waiting(tenant_id)
    # Who waits for a yes began with their last word, or about then.
    since: ColumnElement[Any] = func.coalesce(
        case(
            (live.is_in(Queue.HUMAN), live.since(Queue.HUMAN)),
            else_=conversation.c.last_inbound_at,
        ),
        conversation.c.created_at,
    )
    newest = (
        select(
            conversation.c.id,
            conversation.c.contact_id,
            since.label("at"),
            func.count().over().label("every"),
        )
        .select_from(live.joined())
        .where(
            conversation.c.tenant_id == tenant_id,
            conversation.c.merged_into.is_(None),
            or_(*(live.is_in(queue) for queue in WAITING)),
            _concerns(tenant_id, user_id),
        )
        .order_by(since.desc(), conversation.c.id)
        .limit(MOST)
        .subquery("newest")
    )
    # Names are looked up for these alone.
    rows = await connection.execute(
        select(newest.c.id, contact.c.name, newest.c.at, newest.c.every)
        .join(contact, contact.c.id == newest.c.contact_id)
        .order_by(newest.c.at.desc(), newest.c.id)
    )
    found = rows.all()
    told = [Told(row.id, row.name, row.at) for row in found]
    return (int(found[0].every) if found else 0), told


def _concerns(tenant_id: str, user_id: str) -> ColumnElement[bool]:
    """Return the condition that a conversation is a person's, or might become so."""
    has = _has()
    person = select(users.c.id).where(
        users.c.tenant_id == tenant_id, users.c.state == UserState.ACTIVE
    )
    own = select(users.c.team).where(
        users.c.tenant_id == tenant_id, users.c.id == user_id
    )
    team = own.scalar_subquery()
    return or_(
        has == user_id,
        and_(
            # Who may not log in any more hears nothing: then it is told to others.
            or_(has.is_(None), has.not_in(person)),
            or_(
                conversation.c.team.is_(None),
                team.is_(None),
                conversation.c.team == team,
            ),
        ),
    )


def _has() -> ColumnElement[str | None]:
    """Return whose a conversation is: who took it over, or was given it afterwards."""
    given_later = and_(
        conversation.c.assigned_to.is_not(None),
        conversation.c.assigned_at > conversation.c.handover_at,
    )
    taken = and_(
        conversation.c.owner == Owner.AGENT, conversation.c.owner_id.is_not(None)
    )
    return case(
        (given_later, conversation.c.assigned_to),
        (taken, conversation.c.owner_id),
        else_=conversation.c.assigned_to,
    )


async def _given(
    connection: AsyncConnection, tenant_id: str, user_id: str, now: datetime
) -> Sequence[Told]:
    rows = await connection.execute(
        select(
            conversation.c.id, contact.c.name, conversation.c.assigned_at.label("at")
        )
        .join(contact, contact.c.id == conversation.c.contact_id)
        .where(
            conversation.c.tenant_id == tenant_id,
            conversation.c.assigned_to == user_id,
            conversation.c.assigned_at > now - RECENT,
            conversation.c.assigned_by.not_in([BOT, f"user:{user_id}"]),
            conversation.c.merged_into.is_(None),
        )
        .order_by(conversation.c.assigned_at.desc(), conversation.c.id)
        .limit(_MOST_GIVEN)
    )
    return [Told(row.id, row.name, row.at) for row in rows]
