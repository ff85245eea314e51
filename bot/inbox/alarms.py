"""Alarms: raised once, cleared once, told to the merchant's own systems.

Nothing here commits. What is wrong is found in `bot.inbox.conditions`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.alarming import ABOUT, REST, AlarmKind, Condition, event_type
from bot.inbox.health_table import alarm
from catalog.table import tenant
from orders.domain.routing import Facts, routed
from orders.outbox.store import Item, Topic, append
from orders.sinks import load_sinks

#: A cleared one is forgotten after this.
_KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that was or is wrong."""

    id: str
    tenant_id: str
    kind: AlarmKind
    subject: str  #: Id of a channel, an app, a conversation or a draft.
    words: str
    raised_at: datetime
    cleared_at: datetime | None  #: None: it stands.

    @property
    def name(self) -> tuple[str, str, str]:
        """Return what tells one alarm from another."""
        return self.tenant_id, self.kind.value, self.subject


@dataclass(frozen=True, slots=True)
class Turned:
    """What changed: each of these was raised or cleared by us, and by nobody else."""

    raised: Sequence[Alarm]
    cleared: Sequence[Alarm]


async def standing(connection: AsyncConnection) -> Sequence[Alarm]:
    """Return the alarms of all tenants that stand."""
    rows = await connection.execute(
        select(alarm).where(alarm.c.cleared_at.is_(None)).order_by(alarm.c.id)
    )
    return [_alarm(row) for row in rows]


async def list_alarms(
    connection: AsyncConnection,
    tenant_id: str,
    *,
    stands: bool | None = None,
    subjects: Sequence[str] | None = None,
    limit: int,
    offset: int = 0,
) -> tuple[Sequence[Alarm], int]:
    """Return a tenant's alarms, newest first, and how many there are.

    `stands`: only those that do, or do not; `subjects`: only those about these.
    """
    mine = [alarm.c.tenant_id == tenant_id]
    if stands is not None:
        ended = alarm.c.cleared_at
        mine.append(ended.is_(None) if stands else ended.is_not(None))
    if subjects is not None:
        mine.append(alarm.c.subject.in_(sorted(subjects)))
    total = await connection.execute(select(func.count()).where(*mine))
    rows = await connection.execute(
        select(alarm)
        .where(*mine)
        .order_by(alarm.c.raised_at.desc(), alarm.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [_alarm(row) for row in rows], total.scalar_one()


async def find_alarm(
    connection: AsyncConnection, tenant_id: str, alarm_id: str
) -> Alarm | None:
    """Return the tenant's alarm with that id, or None."""
    rows = await connection.execute(
        select(alarm).where(alarm.c.id == alarm_id, alarm.c.tenant_id == tenant_id)
    )
    row = rows.one_or_none()
    return None if row is None else _alarm(row)


async def turn(
    connection: AsyncConnection,
    before: Sequence[Alarm],
    conditions: Iterable[Condition],
    *,
    new_id: Callable[[], str],
    now: datetime,
) -> Turned:
    """Raise what is wrong and does not stand yet; clear what stands and is over.

    `before` is what stood when the conditions were found, in the same transaction.
    Sinks of the kind `webhook` are told. What is wrong again with a channel right after
    it was well waits for `REST`: then it is told of, if it still is.
    """
    wrong = {each.name: each for each in conditions}
    stood = {each.name: each for each in before}
    new = wrong.keys() - stood.keys()
    raised = []
    for name in sorted(new - await _just_ended(connection, now) if new else new):
        made = await _raise(connection, wrong[name], new_id(), now)
        if made is not None:
            raised.append(made)
    cleared = [
        Alarm(e.id, e.tenant_id, e.kind, e.subject, e.words, e.raised_at, now)
        for e in before
        if e.name not in wrong and await _clear(connection, e.id, now)
    ]
    await _announce(connection, Turned(raised, cleared), now)
    await connection.execute(delete(alarm).where(alarm.c.cleared_at < now - _KEPT))
    return Turned(raised, cleared)


async def _just_ended(
    connection: AsyncConnection, now: datetime
) -> frozenset[tuple[str, str, str]]:
    """Return the names of channels' alarms that rest."""
    of_channels = [kind for kind, about in ABOUT.items() if about == "channel"]
    rows = await connection.execute(
        select(alarm.c.tenant_id, alarm.c.kind, alarm.c.subject).where(
            alarm.c.cleared_at > now - REST, alarm.c.kind.in_(of_channels)
        )
    )
    return frozenset((row.tenant_id, row.kind, row.subject) for row in rows)


async def _raise(
    connection: AsyncConnection, condition: Condition, alarm_id: str, now: datetime
) -> Alarm | None:
    """Store it; None when another process was faster."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    stored = await connection.execute(
        dialect.insert(alarm)
        .values(
            id=alarm_id,
            tenant_id=condition.tenant_id,
            kind=condition.kind,
            subject=condition.subject,
            words=condition.words,
            raised_at=now,
        )
        .on_conflict_do_nothing()
    )
    if stored.rowcount != 1:
        return None
    about = (condition.tenant_id, condition.kind, condition.subject, condition.words)
    return Alarm(alarm_id, *about, now, None)


async def _clear(connection: AsyncConnection, alarm_id: str, now: datetime) -> bool:
    cleared = await connection.execute(
        update(alarm)
        .where(alarm.c.id == alarm_id, alarm.c.cleared_at.is_(None))
        .values(cleared_at=now)
    )
    return cleared.rowcount == 1


async def _announce(connection: AsyncConnection, turned: Turned, now: datetime) -> None:
    """Write what sinks are told, in the transaction that changed the alarms."""
    news = [*((e, True) for e in turned.raised), *((e, False) for e in turned.cleared)]
    tenants = sorted({each.tenant_id for each, _ in news})
    if not tenants:
        return
    sinks = await load_sinks(connection, tenants)
    shards: Mapping[str, int] = {
        row.id: row.shard
        for row in await connection.execute(
            select(tenant.c.id, tenant.c.shard).where(tenant.c.id.in_(tenants))
        )
    }
    items = [
        Item(
            tenant_id=each.tenant_id,
            shard=shards[each.tenant_id],
            topic=Topic.EVENT,
            # One after the other: nobody hears of an end before its beginning.
            lane=f"alarm:{each.id}:sink:{sink.id}",
            unique_key=f"alarm:{each.id}:{_word(raised)}:sink:{sink.id}",
            payload={
                "type": event_type(each.kind, raised=raised),
                "tenant_id": each.tenant_id,
                "alarm_id": each.id,
                "sink_id": sink.id,
            },
            due_at=now,
        )
        for each, raised in news
        for sink in routed(
            sinks[each.tenant_id],
            event_type(each.kind, raised=raised),
            Facts(channel_id=each.subject),
        )
    ]
    await append(connection, items, now=now)


def _word(raised: bool) -> str:  # noqa: FBT001  # one word for each
    return "raised" if raised else "cleared"


def _alarm(row: Row[Any]) -> Alarm:
    return Alarm(
        row.id,
        row.tenant_id,
        AlarmKind(row.kind),
        row.subject,
        row.words,
        row.raised_at,
        row.cleared_at,
    )
