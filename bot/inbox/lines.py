"""A tenant's apps and channels as listed, and an app's secret changed.

Secrets are never among what is listed. Nothing here commits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.accounts import ChannelState, Seal
from bot.inbox.checking import check_secret
from bot.inbox.table import app, channel
from bot.inbox.vitals import heard


@dataclass(frozen=True, slots=True)
class AppEntry:
    """A Meta app of the tenant."""

    id: str
    created_at: datetime
    secret_before_until: datetime | None  #: Until then the old secret is taken, too.


@dataclass(frozen=True, slots=True)
class ChannelListing:
    """A channel of the tenant."""

    id: str
    app_id: str | None
    kind: str
    external_id: str
    state: ChannelState
    reason: str | None
    since: datetime | None
    created_at: datetime
    base_url: str | None = None  #: Of a gateway.
    instance: str | None = None
    old_secret_until: datetime | None = None
    last_inbound_at: datetime | None = None  #: When a customer last wrote there.
    per_second: int | None = None  #: Messages it may send; None: as its kind does.
    catalog_id: str | None = None  #: That products are shown from; None: in words.


async def list_apps(
    connection: AsyncConnection, tenant_id: str, *, limit: int, offset: int = 0
) -> tuple[Sequence[AppEntry], int]:
    """Return the tenant's apps, oldest first, and how many there are."""
    mine = app.c.tenant_id == tenant_id
    total = await connection.execute(select(func.count()).select_from(app).where(mine))
    rows = await connection.execute(
        select(app.c.id, app.c.created_at, app.c.secret_before_until)
        .where(mine)
        .order_by(app.c.created_at, app.c.id)
        .limit(limit)
        .offset(offset)
    )
    return [AppEntry(*row) for row in rows], total.scalar_one()


async def find_app(
    connection: AsyncConnection, tenant_id: str, app_id: str
) -> AppEntry | None:
    """Return the tenant's app with that id, or None."""
    rows = await connection.execute(
        select(app.c.id, app.c.created_at, app.c.secret_before_until).where(
            app.c.id == app_id, app.c.tenant_id == tenant_id
        )
    )
    row = rows.one_or_none()
    return None if row is None else AppEntry(*row)


async def rotate_app_secret(
    connection: AsyncConnection,
    tenant_id: str,
    app_id: str,
    secret: str,
    *,
    sealer: Seal,
    until: datetime,
) -> bool:
    """Store the app's new secret; webhooks signed with the old one are taken until.

    False when the tenant has no such app. Raises InvalidAccount.
    """
    sealed = sealer.seal(check_secret("app secret", secret))
    mine = (app.c.id == app_id, app.c.tenant_id == tenant_id)
    found = await connection.execute(
        select(app.c.secret).where(*mine).with_for_update()
    )
    old = found.scalar()
    if old is None:
        return False
    await connection.execute(
        update(app)
        .where(*mine)
        .values(secret=sealed, secret_before=old, secret_before_until=until)
    )
    return True


async def list_channels(
    connection: AsyncConnection, tenant_id: str, *, limit: int, offset: int = 0
) -> tuple[Sequence[ChannelListing], int]:
    """Return the tenant's channels, oldest first, and how many there are."""
    mine = channel.c.tenant_id == tenant_id
    total = await connection.execute(
        select(func.count()).select_from(channel).where(mine)
    )
    rows = await connection.execute(
        select(*_LISTED)
        .where(mine)
        .order_by(channel.c.created_at, channel.c.id)
        .limit(limit)
        .offset(offset)
    )
    return [_listing(row) for row in rows], total.scalar_one()


async def find_channel(
    connection: AsyncConnection, tenant_id: str, channel_id: str
) -> ChannelListing | None:
    """Return the tenant's channel with that id, or None."""
    rows = await connection.execute(
        select(*_LISTED).where(
            channel.c.id == channel_id, channel.c.tenant_id == tenant_id
        )
    )
    row = rows.one_or_none()
    return None if row is None else _listing(row)


_LISTED = (
    channel.c.id,
    channel.c.app_id,
    channel.c.kind,
    channel.c.external_id,
    channel.c.state,
    channel.c.state_reason,
    channel.c.state_at,
    channel.c.created_at,
    channel.c.base_url,
    channel.c.instance,
    channel.c.webhook_secret_before_until,
    heard().label("last_inbound_at"),
    channel.c.per_second,
    channel.c.catalog_id,
)


def _listing(row: Row[*tuple[Any, ...]]) -> ChannelListing:
    return ChannelListing(
        row.id,
        row.app_id,
        row.kind,
        row.external_id,
        ChannelState(row.state),
        row.state_reason,
        row.state_at,
        row.created_at,
        row.base_url,
        row.instance,
        row.webhook_secret_before_until,
        row.last_inbound_at,
        row.per_second,
        row.catalog_id,
    )
