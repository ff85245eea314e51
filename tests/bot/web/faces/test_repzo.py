"""Repzo's sales activities, as software that was written for Repzo sees them."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import select, update

from bot.inbox.api_table import audit
from orders.advice.table import activity
from orders.domain.ids import Face as System
from orders.domain.ids import Kind, Thing
from orders.ids import give_ids
from orders.table import order
from tests.api import Answer, Api, open_api
from tests.bot.web.entrance import ANA
from tests.sales import Sales, furnish_sales

PATH = "/activity-ai-sales-order"


@dataclass(frozen=True)
class Repzo:
    """Software that calls with a key of Ana's, and what her shop has."""

    api: Api
    sales: Sales
    key: str = "co_test_key_integration"

    async def call(
        self, method: str, path: str = "", body: Any = None, **headers: str
    ) -> Answer:
        named = {name.replace("_", "-"): each for name, each in headers.items()}
        return await self.api.nobody(
            method, PATH + path, body, headers={"api-key": self.key, **named}
        )

    async def ok(self, method: str, path: str = "", body: Any = None) -> Any:
        answer = await self.call(method, path, body)
        assert answer.status in {200, 201}, answer.raw
        assert answer.body["success"] is True
        return answer.body["data"]

    async def wrong(
        self, method: str, path: str = "", body: Any = None, status: int = 400
    ) -> str:
        answer = await self.call(method, path, body)
        assert answer.status == status, answer.raw
        assert answer.body["success"] is False
        return str(answer.body["error"]["message"])

    def body(self, **changes: Any) -> dict[str, Any]:
        return {
            "client": self.sales.client,
            "rep": self.sales.rep,
            "activityType": "recommendation",
            **changes,
        }

    async def made(self, **changes: Any) -> str:
        return str((await self.ok("POST", "", self.body(**changes)))["_id"])

    async def advised(self, **changes: Any) -> Any:
        """Create an activity, generate, and read it."""
        made = await self.made(**changes)
        await self.ok("POST", f"/{made}/generate")
        return await self.ok("GET", f"/{made}")


@pytest.fixture(scope="module")
async def repzo(faces: Api) -> Repzo:
    return Repzo(faces, await furnish_sales(faces.runtime, ANA.tenant_id))


@pytest.fixture
async def lone_repzo(sqlite_url: str) -> Any:
    """Return one on a database of its own, where the engine does not matter."""
    async with open_api(sqlite_url) as api:
        yield Repzo(api, await furnish_sales(api.runtime, ANA.tenant_id))


@pytest.fixture
async def own_repzo(database_url: str) -> Any:
    """Return one on a database of its own: once for each engine."""
    async with open_api(database_url) as api:
        yield Repzo(api, await furnish_sales(api.runtime, ANA.tenant_id))


def names(told: Any) -> dict[str, Any]:
    return {each["productName"]: each for each in told["recommendations"]}


# -- the printed contract -------------------------------------------------------------

#: Every key of the printed answer with its type.
PRINTED: Mapping[str, Any] = {
    "_id": str,
    "client": str,
    "rep": str,
    "activityType": str,
    "inputData": {
        "historicalOrders": [
            {
                "orderId": str,
                "date": str,
                "items": [{"product": str, "quantity": int, "price": float}],
            }
        ],
        "clientPreferences": dict,
        "marketData": dict,
        "inventoryLevels": dict,
    },
    "aiModel": {"name": str, "version": str, "confidence": float, "parameters": dict},
    "recommendations": [
        {
            "product": str,
            "productName": str,
            "quantity": int,
            "price": float,
            "confidence": float,
            "reason": str,
            "category": str,
            "priority": int,
        }
    ],
    "insights": {
        "buyingPatterns": [str],
        "seasonality": dict,
        "riskFactors": list,
        "opportunities": list,
    },
    "status": str,
    "processingTime": float,
    "accuracy": {"historical": float, "estimated": float},
    "feedback": {
        "userRating": int,
        "acceptedRecommendations": [str],
        "rejectedRecommendations": [str],
        "comments": str,
    },
    "generatedOrder": {
        "orderId": str,
        "items": [{"product": str, "quantity": int, "price": float}],
        "totalAmount": float,
    },
    "metadata": dict,
    "createdAt": str,
    "updatedAt": str,
}


def check(told: Any, printed: Any, where: str = "data") -> None:
    """Check that every printed key is there with its type, and no other."""
    if isinstance(printed, dict):
        assert set(told) == set(printed), where
        for name, each in printed.items():
            check(told[name], each, f"{where}.{name}")
    elif isinstance(printed, list):
        assert told, where
        for each in told:
            check(each, printed[0], where)
    elif printed is float:
        assert isinstance(told, int | float), where
        assert not isinstance(told, bool), where
    else:
        assert isinstance(told, printed), where


async def test_the_printed_bodies_come_back_whole(repzo: Repzo) -> None:
    body = repzo.body(
        inputData={
            "historicalOrders": [
                {
                    "orderId": "A-1",
                    "date": "2019-08-24T14:15:22Z",
                    "items": [{"product": "TEA", "quantity": 1, "price": 0}],
                }
            ],
            "clientPreferences": {},
            "marketData": {},
            "inventoryLevels": {},
        },
        aiModel={"name": "sales-recommender-v2", "version": "2.1.0", "parameters": {}},
        feedback={"userRating": 1, "comments": "string"},
        metadata={},
    )
    answer = await repzo.call("POST", "", body)
    assert answer.status == 201
    made = answer.body["data"]
    assert answer.body.keys() == {"success", "data"}
    assert made["status"] == "processing"
    short = await repzo.ok("POST", f"/{made['_id']}/generate")
    assert short.keys() == {"recommendations"}
    assert all(
        each.keys() == {"product", "quantity", "confidence", "reason"}
        for each in short["recommendations"]
    )
    ids = [each["product"] for each in short["recommendations"]]
    body["feedback"] |= {
        "acceptedRecommendations": ids[:1],
        "rejectedRecommendations": ids[1:2],
    }
    await repzo.ok("PUT", f"/{made['_id']}", body)
    await _ordered(repzo, made["_id"])
    told = await repzo.ok("GET", f"/{made['_id']}")
    check(told, PRINTED)
    listed = await repzo.call("GET", "?limit=1")
    assert listed.body.keys() == {"success", "data", "total"}
    check(listed.body["data"][0], PRINTED)


async def _ordered(repzo: Repzo, made: str) -> None:
    """Let the proposal have become one of the client's orders."""
    async with repzo.api.runtime.database.transaction() as connection:
        await connection.execute(
            update(activity)
            .where(activity.c.id == made)
            .values(
                draft_id=select(order.c.draft_id)
                .where(order.c.id == repzo.sales.orders[-1])
                .scalar_subquery()
            )
        )


WRONG_BODIES: dict[str, tuple[dict[str, Any], str]] = {
    "a quantity of nothing, as it is printed": (
        {
            "inputData": {
                "historicalOrders": [
                    {
                        "orderId": "string",
                        "date": "2019-08-24T14:15:22Z",
                        "items": [{"product": "string", "quantity": 0, "price": 0}],
                    }
                ]
            }
        },
        "inputData.historicalOrders.0.items.0.quantity",
    ),
    "one id accepted and rejected, as it is printed": (
        {
            "feedback": {
                "acceptedRecommendations": ["string"],
                "rejectedRecommendations": ["string"],
            }
        },
        "feedback",
    ),
    "no such activity type": ({"activityType": "oracle"}, "activityType"),
    "no client": ({"client": None}, "client"),
    "a rating of six": ({"feedback": {"userRating": 6}}, "feedback.userRating"),
    "half a piece": (
        {
            "inputData": {
                "historicalOrders": [
                    {
                        "orderId": "a",
                        "date": "2019-08-24T14:15:22Z",
                        "items": [{"product": "TEA", "quantity": 1.5}],
                    }
                ]
            }
        },
        "inputData.historicalOrders.0.items.0.quantity",
    ),
    "a moment without its zone": (
        {
            "inputData": {
                "historicalOrders": [{"orderId": "a", "date": "2019-08-24T14:15:22"}]
            }
        },
        "inputData.historicalOrders.0.date",
    ),
    "a moment before time": (
        {
            "inputData": {
                "historicalOrders": [
                    {"orderId": "a", "date": "0001-01-01T00:00:00+14:00"}
                ]
            }
        },
        "inputData.historicalOrders.0.date",
    ),
    "a budget below nothing": (
        {"inputData": {"clientPreferences": {"budget": -1}}},
        "budget",
    ),
    "a factor beyond reason": (
        {"inputData": {"marketData": {"productFactors": {"TEA": 101}}}},
        "productFactors.TEA",
    ),
    "stock below nothing": (
        {"inputData": {"inventoryLevels": {"TEA": -1}}},
        "inputData.inventoryLevels",
    ),
    "a number that nothing keeps": ({"metadata": {"a": 10**40}}, "metadata"),
    "metadata without a bottom": (
        {"metadata": {"a": json.loads("[" * 30 + "]" * 30)}},
        "metadata",
    ),
    "weeks beyond the horizon": (
        {"aiModel": {"parameters": {"horizonWeeks": 99}}},
        "horizonWeeks",
    ),
}


@pytest.mark.parametrize("name", WRONG_BODIES)
async def test_a_wrong_body_is_a_400_that_names_the_field(
    repzo: Repzo, name: str
) -> None:
    changes, field = WRONG_BODIES[name]
    assert field in await repzo.wrong("POST", "", repzo.body(**changes))


@pytest.mark.parametrize("block", ["marketData", "clientPreferences", "weather"])
async def test_a_number_beyond_all_numbers_is_a_400(repzo: Repzo, block: str) -> None:
    body = json.dumps(repzo.body(inputData={block: {"a": 7.5}}))
    message = await repzo.wrong("POST", "", body.replace("7.5", "1e999"))
    assert "too large" in message


# -- R1 to R9 -------------------------------------------------------------------------


async def test_r1_what_the_server_owns_is_ignored_in_a_request(repzo: Repzo) -> None:
    told = await repzo.ok(
        "POST",
        "",
        repzo.body(
            status="completed",
            processingTime=3,
            recommendations=[{"product": "x"}],
            insights={"riskFactors": ["all"]},
            accuracy={"historical": 1},
            generatedOrder={"orderId": "x"},
            aiModel={"name": "m", "confidence": 1},
        ),
    )
    assert (told["status"], told["recommendations"]) == ("processing", [])
    assert told["insights"]["riskFactors"] == []
    assert told["accuracy"] == {}
    assert told["aiModel"] == {"name": "m"}
    assert not told.keys() & {"processingTime", "generatedOrder"}


async def test_r2_a_put_replaces_what_was_sent_and_keeps_what_was_advised(
    repzo: Repzo,
) -> None:
    before = await repzo.advised(metadata={"a": None, "b": [1]}, feedback={})
    assert before["metadata"] == {"a": None, "b": [1]}
    path = f"/{before['_id']}"
    after = await repzo.ok("PUT", path, repzo.body())
    assert not after.keys() & {"metadata", "inputData", "feedback"}
    same = ("recommendations", "insights", "accuracy", "generatedOrder", "status")
    assert [after[key] for key in same] == [before[key] for key in same]
    assert after["createdAt"] == before["createdAt"]
    for field in ("client", "rep", "activityType"):
        body = repzo.body()
        del body[field]
        assert field in await repzo.wrong("PUT", path, body)


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=ten", "limit"),
        ("offset=-1", "offset"),
        ("order=up", "order"),
        ("sort=password", "sort"),
        ("page=2", "page"),
        ("filter={", "filter"),
        ("filter=[]", "filter"),
        ('filter={"tenant_id":"tnt_ben"}', "tenant_id"),
        ('filter={"$where":"1"}', "$where"),
        ('filter={"status":{"$regex":".*"}}', "$regex"),
        ('filter={"status":{"$ne":{"$gt":""}}}', "status"),
        ('filter={"status":"unknown"}', "status"),
        ('filter={"client":"\\u0000"}', "client"),
        ('filter={"processingTime":1e999}', "processingTime"),
        ('filter={"createdAt":{"$gt":"soon"}}', "createdAt"),
    ],
)
async def test_r3_a_list_that_cannot_be_is_a_400(
    repzo: Repzo, query: str, named: str
) -> None:
    query = query.replace('"', "%22").replace("{", "%7B").replace("}", "%7D")
    assert named in await repzo.wrong("GET", f"?{query}".replace("\\", "%5C"))


async def test_r3_a_list_is_sorted_narrowed_searched_and_counted(
    own_repzo: Repzo,
) -> None:
    repzo = own_repzo
    made = [
        await repzo.made(activityType=each, feedback={"comments": f"{each} 100% ÇAY_"})
        for each in ("upsell", "cross-sell", "order-analysis", "upsell")
    ]
    await repzo.ok("POST", f"/{made[2]}/generate")

    async def found(**query: Any) -> tuple[list[str], int]:
        answer = await repzo.call("GET", f"?{urlencode(query)}")
        assert answer.status == 200, answer.raw
        return [each["_id"] for each in answer.body["data"]], answer.body["total"]

    assert await found() == (made[::-1], 4)
    assert await found(order="asc", limit=2, offset=1) == (made[1:3], 4)
    by_type, _ = await found(sort="activityType", order="asc")
    assert by_type[:2] == [made[1], made[2]]
    assert (await found(sort="processingTime"))[0][0] == made[2]
    client = (await repzo.ok("GET", f"/{made[0]}"))["client"]
    for asked, expected in (
        ({"activityType": "upsell"}, [made[3], made[0]]),
        ({"activityType": ["upsell", "cross-sell"]}, [made[3], made[1], made[0]]),
        ({"status": {"$ne": "processing"}}, [made[2]]),
        ({"status": {"$nin": ["processing"]}}, [made[2]]),
        ({"processingTime": {"$gte": 0}}, [made[2]]),
        ({"createdAt": {"$lt": "2001-01-01T00:00:00Z"}}, []),
        ({"client": client, "_id": made[1]}, [made[1]]),
        ({"client": repzo.sales.client, "rep": "nobody"}, []),
    ):
        assert (await found(filter=json.dumps(asked)))[0] == expected, asked
    assert await found(search="cross-sell") == ([made[1]], 1)
    assert (await found(search="bakkal"))[1] == 4
    assert (await found(search="çay_"))[1] == 4
    assert (await found(search="100_"))[1] == 0


async def test_r4_generate_may_be_done_again_and_keeps_the_long_form(
    repzo: Repzo,
) -> None:
    first = await repzo.advised()
    assert first["status"] == "completed"
    assert first["processingTime"] >= 0
    assert first["aiModel"]["name"] == "chatorder-advice"
    again = await repzo.ok("POST", f"/{first['_id']}/generate")
    assert [each["product"] for each in again["recommendations"]] == [
        each["product"] for each in first["recommendations"]
    ]
    line = names(first)["Latte"]
    assert line["category"] == "frequent-buy"
    assert 1 <= line["priority"] <= 10
    message = await repzo.wrong("POST", "/nothing/generate", status=404)
    assert "nothing" in message


async def test_r4_two_who_generate_at_once_cause_one_run(own_repzo: Repzo) -> None:
    repzo = own_repzo
    made = await repzo.made()
    runs = 0
    markets = repzo.api.runtime.markets
    beside = markets.beside

    async def counted(work: Any) -> Any:
        nonlocal runs
        runs += 1
        await asyncio.sleep(0.05)
        return await beside(work)

    markets.beside = counted  # type: ignore[method-assign]  # a slow machine
    await repzo.ok("POST", f"/{made}/generate")  # learns the market
    runs = 0
    answers = await asyncio.gather(
        *(repzo.ok("POST", f"/{made}/generate") for _ in range(5))
    )
    assert runs == 1
    assert all(each == answers[0] for each in answers)


async def test_r4_a_run_that_died_is_taken_over(repzo: Repzo) -> None:
    made = await repzo.made()
    past = repzo.api.runtime.clock() - timedelta(seconds=1)
    async with repzo.api.runtime.database.transaction() as connection:
        await connection.execute(
            update(activity)
            .where(activity.c.id == made)
            .values(run="run_dead", run_until=past)
        )
    assert (await repzo.ok("POST", f"/{made}/generate"))["recommendations"]


async def test_r4_advice_that_takes_too_long_has_failed(repzo: Repzo) -> None:
    made, markets = await repzo.made(), repzo.api.runtime.markets
    usual, markets.limit = markets.limit, timedelta(0)
    try:
        answer = await repzo.call("POST", f"/{made}/generate")
    finally:
        markets.limit = usual
    assert (answer.status, answer.body["error"]["code"]) == (503, "UNAVAILABLE")
    assert "Retry-After" in answer.headers
    told = await repzo.ok("GET", f"/{made}")
    assert told["status"] == "failed"
    assert (await repzo.ok("POST", f"/{made}/generate"))["recommendations"]


async def test_r5_a_proposal_has_no_order_until_it_was_ordered(repzo: Repzo) -> None:
    told = await repzo.advised()
    proposal = told["generatedOrder"]
    assert "orderId" not in proposal
    total = sum(each["quantity"] * each["price"] for each in proposal["items"])
    assert proposal["totalAmount"] == pytest.approx(total)
    await _ordered(repzo, told["_id"])
    again = await repzo.ok("GET", f"/{told['_id']}")
    assert len(again["generatedOrder"]["orderId"]) == 24


async def test_r6_feedback_waits_for_recommendations_and_names_them(
    repzo: Repzo,
) -> None:
    early = {"acceptedRecommendations": ["x"]}
    assert "feedback" in await repzo.wrong("POST", "", repzo.body(feedback=early))
    told = await repzo.advised(feedback={"acceptedRecommendations": []})
    path = f"/{told['_id']}"
    strange = {"rejectedRecommendations": ["60f7b1b3e4b0e8b3f8b3f8b3"]}
    message = await repzo.wrong("PUT", path, repzo.body(feedback=strange))
    assert "60f7b1b3e4b0e8b3f8b3f8b3" in message
    line = told["recommendations"][0]["product"]
    both = {"acceptedRecommendations": [line], "rejectedRecommendations": [line]}
    assert line in await repzo.wrong("PUT", path, repzo.body(feedback=both))
    kept = await repzo.ok(
        "PUT", path, repzo.body(feedback={"acceptedRecommendations": [line]})
    )
    assert kept["feedback"] == {"acceptedRecommendations": [line]}


async def test_r6_feedback_feeds_the_accuracy_of_what_follows(
    lone_repzo: Repzo,
) -> None:
    repzo = lone_repzo
    analysis = repzo.body(activityType="order-analysis")
    before = await repzo.advised(**analysis)
    assert before["accuracy"] == {}
    told = await repzo.advised(activityType="cross-sell")
    assert "historical" not in told["accuracy"]
    first, second, *_ = [each["product"] for each in told["recommendations"]]
    said = {"acceptedRecommendations": [first], "rejectedRecommendations": [second]}
    await repzo.ok("PUT", f"/{told['_id']}", repzo.body(feedback=said))
    after = await repzo.advised(**analysis)
    assert after["accuracy"] == {"historical": 0.5}
    again = names(await repzo.advised(activityType="cross-sell"))
    called = {each["product"]: name for name, each in names(told).items()}
    was = names(told)[called[second]]["confidence"]
    assert called[second] not in again or again[called[second]]["confidence"] < was


async def test_r7_stock_caps_what_is_recommended_and_every_line_has_a_reason(
    repzo: Repzo,
) -> None:
    free = names(await repzo.advised())
    assert free["Latte"]["quantity"] > 2
    capped = await repzo.advised(
        inputData={"inventoryLevels": {"LATTE": 2, "BAGEL": 0}}
    )
    assert names(capped)["Latte"]["quantity"] == 2
    assert "Bagel" not in names(capped)
    assert all(each["reason"] for each in capped["recommendations"])
    for key in ("buyingPatterns", "riskFactors", "opportunities"):
        assert isinstance(capped["insights"][key], list)
    assert "Cheesecake" not in free  # the catalog has none


async def test_r8_what_a_cancelled_run_finds_is_dropped(lone_repzo: Repzo) -> None:
    repzo, api = lone_repzo, lone_repzo.api
    made = await repzo.made()
    running, cancelled = asyncio.Event(), asyncio.Event()
    markets = api.runtime.markets
    beside = markets.beside

    async def slow(work: Any) -> Any:
        running.set()
        await cancelled.wait()
        return await beside(work)

    markets.beside = slow  # type: ignore[method-assign]  # a slow machine
    late = asyncio.create_task(repzo.call("POST", f"/{made}/generate"))
    await running.wait()
    told = await api.agent.post(f"/v1/advice/{made}/cancel")
    assert (told.status, told.body["state"]) == (200, "cancelled")
    cancelled.set()
    answer = await late
    assert (answer.status, answer.body["error"]["code"]) == (409, "CONFLICT")
    after = await repzo.ok("GET", f"/{made}")
    assert (after["status"], after["recommendations"]) == ("cancelled", [])
    again = await api.agent.post(f"/v1/advice/{made}/cancel")
    assert (again.status, again.kind) == (409, "conflict")
    assert (await repzo.ok("POST", f"/{made}/generate"))["recommendations"]


async def test_r8_a_run_for_another_question_or_of_a_deleted_one_is_dropped(
    repzo: Repzo,
) -> None:
    markets = repzo.api.runtime.markets
    beside = markets.beside
    for method, body in (
        ("PUT", repzo.body(activityType="upsell")),
        ("DELETE", None),
    ):
        made = await repzo.made()

        async def meanwhile(
            work: Any, made: str = made, method: str = method, body: Any = body
        ) -> Any:
            assert (await repzo.call(method, f"/{made}", body)).status == 200
            return await beside(work)

        markets.beside = meanwhile  # type: ignore[method-assign]  # a slow machine
        try:
            answer = await repzo.call("POST", f"/{made}/generate")
        finally:
            markets.beside = beside  # type: ignore[method-assign]  # as it was
        assert (answer.status, answer.body["error"]["code"]) == (409, "CONFLICT")


async def test_a_comment_that_comes_while_it_runs_does_not_stop_the_run(
    repzo: Repzo,
) -> None:
    made = await repzo.made()
    markets = repzo.api.runtime.markets
    beside = markets.beside

    async def meanwhile(work: Any) -> Any:
        body = repzo.body(feedback={"comments": "hurry"})
        await repzo.ok("PUT", f"/{made}", body)
        return await beside(work)

    markets.beside = meanwhile  # type: ignore[method-assign]  # a slow machine
    try:
        await repzo.ok("POST", f"/{made}/generate")
    finally:
        markets.beside = beside  # type: ignore[method-assign]  # as it was
    told = await repzo.ok("GET", f"/{made}")
    assert (told["status"], told["feedback"]) == ("completed", {"comments": "hurry"})


async def test_r9_client_and_rep_are_of_the_callers_shop(repzo: Repzo) -> None:
    stranger = Repzo(repzo.api, repzo.sales, key="co_test_key_ben")
    body = repzo.body()
    assert "client" in await stranger.wrong("POST", "", body)
    assert "rep" in await repzo.wrong("POST", "", repzo.body(rep="usr_nobody"))
    made = await repzo.made()
    for method, path in (
        ("GET", f"/{made}"),
        ("PUT", f"/{made}"),
        ("DELETE", f"/{made}"),
        ("POST", f"/{made}/generate"),
    ):
        sent = body if method == "PUT" else None
        theirs = await stranger.wrong(method, path, sent, status=404)
        nobodys = await stranger.wrong(method, path.replace(made, "x"), sent, 404)
        assert theirs.replace(made, "x") == nobodys
    assert (await stranger.call("GET")).body["total"] == 0


# -- ids, deletion, repeats -----------------------------------------------------------


async def test_ids_are_24_hexadecimal_digits_and_are_understood(repzo: Repzo) -> None:
    told = await repzo.advised()
    lines = [each["product"] for each in told["recommendations"]]
    for each in (told["_id"], told["client"], told["rep"], *lines):
        assert len(each) == 24
        int(each, 16)
    body = repzo.body(client=told["client"], rep=told["rep"])
    again = await repzo.ok("POST", "", body)
    assert (again["client"], again["rep"]) == (told["client"], told["rep"])
    line = names(told)["Latte"]["product"]
    without = await repzo.advised(
        inputData={"clientPreferences": {"excludedProducts": [line]}}
    )
    assert "Latte" not in names(without)
    assert without["insights"] == told["insights"]


async def test_a_deleted_activity_is_gone(repzo: Repzo) -> None:
    made = await repzo.made()
    answer = await repzo.call("DELETE", f"/{made}")
    assert (answer.status, answer.body) == (
        200,
        {
            "success": True,
            "message": "AI sales order activity deleted successfully",
        },
    )
    for method in ("GET", "DELETE"):
        await repzo.wrong(method, f"/{made}", status=404)


async def test_a_post_under_an_idempotency_key_makes_one_activity(
    repzo: Repzo,
) -> None:
    twice = [
        await repzo.call("POST", "", repzo.body(), Idempotency_Key="visit-1")
        for _ in range(2)
    ]
    assert twice[0].body == twice[1].body
    assert twice[1].headers["Idempotent-Replay"] == "true"
    other = await repzo.call(
        "POST", "", repzo.body(metadata={}), Idempotency_Key="visit-1"
    )
    assert (other.status, other.body["error"]["code"]) == (
        400,
        "IDEMPOTENCY_KEY_REUSED",
    )


async def test_what_changes_something_stands_in_the_audit(repzo: Repzo) -> None:
    told = await repzo.advised()
    await repzo.ok("PUT", f"/{told['_id']}", repzo.body())
    rows = await repzo.api.entrance.rows(
        select(audit.c.action).where(audit.c.target == told["_id"]).subquery()
    )
    assert {row.action for row in rows} == {
        "repzo_create_activity",
        "repzo_generate",
        "repzo_replace_activity",
    }


# -- what each block of the input does ------------------------------------------------

BLOCKS: dict[str, dict[str, Any]] = {
    "historicalOrders": {
        "historicalOrders": [
            {
                "orderId": f"V-{week}",
                "date": f"2026-10-{week:02}T10:00:00Z",
                "items": [{"product": "WATER", "quantity": 6, "price": 12}],
            }
            for week in range(1, 29, 7)
        ]
    },
    "clientPreferences": {"clientPreferences": {"preferredProducts": ["CAKE"]}},
    "marketData": {"marketData": {"demandFactor": 2}},
    "inventoryLevels": {"inventoryLevels": {"LATTE": 1}},
}


@pytest.mark.parametrize("block", BLOCKS)
async def test_the_answer_differs_when_a_block_of_the_input_does(
    repzo: Repzo, block: str
) -> None:
    plain = await repzo.advised()
    told = await repzo.advised(inputData=BLOCKS[block])
    assert told["recommendations"] != plain["recommendations"]
    match block:
        case "historicalOrders":
            assert "Water" in names(told)
        case "clientPreferences":
            assert "Carrot Cake" in names(told)
        case "marketData":
            more, less = names(told)["Latte"], names(plain)["Latte"]
            assert more["quantity"] > less["quantity"]
        case _:
            assert names(told)["Latte"]["quantity"] == 1


async def test_an_order_that_both_know_counts_once(repzo: Repzo) -> None:
    async with repzo.api.runtime.database.transaction() as connection:
        thing = Thing(Kind.ORDER, repzo.sales.orders[0])
        called = await give_ids(
            connection,
            ANA.tenant_id,
            System.REPZO,
            [thing],
            now=repzo.api.runtime.clock(),
        )
        number = await connection.execute(
            select(order.c.external_id).where(order.c.id == thing.internal_id)
        )
        external = str(number.scalar_one())
    plain = await repzo.advised(activityType="order-analysis")
    for known in (thing.internal_id, called[thing], external):
        twice = {
            "orderId": known,
            "date": "2026-11-01T10:00:00Z",
            "items": [{"product": "WATER", "quantity": 500, "price": 12}],
        }
        told = await repzo.advised(
            activityType="order-analysis", inputData={"historicalOrders": [twice]}
        )
        assert told["insights"] == plain["insights"]


async def test_what_plays_no_part_is_noted(repzo: Repzo) -> None:
    told = await repzo.advised(
        inputData={
            "weather": "sunny",
            "clientPreferences": {"mood": "good", "preferredProducts": ["NONE"]},
            "marketData": {"index": 3, "trendingProducts": ["NO-2"]},
            "inventoryLevels": {"NO-3": 1},
            "historicalOrders": [
                {
                    "orderId": "x",
                    "date": "2026-11-01T10:00:00Z",
                    "items": [{"product": "NO-4", "quantity": 1}],
                }
            ],
        },
        aiModel={"parameters": {"temperature": 1}},
    )
    notes = " ".join(told["insights"]["opportunities"])
    for key in (
        "inputData.weather",
        "clientPreferences.mood",
        "clientPreferences.preferredProducts.NONE",
        "marketData.index",
        "marketData.trendingProducts.NO-2",
        "inventoryLevels.NO-3",
        "historicalOrders.items.NO-4",
        "aiModel.parameters.temperature",
    ):
        assert key in notes, key


FILLED = {
    "recommendation": (True, True),
    "cross-sell": (True, True),
    "upsell": (True, True),
    "demand-forecasting": (True, True),
    "order-analysis": (False, False),
}


@pytest.mark.parametrize("kind", FILLED)
async def test_each_type_fills_what_the_documentation_says(
    repzo: Repzo, kind: str
) -> None:
    told = await repzo.advised(activityType=kind)
    lines, proposal = FILLED[kind]
    assert bool(told["recommendations"]) is lines
    assert ("generatedOrder" in told) is proposal
    assert ("estimated" in told["accuracy"]) is lines
    assert told["insights"]["buyingPatterns"]


async def test_a_longer_horizon_needs_more(repzo: Repzo) -> None:
    sums = []
    for weeks in (2, 12):
        told = await repzo.advised(
            activityType="demand-forecasting",
            aiModel={"parameters": {"horizonWeeks": weeks}},
        )
        assert "horizonWeeks" not in " ".join(told["insights"]["opportunities"])
        sums.append(sum(each["quantity"] for each in told["recommendations"]))
    assert sums[1] > sums[0]


async def test_somebody_who_never_bought_gets_advice_too(repzo: Repzo) -> None:
    told = await repzo.advised(client=repzo.sales.stranger)
    assert "no order" in " ".join(told["insights"]["buyingPatterns"])
    assert told["recommendations"]
