"""Channels that nothing is sent through until somebody acts. Nothing here commits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.accounts import ChannelState
from bot.inbox.directory import MAX_AGE
from bot.inbox.table import channel
from orders.outbox.store import wake

#: So long after an activation a process may still send with the old access token; what
#: the provider says to that proves nothing about the new one.
_GRACE = timedelta(seconds=2 * MAX_AGE)
#: Who paused a channel: what a person did is no news to people.
BY_PERSON, _BY_PROVIDER, _BY_GATEWAY = "person", "provider", "gateway"


@dataclass(frozen=True, slots=True)
class ChannelStanding:
    """Whether a channel sends, and why, since when; None: as it was added."""

    id: str
    tenant_id: str
    state: ChannelState
    reason: str | None
    at: datetime | None


def awaits_channel(channel_id: str) -> str:
    """Return the name that replies wait for while their channel is paused."""
    return f"channel:{channel_id}"


def awaits_window(conversation_id: str) -> str:
    """Return the name that replies wait for until the customer writes again."""
    return f"window:{conversation_id}"


async def channel_standing(
    connection: AsyncConnection, channel_id: str, *, tenant_id: str | None = None
) -> ChannelStanding | None:
    """Return how a channel stands; `tenant_id` None asks as an operator."""
    query = select(
        channel.c.id,
        channel.c.tenant_id,
        channel.c.state,
        channel.c.state_reason,
        channel.c.state_at,
    ).where(channel.c.id == channel_id)
    if tenant_id is not None:
        query = query.where(channel.c.tenant_id == tenant_id)
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        return None
    return ChannelStanding(
        row.id, row.tenant_id, ChannelState(row.state), row.state_reason, row.state_at
    )


async def pause_channel(
    connection: AsyncConnection,
    channel_id: str,
    *,
    reason: str,
    now: datetime,
    refused: bool = False,
    lost: bool = False,
) -> bool:
    """Pause a channel, so that its replies wait; False when nothing changed.

    `refused`: because its provider takes nothing. Then not within ten seconds of its
    activation: what was sent with an access token that was replaced meanwhile must not
    undo that. The next refusal will. `lost`: because its gateway has no connection;
    then it goes on by itself when that is back (`link_found`).
    """
    mine = [channel.c.id == channel_id, channel.c.state == ChannelState.ACTIVE]
    if refused:
        since = channel.c.state_at
        mine.append(or_(since.is_(None), since <= now - _GRACE))
    changed = await connection.execute(
        update(channel)
        .where(*mine)
        .values(
            state=ChannelState.PAUSED,
            state_reason=reason,
            state_at=now,
            lost_at=now if lost else None,
            paused_by=_BY_GATEWAY if lost else _BY_PROVIDER if refused else BY_PERSON,
        )
    )
    return changed.rowcount == 1


async def link_lost(
    connection: AsyncConnection, channel_id: str, *, reason: str, now: datetime
) -> bool:
    """Pause a channel whose gateway lost its connection; False when nothing changed.

    Not within ten seconds of its activation: gateways send their news beside each
    other, and an old one may come last.
    """
    return await pause_channel(
        connection, channel_id, reason=reason, now=now, refused=True, lost=True
    )


async def link_found(
    connection: AsyncConnection, channel_id: str, *, now: datetime
) -> bool:
    """Let a channel go on that was paused for its lost connection, and nothing else.

    What a person paused, or what is refused for another reason, stays paused.
    """
    rows = await connection.execute(
        select(channel.c.id)
        .where(channel.c.id == channel_id, channel.c.lost_at.is_not(None))
        .with_for_update()
    )
    if rows.one_or_none() is None:
        return False
    await activate_channel(connection, channel_id, now=now)
    return True


async def activate_channel(
    connection: AsyncConnection, channel_id: str, *, now: datetime
) -> int:
    """Let a channel send again, and what waits for it go now; return how many do."""
    await connection.execute(
        update(channel)
        .where(channel.c.id == channel_id)
        .values(
            state=ChannelState.ACTIVE,
            state_reason=None,
            state_at=now,
            lost_at=None,
            paused_by=None,
        )
    )
    return await wake(connection, [awaits_channel(channel_id)], now=now)


async def paused_channels(
    connection: AsyncConnection, *, limit: int
) -> Sequence[ChannelStanding]:
    """Return channels that are paused, of all tenants, the longest paused first."""
    rows = await connection.execute(
        select(
            channel.c.id,
            channel.c.tenant_id,
            channel.c.state,
            channel.c.state_reason,
            channel.c.state_at,
        )
        .where(channel.c.state == ChannelState.PAUSED)
        .order_by(channel.c.state_at, channel.c.id)
        .limit(limit)
    )
    return [
        ChannelStanding(r.id, r.tenant_id, ChannelState(r.state), *r[3:]) for r in rows
    ]
