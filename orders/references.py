"""What orders of a face refer to, in the database. Nothing here commits.

Payment options, cargo companies, price and stock lists: of one channel of one face,
known by a slug. We price and ship by the shop's own rules; these are kept and told.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from orders.codec import storable
from orders.counting import upsert
from orders.domain.ids import Face
from orders.table import face_reference


@dataclass(frozen=True, slots=True)
class Place:
    """Whose references: a channel of a face, and their kind."""

    tenant_id: str
    face: Face
    channel: str
    kind: str


@dataclass(frozen=True, slots=True)
class Reference:
    """Something that orders of a channel refer to."""

    id: str
    channel: str
    kind: str
    slug: str
    name: str
    created_at: datetime
    data: Mapping[str, object] = field(default_factory=dict)


async def add_reference(
    connection: AsyncConnection,
    place: Place,
    *,
    id: str,  # noqa: A002  # the column's name
    slug: str,
    name: str,
    data: Mapping[str, object],
    now: datetime,
) -> bool:
    """Store one; False: the channel has one of that kind and slug already."""
    stored = await connection.execute(
        upsert(connection, face_reference)
        .values(
            id=id,
            tenant_id=place.tenant_id,
            face=place.face,
            channel=place.channel,
            kind=place.kind,
            slug=slug,
            name=name,
            data=storable(dict(data)),
            created_at=now,
        )
        .on_conflict_do_nothing()
    )
    return stored.rowcount == 1


async def list_references(
    connection: AsyncConnection,
    place: Place,
    *,
    slug: str | None = None,
    limit: int,
    offset: int = 0,
) -> tuple[Sequence[Reference], int]:
    """Return a channel's references of a kind, oldest first, and how many."""
    mine = [*_of(place)]
    if slug is not None:
        mine.append(face_reference.c.slug == slug)
    total = await connection.execute(
        select(func.count()).select_from(face_reference).where(*mine)
    )
    rows = await connection.execute(
        select(face_reference)
        .where(*mine)
        .order_by(face_reference.c.created_at, face_reference.c.id)
        .limit(limit)
        .offset(offset)
    )
    return [_reference(row) for row in rows], total.scalar_one()


async def find_references(
    connection: AsyncConnection, tenant_id: str, ids: Collection[str]
) -> dict[str, Reference]:
    """Return the tenant's references with these ids; ids that nobody has are left."""
    rows = await connection.execute(
        select(face_reference).where(
            face_reference.c.tenant_id == tenant_id,
            face_reference.c.id.in_(sorted(ids)),
        )
    )
    return {row.id: _reference(row) for row in rows}


def _of(place: Place) -> tuple[ColumnElement[bool], ...]:
    return (
        face_reference.c.tenant_id == place.tenant_id,
        face_reference.c.face == place.face,
        face_reference.c.channel == place.channel,
        face_reference.c.kind == place.kind,
    )


def _reference(row: Row[Any]) -> Reference:
    return Reference(
        row.id, row.channel, row.kind, row.slug, row.name, row.created_at, row.data
    )
