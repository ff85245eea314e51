"""Which apps and channels there are: a cached copy of a small, quiet table."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

import structlog
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.account import Account, Unsealable
from bot.inbox import table
from bot.inbox.accounts import ChannelState, Seal
from catalog.table import tenant as tenants

Entry = TypeVar("Entry")
_log = structlog.get_logger(__name__)

#: How old the copy may be: so long may a change in another process take to show.
MAX_AGE = 5.0
#: An unknown number makes us look at once, but not more often than this.
MIN_AGE = 0.5


@dataclass(frozen=True, slots=True)
class App:
    """A Meta app, with its secrets opened."""

    id: str
    tenant_id: str
    secret: str = field(repr=False)
    verify_token: str = field(repr=False)
    secret_before: str | None = field(default=None, repr=False)
    secret_before_until: datetime | None = None

    def secrets(self, now: datetime) -> tuple[str, ...]:
        """Return what a webhook may be signed with at that moment."""
        return _valid(self.secret, self.secret_before, self.secret_before_until, now)


def _valid(
    secret: str | None, before: str | None, until: datetime | None, now: datetime
) -> tuple[str, ...]:
    if secret is None:
        return ()
    if before is None or until is None or until <= now:
        return (secret,)
    return (secret, before)


@dataclass(frozen=True, slots=True)
class ChannelEntry:
    """A channel: the account that a provider's client needs, and where it belongs."""

    account: Account
    kind: str
    state: ChannelState
    app_id: str | None
    shard: int
    #: Of a gateway: what its webhooks prove themselves with.
    webhook_secret: str | None = field(default=None, repr=False)
    webhook_secret_before: str | None = field(default=None, repr=False)
    webhook_secret_before_until: datetime | None = None
    per_second: int | None = None  #: Messages it may send; None: as its kind does.

    def secrets(self, now: datetime) -> tuple[str, ...]:
        """Return what a webhook may prove itself with at that moment."""
        return _valid(
            self.webhook_secret,
            self.webhook_secret_before,
            self.webhook_secret_before_until,
            now,
        )


@dataclass(frozen=True)
class Directory:
    """All apps and channels as they were when loaded."""

    apps: tuple[App, ...] = ()
    channels: tuple[ChannelEntry, ...] = ()
    #: Kinds and account ids of channels whose access token does not open.
    closed: frozenset[tuple[str, str]] = frozenset()
    closed_ids: frozenset[str] = frozenset()  #: Ids of the same.

    def app(self, app_id: str) -> App | None:
        """Return the app with that id, or None."""
        return self._apps.get(app_id)

    def channel(self, kind: str, external_id: str) -> ChannelEntry | None:
        """Return the channel of a provider's account id, or None."""
        return self._accounts.get((kind, external_id))

    def channel_by_id(self, channel_id: str) -> ChannelEntry | None:
        """Return the channel with our id, or None."""
        return self._channels.get(channel_id)

    @cached_property
    def _apps(self) -> Mapping[str, App]:
        return {app.id: app for app in self.apps}

    @cached_property
    def _accounts(self) -> Mapping[tuple[str, str], ChannelEntry]:
        return {(c.kind, c.account.external_id): c for c in self.channels}

    @cached_property
    def _channels(self) -> Mapping[str, ChannelEntry]:
        return {c.account.channel_id: c for c in self.channels}


async def load_directory(connection: AsyncConnection, sealer: Seal) -> Directory:
    """Return all apps and channels, secrets opened.

    Those whose secrets do not open are left out and logged: one merchant's lost key
    must not stop the others.
    """
    apps = await connection.execute(
        select(table.app).order_by(table.app.c.created_at, table.app.c.id)
    )
    channels = await connection.execute(
        select(table.channel, tenants.c.shard)
        .join(tenants, tenants.c.id == table.channel.c.tenant_id)
        .order_by(table.channel.c.created_at, table.channel.c.id)
    )
    rows = channels.all()
    opened = tuple(_readable(rows, lambda row: _channel(row, sealer)))
    known = {entry.account.channel_id for entry in opened}
    return Directory(
        apps=tuple(_readable(apps, lambda row: _app(row, sealer))),
        channels=opened,
        closed=frozenset(
            (row.kind, row.external_id) for row in rows if row.id not in known
        ),
        closed_ids=frozenset(row.id for row in rows if row.id not in known),
    )


def _readable(
    rows: Iterable[Row[Any]], read: Callable[[Row[Any]], Entry]
) -> Iterator[Entry]:
    for row in rows:
        try:
            yield read(row)
        except Unsealable as error:
            _log.error("secret_not_opened", id=row.id, error=str(error))


def _app(row: Row[Any], sealer: Seal) -> App:
    before = row.secret_before
    return App(
        row.id,
        row.tenant_id,
        sealer.open(row.secret),
        sealer.open(row.verify_token),
        sealer.open(before) if before is not None else None,
        row.secret_before_until,
    )


def _channel(row: Row[Any], sealer: Seal) -> ChannelEntry:
    secret, before = row.webhook_secret, row.webhook_secret_before
    return ChannelEntry(
        account=Account(
            channel_id=row.id,
            tenant_id=row.tenant_id,
            external_id=row.external_id,
            access_token=sealer.open(row.access_token),
            base_url=row.base_url or "",
            instance=row.instance or "",
            public_only=bool(row.public_only),
        ),
        kind=row.kind,
        state=ChannelState(row.state),
        app_id=row.app_id,
        shard=row.shard,
        webhook_secret=None if secret is None else sealer.open(secret),
        webhook_secret_before=None if before is None else sealer.open(before),
        webhook_secret_before_until=row.webhook_secret_before_until,
        per_second=row.per_second,
    )


class Directories:
    """Gives the current directory; reloads it when it is old."""

    def __init__(self, load: Callable[[], Awaitable[Directory]]) -> None:
        self._load = load
        self._directory: Directory | None = None
        self._loaded_at = 0.0
        self._lock = asyncio.Lock()

    async def current(self, *, fresh: bool = False) -> Directory:
        """Return the directory; `fresh` asks for one that was loaded just now.

        Raises DatabaseUnavailable when it must be loaded and cannot.
        """
        limit = MIN_AGE if fresh else MAX_AGE
        directory = self._directory
        if directory is not None and time.monotonic() - self._loaded_at < limit:
            return directory
        async with self._lock:
            if self._directory is None or time.monotonic() - self._loaded_at >= limit:
                self._directory = await self._load()
                self._loaded_at = time.monotonic()
            return self._directory

    def forget(self) -> None:
        """Load the directory again when it is asked for next: it has just changed."""
        self._directory = None

    def expire(self) -> None:
        """Load anew at the next look: something was changed here just now."""
        self._directory = None

    async def channel(self, channel_id: str) -> ChannelEntry | None:
        """Return the channel with our id; None when it is really not there.

        Another process may have added it after our copy was made. Raises
        DatabaseUnavailable.
        """
        known = (await self.current()).channel_by_id(channel_id)
        return known or (await self.current(fresh=True)).channel_by_id(channel_id)
