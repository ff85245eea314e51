"""Who is signed in to the console, and where. Nothing here commits.

A session is a random token that only its browser has; the database keeps its hash.
"""

import hashlib
import hmac
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.accounts import Role
from bot.inbox.people_table import session as sessions
from bot.inbox.people_table import user as users
from bot.inbox.users import USER_ROLES, User, UserState, as_user

#: A session ends then, whatever is done with it: two weeks bound what a stolen cookie
#: is worth, and nobody signs in more often than they remember a password.
LONGEST = timedelta(days=14)
#: It ends when nobody has used it for so long: a whole working day fits in, and the
#: computer of a shop that is left on overnight is signed out in the morning.
IDLE = timedelta(hours=12)
#: How exactly `seen_at` is kept: each page of each person would write otherwise.
SEEN = timedelta(minutes=1)
#: Of one person; the one that was used longest ago makes room.
MOST = 20
_TOKEN_BYTES = 32
_LONGEST_TOKEN = 200
_KEPT = "."  #: What follows it in a token is what open pages send along.
_LONGEST_ADDRESS, _LONGEST_DEVICE = 64, 60


@dataclass(frozen=True, slots=True)
class Session:
    """A browser in which a person is signed in."""

    id: str
    tenant_id: str
    user_id: str
    created_at: datetime
    seen_at: datetime  #: To the minute.
    expires_at: datetime  #: At the latest.
    address: str | None
    device: str | None  #: Such as `Firefox, Linux`.


@dataclass(frozen=True, slots=True)
class Found:
    """Whose session it is."""

    user: User
    session: Session


def new_token(csrf: str | None = None) -> str:
    """Return what a browser is given: 256 random bits as text.

    `csrf`: what the pages send along that are open already, and is to stay.
    """
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    return token if csrf is None else f"{token}{_KEPT}{csrf}"


def csrf_of(token: str) -> str:
    """Return what a page of the session sends along with whatever changes something.

    It follows from the token: only who has that, or reads our pages, knows it.
    """
    _, _, kept = token.partition(_KEPT)
    return kept or hmac.digest(_bytes(token), b"csrf", "sha256").hex()


async def begin(
    connection: AsyncConnection,
    user: User,
    token: str,
    *,
    id: str,  # noqa: A002  # the field's name
    address: str | None,
    device: str | None,
    now: datetime,
) -> Session:
    """Sign a person in with a fresh token, and return the session.

    `user` is as their password was checked: if it is another one by now, or they are
    disabled, `find` refuses the session.
    """
    await _make_room(connection, user)
    begun = Session(
        id=id,
        tenant_id=user.tenant_id,
        user_id=user.id,
        created_at=now,
        seen_at=now,
        expires_at=now + LONGEST,
        address=address and address[:_LONGEST_ADDRESS],
        device=device and device[:_LONGEST_DEVICE],
    )
    await connection.execute(
        insert(sessions).values(
            id=begun.id,
            tenant_id=begun.tenant_id,
            user_id=begun.user_id,
            hash=_hash(token),
            password_at=user.password_at,
            created_at=begun.created_at,
            seen_at=begun.seen_at,
            expires_at=begun.expires_at,
            address=begun.address,
            device=begun.device,
        )
    )
    return begun


async def find(
    connection: AsyncConnection, token: str, *, now: datetime
) -> Found | None:
    """Return whose session a token is, None when it never was one, or is over.

    It is over with its time, a change of the password, and for the disabled; and for
    who has a role that only a newer program knows.
    """
    if not 0 < len(token) <= _LONGEST_TOKEN:
        return None
    rows = await connection.execute(
        select(users, *_COLUMNS)
        .join(sessions, sessions.c.user_id == users.c.id)
        .where(sessions.c.hash == _hash(token), *_live(now))
    )
    row = rows.one_or_none()
    return None if row is None else Found(as_user(row), _session(row))


async def roles_of(
    connection: AsyncConnection, session_ids: Collection[str], *, now: datetime
) -> Mapping[str, Role]:
    """Return which of these sessions go on, and what their people may do now."""
    rows = await connection.execute(
        select(sessions.c.id, users.c.role)
        .join(users, sessions.c.user_id == users.c.id)
        .where(sessions.c.id.in_(sorted(session_ids)), *_live(now))
    )
    return {row.id: Role(row.role) for row in rows}


async def renew(
    connection: AsyncConnection, tenant_id: str, session_id: str, token: str
) -> None:
    """Let a session go on with another token: the old one opens nothing any more."""
    await connection.execute(
        update(sessions)
        .where(sessions.c.tenant_id == tenant_id, sessions.c.id == session_id)
        .values(hash=_hash(token))
    )


def is_due(session: Session, now: datetime) -> bool:
    """Return whether a session was seen long enough ago to write it down again."""
    return session.seen_at <= now - SEEN


async def see(connection: AsyncConnection, session: Session, *, now: datetime) -> None:
    """Remember that a session is in use. Worth a write when it `is_due`."""
    await connection.execute(
        update(sessions)
        .where(sessions.c.id == session.id, sessions.c.seen_at <= now - SEEN)
        .values(seen_at=now)
    )


async def list_sessions(
    connection: AsyncConnection, tenant_id: str, user_id: str, *, now: datetime
) -> Sequence[Session]:
    """Return where a person is signed in, the newest use first."""
    rows = await connection.execute(
        select(*_COLUMNS)
        .join(users, sessions.c.user_id == users.c.id)
        .where(
            sessions.c.tenant_id == tenant_id,
            sessions.c.user_id == user_id,
            *_live(now),
        )
        .order_by(sessions.c.seen_at.desc(), sessions.c.id.desc())
    )
    return [_session(row) for row in rows]


async def end(
    connection: AsyncConnection,
    tenant_id: str,
    session_id: str,
    *,
    user_id: str | None = None,
) -> bool:
    """End a session of a tenant; False when there is none with that id.

    `user_id`: only if it is that person's.
    """
    mine = [sessions.c.tenant_id == tenant_id, sessions.c.id == session_id]
    if user_id is not None:
        mine.append(sessions.c.user_id == user_id)
    gone = await connection.execute(delete(sessions).where(*mine))
    return gone.rowcount > 0


async def end_all(
    connection: AsyncConnection,
    tenant_id: str,
    user_id: str,
    *,
    but: str | None = None,
) -> int:
    """End a person's sessions, all `but` the one with that id; return how many."""
    mine = [sessions.c.tenant_id == tenant_id, sessions.c.user_id == user_id]
    if but is not None:
        mine.append(sessions.c.id != but)
    gone = await connection.execute(delete(sessions).where(*mine))
    return gone.rowcount


async def purge_sessions(connection: AsyncConnection, *, now: datetime) -> int:
    """Remove the sessions of all tenants whose time is over; return how many."""
    gone = await connection.execute(
        delete(sessions).where(
            or_(sessions.c.expires_at <= now, sessions.c.seen_at <= now - IDLE)
        )
    )
    return gone.rowcount


# -------------------------------------------------------------------------------------

#: A session beside the columns of its user, which has some of the same names.
_COLUMNS = tuple(
    sessions.c[each.name].label(f"session_{each.name}") for each in fields(Session)
)


def _live(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        sessions.c.tenant_id == users.c.tenant_id,
        sessions.c.password_at == users.c.password_at,
        users.c.state == UserState.ACTIVE,
        users.c.role.in_(USER_ROLES),
        sessions.c.expires_at > now,
        sessions.c.seen_at > now - IDLE,
    )


async def _make_room(connection: AsyncConnection, user: User) -> None:
    # A program that signs in again and again fills no table.
    newest = (
        select(sessions.c.id)
        .where(sessions.c.user_id == user.id)
        .order_by(sessions.c.seen_at.desc(), sessions.c.id.desc())
        .limit(MOST - 1)
    )
    kept = (await connection.execute(newest)).scalars().all()
    await connection.execute(
        delete(sessions).where(
            sessions.c.user_id == user.id, sessions.c.id.not_in(kept)
        )
    )


def _session(row: Row[Any]) -> Session:
    return Session(*(getattr(row, f"session_{each.name}") for each in fields(Session)))


def _hash(token: str) -> str:
    # 256 random bits: a slow password hash would protect nothing more.
    return hashlib.sha256(_bytes(token)).hexdigest()


def _bytes(token: str) -> bytes:
    return token.encode(errors="surrogatepass")
