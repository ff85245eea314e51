"""Sessions of the console: they end with time, a password, a person, and on request."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import event, insert, select

from bot.db import Database
from bot.inbox.people_table import session as sessions
from bot.inbox.people_table import user as users
from bot.inbox.sessions import (
    IDLE,
    LONGEST,
    MOST,
    SEEN,
    Found,
    Session,
    begin,
    csrf_of,
    end,
    end_all,
    find,
    is_due,
    list_sessions,
    new_token,
    purge_sessions,
    renew,
    roles_of,
    see,
)
from bot.inbox.users import (
    User,
    UserState,
    add_user,
    change_user,
    set_password,
    with_email,
)
from tests.databases import add_test_tenant

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)


async def a_user(database: Database, tenant_id: str, name: str = "ana") -> User:
    async with database.transaction() as connection:
        return await add_user(
            connection,
            id=f"user_{tenant_id}_{name}",
            tenant_id=tenant_id,
            email=f"{name}@shop.example",
            name=name,
            role="agent",
            password_hash="hash",
            now=NOON,
        )


async def signed_in(
    database: Database, user: User, number: int = 1, *, now: datetime = NOON
) -> tuple[str, Session]:
    token = new_token()
    async with database.transaction() as connection:
        begun = await begin(
            connection,
            user,
            token,
            id=f"session_{user.id}_{number:02}",
            address="203.0.113.9",
            device="Firefox, Linux",
            now=now,
        )
    return token, begun


async def whose(
    database: Database, token: str, *, now: datetime = NOON
) -> Found | None:
    async with database.reading() as connection:
        return await find(connection, token, now=now)


async def test_a_session_is_found_by_its_token_which_is_stored_nowhere(
    database: Database, tenant_id: str
) -> None:
    user = await a_user(database, tenant_id)
    token, begun = await signed_in(database, user)
    assert await whose(database, token) == Found(user, begun)
    async with database.reading() as connection:
        [row] = (await connection.execute(select(sessions))).all()
    assert token not in str(row)
    assert csrf_of(token) not in str(row)
    for wrong in ("", "x", token[:-1], token + "x", "\udc80", "\0", "é" * 43):
        assert await whose(database, wrong) is None


async def test_a_session_ends_when_it_is_not_used_and_at_the_latest_in_two_weeks(
    database: Database, tenant_id: str
) -> None:
    user = await a_user(database, tenant_id)
    token, begun = await signed_in(database, user)
    assert await whose(database, token, now=NOON + IDLE) is None
    now = NOON
    while now < NOON + LONGEST - IDLE:
        now += IDLE - timedelta(seconds=1)
        found = await whose(database, token, now=now)
        assert found is not None
        async with database.transaction() as connection:
            await see(connection, found.session, now=now)
    assert await whose(database, token, now=begun.expires_at) is None


async def test_the_last_use_is_written_once_a_minute(
    database: Database, tenant_id: str
) -> None:
    token, begun = await signed_in(database, await a_user(database, tenant_id))
    soon, later = NOON + SEEN / 2, NOON + SEEN
    assert not is_due(begun, soon)
    assert is_due(begun, later)
    for now, seen_at in ((soon, NOON), (later, later), (NOON, later)):
        async with database.transaction() as connection:
            await see(connection, begun, now=now)
        found = await whose(database, token, now=later)
        assert found is not None
        assert found.session.seen_at == seen_at


async def test_another_password_ends_every_session_whatever_the_clocks_say(
    database: Database, tenant_id: str
) -> None:
    user = await a_user(database, tenant_id)
    # Begun by a process whose clock is ahead, and by one that checked the old password
    # while it was changed.
    ahead, _ = await signed_in(database, user, 1, now=NOON + timedelta(hours=1))
    async with database.transaction() as connection:
        changed = await set_password(
            connection, tenant_id, user.id, "other", now=NOON + timedelta(minutes=1)
        )
    late, _ = await signed_in(database, user, 2, now=NOON + timedelta(minutes=2))
    again, _ = await signed_in(database, changed, 3, now=NOON)
    assert await whose(database, ahead) is None
    assert await whose(database, late) is None
    assert await whose(database, again) is not None


async def test_who_signs_in_while_a_password_is_changed_does_it_in_vain(
    database: Database, tenant_id: str
) -> None:
    user = await a_user(database, tenant_id)
    own, _ = await signed_in(database, user, 1)
    late, begun = await signed_in(database, user, 2)
    async with database.transaction() as connection:
        [row] = (
            await connection.execute(select(sessions).where(sessions.c.id == begun.id))
        ).mappings()

        def sign_in(after: Any, _cursor: object, statement: str, *_: object) -> None:
            if statement.startswith("DELETE FROM session"):
                after.execute(insert(sessions).values(dict(row)))

        event.listen(connection.sync_connection, "after_cursor_execute", sign_in)
        but = f"session_{user.id}_01"
        await set_password(connection, tenant_id, user.id, "new", but=but, now=LATER)
    assert await whose(database, own) is not None
    assert await whose(database, late) is None


async def test_who_is_disabled_is_signed_out_and_stays_so(
    database: Database, tenant_id: str
) -> None:
    user = await a_user(database, tenant_id)
    token, _ = await signed_in(database, user)
    for state in (UserState.DISABLED, UserState.ACTIVE):
        async with database.transaction() as connection:
            await change_user(connection, tenant_id, user.id, state=state)
        assert await whose(database, token) is None


async def test_the_role_is_the_one_of_now(database: Database, tenant_id: str) -> None:
    user = await a_user(database, tenant_id)
    token, _ = await signed_in(database, user)
    async with database.transaction() as connection:
        await change_user(connection, tenant_id, user.id, role="manager")
    found = await whose(database, token)
    assert found is not None
    assert found.user.role == "manager"


async def test_sessions_are_listed_and_ended_for_their_owner_alone(
    database: Database, tenant_id: str
) -> None:
    other = await add_test_tenant(database, "tenant_other", name="Other Shop")
    ana, bea = await a_user(database, tenant_id), await a_user(database, tenant_id, "b")
    eve = await a_user(database, other)
    first, one = await signed_in(database, ana, 1)
    second, two = await signed_in(database, ana, 2, now=NOON + timedelta(minutes=1))
    hers, _ = await signed_in(database, bea)
    now = NOON + timedelta(minutes=2)
    async with database.transaction() as connection:
        assert await list_sessions(connection, tenant_id, ana.id, now=now) == [two, one]
        assert await list_sessions(connection, other, ana.id, now=now) == []
        assert not await end(connection, other, one.id)
        assert not await end(connection, tenant_id, one.id, user_id=bea.id)
        assert await end_all(connection, other, ana.id) == 0
        assert await end_all(connection, other, eve.id) == 0
    assert await whose(database, first) is not None
    async with database.transaction() as connection:
        assert await end_all(connection, tenant_id, ana.id, but=two.id) == 1
    assert await whose(database, first) is None
    assert await whose(database, second) is not None
    async with database.transaction() as connection:
        assert await end(connection, tenant_id, two.id, user_id=ana.id)
        assert not await end(connection, tenant_id, two.id, user_id=ana.id)
    assert await whose(database, second) is None
    assert await whose(database, hers) is not None


async def test_the_session_that_was_used_longest_ago_makes_room(
    sqlite_database: Database,
) -> None:
    database = sqlite_database
    user = await a_user(database, await add_test_tenant(database))
    tokens = [
        (await signed_in(database, user, n, now=NOON + timedelta(seconds=n)))[0]
        for n in range(MOST + 2)
    ]
    found = [await whose(database, token) for token in tokens]
    assert [each is not None for each in found] == [False] * 2 + [True] * MOST


async def test_what_is_over_is_removed(database: Database, tenant_id: str) -> None:
    user = await a_user(database, tenant_id)
    await signed_in(database, user, 1, now=NOON - IDLE)
    kept, _ = await signed_in(database, user, 2)
    async with database.transaction() as connection:
        assert await purge_sessions(connection, now=NOON) == 1
        assert await purge_sessions(connection, now=NOON) == 0
    assert await whose(database, kept) is not None


async def test_an_address_is_looked_for_in_all_shops_and_only_among_the_active(
    database: Database, tenant_id: str
) -> None:
    other = await add_test_tenant(database, "tenant_other", name="Other Shop")
    one, two = await a_user(database, tenant_id), await a_user(database, other)
    async with database.transaction() as connection:
        found = await with_email(connection, " ANA@Shop.example", limit=5)
        assert sorted(each.id for each, _ in found) == sorted((one.id, two.id))
        assert len(await with_email(connection, "ana@shop.example", limit=1)) == 1
        await change_user(connection, other, two.id, state=UserState.DISABLED)
        found = await with_email(connection, "ana@shop.example", limit=5)
        assert found == [(one, "hash")]
        for nobody in (one.id, "", "a\0b", "%"):
            assert await with_email(connection, nobody, limit=5) == []


async def test_another_token_of_a_session_leaves_its_pages_what_they_send(
    database: Database, tenant_id: str
) -> None:
    user = await a_user(database, tenant_id)
    (old, begun), (other, _) = [await signed_in(database, user, n) for n in (1, 2)]
    new = new_token(csrf_of(old))
    assert csrf_of(new_token(csrf_of(new))) == csrf_of(new) == csrf_of(old)
    async with database.transaction() as connection:
        await renew(connection, "another shop", begun.id, "nothing")
        await renew(connection, tenant_id, begun.id, new)
    assert await whose(database, old) is None
    assert await whose(database, new) == Found(user, begun)
    assert await whose(database, other) is not None


async def test_who_has_a_role_of_a_newer_program_is_signed_in_nowhere(
    database: Database, tenant_id: str
) -> None:
    user = await a_user(database, tenant_id)
    token, begun = await signed_in(database, user)
    async with database.transaction() as connection:
        await connection.execute(users.update().values(role="auditor"))
        assert not await roles_of(connection, [begun.id], now=NOON)
        assert not await with_email(connection, user.email, limit=5)
    assert await whose(database, token) is None
