"""People who work in the console, in the database. Nothing here commits.

Passwords come hashed (`bot.inbox.passwords`): hashing takes long, and no transaction
should wait for it.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.accounts import Role
from bot.inbox.checking import InvalidAccount, check_name
from bot.inbox.locking import lock_tenant
from bot.inbox.people_table import session as sessions
from bot.inbox.people_table import user as users
from catalog.paging import Paged

_EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@(?:[\w-]{1,63}\.)*[\w-]{1,63}")
_LONGEST_EMAIL = 254  #: RFC 5321: what fits into a path of 256 octets.
#: Roles that a person may have; `integration` is the role of a key.
USER_ROLES = (Role.AGENT, Role.MANAGER, Role.ADMIN)


#: What the merchant's own systems call a person, and their team.
KNOWN_AS = ("external_id", "sales_code", "team", "team_external_id")


class UserState(StrEnum):
    ACTIVE = "active"
    DISABLED = "disabled"  #: May not log in; what they did keeps their name.


class UserGone(Exception):
    """The tenant has no such user."""

    def __init__(self, wanted: str) -> None:
        super().__init__(
            f"this tenant has no user {wanted!r}: see `chatorder user list`"
        )


@dataclass(frozen=True, slots=True)
class User:
    """A person as listed. The password is never shown, nor its hash."""

    id: str
    tenant_id: str
    email: str
    name: str
    role: Role
    state: UserState
    created_at: datetime
    last_login_at: datetime | None
    password_at: datetime  #: A session that began before is over.
    #: What the merchant's own systems call them and their team: on what they sell.
    external_id: str | None = None
    sales_code: str | None = None
    team: str | None = None
    team_external_id: str | None = None


def check_email(email: str) -> str:
    """Return an address that mail could go to. Raises InvalidAccount."""
    email = unicodedata.normalize("NFC", email.strip())
    if len(email) <= _LONGEST_EMAIL and _EMAIL.fullmatch(email):
        return email
    raise InvalidAccount("email", "give an address such as ana@shop.example")


def check_role(role: str) -> Role:
    """Return a role that a person may have. Raises InvalidAccount."""
    for each in USER_ROLES:
        if role == each:
            return each
    known = ", ".join(USER_ROLES)
    raise InvalidAccount("role", f"{role!r} is no role of a person; use one of {known}")


async def add_user(
    connection: AsyncConnection,
    *,
    id: str,  # noqa: A002  # the field's name
    tenant_id: str,
    email: str,
    name: str,
    role: str,
    password_hash: str,
    now: datetime,
) -> User:
    """Store a person and return them. An address has one user of a tenant.

    Raises InvalidAccount naming the field and the remedy.
    """
    added = User(
        id=id,
        tenant_id=tenant_id,
        email=check_email(email),
        name=check_name(name),
        role=check_role(role),
        state=UserState.ACTIVE,
        created_at=now,
        last_login_at=None,
        password_at=now,
    )
    await lock_tenant(connection, tenant_id)
    if await find_user(connection, tenant_id, added.email) is not None:
        raise InvalidAccount(
            "email", f"{added.email} has a user already; change it, or use another"
        )
    await connection.execute(
        insert(users).values(
            id=added.id,
            tenant_id=added.tenant_id,
            email=added.email,
            email_key=email_key(added.email),
            name=added.name,
            role=added.role,
            state=added.state,
            password_hash=password_hash,
            password_at=now,
            created_at=now,
        )
    )
    return added


async def list_users(
    connection: AsyncConnection, tenant_id: str, *, limit: int = 100, offset: int = 0
) -> tuple[Sequence[User], int]:
    """Return the tenant's people, oldest first, and how many there are."""
    mine = users.c.tenant_id == tenant_id
    rows = await connection.execute(
        select(users)
        .where(mine)
        .order_by(users.c.created_at, users.c.id)
        .limit(limit)
        .offset(offset)
    )
    found = [as_user(row) for row in rows]
    count = select(func.count()).select_from(users).where(mine)
    return found, await Paged(limit, offset).total(connection, len(found), count)


async def names_of_users(
    connection: AsyncConnection, tenant_id: str, ids: Collection[str]
) -> Mapping[str, str]:
    """Return what the tenant's users with these ids are called, by id."""
    rows = await connection.execute(
        select(users.c.id, users.c.name).where(
            users.c.tenant_id == tenant_id, users.c.id.in_(sorted(ids))
        )
    )
    return {row.id: row.name for row in rows}


async def find_user(
    connection: AsyncConnection, tenant_id: str, wanted: str
) -> User | None:
    """Return the tenant's user with that id or email address, whatever its case."""
    row = await _row(connection, tenant_id, wanted)
    return None if row is None else as_user(row)


async def load_user(connection: AsyncConnection, tenant_id: str, wanted: str) -> User:
    """Return the tenant's user with that id or email. Raises UserGone."""
    found = await find_user(connection, tenant_id, wanted)
    if found is None:
        raise UserGone(wanted)
    return found


async def change_user(
    connection: AsyncConnection,
    tenant_id: str,
    user_id: str,
    *,
    name: str | None = None,
    role: str | None = None,
    state: UserState | None = None,
    known_as: Mapping[str, str] | None = None,
) -> User:
    """Change what is given and return the user as they are now.

    `known_as` has names of `KNOWN_AS`; an empty text forgets one.

    Raises UserGone, or InvalidAccount: a tenant keeps at least one active admin.
    """
    # Two admins who disable each other at once would leave none.
    await lock_tenant(connection, tenant_id)
    before = await load_user(connection, tenant_id, user_id)
    given: Mapping[str, object] = {
        **({} if name is None else {"name": check_name(name)}),
        **({} if role is None else {"role": check_role(role)}),
        **({} if state is None else {"state": state}),
        **_known_as(known_as),
    }
    await _update(connection, before, given)
    if state is UserState.DISABLED:  # Who is enabled again later signs in again.
        await _sign_out(connection, before)
    after = await load_user(connection, tenant_id, before.id)
    if _rules(before) and not _rules(after) and not await _admins(connection, before):
        raise InvalidAccount(
            "role" if after.state is UserState.ACTIVE else "state",
            f"{before.email} is the last active admin; make another one first",
        )
    return after


def _known_as(given: Mapping[str, str] | None) -> dict[str, str | None]:
    return {
        each: (given[each].strip() or None)
        for each in KNOWN_AS
        if given is not None and each in given
    }


async def set_password(
    connection: AsyncConnection,
    tenant_id: str,
    user_id: str,
    password_hash: str,
    *,
    but: str | None = None,
    now: datetime,
) -> User:
    """Replace the password; sessions that began before are over, all `but` one.

    Raises UserGone.
    """
    found = await load_user(connection, tenant_id, user_id)
    await _update(
        connection, found, {"password_hash": password_hash, "password_at": now}
    )
    await _sign_out(connection, found, but)
    # That one alone: who signs in meanwhile did it with the old password.
    await connection.execute(
        update(sessions)
        .where(
            sessions.c.tenant_id == tenant_id,
            sessions.c.user_id == found.id,
            sessions.c.id == (but or ""),
        )
        .values(password_at=now)
    )
    return await load_user(connection, tenant_id, found.id)


# -- logging in -----------------------------------------------------------------------


async def password_hash_of(
    connection: AsyncConnection, tenant_id: str, email: str, *, to_change: bool = False
) -> tuple[User | None, str | None]:
    """Return who may log in with an address, and the hash to compare with.

    (None, None) for nobody and for the disabled: hand the None to `is_password` all
    the same, so that both take as long. `to_change`: nobody else changes it until the
    commit.
    """
    row = await _row(connection, tenant_id, email, lock=to_change)
    if row is None or row.state != UserState.ACTIVE:
        return None, None
    return as_user(row), str(row.password_hash)


async def with_email(
    connection: AsyncConnection, email: str, *, limit: int
) -> Sequence[tuple[User, str]]:
    """Return whoever may log in with an address, of all shops, and their hashes.

    At most `limit`, the oldest first.
    """
    if "\0" in email:  # PostgreSQL refuses such a text
        return []
    rows = await connection.execute(
        select(users)
        .where(
            users.c.email_key == email_key(email),
            users.c.state == UserState.ACTIVE,
            users.c.role.in_(USER_ROLES),  # a newer program may know more of them
        )
        .order_by(users.c.created_at, users.c.id)
        .limit(limit)
    )
    return [(as_user(row), str(row.password_hash)) for row in rows]


async def hash_again(
    connection: AsyncConnection, user: User, old: str, new: str
) -> None:
    """Keep a better hash of the same password, unless there is another one by now."""
    await connection.execute(
        update(users)
        .where(
            users.c.tenant_id == user.tenant_id,
            users.c.id == user.id,
            users.c.password_hash == old,
        )
        .values(password_hash=new)
    )


async def logged_in(connection: AsyncConnection, user: User, *, now: datetime) -> None:
    """Remember that a person logged in just now."""
    await _update(connection, user, {"last_login_at": now})


# -------------------------------------------------------------------------------------


async def _row(
    connection: AsyncConnection, tenant_id: str, wanted: str, *, lock: bool = False
) -> Row[Any] | None:
    if "\0" in wanted:  # PostgreSQL refuses such a text
        return None
    query = select(users).where(
        users.c.tenant_id == tenant_id,
        (users.c.id == wanted) | (users.c.email_key == email_key(wanted)),
    )
    if lock:
        query = query.with_for_update(key_share=True)
    return (await connection.execute(query)).one_or_none()


async def _update(
    connection: AsyncConnection, user: User, values: Mapping[str, object]
) -> None:
    if values:
        await connection.execute(
            update(users)
            .where(users.c.tenant_id == user.tenant_id, users.c.id == user.id)
            .values(values)
        )


async def _sign_out(
    connection: AsyncConnection, user: User, but: str | None = None
) -> None:
    await connection.execute(
        delete(sessions).where(
            sessions.c.tenant_id == user.tenant_id,
            sessions.c.user_id == user.id,
            sessions.c.id != (but or ""),
        )
    )


def _rules(user: User) -> bool:
    return user.role is Role.ADMIN and user.state is UserState.ACTIVE


async def _admins(connection: AsyncConnection, user: User) -> int:
    count = await connection.execute(
        select(func.count())
        .select_from(users)
        .where(
            users.c.tenant_id == user.tenant_id,
            users.c.role == Role.ADMIN,
            users.c.state == UserState.ACTIVE,
        )
    )
    return count.scalar_one()


def email_key(email: str) -> str:
    """Return by what an address is found: people do not remember its capitals."""
    return unicodedata.normalize("NFKC", email.strip()).casefold()


def as_user(row: Row[Any]) -> User:
    """Return the person of a row that has the table's columns."""
    return User(
        id=row.id,
        tenant_id=row.tenant_id,
        email=row.email,
        name=row.name,
        role=Role(row.role),
        state=UserState(row.state),
        created_at=row.created_at,
        last_login_at=row.last_login_at,
        password_at=row.password_at,
        external_id=row.external_id,
        sales_code=row.sales_code,
        team=row.team,
        team_external_id=row.team_external_id,
    )
