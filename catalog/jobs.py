"""Imports as rows: what runs, how far it is, how it ended.

An import lives in one process, which renews its lease. When the process dies the lease
ends, and whoever looks next marks the import as failed: nothing of it was stored, for
it is marked as done in the transaction that stores.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import RowMapping, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.changing import ImportCounts
from catalog.domain.feed import RowError
from catalog.formats.rows import UNTOLD, Told
from catalog.import_table import catalog_import

_DIED = (
    "the process that ran it ended in the middle; nothing was stored:"
    " import the file again"
)
_LONGEST_NAME = 255


class State(StrEnum):
    """queued -> running -> done, failed or cancelled; cancelled from queued, too."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


LIVE = (State.QUEUED, State.RUNNING)


class Phase(StrEnum):
    READING = "reading"  #: The file is read and its rows are checked.
    COMPARING = "comparing"  #: Its products are compared with those stored.
    STORING = "storing"


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody wants imported, and how."""

    id: str
    tenant_id: str
    file_name: str
    actor: str
    dry_run: bool = False
    partial: bool = False
    told: Told = UNTOLD  #: What is known of the file; not kept.


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an import is."""

    phase: Phase | None = None
    percent: int = 0
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Findings:
    """What an import found in its file, and what it did or would do with it."""

    counts: ImportCounts = field(default_factory=ImportCounts)
    mistakes: int = 0
    errors: tuple[RowError, ...] = ()  #: The first of them.
    warnings: tuple[RowError, ...] = ()
    error: str | None = None  #: Why it failed as a whole.
    format: str | None = None  #: What the file was read as.


@dataclass(frozen=True, slots=True)
class Import:
    """An import as it stands."""

    order: Order
    state: State
    standing: Standing
    findings: Findings
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


async def queue(
    connection: AsyncConnection, order: Order, *, now: datetime, lease_until: datetime
) -> None:
    """Note an import that is to run in this process."""
    await connection.execute(
        insert(catalog_import).values(
            id=order.id,
            tenant_id=order.tenant_id,
            state=State.QUEUED,
            file_name=order.file_name[:_LONGEST_NAME],
            actor=order.actor,
            dry_run=order.dry_run,
            partial=order.partial,
            errors=[],
            warnings=[],
            created_at=now,
            lease_until=lease_until,
        )
    )


async def start(connection: AsyncConnection, import_id: str, now: datetime) -> bool:
    """Begin a queued import; return False when it was cancelled meanwhile."""
    return await _move(
        connection,
        import_id,
        (State.QUEUED,),
        state=State.RUNNING,
        phase=Phase.READING,
        started_at=now,
    )


async def renew(
    connection: AsyncConnection,
    import_id: str,
    standing: Standing,
    *,
    lease_until: datetime,
) -> bool:
    """Tell how far a live import is; return False when it was cancelled or given up."""
    return await _move(
        connection,
        import_id,
        LIVE,
        phase=standing.phase,
        percent=standing.percent,
        rows=standing.rows,
        lease_until=lease_until,
    )


async def end(
    connection: AsyncConnection,
    import_id: str,
    state: State,
    findings: Findings,
    standing: Standing,
    *,
    now: datetime,
) -> bool:
    """End a live import; return False when somebody else ended it before."""
    return await _move(
        connection,
        import_id,
        LIVE,
        state=state,
        percent=standing.percent,
        rows=standing.rows,
        added=findings.counts.added,
        changed=findings.counts.changed,
        unchanged=findings.counts.unchanged,
        mistakes=findings.mistakes,
        errors=[_dump(error) for error in findings.errors],
        warnings=[_dump(warning) for warning in findings.warnings],
        error=findings.error,
        format=findings.format,
        ended_at=now,
        lease_until=None,
    )


async def cancel(
    connection: AsyncConnection, tenant_id: str, import_id: str, *, now: datetime
) -> bool:
    """Cancel a tenant's import; return False when it is not live (any more).

    Its process stops soon; what it found is not told.
    """
    return await _move(
        connection,
        import_id,
        LIVE,
        tenant_id,
        state=State.CANCELLED,
        ended_at=now,
        lease_until=None,
    )


async def fail_dead(connection: AsyncConnection, now: datetime) -> Sequence[str]:
    """Mark imports whose process has died as failed; return their ids."""
    dead = await connection.execute(
        update(catalog_import)
        .where(catalog_import.c.lease_until < now, catalog_import.c.state.in_(LIVE))
        .values(state=State.FAILED, error=_DIED, ended_at=now, lease_until=None)
        .returning(catalog_import.c.id)
    )
    return list(dead.scalars())


async def find_import(
    connection: AsyncConnection, tenant_id: str, import_id: str
) -> Import | None:
    """Return one of a tenant's imports, or None."""
    rows = await connection.execute(
        select(catalog_import).where(
            catalog_import.c.tenant_id == tenant_id, catalog_import.c.id == import_id
        )
    )
    row = rows.mappings().one_or_none()
    return None if row is None else _import(row)


async def list_imports(
    connection: AsyncConnection, tenant_id: str, *, limit: int, offset: int = 0
) -> tuple[list[Import], int]:
    """Return a tenant's imports, newest first, and how many there are in all."""
    mine = catalog_import.c.tenant_id == tenant_id
    rows = await connection.execute(
        select(catalog_import)
        .where(mine)
        .order_by(catalog_import.c.created_at.desc(), catalog_import.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    count = select(func.count()).select_from(catalog_import).where(mine)
    total: int = (await connection.execute(count)).scalar_one()
    return [_import(row) for row in rows.mappings()], total


async def count_live(connection: AsyncConnection, tenant_id: str) -> int:
    """Return how many of a tenant's imports wait or run."""
    live = select(func.count()).where(
        catalog_import.c.tenant_id == tenant_id, catalog_import.c.state.in_(LIVE)
    )
    count: int = (await connection.execute(live)).scalar_one()
    return count


async def _move(
    connection: AsyncConnection,
    import_id: str,
    states: Sequence[State],
    tenant_id: str | None = None,
    **values: object,
) -> bool:
    statement = update(catalog_import).where(
        catalog_import.c.id == import_id, catalog_import.c.state.in_(states)
    )
    if tenant_id is not None:
        statement = statement.where(catalog_import.c.tenant_id == tenant_id)
    moved = await connection.execute(statement.values(values))
    return moved.rowcount == 1


def _dump(error: RowError) -> dict[str, object]:
    return {"line": error.line, "column": error.column, "message": error.message}


def _errors(stored: Sequence[Mapping[str, Any]]) -> tuple[RowError, ...]:
    return tuple(RowError(**error) for error in stored)


def _import(row: RowMapping) -> Import:
    return Import(
        order=Order(
            id=row["id"],
            tenant_id=row["tenant_id"],
            file_name=row["file_name"],
            actor=row["actor"],
            dry_run=row["dry_run"],
            partial=row["partial"],
        ),
        state=State(row["state"]),
        standing=Standing(
            Phase(row["phase"]) if row["phase"] else None, row["percent"], row["rows"]
        ),
        findings=Findings(
            counts=ImportCounts(row["added"], row["changed"], row["unchanged"]),
            mistakes=row["mistakes"],
            errors=_errors(row["errors"]),
            warnings=_errors(row["warnings"]),
            error=row["error"],
            format=row["format"],
        ),
        created_at=row["created_at"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
    )
