"""The steps of `chatorder init`: each sees what is there and adds what is missing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands.failing import CommandFailed
from bot.commands.opening import opened
from bot.db import Database
from bot.domain.snapshot import Tenant
from bot.ident import new_id
from bot.inbox import table
from bot.inbox.accounts import (
    Role,
    Seal,
    add_app,
    add_channel,
    find_tenant,
    load_tenants,
)
from bot.inbox.checking import InvalidAccount
from bot.inbox.founding import (
    AdminFacts,
    ShopFacts,
    add_admin,
    found_shop,
)
from bot.inbox.users import User, UserState, list_users
from bot.migrations.upgrade import Behind, state, upgrade
from bot.setting_values import Database as DatabaseAddress
from bot.setting_values import WebAddress
from bot.settings import Settings
from catalog.table import product

_MOST = 1000
_DATABASE: TypeAdapter[str] = TypeAdapter(DatabaseAddress)
_WEB: TypeAdapter[str] = TypeAdapter(WebAddress)


@dataclass(frozen=True, slots=True)
class Found:
    """What the database has already."""

    tenant: Tenant | None = None
    admin: User | None = None
    products: int = 0
    #: Account ids of the shop's channels.
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChannelFacts:
    """What Meta shows, and a word of ours that it has to repeat."""

    app_secret: str
    verify_token: str
    phone_number_id: str
    access_token: str


@dataclass(frozen=True, slots=True)
class ChannelMade:
    app_id: str
    channel_id: str
    verify_token: str


def check_database_url(url: str) -> str:
    """Return an address of a database. Raises InvalidAccount."""
    return _checked(
        _DATABASE,
        "database url",
        url,
        "give sqlite:///./path/file.db or postgresql://user:password@host/database",
    )


def check_public_url(url: str) -> str:
    """Return an address of this server. Raises InvalidAccount."""
    hint = "give an address such as https://shop.example"
    return _checked(_WEB, "public url", url, hint)


def _checked(kind: TypeAdapter[str], name: str, value: str, hint: str) -> str:
    try:
        return kind.validate_python(value.strip())
    except ValidationError:
        raise InvalidAccount(name, hint) from None


@asynccontextmanager
async def beginning(settings: Settings) -> AsyncIterator[Database]:
    """Yield the database; one that is empty gets its tables.

    Raises CommandFailed, SchemaIsNewer, DatabaseUnavailable.
    """
    if not settings.database_url.startswith("sqlite:"):
        database = Database.open(settings.database_url)
        try:
            found = await state(database)
        finally:
            await database.close()
        if isinstance(found, Behind) and found.current is None:
            await upgrade(settings.database_url)
    async with opened(settings) as database:
        yield database


async def look(connection: AsyncConnection, name: str | None) -> Found:
    """Return what there is of the shop with that name, or of the only one.

    Raises CommandFailed when it has to be said which.
    """
    known = await load_tenants(connection)
    if name is not None:
        entry = await find_tenant(connection, name)
    elif len(known) > 1:
        names = ", ".join(each.tenant.name for each in known.values())
        raise CommandFailed(f"there are several shops: say which with --name ({names})")
    else:
        entry = next(iter(known.values()), None)
    if entry is None:
        return Found()
    tenant = entry.tenant
    people, _ = await list_users(connection, tenant.id, limit=_MOST)
    admins = (
        each
        for each in people
        if each.role is Role.ADMIN and each.state is UserState.ACTIVE
    )
    products = await connection.execute(
        select(func.count())
        .select_from(product)
        .where(product.c.tenant_id == tenant.id)
    )
    channels = await connection.execute(
        select(table.channel.c.external_id).where(
            table.channel.c.tenant_id == tenant.id
        )
    )
    return Found(
        tenant, next(admins, None), products.scalar_one(), tuple(channels.scalars())
    )


async def add_missing(
    connection: AsyncConnection,
    found: Found,
    shop: ShopFacts | None,
    admin: AdminFacts | None,
    *,
    now: datetime,
) -> Found:
    """Store the shop and its admin, where they are given; return what there is then.

    Raises InvalidAccount.
    """
    tenant, user = found.tenant, found.admin
    if tenant is None and shop is not None:
        tenant = await found_shop(connection, shop, tenant_id=new_id("tenant"), now=now)
    if tenant is not None and user is None and admin is not None:
        user = await add_admin(
            connection,
            admin,
            tenant_id=tenant.id,
            user_id=new_id("user"),
            now=now,
        )
    return Found(tenant, user, found.products, found.channels)


async def connect(
    connection: AsyncConnection,
    tenant: Tenant,
    facts: ChannelFacts,
    *,
    sealer: Seal,
    now: datetime,
) -> ChannelMade:
    """Store a Meta app with one number. Raises InvalidAccount."""
    app_id, channel_id = new_id("app"), new_id("chn")
    await add_app(
        connection,
        id=app_id,
        tenant_id=tenant.id,
        secret=facts.app_secret,
        verify_token=facts.verify_token,
        sealer=sealer,
        now=now,
    )
    await add_channel(
        connection,
        id=channel_id,
        tenant_id=tenant.id,
        app_id=app_id,
        external_id=facts.phone_number_id,
        access_token=facts.access_token,
        sealer=sealer,
        now=now,
    )
    return ChannelMade(app_id, channel_id, facts.verify_token)
