"""What our entities are called in other systems, in the database.

Nothing here commits. An id is given once and stays; it may also be adopted, when the
other system has named the thing first.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from orders.counting import raised, upsert
from orders.domain.ids import FORMS, Face, Form, Thing, made_id
from orders.table import external_id

#: So many at once fit into one statement on every database.
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class ExternalId:
    """One name of one thing."""

    face: str
    kind: str
    external_id: str
    internal_id: str
    created_at: datetime


class IdTaken(Exception):
    """The name means another thing, or the thing has another name there."""


async def give_ids(
    connection: AsyncConnection,
    tenant_id: str,
    face: Face,
    things: Collection[Thing],
    *,
    now: datetime,
) -> dict[Thing, str]:
    """Return each thing's id in the system's form; what has none is given one.

    A number is a decimal text. Whoever gives numbers of one kind at the same time waits
    for the commit: give them before an order's goods are held, not between. Raises
    IdTaken when the id that a thing would have was adopted for another one.
    """
    wanted = sorted(set(things))
    known = await _known(connection, tenant_id, face, wanted)
    new = [thing for thing in wanted if thing not in known]
    if not new:
        return known
    made = {t: made for t in new if (made := made_id(face, tenant_id, t)) is not None}
    by_kind: defaultdict[str, list[Thing]] = defaultdict(list)
    for thing in new:
        if thing not in made:
            by_kind[thing.kind].append(thing)
    for kind, counted in by_kind.items():
        name = f"ids:{face}:{kind}"
        await raised(connection, tenant_id, name, 0)
        # Somebody may have numbered them while we waited.
        there = await _known(connection, tenant_id, face, counted)
        open_ = [thing for thing in counted if thing not in there]
        last = await raised(connection, tenant_id, name, len(open_))
        first = last - len(open_) + 1
        made |= there
        made |= {thing: str(first + at) for at, thing in enumerate(open_)}
    await _store(connection, tenant_id, face, made, now=now)
    # What somebody stored in the same moment wins.
    given = known | await _known(connection, tenant_id, face, new)
    lacking = [thing for thing in new if thing not in given]
    if not lacking:
        return given
    if FORMS[face] is not Form.NUMBER:
        raise IdTaken(f"{made[lacking[0]]!r} of {face} is another {lacking[0].kind}")
    # A number was adopted for something else: the next ones are free.
    return given | await give_ids(connection, tenant_id, face, lacking, now=now)


async def known_ids(
    connection: AsyncConnection,
    tenant_id: str,
    face: Face,
    things: Collection[Thing],
) -> dict[Thing, str]:
    """Return the ids that were given to these things; others are left out."""
    return await _known(connection, tenant_id, face, sorted(set(things)))


async def give_id(
    connection: AsyncConnection,
    tenant_id: str,
    face: Face,
    kind: str,
    internal_id: str,
    *,
    now: datetime,
) -> str:
    """Return one thing's id in the system's form: see `give_ids`."""
    thing = Thing(kind, internal_id)
    return (await give_ids(connection, tenant_id, face, [thing], now=now))[thing]


async def names_of(
    connection: AsyncConnection, tenant_id: str, face: Face, things: Collection[Thing]
) -> dict[Thing, str]:
    """Return each thing's id in the system's form, and give none.

    For reading: a thing that has none is called by what follows from our id; where ids
    are counted up (`Form.NUMBER`), it is left out.
    """
    wanted = sorted(set(things))
    known = await _known(connection, tenant_id, face, wanted)
    made = {thing: made_id(face, tenant_id, thing) for thing in wanted}
    return {thing: name for thing, name in made.items() if name is not None} | known


async def resolve_ids(
    connection: AsyncConnection,
    tenant_id: str,
    face: Face,
    kind: str,
    externals: Collection[str],
) -> dict[str, str]:
    """Return our id of each name that is known; unknown ones are left out.

    Where a system's ids are our own (`Form.TEXT`), a name that nobody was given stands
    for itself: whoever asks looks whether there is such a thing.
    """
    wanted = sorted(set(externals))
    found: dict[str, str] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        rows = await connection.execute(
            select(external_id.c.external_id, external_id.c.internal_id).where(
                *_of(tenant_id, face, kind),
                external_id.c.external_id.in_(wanted[start : start + _AT_ONCE]),
            )
        )
        found |= {row.external_id: row.internal_id for row in rows}
    if FORMS[face] is Form.TEXT:
        return {name: found.get(name, name) for name in wanted}
    return found


async def resolve_id(
    connection: AsyncConnection,
    tenant_id: str,
    face: Face,
    kind: str,
    external: str,
) -> str | None:
    """Return our id of a name, or None: see `resolve_ids`."""
    found = await resolve_ids(connection, tenant_id, face, kind, [external])
    return found.get(external)


async def adopt_id(
    connection: AsyncConnection,
    tenant_id: str,
    face: Face,
    thing: Thing,
    external: str,
    *,
    now: datetime,
) -> None:
    """Note that the other system calls the thing so; saying it again is fine.

    Raises IdTaken when the name means something else, or the thing has another name.
    """
    await _store(connection, tenant_id, face, {thing: external}, now=now)
    means = await connection.execute(
        select(external_id.c.internal_id).where(
            *_of(tenant_id, face, thing.kind), external_id.c.external_id == external
        )
    )
    if (other := means.scalar()) == thing.internal_id:
        return
    if other is not None:
        raise IdTaken(f"{thing.kind} {external!r} of {face} is {other}")
    called = (await _known(connection, tenant_id, face, [thing]))[thing]
    raise IdTaken(f"{thing.kind} {thing.internal_id} is {called!r} in {face}")


async def list_ids(
    connection: AsyncConnection,
    tenant_id: str,
    *,
    face: str | None = None,
    kind: str | None = None,
    external: str | None = None,
    internal: str | None = None,
    limit: int = 50,
    offset: int = 0,
) -> tuple[Sequence[ExternalId], int]:
    """Return the names that were given, by face, kind and name, and how many."""
    mine: list[ColumnElement[bool]] = [external_id.c.tenant_id == tenant_id]
    for column, wanted in (
        (external_id.c.face, face),
        (external_id.c.kind, kind),
        (external_id.c.external_id, external),
        (external_id.c.internal_id, internal),
    ):
        if wanted is not None:
            mine.append(column == wanted)
    total = await connection.execute(
        select(func.count()).select_from(external_id).where(*mine)
    )
    rows = await connection.execute(
        select(
            external_id.c.face,
            external_id.c.kind,
            external_id.c.external_id,
            external_id.c.internal_id,
            external_id.c.created_at,
        )
        .where(*mine)
        .order_by(
            external_id.c.face,
            external_id.c.kind,
            # Numbers are texts: the shorter one is the smaller one.
            func.length(external_id.c.external_id),
            external_id.c.external_id,
        )
        .limit(limit)
        .offset(offset)
    )
    return [ExternalId(*row) for row in rows], total.scalar_one()


def _of(tenant_id: str, face: Face, kind: str) -> tuple[ColumnElement[bool], ...]:
    return (
        external_id.c.tenant_id == tenant_id,
        external_id.c.face == face,
        external_id.c.kind == kind,
    )


async def _known(
    connection: AsyncConnection,
    tenant_id: str,
    face: Face,
    things: Sequence[Thing],
) -> dict[Thing, str]:
    by_kind: defaultdict[str, list[str]] = defaultdict(list)
    for thing in things:
        by_kind[thing.kind].append(thing.internal_id)
    found: dict[Thing, str] = {}
    for kind, ids in by_kind.items():
        for start in range(0, len(ids), _AT_ONCE):
            rows = await connection.execute(
                select(external_id.c.internal_id, external_id.c.external_id).where(
                    *_of(tenant_id, face, kind),
                    external_id.c.internal_id.in_(ids[start : start + _AT_ONCE]),
                )
            )
            found |= {Thing(kind, r.internal_id): r.external_id for r in rows}
    return found


async def _store(
    connection: AsyncConnection,
    tenant_id: str,
    face: Face,
    names: Mapping[Thing, str],
    *,
    now: datetime,
) -> None:
    """Store names, in the order of the things; what is there already stays."""
    rows = [
        {
            "tenant_id": tenant_id,
            "face": face,
            "kind": thing.kind,
            "external_id": name,
            "internal_id": thing.internal_id,
            "created_at": now,
        }
        for thing, name in sorted(names.items())
    ]
    await connection.execute(
        upsert(connection, external_id).on_conflict_do_nothing(), rows
    )
