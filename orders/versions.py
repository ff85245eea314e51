"""What a draft was before: kept with every version, for taking changes back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from orders.codec import dump_draft, load_change, load_draft
from orders.domain.changes import Change
from orders.domain.draft import Draft
from orders.domain.replaying import Earlier, back_to, content_of
from orders.table import draft_change, draft_version


@dataclass(frozen=True, slots=True)
class Version:
    """A version that is to be kept."""

    tenant_id: str
    draft: Draft
    actor: str
    restored: int | None = None  #: The older version that it is again.


@dataclass(frozen=True, slots=True)
class VersionEntry:
    """One version of a draft: who made it, when, by which changes."""

    version: int
    actor: str
    at: datetime
    changes: tuple[Change, ...]
    restored: int | None


@dataclass(frozen=True, slots=True)
class KeptVersion:
    """A draft as it was at a version."""

    version: int
    actor: str
    at: datetime
    restored: int | None
    draft: Draft


class NothingBefore(LookupError):
    """No earlier version of the draft is known."""


async def keep_versions(
    connection: AsyncConnection, versions: Sequence[Version], *, now: datetime
) -> None:
    """Keep versions; one that is kept already stays as it is."""
    if not versions:
        return
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    rows = [
        {
            "draft_id": each.draft.id,
            "version": each.draft.version,
            "tenant_id": each.tenant_id,
            "body": dump_draft(each.draft),
            "restored": each.restored,
            "actor": each.actor,
            "at": now,
        }
        for each in sorted(versions, key=lambda v: (v.draft.id, v.draft.version))
    ]
    await connection.execute(
        dialect.insert(draft_version).on_conflict_do_nothing(), rows
    )


async def before(connection: AsyncConnection, current: Draft) -> tuple[Draft, int]:
    """Return the draft as it was before its last change, and which version that was.

    It is a new version, open, and no id of a line comes back for another one. Taking
    back twice goes back two steps. Raises NothingBefore.
    """
    earlier = await earlier_of(connection, current)
    old = back_to(current, earlier.draft)
    return replace(old, version=current.version + 1), earlier.version


async def earlier_of(connection: AsyncConnection, current: Draft) -> Earlier:
    """Return what the draft was before its last change. Raises NothingBefore.

    What is an older version again has before it what that one had; with changes of its
    own it has that older version before it.
    """
    at = current.version
    while (row := await _kept(connection, current.id, at)) is not None:
        if row.restored is None:
            break
        older = await _version(connection, current, row.restored)
        if older is not None and not _is_same(older, load_draft(row.body)):
            return Earlier(older, row.restored)
        at = row.restored
    below = await _newest_below(connection, current.id, at)
    if below is None:
        if at == 1 and row is not None:
            return Earlier(Draft(current.id, current.currency), 0)
        raise NothingBefore(f"draft {current.id} has no earlier version")
    found = load_draft(below.body)
    if below.restored is not None:
        older = await _version(connection, current, below.restored)
        if older is not None and _is_same(older, found):
            return Earlier(found, below.restored)
    return Earlier(found, below.version)


async def kept_version(
    connection: AsyncConnection, tenant_id: str, draft_id: str, version: int
) -> Draft | None:
    """Return what the tenant's draft was at a version; None: it was not kept."""
    rows = await connection.execute(
        select(draft_version.c.body).where(
            draft_version.c.draft_id == draft_id,
            draft_version.c.version == version,
            draft_version.c.tenant_id == tenant_id,
        )
    )
    body = rows.scalar()
    return None if body is None else load_draft(body)


async def newest_versions(
    connection: AsyncConnection, tenant_id: str, draft_id: str, *, limit: int
) -> tuple[KeptVersion, ...]:
    """Return the newest kept versions of the tenant's draft, newest first."""
    rows = await connection.execute(
        select(
            draft_version.c.version,
            draft_version.c.actor,
            draft_version.c.at,
            draft_version.c.restored,
            draft_version.c.body,
        )
        .where(
            draft_version.c.draft_id == draft_id,
            draft_version.c.tenant_id == tenant_id,
        )
        .order_by(draft_version.c.version.desc())
        .limit(limit)
    )
    return tuple(
        KeptVersion(row.version, row.actor, row.at, row.restored, load_draft(row.body))
        for row in rows
    )


async def _version(
    connection: AsyncConnection, current: Draft, version: int
) -> Draft | None:
    """Return a kept version; what was before a draft's first change is empty.

    A first version that was not kept (nobody did in 0.1.0) tells nothing.
    """
    row = await _kept(connection, current.id, version)
    if row is not None:
        return load_draft(row.body)
    is_first = version == 0 and await _kept(connection, current.id, 1) is not None
    return Draft(current.id, current.currency) if is_first else None


async def _kept(
    connection: AsyncConnection, draft_id: str, version: int
) -> Row[Any, Any, Any] | None:
    query = _VERSIONS.where(
        draft_version.c.draft_id == draft_id, draft_version.c.version == version
    )
    return (await connection.execute(query)).one_or_none()


async def _newest_below(
    connection: AsyncConnection, draft_id: str, version: int
) -> Row[Any, Any, Any] | None:
    query = (
        _VERSIONS.where(
            draft_version.c.draft_id == draft_id, draft_version.c.version < version
        )
        .order_by(draft_version.c.version.desc())
        .limit(1)
    )
    return (await connection.execute(query)).one_or_none()


_VERSIONS = select(
    draft_version.c.version, draft_version.c.restored, draft_version.c.body
)


def _is_same(one: Draft, other: Draft) -> bool:
    """Return whether two versions have the same content."""
    first, second = (
        replace(content_of(each), version=0, next_line=0) for each in (one, other)
    )
    return first == second


async def versions_of(
    connection: AsyncConnection, draft_id: str
) -> tuple[VersionEntry, ...]:
    """Return a draft's versions, newest first, with the changes that made them."""
    changes: dict[int, list[Any]] = {}
    log = await connection.execute(
        select(draft_change)
        .where(draft_change.c.draft_id == draft_id)
        .order_by(draft_change.c.version, draft_change.c.position)
    )
    for row in log:
        changes.setdefault(row.version, []).append(row)
    kept = await connection.execute(
        select(
            draft_version.c.version,
            draft_version.c.actor,
            draft_version.c.at,
            draft_version.c.restored,
        ).where(draft_version.c.draft_id == draft_id)
    )
    entries = {
        row.version: VersionEntry(row.version, row.actor, row.at, (), row.restored)
        for row in kept
    }
    for version, rows in changes.items():
        made = tuple(load_change(row.change) for row in rows)
        known = entries.get(version) or VersionEntry(
            version, rows[0].actor, rows[0].at, (), None
        )
        entries[version] = replace(known, changes=made)
    return tuple(entries[version] for version in sorted(entries, reverse=True))
