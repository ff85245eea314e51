"""Tenants, their apps, channels and keys, in the database. Nothing here commits."""

import hashlib
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import Row, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.snapshot import Tenant
from bot.inbox import table
from bot.inbox.checking import (
    InvalidAccount,
    check_country,
    check_currency,
    check_language,
    check_name,
    check_phone_number_id,
    check_secret,
    check_timezone,
)
from catalog.table import tenant as tenants
from orders import Shop
from orders.codec import dump_shop, load_shop

#: `crc32(tenant) % SHARDS` is the only key by which databases may ever be split.
SHARDS = 256


class Seal(Protocol):
    """Seals secrets before they are stored, and opens them: `bot.sealing.Sealer`."""

    def seal(self, text: str) -> str: ...

    def open(self, sealed: str) -> str: ...


class ChannelState(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"  #: Nothing is sent; what comes in is kept.


class Role(StrEnum):
    AGENT = "agent"
    MANAGER = "manager"
    ADMIN = "admin"
    INTEGRATION = "integration"


@dataclass(frozen=True, slots=True)
class TenantEntry:
    """A tenant with what the software keeps about it."""

    tenant: Tenant
    shop: Shop
    shard: int
    catalog_rev: int


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """Who holds an API key. The key fixes the tenant."""

    id: str
    tenant_id: str
    role: Role


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A key as listed. The key itself was shown once and is stored nowhere."""

    holder: KeyHolder
    created_at: datetime
    revoked_at: datetime | None
    name: str | None = None  #: What it is for.
    expires_at: datetime | None = None


# -- tenants --------------------------------------------------------------------------


def shard_of(tenant_id: str) -> int:
    """Return the shard that a tenant's rows carry."""
    return zlib.crc32(tenant_id.encode()) % SHARDS


async def add_tenant(
    connection: AsyncConnection,
    *,
    id: str,  # noqa: A002  # the field's name
    name: str,
    language: str,
    timezone: str,
    currency: str,
    country: str,
    shop: Shop,
    now: datetime,
) -> Tenant:
    """Store a tenant and return it. Names are unique, whatever their case.

    Raises InvalidAccount naming the field and the remedy.
    """
    added = Tenant(
        id=id,
        name=check_name(name),
        language=check_language(language),
        timezone=check_timezone(timezone),
        currency=check_currency(currency, now),
        country=check_country(country),
    )
    if await find_tenant(connection, added.name) is not None:
        raise InvalidAccount("name", f"a tenant {added.name!r} exists; choose another")
    await connection.execute(
        insert(tenants).values(
            id=added.id,
            name=added.name,
            language=added.language,
            timezone=added.timezone,
            currency=added.currency,
            country=added.country,
            shard=shard_of(added.id),
            shop=dump_shop(shop),
            created_at=now,
        )
    )
    return added


async def load_tenants(
    connection: AsyncConnection, ids: Collection[str] | None = None
) -> dict[str, TenantEntry]:
    """Return the tenants with these ids (None: all), by id, oldest first."""
    query = select(tenants).order_by(tenants.c.created_at, tenants.c.id)
    if ids is not None:
        query = query.where(tenants.c.id.in_(sorted(ids)))
    return {row.id: _entry(row) for row in await connection.execute(query)}


async def find_tenant(connection: AsyncConnection, wanted: str) -> TenantEntry | None:
    """Return the tenant with that id, or else with that name, whatever its case."""
    query = select(tenants).where(
        (tenants.c.id == wanted) | (func.lower(tenants.c.name) == wanted.lower())
    )
    rows = (await connection.execute(query)).all()
    found = [row for row in rows if row.id == wanted] or rows
    return _entry(found[0]) if found else None


def _entry(row: Row[Any]) -> TenantEntry:
    return TenantEntry(
        tenant=Tenant(
            row.id, row.name, row.language, row.timezone, row.currency, row.country
        ),
        shop=load_shop(row.shop, timezone=row.timezone, country=row.country),
        shard=row.shard,
        catalog_rev=row.catalog_rev,
    )


# -- apps and channels ----------------------------------------------------------------


async def add_app(
    connection: AsyncConnection,
    *,
    id: str,  # noqa: A002  # the field's name
    tenant_id: str,
    secret: str,
    verify_token: str,
    sealer: Seal,
    now: datetime,
) -> None:
    """Store a Meta app, its secrets sealed. Raises InvalidAccount."""
    secret = check_secret("app secret", secret)
    verify_token = check_secret("verify token", verify_token)
    await connection.execute(
        insert(table.app).values(
            id=id,
            tenant_id=tenant_id,
            secret=sealer.seal(secret),
            verify_token=sealer.seal(verify_token),
            created_at=now,
        )
    )


async def add_channel(
    connection: AsyncConnection,
    *,
    id: str,  # noqa: A002  # the field's name
    tenant_id: str,
    app_id: str,
    external_id: str,
    access_token: str,
    sealer: Seal,
    now: datetime,
    kind: str = "whatsapp",
) -> None:
    """Store a channel of one of the tenant's apps. A phone number has one channel.

    Raises InvalidAccount naming the field and the remedy.
    """
    external_id = check_phone_number_id(external_id)
    access_token = check_secret("access token", access_token)
    app = select(table.app.c.id).where(
        table.app.c.id == app_id, table.app.c.tenant_id == tenant_id
    )
    if (await connection.execute(app)).one_or_none() is None:
        raise InvalidAccount("app", f"this tenant has no app {app_id!r}; add it first")
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    added = await connection.execute(
        dialect.insert(table.channel)
        .values(
            id=id,
            tenant_id=tenant_id,
            app_id=app_id,
            kind=kind,
            external_id=external_id,
            access_token=sealer.seal(access_token),
            state=ChannelState.ACTIVE,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["kind", "external_id"])
        .returning(table.channel.c.id)
    )
    # Two calls may add one number at the same moment: the second finds it taken.
    if added.one_or_none() is None:
        raise InvalidAccount(
            "phone_number_id",
            f"{external_id} has a channel already; one number belongs to one channel",
        )


async def replace_access_token(
    connection: AsyncConnection, channel_id: str, access_token: str, *, sealer: Seal
) -> None:
    """Store another access token of a channel, sealed. Raises InvalidAccount."""
    sealed = sealer.seal(check_secret("access token", access_token))
    await connection.execute(
        update(table.channel)
        .where(table.channel.c.id == channel_id)
        .values(access_token=sealed)
    )


# -- keys -----------------------------------------------------------------------------


def key_for(role: Role, random: str) -> str:
    """Return an API key: recognisable, with 43 random URL-safe characters of yours."""
    return f"co_{role[0]}_{random}"


async def add_key(
    connection: AsyncConnection,
    *,
    id: str,  # noqa: A002  # the field's name
    tenant_id: str,
    role: Role,
    key: str,
    now: datetime,
    name: str | None = None,
    expires_at: datetime | None = None,
) -> None:
    """Store a key's hash. The key cannot be shown again."""
    await connection.execute(
        insert(table.key).values(
            id=id,
            tenant_id=tenant_id,
            role=role,
            hash=_hash(key),
            created_at=now,
            name=name,
            expires_at=expires_at,
        )
    )


async def find_key(
    connection: AsyncConnection, key: str, *, now: datetime
) -> KeyHolder | None:
    """Return who holds the key, or None when it was never made, or has ended."""
    query = select(table.key).where(
        table.key.c.hash == _hash(key),
        table.key.c.revoked_at.is_(None),
        or_(table.key.c.expires_at.is_(None), table.key.c.expires_at > now),
    )
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else _holder(row)


async def list_keys(
    connection: AsyncConnection, tenant_id: str
) -> tuple[StoredKey, ...]:
    """Return the tenant's keys, oldest first."""
    rows = await connection.execute(
        select(table.key)
        .where(table.key.c.tenant_id == tenant_id)
        .order_by(table.key.c.created_at, table.key.c.id)
    )
    return tuple(_stored(row) for row in rows)


async def names_of_keys(
    connection: AsyncConnection, tenant_id: str, ids: Collection[str]
) -> Mapping[str, str]:
    """Return what the tenant's keys with these ids are called, by id."""
    rows = await connection.execute(
        select(table.key.c.id, table.key.c.name).where(
            table.key.c.tenant_id == tenant_id, table.key.c.id.in_(sorted(ids))
        )
    )
    return {row.id: row.name or row.id for row in rows}


async def load_key(
    connection: AsyncConnection, tenant_id: str, key_id: str
) -> StoredKey | None:
    """Return the tenant's key with that id, or None."""
    rows = await connection.execute(
        select(table.key).where(
            table.key.c.id == key_id, table.key.c.tenant_id == tenant_id
        )
    )
    row = rows.one_or_none()
    return None if row is None else _stored(row)


async def expire_key(
    connection: AsyncConnection, *, tenant_id: str, key_id: str, at: datetime
) -> None:
    """Let a key end at a moment, or sooner when that was set already."""
    expires = table.key.c.expires_at
    await connection.execute(
        update(table.key)
        .where(
            table.key.c.id == key_id,
            table.key.c.tenant_id == tenant_id,
            or_(expires.is_(None), expires > at),
        )
        .values(expires_at=at)
    )


async def revoke_key(
    connection: AsyncConnection, *, tenant_id: str, key_id: str, now: datetime
) -> None:
    """End a key for good; ending it twice is fine. Raises InvalidAccount."""
    of_tenant = (table.key.c.id == key_id) & (table.key.c.tenant_id == tenant_id)
    known = await connection.execute(select(table.key.c.id).where(of_tenant))
    if known.one_or_none() is None:
        raise InvalidAccount("key", f"this tenant has no key {key_id!r}; list its keys")
    await connection.execute(
        update(table.key)
        .where(of_tenant, table.key.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def _stored(row: Row[Any]) -> StoredKey:
    return StoredKey(
        _holder(row), row.created_at, row.revoked_at, row.name, row.expires_at
    )


def _holder(row: Row[Any]) -> KeyHolder:
    return KeyHolder(row.id, row.tenant_id, Role(row.role))


def _hash(key: str) -> str:
    # The key is 256 random bits: a slow password hash would protect nothing more.
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()
