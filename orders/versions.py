"""What a draft was before: kept with every version, for taking changes back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from orders.codec import dump_draft, load_change, load_draft
from orders.domain.changes import Change
from orders.domain.draft import Draft, DraftState
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
    mine = draft_version.c.draft_id == current.id
    restored = await connection.execute(
        select(draft_version.c.restored).where(
            mine, draft_version.c.version == current.version
        )
    )
    step = restored.scalar_one_or_none()
    found = await connection.execute(
        select(draft_version.c.version, draft_version.c.restored, draft_version.c.body)
        .where(
            mine,
            # What is an older version again has before it what that one had.
            draft_version.c.version < (current.version if step is None else step),
        )
        .order_by(draft_version.c.version.desc())
        .limit(1)
    )
    row = found.one_or_none()
    if row is not None:
        earlier, version = load_draft(row.body), row.restored
        version = row.version if version is None else version
    elif await _began_with_it(connection, current, step):
        earlier, version = Draft(current.id, current.currency), 0
    else:
        raise NothingBefore(f"draft {current.id} has no earlier version")
    old = replace(
        earlier,
        version=current.version + 1,
        state=DraftState.OPEN,
        shown_version=current.shown_version,
        next_line=current.next_line,
        confirmed_by=None,
    )
    return old, version


async def _began_with_it(
    connection: AsyncConnection, current: Draft, step: int | None
) -> bool:
    """Return whether the draft was empty before: its first change made it.

    A first version that was not kept (nobody did in 0.1.0) tells nothing.
    """
    if (current.version if step is None else step) != 1:
        return False
    first = select(draft_version.c.version).where(
        draft_version.c.draft_id == current.id, draft_version.c.version == 1
    )
    return (await connection.execute(first)).one_or_none() is not None


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
