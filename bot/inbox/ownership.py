"""Who speaks in a conversation: the bot, or a person."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.handed import AGENT, ANSWERED, PLAIN, TAKEN_UP, Why, why_of
from bot.domain.snapshot import Owner
from bot.domain.ticking import CLOCK
from bot.inbox.assigning import assign_taker, release
from bot.inbox.clock import Tick, hear_tick
from bot.inbox.table import conversation, message
from catalog.column import Timestamp
from orders.outbox.store import cancel_lane

#: In a payload: news of an order, an agent's words, the line with which the bot goes.
_WANTED = ("notice", "by_agent", "last_word")
#: So many of a customer's words it takes up: they fit into one turn.
_TAKEN = 40
_MOMENT = timedelta(minutes=1)


def lane_of(conversation_id: str) -> str:
    """Return the outbox lane in which a conversation's replies keep their order."""
    return f"conversation:{conversation_id}"


async def take_over(
    connection: AsyncConnection,
    tenant_id: str,
    conversation_id: str,
    *,
    user_id: str,
    now: datetime,
) -> bool:
    """Let a person speak: the bot's undelivered replies are cancelled.

    It is theirs, where it was assigned to nobody. Returns False when the tenant has no
    such conversation.
    """
    place = (connection, tenant_id, conversation_id)
    done = await _set(*place, Owner.AGENT, user_id, now)
    if done:
        await assign_taker(*place, user_id=user_id, now=now)
    return done


async def hand_back(
    connection: AsyncConnection,
    tenant_id: str,
    conversation_id: str,
    *,
    now: datetime,
) -> bool:
    """Let the bot speak again; it takes up what was written meanwhile, and says so.

    It is assigned to nobody then. False when the tenant has no such conversation.
    """
    place = (connection, tenant_id, conversation_id)
    done = await _set(*place, Owner.BOT, None, now)
    if done:
        await release(*place)
    return done


@dataclass(frozen=True, slots=True)
class OwnedChat:
    """A conversation in which a person answers, or is to look at something."""

    id: str
    last_inbound_at: datetime | None
    owner: Owner = Owner.AGENT
    attention: str | None = None  #: What to look at: `image`, `voice` ...
    why: Why | None = None  #: Why a person has it.
    since: datetime | None = None


async def handed_over(
    connection: AsyncConnection, tenant_id: str
) -> tuple[OwnedChat, ...]:
    """Return the tenant's chats that need a person, the longest waiting first.

    A person has them, or is to look at what the bot could not.
    """
    columns = (
        conversation.c.id,
        conversation.c.last_inbound_at,
        conversation.c.owner,
        conversation.c.attention,
        conversation.c.handover_reason,
        conversation.c.handover_at,
    )
    rows = await connection.execute(
        select(*columns)
        .where(
            conversation.c.tenant_id == tenant_id,
            or_(
                conversation.c.owner == Owner.AGENT,
                conversation.c.attention.is_not(None),
            ),
        )
        .order_by(conversation.c.last_inbound_at, conversation.c.id)
    )
    return tuple(
        OwnedChat(
            *row[:2],
            Owner(row.owner),
            row.attention,
            why_of(row.handover_reason),
            row.handover_at,
        )
        for row in rows
    )


async def attend(
    connection: AsyncConnection,
    raised: Mapping[str, str | None],
    *,
    ordered: Collection[str] = (),
    now: datetime,
) -> None:
    """Note what a person is to look at, by conversation: None is nothing new.

    The newest kind counts, and the conversation waits since its first. Where an order
    was placed, nobody need look any more at what came before.
    """
    done = sorted(ordered)
    if done:
        await connection.execute(
            update(conversation)
            .where(conversation.c.id.in_(done), conversation.c.attention.is_not(None))
            .values(attention=None, attention_at=None)
        )
    new = {each: kind for each, kind in raised.items() if kind is not None}
    if new:
        since = func.coalesce(conversation.c.attention_at, literal(now, Timestamp))
        await connection.execute(
            update(conversation)
            .where(conversation.c.id == bindparam("row_id"))
            .values(attention=bindparam("kind"), attention_at=since),
            [{"row_id": each, "kind": new[each]} for each in sorted(new)],
        )


async def _set(  # noqa: PLR0917 (private; two callers above)
    connection: AsyncConnection,
    tenant_id: str,
    conversation_id: str,
    owner: Owner,
    owner_id: str | None,
    now: datetime,
) -> bool:
    mine = (
        conversation.c.id == conversation_id,
        conversation.c.tenant_id == tenant_id,
    )
    # The row lock makes this wait for a turn that is being saved, and a turn that is
    # saved later sees the new owner and is thrown away.
    columns = (
        conversation.c.owner,
        conversation.c.handover_reason,
        conversation.c.handover_at,
        conversation.c.answered_at,
    )
    found = await connection.execute(select(*columns).where(*mine).with_for_update())
    row = found.one_or_none()
    if row is None:
        return False
    before = (row.handover_reason, row.handover_at, row.answered_at)
    if row.owner != Owner.AGENT:
        before = (Why.AGENT.value, now, None)
    why, since, answered = before if owner is Owner.AGENT else (None, None, None)
    await connection.execute(
        update(conversation)
        .where(*mine)
        .values(
            owner=owner,
            owner_id=owner_id,
            attention=None,
            attention_at=None,
            handover_reason=why,
            handover_at=since,
            answered_at=answered,
        )
    )
    if owner is Owner.AGENT:
        await hush(connection, conversation_id, now=now)
    elif row.owner == Owner.AGENT:
        about = ANSWERED if row.answered_at else PLAIN
        given = {"since": row.handover_at, "about": about, "now": now}
        await take_up(connection, tenant_id, conversation_id, **given)
    return True


async def hush(
    connection: AsyncConnection,
    conversation_id: str,
    *,
    keep: Collection[str] = _WANTED,
    now: datetime,
) -> None:
    """Cancel what the bot has not sent yet; the caller holds the conversation.

    `keep`: marks of what goes all the same.
    """
    gone = await cancel_lane(
        connection, lane=lane_of(conversation_id), keep=keep, now=now
    )
    await connection.execute(
        update(message)
        .where(message.c.id.in_([payload["message_id"] for payload in gone]))
        .values(state="cancelled")
    )


async def take_up(
    connection: AsyncConnection,
    tenant_id: str,
    conversation_id: str,
    *,
    since: datetime | None,
    about: str,
    now: datetime,
) -> None:
    """Let the bot read what a customer wrote while a person had the conversation.

    The caller holds the conversation. `since`: when the person got it; `about` is one
    of `bot.domain.returning`.
    """
    ids: list[str] = []
    if since is not None:
        newest = await connection.execute(
            select(message.c.id)
            .where(
                message.c.conversation_id == conversation_id,
                message.c.direction == "in",
                message.c.event != CLOCK,
                message.c.why_silent == AGENT,
                message.c.state == "done",
                # What came in the same moment may have been read just afterwards.
                message.c.received_at >= since - _MOMENT,
            )
            .order_by(message.c.seq.desc())
            .limit(_TAKEN)
        )
        ids = sorted(newest.scalars())
    await connection.execute(
        update(message)
        .where(message.c.id.in_(ids))
        .values(state="pending", analysis_id=None, why_silent=None)
    )
    found = await connection.execute(
        select(conversation.c.rev).where(conversation.c.id == conversation_id)
    )
    firing = f"{TAKEN_UP}:{conversation_id}:{found.scalar_one()}"
    fired = Tick(tenant_id, conversation_id, TAKEN_UP, about, firing)
    await hear_tick(connection, fired, now=now)
