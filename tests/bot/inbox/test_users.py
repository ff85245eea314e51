"""People of the console: found by any spelling of their address, never locked out."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.db import Database
from bot.inbox.accounts import Role
from bot.inbox.checking import InvalidAccount
from bot.inbox.users import (
    User,
    UserGone,
    UserState,
    add_user,
    change_user,
    find_user,
    list_users,
    load_user,
    logged_in,
    password_hash_of,
    set_password,
)
from tests.databases import add_test_tenant

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)


async def a_user(
    database: Database, tenant_id: str, number: int = 1, **changes: str
) -> User:
    given = {
        "id": f"user_{number}",
        "email": f"ana{number}@shop.example",
        "name": "Ana",
        "role": "admin",
        "password_hash": "hash",
        **changes,
    }
    async with database.transaction() as connection:
        return await add_user(connection, tenant_id=tenant_id, now=NOON, **given)


async def test_a_user_is_stored_and_found_by_id_and_by_any_spelling_of_the_address(
    database: Database, tenant_id: str
) -> None:
    added = await a_user(database, tenant_id, email=" Ana@Shop.Example ")
    assert added == User(
        id="user_1",
        tenant_id=tenant_id,
        email="Ana@Shop.Example",
        name="Ana",
        role=Role.ADMIN,
        state=UserState.ACTIVE,
        created_at=NOON,
        last_login_at=None,
        password_at=NOON,
    )
    async with database.reading() as connection:
        for wanted in ("user_1", "ana@shop.example", "ANA@SHOP.EXAMPLE "):
            assert await find_user(connection, tenant_id, wanted) == added


async def test_an_address_has_one_user_of_a_tenant_whatever_its_case(
    database: Database, tenant_id: str
) -> None:
    await a_user(database, tenant_id)
    with pytest.raises(InvalidAccount, match="has a user already"):
        await a_user(database, tenant_id, 2, email="ANA1@shop.example")
    other = await add_test_tenant(database, "tenant_other", name="Other Shop")
    await a_user(database, other, 3, email="ana1@shop.example")


async def test_another_tenants_user_is_nobody(
    database: Database, tenant_id: str
) -> None:
    await a_user(database, tenant_id)
    other = await add_test_tenant(database, "tenant_other", name="Other Shop")
    async with database.transaction() as connection:
        assert await find_user(connection, other, "user_1") is None
        assert await list_users(connection, other) == ([], 0)
        for change in (
            load_user(connection, other, "user_1"),
            change_user(connection, other, "user_1", name="Eve"),
            set_password(connection, other, "user_1", "hash", now=NOON),
        ):
            with pytest.raises(UserGone, match="user_1"):
                await change


WRONG = {
    "email": ({"email": "ana"}, "email: give an address"),
    "email with a space": ({"email": "a na@shop.example"}, "email: give an address"),
    "email too long": ({"email": "a@" + "b" * 300}, "email: give an address"),
    "email with control": ({"email": "a\0@shop.example"}, "email: give an address"),
    "name": ({"name": " "}, "name: give a name"),
    "role": ({"role": "integration"}, "role: 'integration' is no role of a person"),
}


@pytest.mark.parametrize(("changes", "why"), WRONG.values(), ids=WRONG)
async def test_what_is_wrong_is_named(
    sqlite_database: Database, changes: dict[str, str], why: str
) -> None:
    tenant = await add_test_tenant(sqlite_database)
    with pytest.raises(InvalidAccount, match=why):
        await a_user(sqlite_database, tenant, 1, **changes)


async def test_people_are_listed_oldest_first_in_pages(
    database: Database, tenant_id: str
) -> None:
    for number in (1, 2, 3):
        await a_user(database, tenant_id, number)
    async with database.reading() as connection:
        page, total = await list_users(connection, tenant_id, limit=2, offset=1)
    assert ([each.id for each in page], total) == (["user_2", "user_3"], 3)


async def test_name_role_and_state_change(database: Database, tenant_id: str) -> None:
    await a_user(database, tenant_id)
    await a_user(database, tenant_id, 2)
    async with database.transaction() as connection:
        changed = await change_user(
            connection,
            tenant_id,
            "user_2",
            name="Bea",
            role="agent",
            state=UserState.DISABLED,
        )
        same = await change_user(connection, tenant_id, "user_2")
    assert (changed.name, changed.role, changed.state) == ("Bea", "agent", "disabled")
    assert same == changed


async def test_the_last_active_admin_stays(database: Database, tenant_id: str) -> None:
    await a_user(database, tenant_id)
    await a_user(database, tenant_id, 2, role="agent")
    for change in ({"role": "agent"}, {"state": UserState.DISABLED}):
        with pytest.raises(InvalidAccount, match="the last active admin"):
            async with database.transaction() as connection:
                await change_user(connection, tenant_id, "user_1", **change)
    async with database.reading() as connection:
        kept = await load_user(connection, tenant_id, "user_1")
    assert (kept.role, kept.state) == (Role.ADMIN, UserState.ACTIVE)


async def test_two_admins_who_disable_each_other_leave_one(
    database: Database, tenant_id: str
) -> None:
    for number in (1, 2):
        await a_user(database, tenant_id, number)

    async def disable(user_id: str) -> None:
        async with database.transaction() as connection:
            await change_user(connection, tenant_id, user_id, state=UserState.DISABLED)

    ended = await asyncio.gather(
        disable("user_1"), disable("user_2"), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in ended) == [
        "InvalidAccount",
        "NoneType",
    ]


async def test_a_new_password_ends_what_began_before(
    database: Database, tenant_id: str
) -> None:
    await a_user(database, tenant_id)
    async with database.transaction() as connection:
        changed = await set_password(
            connection, tenant_id, "ana1@shop.example", "new hash", now=LATER
        )
        assert changed.password_at == LATER
        found = await password_hash_of(connection, tenant_id, "ANA1@shop.example")
    assert found == (changed, "new hash")


async def test_the_disabled_and_the_unknown_have_nothing_to_compare_with(
    database: Database, tenant_id: str
) -> None:
    await a_user(database, tenant_id)
    await a_user(database, tenant_id, 2)
    async with database.transaction() as connection:
        await change_user(connection, tenant_id, "user_1", state=UserState.DISABLED)
        for email in ("ana1@shop.example", "nobody@shop.example", "a\0b"):
            assert await password_hash_of(connection, tenant_id, email) == (None, None)


async def test_a_log_in_is_remembered(database: Database, tenant_id: str) -> None:
    user = await a_user(database, tenant_id)
    async with database.transaction() as connection:
        await logged_in(connection, user, now=LATER)
        assert (await load_user(connection, tenant_id, user.id)).last_login_at == LATER
