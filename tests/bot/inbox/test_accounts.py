"""Tenants, apps, channels and keys: checked on the way in, sealed at rest."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db import Database
from bot.domain.account import Account
from bot.domain.snapshot import Tenant
from bot.inbox import table
from bot.inbox.accounts import (
    ChannelState,
    KeyHolder,
    Role,
    add_app,
    add_channel,
    add_key,
    add_tenant,
    find_key,
    find_tenant,
    key_for,
    list_keys,
    load_tenants,
    revoke_key,
    shard_of,
)
from bot.inbox.checking import InvalidAccount
from bot.inbox.directory import load_directory
from bot.sealing import Sealer
from orders import Shop
from tests.databases import add_test_tenant

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
LATER = datetime(2026, 11, 23, 9, tzinfo=UTC)
SEALER = Sealer("k" * 43)
SHOP = Shop(delivery_fee=4990, required=("name",))
TENANT: Mapping[str, Any] = {
    "id": "tenant_1",
    "name": "Kahve Evi",
    "language": "tr",
    "timezone": "Europe/Istanbul",
    "currency": "TRY",
    "country": "TR",
    "shop": SHOP,
    "now": NOW,
}


async def add_test_app(
    connection: AsyncConnection, tenant_id: str, app_id: str = "app_1"
) -> None:
    await add_app(
        connection,
        id=app_id,
        tenant_id=tenant_id,
        secret="5ec2e7",
        verify_token="verify-me",
        sealer=SEALER,
        now=NOW,
    )


async def add_test_channel(
    connection: AsyncConnection, tenant_id: str, **changes: Any
) -> None:
    complete = {
        "id": "chn_1",
        "app_id": "app_1",
        "external_id": "106540352242922",
        "access_token": "EAAtoken",
    }
    await add_channel(
        connection, tenant_id=tenant_id, sealer=SEALER, now=NOW, **complete | changes
    )


async def test_a_tenant_is_stored_and_found_by_id_and_name(database: Database) -> None:
    async with database.transaction() as connection:
        added = await add_tenant(connection, **TENANT)
    assert added == Tenant(
        "tenant_1", "Kahve Evi", "tr", "Europe/Istanbul", "TRY", "TR"
    )
    async with database.reading() as connection:
        entry = (await load_tenants(connection, ["tenant_1", "tenant_2"]))["tenant_1"]
        assert await find_tenant(connection, "tenant_1") == entry
        assert await find_tenant(connection, "kahve evi") == entry
        assert await find_tenant(connection, "Kahve") is None
    assert entry.tenant == added
    # Zone and country are the row's, whatever the rules say.
    assert entry.shop == replace(SHOP, timezone="Europe/Istanbul", country="TR")
    assert entry.catalog_rev == 0
    assert entry.shard == shard_of("tenant_1")


async def test_all_tenants_are_listed_oldest_first(database: Database) -> None:
    async with database.transaction() as connection:
        newer = dict(TENANT, id="tenant_0", name="Another", now=LATER)
        await add_tenant(connection, **newer)
        await add_tenant(connection, **TENANT)
        assert list(await load_tenants(connection)) == ["tenant_1", "tenant_0"]
        assert await load_tenants(connection, []) == {}


@dataclass(frozen=True)
class Wrong:
    id: str
    changes: Mapping[str, Any]
    field: str
    says: str


WRONG = [
    Wrong("no name", {"name": "  "}, "name", "1 to 200 characters"),
    Wrong("a long name", {"name": "x" * 201}, "name", "1 to 200 characters"),
    Wrong("control characters", {"name": "a\x00b"}, "name", "1 to 200 characters"),
    Wrong(
        "a misspelt zone",
        {"timezone": "Europe/Istambul"},
        "timezone",
        "did you mean Europe/Istanbul?",
    ),
    Wrong("an offset", {"timezone": "+03:00"}, "timezone", "not an IANA time zone"),
    Wrong("a path", {"timezone": "../etc/passwd"}, "timezone", "IANA"),
    Wrong("an unknown currency", {"currency": "TLR"}, "currency", "ISO 4217"),
    Wrong("a currency of the past", {"currency": "DEM"}, "currency", "in use"),
    Wrong("an unknown country", {"country": "UK"}, "country", "ISO 3166"),
    Wrong("a language's name", {"language": "turkish"}, "language", "ISO 639"),
]


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case.id)
async def test_a_wrong_tenant_is_refused_by_field(
    sqlite_database: Database, case: Wrong
) -> None:
    async with sqlite_database.transaction() as connection:
        with pytest.raises(InvalidAccount) as error:
            await add_tenant(connection, **{**TENANT, **case.changes})
        assert await load_tenants(connection) == {}
    assert error.value.field == case.field
    assert str(error.value).startswith(f"{case.field}: ")
    assert case.says in str(error.value)


async def test_codes_may_be_written_in_any_case(sqlite_database: Database) -> None:
    async with sqlite_database.transaction() as connection:
        sloppy = {"currency": "try", "country": "tr", "language": "TR"}
        added = await add_tenant(connection, **{**TENANT, **sloppy})
    assert (added.currency, added.country, added.language) == ("TRY", "TR", "tr")


async def test_two_tenants_never_share_a_name(database: Database) -> None:
    async with database.transaction() as connection:
        await add_tenant(connection, **TENANT)
        same = dict(TENANT, id="tenant_2", name=" KAHVE  Evi")
        with pytest.raises(InvalidAccount, match="name: a tenant 'KAHVE Evi'"):
            await add_tenant(connection, **same)


async def test_the_directory_knows_every_app_and_channel(
    database: Database, tenant_id: str
) -> None:
    async with database.transaction() as connection:
        await add_test_app(connection, tenant_id)
        await add_test_channel(connection, tenant_id)
    async with database.reading() as connection:
        directory = await load_directory(connection, SEALER)
    app = directory.app("app_1")
    assert app is not None
    assert (app.tenant_id, app.secret, app.verify_token) == (
        tenant_id,
        "5ec2e7",
        "verify-me",
    )
    entry = directory.channel("whatsapp", "106540352242922")
    assert entry is not None
    assert entry.account == Account("chn_1", tenant_id, "106540352242922", "EAAtoken")
    assert (entry.kind, entry.state, entry.app_id) == (
        "whatsapp",
        ChannelState.ACTIVE,
        "app_1",
    )
    assert entry.shard == shard_of(tenant_id)
    assert directory.channel_by_id("chn_1") is entry
    assert directory.apps == (app,)
    assert directory.channels == (entry,)
    assert directory.app("app_2") is None
    assert directory.channel("waha", "106540352242922") is None
    assert directory.channel_by_id("chn_2") is None


async def test_secrets_are_sealed_at_rest_and_in_logs(
    database: Database, tenant_id: str
) -> None:
    async with database.transaction() as connection:
        await add_test_app(connection, tenant_id)
        await add_test_channel(connection, tenant_id)
        stored = repr(
            [
                (await connection.execute(select(t))).all()
                for t in (table.app, table.channel)
            ]
        )
        directory = await load_directory(connection, SEALER)
        # One merchant's lost key must not stop the others.
        closed = await load_directory(connection, Sealer("other" * 9))
    assert (closed.apps, closed.channels) == ((), ())
    for secret in ("5ec2e7", "verify-me", "EAAtoken"):
        assert secret not in stored
        assert secret not in repr(directory)


BAD_CHANNELS = [
    Wrong(
        "a phone number", {"external_id": "+905321112233"}, "phone_number_id", "digits"
    ),
    Wrong("no token", {"access_token": " "}, "access token", "ASCII"),
    Wrong("two lines", {"access_token": "a\nb"}, "access token", "ASCII"),
    Wrong("no such app", {"app_id": "app_9"}, "app", "add it first"),
    Wrong("another tenant's app", {"app_id": "app_2"}, "app", "no app 'app_2'"),
    Wrong("taken", {"external_id": "111111"}, "phone_number_id", "one channel"),
]


@pytest.mark.parametrize("case", BAD_CHANNELS, ids=lambda case: case.id)
async def test_a_wrong_channel_is_refused_by_field(
    sqlite_database: Database, case: Wrong
) -> None:
    mine = await add_test_tenant(sqlite_database)
    other = await add_test_tenant(sqlite_database, "tenant_other", name="Other")
    async with sqlite_database.transaction() as connection:
        await add_test_app(connection, mine)
        await add_test_app(connection, other, "app_2")
        taken = {"id": "chn_2", "app_id": "app_2", "external_id": "111111"}
        await add_test_channel(connection, other, **taken)
        with pytest.raises(InvalidAccount) as error:
            await add_test_channel(connection, mine, **case.changes)
    assert error.value.field == case.field
    assert case.says in str(error.value)


@pytest.mark.parametrize("role", list(Role))
async def test_a_key_opens_its_tenant_until_it_is_revoked(
    database: Database, tenant_id: str, role: Role
) -> None:
    key = key_for(role, "r" * 43)
    assert key == f"co_{role[0]}_{'r' * 43}"
    async with database.transaction() as connection:
        await add_key(
            connection, id="key_1", tenant_id=tenant_id, role=role, key=key, now=NOW
        )
        stored = repr((await connection.execute(select(table.key))).all())
        holder = KeyHolder("key_1", tenant_id, role)
        assert key not in stored
        assert await find_key(connection, key, now=NOW) == holder
        assert await find_key(connection, key + "x", now=NOW) is None
        assert await find_key(connection, "", now=NOW) is None
        assert await find_key(connection, "\udc80", now=NOW) is None
        for now in (NOW, LATER):
            await revoke_key(connection, tenant_id=tenant_id, key_id="key_1", now=now)
        assert await find_key(connection, key, now=NOW) is None
        (listed,) = await list_keys(connection, tenant_id)
    assert (listed.holder, listed.created_at, listed.revoked_at) == (holder, NOW, NOW)


async def test_nobody_revokes_another_tenants_key(
    database: Database, tenant_id: str
) -> None:
    other = await add_test_tenant(database, "tenant_other", name="Other")
    async with database.transaction() as connection:
        await add_key(
            connection,
            id="key_1",
            tenant_id=tenant_id,
            role=Role.ADMIN,
            key="co_a_x",
            now=NOW,
        )
        with pytest.raises(InvalidAccount, match="no key 'key_1'"):
            await revoke_key(connection, tenant_id=other, key_id="key_1", now=NOW)
        assert await find_key(connection, "co_a_x", now=NOW) is not None
        assert await list_keys(connection, other) == ()


def test_shards_never_change() -> None:
    """They are stored in every row: another formula would lose those rows."""
    assert shard_of("tenant_1") == 139
