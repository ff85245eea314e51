"""Sinks, events and channels over the API."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import update

from bot.inbox.table import app
from bot.serving import bind, listening
from bot.worker.delivering import handlers
from bot.worker.standing import Standings
from orders.outbox.relay import Relay
from orders.outbox.store import State
from orders.provisioning.signing import BadSignature, verify
from orders.table import outbox
from orders.table import sink as sinks
from tests.api import Api, open_api
from tests.bot.web.api.things import a_person, an_order_of
from tests.bot.web.entrance import ANA, body
from tests.bot.worker.by_hand import PATIENCE


@dataclass
class Receiver:
    """A merchant's system: remembers what came, and answers what it is told to."""

    url: str = ""
    status: int = 200
    got: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        self.got.append((dict(request.headers), await request.read()))
        return web.Response(status=self.status, headers={"Location": "/elsewhere"})

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(raw) for _, raw in self.got]


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver, listener = Receiver(), bind("127.0.0.1", 0)
    site = web.Application()
    site.router.add_post("/orders", receiver.take)
    async with listening(site, listener) as port:
        receiver.url = f"http://127.0.0.1:{port}/orders"
        yield receiver


@pytest.fixture
async def erp() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


async def a_sink(api: Api, erp: Receiver, **given: Any) -> Any:
    sent = {"kind": "webhook", "url": erp.url, **given}
    answer = await api.admin.post("/v1/sinks", sent)
    assert answer.status == 201, answer.raw
    return answer.body


async def deliver(api: Api) -> None:
    """Deliver what is due, as a worker does."""
    runtime = api.runtime
    relay = Relay(
        runtime.database.transaction,
        handlers(runtime, Standings(runtime.database)),
        clock=runtime.clock,
        jitter=lambda: 0.5,
        patience=PATIENCE,
    )
    await relay.once(20)


def signed_with(api: Api, erp: Receiver, *secrets: str) -> list[bool]:
    """Return for each secret whether it proves the last call genuine."""
    headers, raw = erp.got[-1]
    found = []
    for secret in secrets:
        try:
            verify(secret, headers, raw, now=api.runtime.clock())
        except BadSignature:
            found.append(False)
        else:
            found.append(True)
    return found


async def test_a_sink_is_told_of_the_next_order(api: Api, erp: Receiver) -> None:
    sink = await a_sink(api, erp)
    order = await an_order_of(api)
    await deliver(api)
    (told,) = erp.bodies
    assert told["data"]["order"]["id"] == order.id
    assert signed_with(api, erp, sink["secret"]) == [True]
    assert "secret" not in await api.manager.read(f"/v1/sinks/{sink['id']}")
    (event,) = (await api.manager.read(f"/v1/sinks/{sink['id']}/deliveries"))["data"]
    assert (event["state"], event["order_id"]) == ("done", order.id)
    detail = await api.integration.read(f"/v1/events/{event['id']}")
    assert [each["outcome"] for each in detail["tries"]] == ["done"]


async def test_a_test_says_what_the_receiver_answers(api: Api, erp: Receiver) -> None:
    sink = await a_sink(api, erp)
    path = f"/v1/sinks/{sink['id']}/test"
    answer = await api.admin.post(path)
    assert answer.status == 200, answer.raw
    assert (answer.body["delivered"], answer.body["error"]) == (True, None)
    (sent,) = erp.bodies
    assert (sent["type"], sent["data"]) == ("ping", {"sink_id": sink["id"]})
    assert signed_with(api, erp, sink["secret"]) == [True]
    erp.status = 401
    answer = await api.admin.post(path)
    assert answer.body["delivered"] is False
    assert "HTTP 401" in answer.body["error"]
    shown = await api.manager.read(f"/v1/sinks/{sink['id']}")
    assert shown["state"] == "active", "a test pauses nothing"


async def test_a_redirect_is_not_followed(api: Api, erp: Receiver) -> None:
    sink = await a_sink(api, erp)
    erp.status = 307
    answer = await api.admin.post(f"/v1/sinks/{sink['id']}/test")
    assert answer.body["delivered"] is False
    assert len(erp.got) == 1


async def test_a_rotated_secret_signs_beside_the_old_one(
    api: Api, erp: Receiver
) -> None:
    sink = await a_sink(api, erp)
    path = f"/v1/sinks/{sink['id']}"
    rotated = await api.admin.post(f"{path}/rotate-secret")
    assert rotated.status == 200, rotated.raw
    new = rotated.body["secret"]
    await an_order_of(api)
    await deliver(api)
    assert signed_with(api, erp, sink["secret"], new) == [True, True]
    chosen = "sixteen letters and more"
    given = {"grace_seconds": 0, "secret": chosen}
    last = await api.admin.post(f"{path}/rotate-secret", given)
    assert last.body["secret"] is None
    await api.admin.post(f"{path}/test")
    assert signed_with(api, erp, new, chosen) == [False, True]


async def test_orders_wait_for_a_paused_sink(api: Api, erp: Receiver) -> None:
    sink = await a_sink(api, erp)
    path = f"/v1/sinks/{sink['id']}"
    await an_order_of(api)
    paused = await api.admin.post(f"{path}/pause", {"reason": "Moving."})
    assert (paused.body["state"], paused.body["state_reason"]) == ("paused", "Moving.")
    await deliver(api)
    assert erp.got == []
    active = await api.admin.post(f"{path}/activate")
    assert (active.body["state"], active.body["waiting"]) == ("active", 1)
    await deliver(api)
    assert len(erp.got) == 1


async def test_orders_placed_while_a_sink_is_paused_wait_for_it(
    api: Api, erp: Receiver
) -> None:
    path = f"/v1/sinks/{(await a_sink(api, erp))['id']}"
    await api.admin.post(f"{path}/pause", {"reason": "Moving."})
    await an_order_of(api)
    await deliver(api)
    assert erp.got == []
    assert (await api.admin.post(f"{path}/activate")).body["waiting"] == 1
    await deliver(api)
    assert len(erp.got) == 1


async def test_a_cancelled_order_is_not_sent_any_more(api: Api, erp: Receiver) -> None:
    path = f"/v1/sinks/{(await a_sink(api, erp))['id']}"
    await api.admin.post(f"{path}/pause", {"reason": "Moving."})
    order = await an_order_of(api)
    await deliver(api)
    cancelled = await api.admin.post(
        f"/v1/orders/{order.id}/cancel", {"reason": "Changed my mind."}
    )
    assert cancelled.status == 200, cancelled.raw
    await api.admin.post(f"{path}/activate")
    await deliver(api)
    assert erp.got == []
    (event,) = (await api.manager.read(f"{path}/deliveries"))["data"]
    assert event["state"] == "cancelled"
    again = await api.admin.post(f"{path}/redeliver", {"order_id": order.id})
    assert (again.status, again.kind) == (409, "conflict")
    assert "is cancelled" in again.body["detail"]


async def test_an_order_is_sent_once_more_with_the_same_id(
    api: Api, erp: Receiver
) -> None:
    sink = await a_sink(api, erp)
    order = await an_order_of(api)
    await deliver(api)
    path = f"/v1/sinks/{sink['id']}/redeliver"
    again = await api.integration.post(path, {"order_id": order.id})
    assert again.status == 200, again.raw
    assert again.body["state"] == "due"
    await deliver(api)
    by_event = await api.integration.post(path, {"event_id": again.body["id"]})
    assert by_event.body["id"] == again.body["id"]
    await deliver(api)
    assert len({headers["webhook-id"] for headers, _ in erp.got}) == 1
    assert len(erp.got) == 3


async def test_a_sink_that_came_later_is_told_of_an_older_order(
    api: Api, erp: Receiver
) -> None:
    order = await an_order_of(api)
    sink = await a_sink(api, erp)
    path = f"/v1/sinks/{sink['id']}"
    told = await api.admin.post(f"{path}/redeliver", {"order_id": order.id})
    assert told.status == 200, told.raw
    await deliver(api)
    assert len(erp.got) == 1
    await api.admin.post(f"{path}/pause")
    answer = await api.admin.post(f"{path}/redeliver", {"order_id": order.id})
    assert (answer.status, answer.kind) == (409, "conflict")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "body"),
        ({"event_id": "1", "order_id": "ord_1"}, "body"),
        ({"event_id": "999"}, "event_id"),
        ({"order_id": "ord_none"}, "order_id"),
    ],
)
async def test_what_cannot_be_sent_again_is_named(
    quick_api: Api, erp: Receiver, given: dict[str, str], field: str
) -> None:
    sink = await a_sink(quick_api, erp)
    path = f"/v1/sinks/{sink['id']}/redeliver"
    answer = await quick_api.admin.post(path, given)
    assert (answer.status, answer.body["errors"][0]["field"]) == (422, field)


async def test_what_was_refused_is_seen_and_let_go_again(
    api: Api, erp: Receiver
) -> None:
    await a_sink(api, erp)
    await an_order_of(api)
    erp.status = 422
    await deliver(api)
    parked = await api.manager.read("/v1/events", state="parked")
    (event,) = parked["data"]
    assert "HTTP 422" in event["error"]
    erp.status = 200
    retried = await api.integration.post(f"/v1/events/{event['id']}/retry")
    assert (retried.status, retried.body["state"]) == (200, "due")
    await deliver(api)
    shown = await api.manager.read(f"/v1/events/{event['id']}")
    assert [each["outcome"] for each in shown["tries"]] == ["done", "parked"]
    again = await api.manager.post(f"/v1/events/{event['id']}/retry")
    assert (again.status, again.kind) == (409, "conflict")


async def test_events_are_read_part_by_part(api: Api, erp: Receiver) -> None:
    await a_sink(api, erp)
    orders = [await an_order_of(api) for _ in range(3)]
    first = await api.manager.read("/v1/events", limit=2, topic="event")
    second = await api.manager.read(
        "/v1/events", limit=2, topic="event", cursor=first["next_cursor"]
    )
    assert second["next_cursor"] is None
    seen = [each["order_id"] for each in first["data"] + second["data"]]
    assert seen == [order.id for order in reversed(orders)]
    mine = await api.manager.read("/v1/events", order_id=orders[0].id)
    assert len(mine["data"]) == 1


async def test_what_was_said_to_a_customer_is_not_among_events(api: Api) -> None:
    await a_person(api)
    async with api.runtime.database.transaction() as connection:
        await connection.execute(
            outbox.insert().values(
                tenant_id=ANA.tenant_id,
                shard=0,
                topic="reply",
                unique_key="reply:1",
                payload={"message_id": "msg_1", "message": {"body": "Dear Ana"}},
                state=State.PARKED,
                due_at=api.runtime.clock(),
                created_at=api.runtime.clock(),
            )
        )
    answer = await api.integration.get("/v1/events", topic="reply")
    assert answer.body["data"][0]["message_id"] == "msg_1"
    assert b"Dear Ana" not in answer.raw


async def test_another_shop_finds_no_sink_no_event_no_channel(
    quick_api: Api, erp: Receiver
) -> None:
    sink = await a_sink(quick_api, erp)
    order = await an_order_of(quick_api)
    (event,) = (await quick_api.manager.read("/v1/events"))["data"]
    for method, path, sent in (
        ("GET", f"/v1/sinks/{sink['id']}", None),
        ("PATCH", f"/v1/sinks/{sink['id']}", {"url": erp.url}),
        ("POST", f"/v1/sinks/{sink['id']}/pause", None),
        ("POST", f"/v1/sinks/{sink['id']}/activate", None),
        ("POST", f"/v1/sinks/{sink['id']}/rotate-secret", None),
        ("POST", f"/v1/sinks/{sink['id']}/test", None),
        ("POST", f"/v1/sinks/{sink['id']}/redeliver", {"order_id": order.id}),
        ("GET", f"/v1/sinks/{sink['id']}/deliveries", None),
        ("GET", f"/v1/events/{event['id']}", None),
        ("POST", f"/v1/events/{event['id']}/retry", None),
        ("GET", "/v1/channels/chn_10001", None),
        ("POST", "/v1/channels/chn_10001/pause", None),
        ("POST", "/v1/channels/chn_10001/activate", None),
        ("POST", f"/v1/apps/{ANA.app_id}/rotate-secret", {"app_secret": "other"}),
    ):
        answer = await quick_api.ben(method, path, sent)
        assert (answer.status, answer.kind) == (404, "not-found"), path
    for path in ("/v1/sinks", "/v1/events"):
        assert (await quick_api.ben.read(path))["data"] == []
    assert erp.got == []


# -- private addresses ----------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/",
        "http://localhost:9/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://10.0.0.1/",
        "ftp://erp.example/",
        "http:///orders",
        "not an address",
    ],
)
async def test_a_sink_of_our_own_network_is_refused(sqlite_url: str, url: str) -> None:
    async with open_api(sqlite_url, allow_private_hosts=False) as api:
        answer = await api.admin.post("/v1/sinks", {"kind": "webhook", "url": url})
        assert (answer.status, answer.kind) == (422, "invalid-request")
        assert answer.body["errors"][0]["field"] == "url"
        assert (await api.admin.read("/v1/sinks"))["total"] == 0


async def test_a_sink_that_moved_into_our_network_is_not_called(
    sqlite_url: str, erp: Receiver
) -> None:
    async with open_api(sqlite_url, allow_private_hosts=False) as api:
        given = {"kind": "webhook", "url": "http://93.184.215.14/orders"}
        sink = (await api.admin.post("/v1/sinks", given)).body

        async with api.runtime.database.transaction() as connection:
            # What a name means is decided by whoever owns it.
            moved = erp.url.replace("127.0.0.1", "localhost")
            await connection.execute(update(sinks).values(url=moved))
        answer = await api.admin.post(f"/v1/sinks/{sink['id']}/test")
        assert answer.body["delivered"] is False
        await an_order_of(api)
        await deliver(api)
        assert erp.got == []


# -- channels -------------------------------------------------------------------------


async def test_a_channel_is_added_and_its_token_is_never_shown(api: Api) -> None:
    new_app = await api.admin.post("/v1/apps", {"app_secret": "a-new-secret"})
    assert new_app.status == 201, new_app.raw
    assert new_app.body["verify_token"]
    given = {
        "app_id": new_app.body["id"],
        "phone_number_id": "30001",
        "access_token": "EAAG-precious",
    }
    made = await api.admin.post("/v1/channels", given)
    assert made.status == 201, made.raw
    for answer in (made, await api.manager.get("/v1/channels")):
        assert b"precious" not in answer.raw
    shown = await api.manager.read(f"/v1/channels/{made.body['id']}")
    assert (shown["external_id"], shown["state"]) == ("30001", "active")
    message = body("wamid.9", "30001")
    assert await api.entrance.post(message, secret="a-new-secret") == 200
    taken = await api.admin.post("/v1/channels", given)
    assert taken.body["errors"][0]["field"] == "phone_number_id"
    foreign = given | {"phone_number_id": "30002", "app_id": "app_ben"}
    answer = await api.admin.post("/v1/channels", foreign)
    assert answer.body["errors"][0]["field"] == "app"


async def test_a_channel_is_paused_with_a_reason_and_activated(api: Api) -> None:
    path = "/v1/channels/chn_10001"
    paused = await api.admin.post(f"{path}/pause", {"reason": "Moving."})
    assert (paused.body["state"], paused.body["state_reason"]) == ("paused", "Moving.")
    active = await api.admin.post(f"{path}/activate", {"access_token": "EAAG-new"})
    assert (active.body["state"], active.body["waiting"]) == ("active", 0)
    entry = await api.runtime.directories.channel("chn_10001")
    assert entry is not None
    assert entry.account.access_token == "EAAG-new"


async def test_webhooks_of_the_old_app_secret_are_taken_for_a_while(api: Api) -> None:
    path = f"/v1/apps/{ANA.app_id}/rotate-secret"
    answer = await api.admin.post(path, {"app_secret": "the-new-one"})
    assert answer.status == 200, answer.raw
    assert await api.entrance.post(body("wamid.1"), secret="the-new-one") == 200
    assert await api.entrance.post(body("wamid.2"), secret=ANA.secret) == 200
    async with api.runtime.database.transaction() as connection:
        over = api.runtime.clock() - timedelta(seconds=1)
        await connection.execute(update(app).values(secret_before_until=over))
    api.runtime.directories.expire()
    assert await api.entrance.post(body("wamid.3"), secret=ANA.secret) == 403
    assert await api.entrance.post(body("wamid.4"), secret="the-new-one") == 200


async def test_a_channel_whose_provider_is_silent_does_not_work(
    quick_api: Api,
) -> None:
    answer = await quick_api.admin.post("/v1/channels/chn_10001/check")
    assert answer.status == 200, answer.raw
    assert answer.body["works"] is False
    assert answer.body["error"]


async def test_a_channel_is_checked_with_its_provider(sqlite_url: str) -> None:
    async def account(request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer token"
        given = {"verified_name": "Mavi Kahve", "display_phone_number": "+90 212"}
        return web.json_response({**given, "id": "10001"})

    listener, graph = bind("127.0.0.1", 0), web.Application()
    graph.router.add_get("/{version}/{number}", account)
    async with listening(graph, listener) as port:
        url = f"http://127.0.0.1:{port}"
        async with open_api(sqlite_url, graph_api_url=url) as api:
            answer = await api.admin.post("/v1/channels/chn_10001/check")
    assert answer.body["works"] is True, answer.raw
    assert answer.body["name"] == "Mavi Kahve"
