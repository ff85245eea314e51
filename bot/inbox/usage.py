"""What a tenant used, by day or month where it is: counted from what is stored.

Ids sort by time, so the primary keys lead to a period; nothing is counted twice or
kept beside the rows. What retention removed is not counted any more; orders stay.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Column, Row, Select, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.table import analysis, message
from orders import OrderState
from orders.table import order

#: An id is made a little before or after the moment that its row names.
_SLACK = timedelta(days=1)
#: Sold and then taken back is not sold.
_UNSOLD = (OrderState.CANCELLED, OrderState.REFUNDED)


@dataclass(slots=True)
class Period:
    """One day or month, and what was used in it."""

    begins: date
    start: datetime
    end: datetime
    messages_in: int = 0
    messages_out: int = 0
    turns: int = 0
    readings: dict[str, int] = field(default_factory=dict)  #: By reader.
    tokens: dict[str, int] = field(default_factory=dict)  #: As the reader names them.
    cost: int = 0  #: Of models, in millionths of a US dollar.
    orders: int = 0
    revenue: dict[str, int] = field(default_factory=dict)  #: Minor units by currency.


def days_between(first: date, last: date) -> int:
    """Return how many `days` returns."""
    return (last - first).days + 1


def months_between(first: date, last: date) -> int:
    """Return how many `months` returns."""
    return (last.year - first.year) * 12 + last.month - first.month + 1


def days(zone: ZoneInfo, first: date, last: date) -> list[Period]:
    """Return the days from the first to the last, as that zone has them."""
    following = _following(first, days_between(first, last))
    return [_period(zone, day, day + _DAY) for day in following]


def months(zone: ZoneInfo, first: date, last: date) -> list[Period]:
    """Return the months in which the first and the last day lie, and those between."""
    begins, found = first.replace(day=1), []
    while begins <= last:
        following = (begins + 31 * _DAY).replace(day=1)
        found.append(_period(zone, begins, following))
        begins = following
    return found


_DAY = timedelta(days=1)


def _following(first: date, count: int) -> list[date]:
    return [first + number * _DAY for number in range(count)]


def _period(zone: ZoneInfo, begins: date, following: date) -> Period:
    start, end = (
        datetime.combine(day, time(), zone).astimezone(UTC)
        for day in (begins, following)
    )
    return Period(begins, start, end)


async def count_usage(
    connection: AsyncConnection,
    tenant_id: str,
    periods: Sequence[Period],
    *,
    first_id: Callable[[str, datetime], str],
) -> None:
    """Fill the periods in. `first_id`: the id before which all was made by a moment."""

    async def counted(count: _Count) -> Sequence[Row[Any]]:
        parts = [_part(count, *each, first_id) for each in enumerate(periods)]
        return (await connection.execute(union_all(*parts))).all()

    for row in await counted(_messages(tenant_id)):
        if row.direction == "in":
            periods[row.place].messages_in = row.number
        else:
            periods[row.place].messages_out = row.number
    for row in await counted(_turns(tenant_id)):
        period = periods[row.place]
        period.turns += row.number
        reader = row.provider or "none"
        period.readings[reader] = period.readings.get(reader, 0) + row.number
        for name in TOKENS:
            if amount := getattr(row, name):
                period.tokens[name] = period.tokens.get(name, 0) + int(amount)
        period.cost += int(row.cost_micros or 0)
    for row in await counted(_orders(tenant_id)):
        period = periods[row.place]
        period.orders += row.number
        period.revenue[row.currency] = int(row.amount)


#: What readers that pay by the token write into the usage of an analysis.
TOKENS = ("input_tokens", "cached_tokens", "output_tokens")
_COST = "cost_micros"


@dataclass(frozen=True, slots=True)
class Took:
    """What reading took, summed over turns."""

    turns: int = 0
    readings: Mapping[str, int] = field(default_factory=dict)  #: Turns by reader.
    input_tokens: int = 0
    cached_tokens: int = 0  #: Of the input.
    output_tokens: int = 0
    cost_micros: int = 0  #: Millionths of a US dollar.


async def took(
    connection: AsyncConnection,
    tenant_id: str,
    conversation_id: str,
    draft_id: str | None = None,
) -> Took:
    """Return what a conversation took; with `draft_id`, what led to that order.

    What retention removed is not counted any more.
    """
    query = _turns(tenant_id).query.where(analysis.c.conversation_id == conversation_id)
    if draft_id is not None:
        query = query.where(analysis.c.draft_id == draft_id)
    rows = (await connection.execute(query)).all()

    def total(name: str) -> int:
        return sum(int(getattr(row, name) or 0) for row in rows)

    return Took(
        turns=total("number"),
        readings={row.provider or "none": row.number for row in rows},
        input_tokens=total("input_tokens"),
        cached_tokens=total("cached_tokens"),
        output_tokens=total("output_tokens"),
        cost_micros=total(_COST),
    )


@dataclass(frozen=True, slots=True)
class _Count:
    query: Select[Any]
    moment: Column[Any]
    made: Column[Any] | None = None  #: The id that sorts by time; None: an index does.
    kind: str = ""


def _messages(tenant_id: str) -> _Count:
    query = (
        select(message.c.direction, func.count().label("number"))
        .where(message.c.tenant_id == tenant_id, message.c.event == "message")
        .group_by(message.c.direction)
    )
    return _Count(query, message.c.received_at, message.c.id, "msg")


def _turns(tenant_id: str) -> _Count:
    sums = [
        func.sum(analysis.c.usage[name].as_integer()).label(name)
        for name in (*TOKENS, _COST)
    ]
    query = (
        select(analysis.c.provider, func.count().label("number"), *sums)
        .where(analysis.c.tenant_id == tenant_id)
        .group_by(analysis.c.provider)
    )
    return _Count(query, analysis.c.started_at, analysis.c.id, "anl")


def _orders(tenant_id: str) -> _Count:
    query = (
        select(
            order.c.currency,
            func.count().label("number"),
            func.sum(order.c.grand_total).label("amount"),
        )
        .where(order.c.tenant_id == tenant_id, order.c.state.not_in(_UNSOLD))
        .group_by(order.c.currency)
    )
    return _Count(query, order.c.placed_at)


def _part(
    count: _Count,
    place: int,
    period: Period,
    first_id: Callable[[str, datetime], str],
) -> Select[Any]:
    """Return the query of one period; all of them are asked with one statement."""
    part = count.query.add_columns(literal(place).label("place")).where(
        count.moment >= period.start, count.moment < period.end
    )
    if count.made is None:
        return part
    return part.where(
        count.made >= first_id(count.kind, period.start - _SLACK),
        count.made < first_id(count.kind, period.end + _SLACK),
    )
