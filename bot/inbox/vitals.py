"""How channels do: what providers said of them, and who wrote when.

Nothing here commits.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.accounts import ChannelState
from bot.inbox.health_table import channel_vitals
from bot.inbox.table import channel, conversation


@dataclass(frozen=True, slots=True)
class Checked:
    """What a provider said of an account. `works` None: nobody could say."""

    works: bool | None
    words: str | None = None  #: What its owner should know.
    expires_at: datetime | None = None  #: Of its token; None: never, or unknown.


@dataclass(frozen=True, slots=True)
class Vitals:
    """How a channel does."""

    channel_id: str
    tenant_id: str
    state: ChannelState
    lost_at: datetime | None  #: Since when its gateway has no connection.
    heard_at: datetime | None  #: When a customer last wrote; at most a minute late.
    checked_at: datetime | None
    checked: Checked


async def take_check(
    connection: AsyncConnection,
    channel_id: str,
    tenant_id: str,
    *,
    unless_after: datetime,
    now: datetime,
) -> bool:
    """Return whether it is for us to ask the provider now: then nobody else does."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    mine = dialect.insert(channel_vitals).values(
        channel_id=channel_id, tenant_id=tenant_id, checked_at=now
    )
    since = channel_vitals.c.checked_at
    taken = await connection.execute(
        mine.on_conflict_do_update(
            index_elements=[channel_vitals.c.channel_id],
            set_={"checked_at": now},
            where=or_(since.is_(None), since <= unless_after),
        )
    )
    return taken.rowcount == 1


async def keep_check(
    connection: AsyncConnection, channel_id: str, checked: Checked
) -> None:
    """Write down what the provider said."""
    await connection.execute(
        update(channel_vitals)
        .where(channel_vitals.c.channel_id == channel_id)
        .values(works=checked.works, words=checked.words, expires_at=checked.expires_at)
    )


async def vitals(
    connection: AsyncConnection,
    *,
    tenant_id: str | None = None,
    channel_ids: Collection[str] | None = None,
) -> Sequence[Vitals]:
    """Return how channels do, oldest first; without a tenant those of all.

    `channel_ids`: only these.
    """
    query = select(
        channel.c.id,
        channel.c.tenant_id,
        channel.c.state,
        channel.c.lost_at,
        heard().label("heard_at"),
        channel_vitals.c.checked_at,
        channel_vitals.c.works,
        channel_vitals.c.words,
        channel_vitals.c.expires_at,
    ).outerjoin(channel_vitals, channel_vitals.c.channel_id == channel.c.id)
    if tenant_id is not None:
        query = query.where(channel.c.tenant_id == tenant_id)
    if channel_ids is not None:
        query = query.where(channel.c.id.in_(sorted(channel_ids)))
    rows = await connection.execute(query.order_by(channel.c.created_at, channel.c.id))
    return [_vitals(row) for row in rows]


def heard() -> ColumnElement[datetime | None]:
    """Return the moment in which a customer last wrote to a row's channel.

    It is noted at most once a minute; only where it never was, chats are looked at.
    """
    noted = (
        select(channel_vitals.c.heard_at)
        .where(channel_vitals.c.channel_id == channel.c.id)
        .correlate(channel)
        .scalar_subquery()
    )
    looked_up = (
        select(func.max(conversation.c.last_inbound_at))
        .where(conversation.c.channel_id == channel.c.id)
        .correlate(channel)
        .scalar_subquery()
    )
    return func.coalesce(noted, looked_up)


def _vitals(row: Row[*tuple[Any, ...]]) -> Vitals:
    return Vitals(
        row.id,
        row.tenant_id,
        ChannelState(row.state),
        row.lost_at,
        row.heard_at,
        row.checked_at,
        Checked(row.works, row.words, row.expires_at),
    )
