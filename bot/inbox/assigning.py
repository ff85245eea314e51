"""Whose work a conversation is: a person's, a team's, or nobody's.

Assigning is not taking over: the bot goes on until somebody speaks for it. Nothing here
commits.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import case, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.accounts import Role
from bot.inbox.alerting import BOT
from bot.inbox.people_table import user as users
from bot.inbox.queues import WAITING, LiveDrafts, Queue
from bot.inbox.table import conversation
from bot.inbox.users import USER_ROLES, UserState

#: The columns that say whose work a conversation is.
ASSIGNMENT: Final = ("assigned_to", "assigned_at", "assigned_by", "team")
#: So many people are looked at when the next one is chosen.
_PEOPLE: Final = 500


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody whom conversations can be assigned to, and how much they have."""

    id: str
    name: str
    role: Role
    team: str | None
    open: int  #: Conversations of theirs that wait for a person or have an open draft.
    assigned_at: datetime | None  #: When they were given one last.


class NobodyThere(LookupError):
    """Nobody can be assigned; the message says who was looked for."""


async def list_colleagues(
    connection: AsyncConnection, tenant_id: str
) -> Sequence[Colleague]:
    """Return the tenant's active people by name, with what they have to do.

    Who has a role that only a newer program knows is none of them: nobody here can
    tell what they may do.
    """
    live = LiveDrafts(tenant_id)
    busy = or_(*(live.is_in(queue) for queue in (*WAITING, Queue.OPEN)))
    work = (
        select(
            conversation.c.assigned_to,
            func.sum(case((busy, 1), else_=0)).label("open"),
        )
        .select_from(live.beside(conversation))
        .where(
            conversation.c.tenant_id == tenant_id,
            conversation.c.assigned_to.is_not(None),
            conversation.c.merged_into.is_(None),
        )
        .group_by(conversation.c.assigned_to)
        .subquery()
    )
    rows = await connection.execute(
        select(users, func.coalesce(work.c.open, 0).label("open"))
        .outerjoin(work, work.c.assigned_to == users.c.id)
        .where(
            users.c.tenant_id == tenant_id,
            users.c.state == UserState.ACTIVE,
            users.c.role.in_(USER_ROLES),
        )
        .order_by(users.c.name, users.c.id)
        .limit(_PEOPLE)
    )
    return [
        Colleague(
            row.id, row.name, Role(row.role), row.team, int(row.open), row.assigned_at
        )
        for row in rows
    ]


async def assign(
    connection: AsyncConnection,
    tenant_id: str,
    conversation_id: str,
    *,
    user_id: str | None,
    team: str | None,
    by: str | None = None,
    now: datetime,
) -> None:
    """Let it be the work of a person, a team or nobody; without a team, the person's.

    `by`: who says so, as in the audit: whoever is given something by somebody else is
    told. The caller knows that the tenant has it. Raises NobodyThere for a user who is
    not there or disabled, and for a team that nobody belongs to.
    """
    if user_id is not None:
        found = await connection.execute(
            select(users.c.team).where(
                users.c.tenant_id == tenant_id,
                users.c.id == user_id,
                users.c.state == UserState.ACTIVE,
            )
        )
        row = found.one_or_none()
        if row is None:
            raise NobodyThere("there is no such user who may log in")
        team = row.team if team is None else team
    if team is not None and not await _is_team(connection, tenant_id, team):
        raise NobodyThere(f"nobody who may log in belongs to a team {team!r}")
    whose = _Whose(user_id, team, by)
    await _set(connection, tenant_id, conversation_id, whose, now=now)


async def assign_next(
    connection: AsyncConnection,
    tenant_id: str,
    conversation_id: str,
    *,
    team: str | None,
    by: str | None = None,
    now: datetime,
) -> Colleague:
    """Let it be the work of whoever has the least, of a team or of all; return them.

    Agents first; managers and admins where there is no agent. Of two with as little it
    is the one who was not given any for longer. The caller knows that the tenant has
    the conversation. Raises NobodyThere.
    """
    await _lock(connection, tenant_id, [conversation_id])
    await _lock_people(connection, tenant_id)
    chosen = whose_turn(await list_colleagues(connection, tenant_id), team)
    if chosen is None:
        whom = "" if team is None else f" of team {team!r}"
        raise NobodyThere(f"there is nobody{whom} who may log in: add a user")
    team = chosen.team if team is None else team
    whose = _Whose(chosen.id, team, by)
    await _set(connection, tenant_id, conversation_id, whose, now=now)
    return chosen


@dataclass(frozen=True, slots=True)
class Given:
    """Whose work a conversation became."""

    conversation_id: str
    user_id: str
    team: str | None


async def assign_each(
    connection: AsyncConnection,
    tenant_id: str,
    conversation_ids: Collection[str],
    *,
    team: str | None,
    now: datetime,
) -> Sequence[Given]:
    """Let each of them that is nobody's be the work of whoever has the least then.

    What is a team's goes to somebody of it, the rest to the `team`, or to anybody.
    Where nobody is there it stays as it is. Call it late: it locks the tenant's people
    until the commit.
    """
    rows = await _lock(connection, tenant_id, conversation_ids, only_free=True)
    if not rows:
        return ()
    await _lock_people(connection, tenant_id)
    people = {each.id: each for each in await list_colleagues(connection, tenant_id)}
    given = []
    for conversation_id, own in rows:
        chosen = whose_turn(people.values(), own or team)
        if chosen is None:
            continue
        people[chosen.id] = replace(chosen, open=chosen.open + 1, assigned_at=now)
        one = Given(conversation_id, chosen.id, own or team or chosen.team)
        whose = _Whose(one.user_id, one.team, BOT)
        await _set(connection, tenant_id, conversation_id, whose, now=now)
        given.append(one)
    return given


def whose_turn(people: Iterable[Colleague], team: str | None) -> Colleague | None:
    """Return who of a team, or of all, has the least; None: there is nobody.

    Agents first, the others where there is no agent. Of two with as little it is the
    one who was not given any for longer.
    """
    those = [each for each in people if team is None or each.team == team]
    agents = [each for each in those if each.role is Role.AGENT] or those
    return min(agents, key=_load, default=None)


async def assign_taker(
    connection: AsyncConnection,
    tenant_id: str,
    conversation_id: str,
    *,
    user_id: str | None,
    now: datetime,
) -> None:
    """Let it be the work of who takes it over, unless somebody's; keys have no work."""
    mine = (
        conversation.c.tenant_id == tenant_id,
        conversation.c.id == conversation_id,
        conversation.c.assigned_to.is_(None),
    )
    found = await connection.execute(
        select(users.c.team, conversation.c.team.label("chat_team"))
        .join(conversation, conversation.c.tenant_id == users.c.tenant_id)
        .where(users.c.id == user_id, *mine)
    )
    row = found.one_or_none()
    if row is not None:
        team = row.team if row.chat_team is None else row.chat_team
        whose = _Whose(user_id, team, f"user:{user_id}")
        await _set(connection, tenant_id, conversation_id, whose, now=now)


async def release(
    connection: AsyncConnection, tenant_id: str, conversation_id: str
) -> None:
    """Let it be nobody's work."""
    await connection.execute(
        update(conversation)
        .where(
            conversation.c.tenant_id == tenant_id,
            conversation.c.id == conversation_id,
        )
        .values(dict.fromkeys(ASSIGNMENT))
    )


async def _lock(
    connection: AsyncConnection,
    tenant_id: str,
    conversation_ids: Collection[str],
    *,
    only_free: bool = False,
) -> Sequence[tuple[str, str | None]]:
    """Lock conversations, and return each with its team: all, or those of nobody.

    They are locked before people, here as where turns are saved.
    """
    wanted = [
        conversation.c.tenant_id == tenant_id,
        conversation.c.id.in_(conversation_ids),
        *([conversation.c.assigned_to.is_(None)] if only_free else []),
    ]
    rows = await connection.execute(
        select(conversation.c.id, conversation.c.team)
        .where(*wanted)
        .order_by(conversation.c.id)
        .with_for_update()
    )
    return [(row.id, row.team) for row in rows]


async def _lock_people(connection: AsyncConnection, tenant_id: str) -> None:
    """Let one choose after the other: two at once would see the same least.

    It is the people and not their tenant's row: that one is held for as long as a
    catalog is taken in, and a turn that is saved cannot wait for it.
    """
    await connection.execute(
        select(users.c.id)
        .where(users.c.tenant_id == tenant_id, users.c.state == UserState.ACTIVE)
        .order_by(users.c.id)
        .with_for_update(key_share=True)  # other rows may point to them meanwhile
    )


def _load(person: Colleague) -> tuple[int, float, str]:
    last = person.assigned_at.timestamp() if person.assigned_at else 0.0
    return (person.open, last, person.id)


async def _is_team(connection: AsyncConnection, tenant_id: str, team: str) -> bool:
    found = await connection.execute(
        select(users.c.id)
        .where(
            users.c.tenant_id == tenant_id,
            users.c.team == team,
            users.c.state == UserState.ACTIVE,
        )
        .limit(1)
    )
    return found.first() is not None


@dataclass(frozen=True, slots=True)
class _Whose:
    """Whose work it is to be, and who says so."""

    user_id: str | None
    team: str | None
    by: str | None


async def _set(
    connection: AsyncConnection,
    tenant_id: str,
    conversation_id: str,
    whose: _Whose,
    *,
    now: datetime,
) -> None:
    await connection.execute(
        update(conversation)
        .where(
            conversation.c.tenant_id == tenant_id,
            conversation.c.id == conversation_id,
        )
        .values(
            assigned_to=whose.user_id,
            assigned_at=None if whose.user_id is None else now,
            assigned_by=None if whose.user_id is None else whose.by,
            team=whose.team,
        )
    )
    if whose.user_id is not None:
        await connection.execute(
            update(users).where(users.c.id == whose.user_id).values(assigned_at=now)
        )
