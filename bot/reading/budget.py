"""What models may cost a tenant in a day, and what they did cost so far.

Calls under way at the same time are all let through, so a day may cost a little more
than its budget: by what is in flight at the moment it is used up.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as insert_on_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_on_sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db import Database, DatabaseUnavailable
from bot.reading.reader import Call
from bot.reading.table import model_spending
from catalog.table import tenant

_log = structlog.get_logger(__name__)

#: Percent of the budget at which somebody is told.
ALERTS = (80, 100)
#: Of a US dollar.
MICROS = 1_000_000
_PERCENT = 100


@dataclass(frozen=True, slots=True)
class Payer:
    """Who pays for a call, and where their day begins."""

    tenant_id: str
    timezone: str


@dataclass(frozen=True, slots=True)
class Spending:
    """What a tenant spent on one day. Millionths of a US dollar."""

    cost: int
    budget: int

    @property
    def is_left(self) -> bool:
        """Return whether more may be spent."""
        return self.cost < self.budget


class Budget:
    """Keeps to each tenant's daily budget, across all processes."""

    def __init__(
        self,
        database: Database,
        usd_per_day: Decimal,
        *,
        clock: Callable[[], datetime],
        alert: Callable[[int], None] = lambda _: None,
    ) -> None:
        """`usd_per_day` is for tenants without one of their own.

        `alert` is told each percentage of `ALERTS` as it is passed.
        """
        self._database = database
        self._default = int(usd_per_day * MICROS)
        self._clock = clock
        self._alert = alert

    async def is_left(self, payer: Payer) -> bool:
        """Return whether a tenant may spend more today; yes when nobody can tell."""
        try:
            return (await self.today(payer)).is_left
        except DatabaseUnavailable as error:
            _log.warning("model_budget_unknown", error=str(error))
            return True

    async def today(self, payer: Payer) -> Spending:
        """Return what a tenant spent today. Raises DatabaseUnavailable."""
        day = day_of(self._clock(), payer.timezone)
        async with self._database.reading() as connection:
            return await spent_on(connection, payer.tenant_id, day, self._default)

    async def charge(self, payer: Payer, calls: Sequence[Call]) -> None:
        """Write down what calls cost; what cannot be written is logged."""
        cost = sum(call.cost_micros for call in calls)
        if not calls or not payer.tenant_id:
            return
        try:
            spent = await self._database.retried(
                lambda connection: self._add(connection, payer, len(calls), cost)
            )
        except DatabaseUnavailable as error:
            _log.warning("model_cost_not_kept", micros=cost, error=str(error))
            return
        for percent in ALERTS:
            limit = spent.budget * percent
            if (spent.cost - cost) * _PERCENT < limit <= spent.cost * _PERCENT:
                _log.warning(
                    "model_budget_used", tenant=payer.tenant_id, percent=percent
                )
                self._alert(percent)

    async def _add(
        self, connection: AsyncConnection, payer: Payer, calls: int, cost: int
    ) -> Spending:
        postgresql = connection.dialect.name == "postgresql"
        insert = insert_on_postgresql if postgresql else insert_on_sqlite
        row = insert(model_spending).values(
            tenant_id=payer.tenant_id,
            day=day_of(self._clock(), payer.timezone),
            calls=calls,
            cost=cost,
        )
        total = await connection.scalar(
            row.on_conflict_do_update(
                index_elements=["tenant_id", "day"],
                set_={
                    "calls": model_spending.c.calls + row.excluded.calls,
                    "cost": model_spending.c.cost + row.excluded.cost,
                },
            ).returning(model_spending.c.cost)
        )
        budget = await _budget(connection, payer.tenant_id, self._default)
        return Spending(total or cost, budget)


async def spent_on(
    connection: AsyncConnection, tenant_id: str, day: str, default: int
) -> Spending:
    """Return what a tenant spent on a day; `default` is the budget of most."""
    cost = await connection.scalar(
        select(model_spending.c.cost).where(
            model_spending.c.tenant_id == tenant_id, model_spending.c.day == day
        )
    )
    return Spending(cost or 0, await _budget(connection, tenant_id, default))


async def spent_between(
    connection: AsyncConnection, tenant_id: str, first: str, last: str
) -> int:
    """Return what a tenant spent from one day to another, both counted; as `cost`."""
    cost = await connection.scalar(
        select(func.sum(model_spending.c.cost)).where(
            model_spending.c.tenant_id == tenant_id,
            model_spending.c.day >= first,
            model_spending.c.day <= last,
        )
    )
    return int(cost or 0)


async def _budget(connection: AsyncConnection, tenant_id: str, default: int) -> int:
    own: int | None = await connection.scalar(
        select(tenant.c.model_budget).where(tenant.c.id == tenant_id)
    )
    return default if own is None else own


def day_of(now: datetime, timezone: str) -> str:
    """Return the day it is in a time zone, as `2026-11-22`."""
    try:
        return now.astimezone(ZoneInfo(timezone)).date().isoformat()
    except (ValueError, ZoneInfoNotFoundError):
        return now.date().isoformat()
