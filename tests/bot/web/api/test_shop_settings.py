"""The shop itself, its retention, its usage, its audit."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.inbox.usage import days, months
from tests.api import Api
from tests.bot.web.api.things import a_person, an_order_of, at
from tests.bot.web.entrance import ANA


async def test_a_shop_is_renamed_and_moved(api: Api) -> None:
    given = {"name": "Mavi Kahve", "timezone": "Europe/Berlin", "language": "tr"}
    changed = await api.admin("PATCH", "/v1/tenant", given)
    assert changed.status == 200, changed.raw
    shown = await api.agent.read("/v1/tenant")
    assert shown == changed.body
    assert {name: shown[name] for name in given} == given
    assert (await api.ben.read("/v1/tenant"))["name"] == "tnt_ben"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"timezone": "Europe/Istanbull"}, "did you mean Europe/Istanbul"),
        ({"currency": "XXQ"}, "not an ISO 4217 code"),
        ({"country": "ZZ"}, "not an ISO 3166 code"),
        ({"language": "xx"}, "not an ISO 639 code"),
        ({"name": "TNT_BEN"}, "another shop here has this name"),
    ],
)
async def test_what_a_shop_cannot_be_is_named(
    quick_api: Api, given: dict[str, str], message: str
) -> None:
    answer = await quick_api.admin("PATCH", "/v1/tenant", given)
    assert (answer.status, answer.kind) == (422, "invalid-request")
    (error,) = answer.body["errors"]
    assert error["field"] == next(iter(given))
    assert message in error["message"]


async def test_the_currency_stays_once_something_was_ordered(api: Api) -> None:
    changed = await api.admin("PATCH", "/v1/tenant", {"currency": "EUR"})
    assert changed.body["currency"] == "EUR"
    await api.admin("PATCH", "/v1/tenant", {"currency": "TRY"})
    await an_order_of(api)
    answer = await api.admin("PATCH", "/v1/tenant", {"currency": "EUR"})
    assert answer.status == 422
    assert "it stays TRY: there are orders in it already" in answer.body["detail"]
    same = await api.admin("PATCH", "/v1/tenant", {"currency": "TRY"})
    assert same.status == 200


async def test_the_currency_stays_where_something_has_a_price(api: Api) -> None:
    await _with_rules(api, {})
    need = {"field": "email", "when": {"total_from": "500.00"}}
    amounts: list[dict[str, Any]] = [
        {"minimum_order": "100.00"},
        {"humans": {"asked_from": "900.00"}},
        {"fields": {"needs": [need]}},
    ]
    for rules in amounts:
        await _with_rules(api, rules)
        answer = await api.admin("PATCH", "/v1/tenant", {"currency": "JPY"})
        assert "the shop rules hold amounts in it" in answer.body["detail"], rules
    await _with_rules(api, {})
    latte = {"sku": "L", "name": "Latte", "price": None}
    made = await api.admin.post("/v1/products", latte)
    assert made.status == 201, made.raw
    answer = await api.admin("PATCH", "/v1/tenant", {"currency": "JPY"})
    assert (answer.status, answer.kind) == (422, "invalid-request")
    assert "there are products in it already" in answer.body["detail"]


async def _with_rules(api: Api, rules: dict[str, Any]) -> None:
    version: int = (await api.admin.read("/v1/shop-rules"))["version"]
    given = {"version": version, "rules": rules}
    answer = await api.admin("PUT", "/v1/shop-rules", given)
    assert answer.status == 200, answer.raw


# -- retention ------------------------------------------------------------------------


async def kept(api: Api) -> dict[str, Any]:
    shown = await api.admin.read("/v1/retention")
    return {each["kind"]: each for each in shown["data"]}


async def test_retention_is_replaced_as_a_whole(api: Api) -> None:
    assert (await kept(api))["media"]["days"] == 180
    answer = await api.admin("PUT", "/v1/retention", {"media": 90, "messages": 30})
    assert answer.status == 200, answer.raw
    now = await kept(api)
    assert (now["media"]["days"], now["media"]["effective_days"]) == (90, 30)
    assert now["messages"]["is_default"] is False
    await api.admin("PUT", "/v1/retention", {"media": 91})
    now = await kept(api)
    assert (now["media"]["days"], now["messages"]["is_default"]) == (91, True)


@pytest.mark.parametrize(
    ("given", "field"), [({"media": 0}, "media"), ({"orders": 1}, "orders")]
)
async def test_what_retention_cannot_be_is_named(
    quick_api: Api, given: dict[str, int], field: str
) -> None:
    answer = await quick_api.admin("PUT", "/v1/retention", given)
    assert (answer.status, answer.body["errors"][0]["field"]) == (422, field)


# -- usage ----------------------------------------------------------------------------


async def test_usage_counts_what_is_stored_where_the_shop_is(api: Api) -> None:
    person = await a_person(api)
    await an_order_of(api, person)
    order = await an_order_of(api, person)
    await api.agent.post(f"/v1/orders/{order.id}/cancel", {"reason": "test"})
    shown = await api.manager.read("/v1/usage")
    assert shown["timezone"] == "Europe/Istanbul"
    assert len(shown["data"]) == 7
    today = shown["data"][-1]
    assert today["messages_in"] == 1
    assert today["orders"] == 1
    assert today["revenue"] == [{"amount": "171.00", "currency": "TRY"}]
    assert shown["data"][0]["messages_in"] == 0
    (month,) = (await api.manager.read("/v1/usage", by="month", first=at(api.runtime)))[
        "data"
    ][-1:]
    assert (month["messages_in"], month["orders"]) == (1, 1)
    foreign = (await api.ben.read("/v1/usage"))["data"]
    assert {each["messages_in"] for each in foreign} == {0}


@pytest.mark.parametrize(
    "query",
    [
        {"first": "2026-01-02", "last": "2026-01-01"},
        {"first": "2026-01-01", "last": "2026-02-01"},
        {"by": "month", "first": "2025-01-01", "last": "2026-02-01"},
        {"first": "1999-01-01"},
        {"by": "year"},
    ],
)
async def test_too_much_usage_is_not_counted(
    quick_api: Api, query: dict[str, str]
) -> None:
    answer = await quick_api.manager.get("/v1/usage", **query)
    assert (answer.status, answer.kind) == (422, "invalid-request")


def test_periods_meet_without_a_gap_also_when_clocks_change() -> None:
    zone = ZoneInfo("Europe/Berlin")
    for found in (
        days(zone, date(2026, 3, 1), date(2026, 3, 31)),
        months(zone, date(2026, 1, 15), date(2026, 12, 1)),
    ):
        for earlier, later in pairwise(found):
            assert earlier.end == later.start
    march = days(zone, date(2026, 3, 29), date(2026, 3, 29))[0]
    assert march.end - march.start == timedelta(hours=23)
    assert len(months(zone, date(2026, 1, 15), date(2026, 12, 1))) == 12


# -- audit ----------------------------------------------------------------------------


async def test_the_audit_is_read_part_by_part(api: Api) -> None:
    for name in ("One", "Two", "Three"):
        await api.admin("PATCH", "/v1/tenant", {"name": name})
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        part = await api.admin.read("/v1/audit", limit=2, **cursor)
        seen += [each["id"] for each in part["data"]]
        if part["next_cursor"] is None:
            break
        cursor = {"cursor": part["next_cursor"]}
    assert len(seen) == len(set(seen)) == 3
    (first, *_) = (await api.admin.read("/v1/audit"))["data"]
    assert (first["action"], first["target"]) == ("update_tenant", ANA.tenant_id)
    assert first["details"] == {"fields": ["name"]}
    filtered = await api.admin.read("/v1/audit", action="erase_contact")
    assert filtered["data"] == []
    assert (await api.ben.read("/v1/audit"))["data"] == []
    foreign = await api.ben.get("/v1/audit", cursor=first["id"])
    assert (foreign.status, foreign.kind) == (422, "invalid-request")
    for caller in (api.agent, api.manager, api.integration):
        assert (await caller.get("/v1/audit")).status == 403
