"""What models may cost a tenant in a day, on both databases."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import update

from bot.db import Database
from bot.reading.budget import Budget, Payer, day_of
from bot.reading.reader import Call
from bot.telemetry import Metrics
from catalog.table import tenant
from tests.databases import add_test_tenant

#: One second before midnight in Istanbul.
LATE = datetime(2026, 11, 22, 20, 59, 59, tzinfo=UTC)


def costing(usd: float) -> tuple[Call, ...]:
    return (Call("read", "gpt-5.4-mini", cost_micros=round(usd * 1_000_000)),)


class Clock:
    def __init__(self) -> None:
        self.now = LATE

    def __call__(self) -> datetime:
        return self.now


class Desk:
    """A budget of one dollar a day, its clock, and who was alerted."""

    def __init__(self, database: Database, tenant_id: str) -> None:
        self.clock, self.alerts = Clock(), list[int]()
        self.budget = Budget(
            database, Decimal(1), clock=self.clock, alert=self.alerts.append
        )
        self.payer = Payer(tenant_id, "Europe/Istanbul")

    async def pays(self, usd: float) -> None:
        await self.budget.charge(self.payer, costing(usd))

    async def may(self) -> bool:
        return await self.budget.is_left(self.payer)


@pytest.fixture
def desk(database: Database, tenant_id: str) -> Desk:
    return Desk(database, tenant_id)


async def test_a_budget_is_used_up_and_there_is_a_new_one_tomorrow(desk: Desk) -> None:
    assert await desk.may()
    await desk.pays(0.6)
    assert await desk.may()
    await desk.pays(0.6)
    assert not await desk.may()
    assert (await desk.budget.today(desk.payer)).cost == 1_200_000
    desk.clock.now += timedelta(seconds=1)
    assert await desk.may()


async def test_somebody_is_told_at_80_and_at_100_percent_once_each(desk: Desk) -> None:
    for usd, told in [
        (0.79, []),
        (0.01, [80]),
        (0.1, [80]),
        (0.2, [80, 100]),
        (5, [80, 100]),
    ]:
        await desk.pays(usd)
        assert desk.alerts == told


async def test_one_costly_call_passes_both_marks(desk: Desk) -> None:
    await desk.pays(3)
    assert desk.alerts == [80, 100]


async def test_operators_are_alerted_by_a_metric_that_begins_at_nothing(
    sqlite_database: Database,
) -> None:
    tenant_id, metrics = await add_test_tenant(sqlite_database), Metrics()

    def counted(percent: str) -> float | None:
        name = "chatorder_model_budget_used_total"
        return metrics.registry.get_sample_value(name, {"percent": percent})

    assert (counted("80"), counted("100")) == (0, 0)
    budget = Budget(
        sqlite_database, Decimal(1), clock=Clock(), alert=metrics.count_budget
    )
    for usd in (0.9, 0.5, 0.5):
        await budget.charge(Payer(tenant_id, "UTC"), costing(usd))
    assert (counted("80"), counted("100")) == (1, 1)


async def test_a_tenant_may_have_a_budget_of_its_own(
    desk: Desk, database: Database
) -> None:
    async with database.transaction() as connection:
        await connection.execute(update(tenant).values(model_budget=2_000_000))
    await desk.pays(1.5)
    assert await desk.may()
    assert desk.alerts == []
    async with database.transaction() as connection:
        await connection.execute(update(tenant).values(model_budget=0))
    assert not await desk.may()


async def test_calls_at_the_same_time_are_all_counted(desk: Desk) -> None:
    await asyncio.gather(*(desk.pays(0.05) for _ in range(20)))
    assert (await desk.budget.today(desk.payer)).cost == 1_000_000
    assert sorted(desk.alerts) == [80, 100]


async def test_a_database_that_is_gone_stops_nobody_from_reading() -> None:
    away = Database.open("postgresql://nobody@127.0.0.1:1/none", patience=0.1)
    try:
        budget = Budget(away, Decimal(1), clock=Clock())
        payer = Payer("tenant_1", "UTC")
        assert await budget.is_left(payer)
        await budget.charge(payer, costing(1))
    finally:
        await away.close()


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Europe/Istanbul", "2026-11-22"),
        ("Asia/Tokyo", "2026-11-23"),
        ("America/Sao_Paulo", "2026-11-22"),
        ("Nowhere/Never", "2026-11-22"),
    ],
)
def test_a_day_is_the_tenants_own(zone: str, day: str) -> None:
    assert day_of(LATE, zone) == day
