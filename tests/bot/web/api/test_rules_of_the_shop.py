"""The shop's rules over HTTP: read, replaced whole, never overwritten unseen."""

from typing import Any

from bot.inbox.shop_rules import load_shop_rules
from tests.api import Api
from tests.bot.web.entrance import ANA

KADIKOY = {
    "name": "Kadıköy",
    "postal_prefixes": ["347"],
    "fee": "30.00",
    "free_from": "500.00",
    "lead_minutes": 45,
}
RULES: dict[str, Any] = {
    "minimum_order": "100.00",
    "delivery": {"areas": [KADIKOY]},
    "payments": [{"id": "cash", "names": {"en": "Cash", "tr": "Nakit"}}],
    "hours": {"mon": ["09:00-13:00", "14:00-18:00"]},
    "confirmation": {"by": "auto", "auto_below": "1000.00"},
}


async def test_rules_are_replaced_and_decide_from_then_on(api: Api) -> None:
    before = await api.agent.read("/v1/shop-rules")
    given = {"version": before["version"], "rules": RULES}
    answer = await api.manager("PUT", "/v1/shop-rules", given)
    assert answer.status == 200, answer.raw
    assert answer.body["version"] == before["version"] + 1
    assert await api.integration.read("/v1/shop-rules") == answer.body
    assert answer.body["rules"]["delivery"]["areas"][0]["fee"] == "30.00"
    async with api.runtime.database.reading() as connection:
        shop, _ = await load_shop_rules(connection, ANA.tenant_id)
    assert shop.minimum_order == 10_000
    assert shop.areas[0].lead_minutes == 45
    assert (await api.ben.read("/v1/shop-rules"))["rules"]["payments"] == []


async def test_what_is_read_can_be_written_back(quick_api: Api) -> None:
    first = await quick_api.manager(
        "PUT", "/v1/shop-rules", {"version": 0, "rules": {}}
    )
    assert first.status in {200, 409}
    read = await quick_api.manager.read("/v1/shop-rules")
    again = await quick_api.manager("PUT", "/v1/shop-rules", read)
    assert again.body["rules"] == read["rules"]


async def test_rules_that_somebody_changed_meanwhile_are_not_overwritten(
    api: Api,
) -> None:
    version = (await api.manager.read("/v1/shop-rules"))["version"]
    given = {"version": version, "rules": RULES}
    assert (await api.manager("PUT", "/v1/shop-rules", given)).status == 200
    stale = await api.admin("PUT", "/v1/shop-rules", {"version": version, "rules": {}})
    assert (stale.status, stale.kind) == (409, "version-conflict")
    assert stale.body["version"] == version + 1
    assert (await api.manager.read("/v1/shop-rules"))["rules"]["payments"]


async def test_each_mistake_is_named_where_it_stands(quick_api: Api) -> None:
    wrong = {**RULES, "minimum_order": "1.005", "confirmation": {"by": "auto"}}
    version = (await quick_api.manager.read("/v1/shop-rules"))["version"]
    answer = await quick_api.manager(
        "PUT", "/v1/shop-rules", {"version": version, "rules": wrong}
    )
    assert (answer.status, answer.kind) == (422, "invalid-request")
    assert "auto_below" in answer.body["detail"]
    wrong["confirmation"] = {"by": "customer"}
    answer = await quick_api.manager(
        "PUT", "/v1/shop-rules", {"version": version, "rules": wrong}
    )
    assert [each["field"] for each in answer.body["errors"]] == ["rules.minimum_order"]


async def test_agents_and_systems_read_rules_and_do_not_write_them(
    quick_api: Api,
) -> None:
    for caller in (quick_api.agent, quick_api.integration):
        answer = await caller("PUT", "/v1/shop-rules", {"version": 1, "rules": {}})
        assert (answer.status, answer.kind) == (403, "forbidden")
