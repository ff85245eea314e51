"""Sales activities in the database: kept, listed, and advised once at a time.

Every function works in the caller's transaction.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, insert, or_, select, update
from sqlalchemy import delete as deleted
from sqlalchemy.ext.asyncio import AsyncConnection

from orders.advice.domain.activity import StoredActivity, Written
from orders.advice.domain.condition import Condition
from orders.advice.domain.request import Activity, Feedback, Status
from orders.advice.table import activity as table
from orders.table import order

#: Feedback of so many of a customer's latest activities counts.
_LATEST = 200
#: What a list can be sorted and filtered by.
COLUMNS: Mapping[str, ColumnElement[Any]] = {
    "_id": table.c.id,
    "client": table.c.customer_id,
    "rep": table.c.rep_id,
    "activityType": table.c.activity,
    "status": table.c.state,
    "processingTime": table.c.seconds,
    "createdAt": table.c.created_at,
    "updatedAt": table.c.updated_at,
}
_OPERATORS: Mapping[
    str, Callable[[ColumnElement[Any], Sequence[Any]], ColumnElement[bool]]
] = {
    "$eq": lambda column, values: column == values[0],
    "$ne": lambda column, values: column.is_distinct_from(values[0]),
    "$in": lambda column, values: column.in_(values),
    "$nin": lambda column, values: or_(column.is_(None), column.not_in(values)),
    "$gt": lambda column, values: column > values[0],
    "$gte": lambda column, values: column >= values[0],
    "$lt": lambda column, values: column < values[0],
    "$lte": lambda column, values: column <= values[0],
}


async def add_activity(
    connection: AsyncConnection,
    tenant_id: str,
    activity_id: str,
    written: Written,
    *,
    now: datetime,
) -> None:
    """Keep a new activity: it waits for its advice."""
    await connection.execute(
        insert(table).values(
            id=activity_id,
            tenant_id=tenant_id,
            state=Status.PROCESSING.value,
            created_at=now,
            updated_at=now,
            **written.values,
        )
    )


async def find_activity(
    connection: AsyncConnection, tenant_id: str, activity_id: str, *, lock: bool = False
) -> StoredActivity | None:
    """Return the tenant's activity, or None: another tenant's is none."""
    query = _selected().where(table.c.id == activity_id, table.c.tenant_id == tenant_id)
    rows = await connection.execute(query.with_for_update(of=table) if lock else query)
    row = rows.one_or_none()
    return None if row is None else _stored(row)


async def list_activities(
    connection: AsyncConnection,
    tenant_id: str,
    *,
    conditions: Sequence[Condition] = (),
    search: str | None = None,
    sort: str = "createdAt",
    descending: bool = True,
    limit: int = 50,
    offset: int = 0,
) -> tuple[Sequence[StoredActivity], int]:
    """Return the tenant's activities in that order, and how many there are."""
    mine: list[ColumnElement[bool]] = [table.c.tenant_id == tenant_id]
    mine += [
        _OPERATORS[each.operator](COLUMNS[each.field], each.values)
        for each in conditions
    ]
    if search is not None:
        mine.append(table.c.words.contains(search.casefold(), autoescape=True))
    total = await connection.execute(
        select(func.count()).select_from(table).where(*mine)
    )
    keys = (COLUMNS[sort], table.c.id)
    rows = await connection.execute(
        _selected()
        .where(*mine)
        .order_by(
            *(
                each.desc().nulls_last() if descending else each.asc().nulls_first()
                for each in keys
            )
        )
        .limit(limit)
        .offset(offset)
    )
    return [_stored(row) for row in rows], total.scalar_one()


async def replace_activity(
    connection: AsyncConnection,
    tenant_id: str,
    old: StoredActivity,
    written: Written,
    *,
    now: datetime,
) -> None:
    """Replace what the caller said. What was advised stays.

    A run that began with another question is called off.
    """
    same = (
        old.customer_id == written.customer_id
        and old.activity == written.activity
        and old.given.get("inputData") == written.given.get("inputData")
        and old.given.get("aiModel") == written.given.get("aiModel")
    )
    values = written.values if same else {**written.values, **_NO_RUN}
    await connection.execute(
        update(table)
        .where(table.c.id == old.id, table.c.tenant_id == tenant_id)
        .values(updated_at=now, **values)
    )


async def remove_activity(
    connection: AsyncConnection, tenant_id: str, activity_id: str
) -> bool:
    """Remove an activity; a run of it stores nothing. False: none is there."""
    gone = await connection.execute(
        deleted(table).where(table.c.id == activity_id, table.c.tenant_id == tenant_id)
    )
    return gone.rowcount == 1


async def note_draft(
    connection: AsyncConnection, activity_id: str, draft_id: str
) -> None:
    """Note which draft the proposal became."""
    await connection.execute(
        update(table).where(table.c.id == activity_id).values(draft_id=draft_id)
    )


# -- runs -----------------------------------------------------------------------------

_NO_RUN: Mapping[str, Any] = {"run": None, "run_until": None}


async def begin_run(
    connection: AsyncConnection,
    tenant_id: str,
    activity_id: str,
    *,
    run: str,
    until: datetime,
    now: datetime,
) -> bool:
    """Take an activity for a run; False: another one is at it, or it is gone.

    One statement decides, so that of two callers exactly one begins.
    """
    taken = await connection.execute(
        update(table)
        .where(
            table.c.id == activity_id,
            table.c.tenant_id == tenant_id,
            or_(table.c.run.is_(None), table.c.run_until <= now),
        )
        .values(
            state=Status.PROCESSING.value,
            run=run,
            run_until=until,
            failure=None,
            updated_at=now,
        )
    )
    return taken.rowcount == 1


async def finish_run(
    connection: AsyncConnection,
    activity_id: str,
    *,
    run: str,
    result: Mapping[str, object],
    words: str,
    seconds: float,
    now: datetime,
) -> bool:
    """Keep what a run found; False: it was cancelled meanwhile, and finds no place."""
    kept = await connection.execute(
        update(table)
        .where(table.c.id == activity_id, table.c.run == run)
        .values(
            state=Status.COMPLETED.value,
            result=dict(result),
            words=words.casefold(),
            seconds=seconds,
            draft_id=None,
            updated_at=now,
            **_NO_RUN,
        )
    )
    return kept.rowcount == 1


async def fail_run(
    connection: AsyncConnection,
    activity_id: str,
    *,
    run: str,
    failure: str,
    seconds: float,
    now: datetime,
) -> None:
    """Note why a run failed. What was advised before stays."""
    await connection.execute(
        update(table)
        .where(table.c.id == activity_id, table.c.run == run)
        .values(
            state=Status.FAILED.value,
            failure=failure,
            seconds=seconds,
            updated_at=now,
            **_NO_RUN,
        )
    )


async def cancel_run(
    connection: AsyncConnection, tenant_id: str, activity_id: str, *, now: datetime
) -> bool:
    """Call off what is under way or waits; False: nothing is."""
    cancelled = await connection.execute(
        update(table)
        .where(
            table.c.id == activity_id,
            table.c.tenant_id == tenant_id,
            table.c.state == Status.PROCESSING.value,
        )
        .values(state=Status.CANCELLED.value, updated_at=now, **_NO_RUN)
    )
    return cancelled.rowcount == 1


async def feedback_about(
    connection: AsyncConnection, tenant_id: str, customer_id: str
) -> Feedback:
    """Return what was said of earlier advice for a customer, as it was named then."""
    rows = await connection.execute(
        select(table.c.given)
        .where(table.c.tenant_id == tenant_id, table.c.customer_id == customer_id)
        .order_by(table.c.updated_at.desc(), table.c.id)
        .limit(_LATEST)
    )
    said = [(row.given or {}).get("feedback") or {} for row in rows]
    return Feedback(
        accepted=_named(said, "acceptedRecommendations"),
        rejected=_named(said, "rejectedRecommendations"),
    )


def _named(said: Sequence[Mapping[str, Any]], key: str) -> tuple[str, ...]:
    return tuple(name for each in said for name in each.get(key) or ())


def _selected() -> Select[Any]:
    return select(table, order.c.id.label("order_id")).outerjoin(
        order,
        (order.c.draft_id == table.c.draft_id)
        & (order.c.tenant_id == table.c.tenant_id),
    )


def _stored(row: Row[Any]) -> StoredActivity:
    return StoredActivity(
        id=row.id,
        customer_id=row.customer_id,
        rep_id=row.rep_id,
        activity=Activity(row.activity),
        state=Status(row.state),
        given=row.given,
        result=row.result,
        seconds=row.seconds,
        failure=row.failure,
        run=row.run,
        run_until=row.run_until,
        draft_id=row.draft_id,
        order_id=row.order_id,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
