"""The overview is told to managers, as figures and as a table."""

import csv

from sqlalchemy import insert

from bot.reading.table import model_spending
from tests.api import Api
from tests.bot.web.api.things import a_person, an_order_of
from tests.bot.web.entrance import ANA


async def test_the_figures_of_a_span_and_of_the_one_before(quick_api: Api) -> None:
    api = quick_api
    order = await an_order_of(api, await a_person(api))
    zone_day = (await api.manager.read("/v1/overview"))["last"]
    async with api.runtime.database.transaction() as connection:
        await connection.execute(
            insert(model_spending).values(
                tenant_id=ANA.tenant_id, day=zone_day, calls=1, cost=4_200
            )
        )
    shown = await api.manager.read("/v1/overview")
    assert len(shown["days"]) == 30
    assert shown["now"]["orders"] == 1
    assert shown["now"]["model_usd"] == "0.0042"
    assert shown["now"]["model_usd_per_order"] == "0.0042"
    assert shown["now"]["value"] == shown["days"][-1]["value"]
    assert shown["now"]["value"][0]["currency"] == order.currency
    assert shown["before"]["orders"] == 0
    assert shown["before"]["conversion"] is None


async def test_the_days_are_a_table_for_spreadsheets(quick_api: Api) -> None:
    days = {"first": "2026-11-01", "last": "2026-11-03"}
    answer = await quick_api.manager.get("/v1/overview.csv", **days)
    assert answer.status == 200
    head, *rows = csv.reader(answer.raw.decode("utf-8-sig").splitlines())
    assert head == ["day", "conversations", "orders"]  # Nothing sold: no currency.
    assert rows == [[f"2026-11-0{n}", "0", "0"] for n in (1, 2, 3)]
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "overview-2026-11-01-2026-11-03.csv" in answer.headers["Content-Disposition"]


async def test_days_that_cannot_be_are_refused(quick_api: Api) -> None:
    manager = quick_api.manager
    for first, last in (("2026-11-03", "2026-11-01"), ("2020-01-01", "2026-01-01")):
        answer = await manager.get("/v1/overview", first=first, last=last)
        assert answer.kind == "invalid-request"


async def test_agents_and_systems_see_no_figures(quick_api: Api) -> None:
    for path in ("/v1/overview", "/v1/overview.csv"):
        assert (await quick_api.agent.get(path)).status == 403
