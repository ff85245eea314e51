"""What a merchant's own systems hear: in their form, in order, as it was right then."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.inbox.table import conversation
from bot.inbox.users import add_user, change_user
from bot.worker.surroundings import around_order
from orders import OrderState
from orders.domain.draft import Evidence, Source
from orders.domain.event_types import EVENT_TYPES
from orders.domain.events import SinkAccount
from orders.domain.order import PaymentStatus
from orders.domain.shop import Shop
from orders.provisioning.signing import verify
from orders.sinks import add_sink
from orders.standing import set_payment
from orders.store import history, load_order
from tests.bot.worker.by_hand import ByHand, by_hand
from tests.progress import advance

SECRET = "whsec_" + "c2VjcmV0" * 4
OVERDUE = 600
NEW: Mapping[str, Mapping[str, object]] = {
    "webhook": {"format": "cloudevents"},
    "omnichat": {"status_changes": True, "order_account": "ERP-2"},
}


class Receiver:
    """The merchant's own systems: what each got, in its order."""

    def __init__(self) -> None:
        self.got: dict[str, list[Any]] = {kind: [] for kind in NEW}

    async def take(self, request: web.Request) -> web.Response:
        body, sent = await request.read(), request.headers["webhook-timestamp"]
        assert verify(SECRET, request.headers, body, now=_moment(sent))
        self.got[request.match_info["kind"]].append(json.loads(body))
        return web.Response()


def _moment(seconds: str) -> datetime:
    return datetime.fromtimestamp(int(seconds), tz=UTC)


@pytest.fixture
async def receiver() -> AsyncIterator[tuple[Receiver, str]]:
    app, receiver = web.Application(), Receiver()
    app.router.add_post("/{kind}", receiver.take)
    async with TestServer(app) as server:
        yield receiver, str(server.make_url("/"))


@pytest.fixture
async def shop(
    sqlite_url: str, tmp_path: Path, receiver: tuple[Receiver, str]
) -> AsyncIterator[ByHand]:
    """Open a shop with the two new sinks beside its ERP, which says nothing yet."""
    settings = {"provisioning_overdue_seconds": OVERDUE}
    async with by_hand(sqlite_url, tmp_path, **settings) as opened:
        opened.house.erp.provisioning_seconds = 36_000
        runtime = opened.house.runtime
        async with runtime.database.transaction() as connection:
            for kind, options in NEW.items():
                account = SinkAccount(
                    id=f"sink_{kind}",
                    tenant_id=opened.house.tenant_id,
                    kind=kind,
                    url=receiver[1] + kind,
                    secret=runtime.seal_secret(SECRET),
                    options=options,
                )
                await add_sink(connection, account, now=runtime.clock())
        yield opened


async def ordered(shop: ByHand) -> str:
    ana = shop.house.phone()
    for words in ("1 latte", "pick up", "yes"):
        await shop.hear(ana, words)
    await shop.deliver(times=6)
    (placed,) = await shop.house.orders()
    return str(placed.id)


async def moved(shop: ByHand, order_id: str, target: OrderState, **more: Any) -> None:
    await advance(
        shop.house.runtime,
        tenant_id=shop.house.tenant_id,
        order_id=order_id,
        target=target,
        **({"actor": "user:u1"} | more),
    )


async def test_every_step_is_told_as_the_order_stood_right_after_it(
    shop: ByHand, receiver: tuple[Receiver, str]
) -> None:
    got, order_id = receiver[0].got, await ordered(shop)
    runtime, tenant_id = shop.house.runtime, shop.house.tenant_id
    said = {"actor": "callback", "message": "created", "responsible": "ERP"}
    await moved(shop, order_id, OrderState.PROVISIONED, **said)
    async with runtime.database.transaction() as connection:
        stored = await load_order(connection, tenant_id, order_id)
        assert stored is not None
        for _ in range(2):
            await set_payment(
                connection,
                stored,
                PaymentStatus.PAID,
                actor="key:k1",
                now=runtime.clock(),
            )
    await moved(shop, order_id, OrderState.CANCELLED)
    await shop.deliver(times=6)

    assert [each["type"] for each in got["webhook"]] == [
        "order.placed",
        "order.updated",
        "order.updated",
        "order.cancelled",
    ]
    for each in got["webhook"]:
        assert (each["subject"], each["partitionkey"]) == (order_id, order_id)
        EVENT_TYPES[each["type"]].model.model_validate(each["data"])
    assert len({each["id"] for each in got["webhook"]}) == 4
    provisioned, paid = (each["data"] for each in got["webhook"][1:3])
    assert provisioned["order"]["state"] == "provisioned"
    assert provisioned["order"]["payment_status"] == "unpaid"
    assert provisioned["change"]["message"] == "created"
    assert (paid["change"]["kind"], paid["change"]["value"]) == ("payment", "paid")
    versions = [each["order"]["entity_version"] for each in (provisioned, paid)]
    assert versions[0] + 1 == versions[1]

    first, *news = got["omnichat"]
    assert (first["objectId"], first["salesChannel"]) == (order_id, "WhatsApp")
    assert first["orderAccountSelected"] == "ERP-2"
    words = [each["statusChange"]["status"] for each in news]
    assert words == ["ORDER_GATEWAY_PROVISIONED", "PAID", "CANCELLED"]
    assert news[0]["statusChange"]["responsible"] == "ERP"
    changes = [each["status"] for each in news[0]["order"]["statusChanges"]]
    assert changes == ["CREATED", "CREATED", "ORDER_GATEWAY_PROVISIONED"]
    # The sink of before hears what it always heard.
    (known,) = shop.house.erp.orders.values()
    assert known.object_id == order_id


async def test_o1_silence_after_a_200_becomes_an_agents_task(
    shop: ByHand, receiver: tuple[Receiver, str]
) -> None:
    order_id = await ordered(shop)
    (placed,) = await shop.house.orders()
    assert placed.state == OrderState.PROVISIONING, "200 is not provisioned"
    shop.wait(seconds=OVERDUE + 60)
    await shop.deliver(times=6)
    (chat,) = await shop.house.rows(conversation)
    assert chat.attention == "provisioning"
    overdue = receiver[0].got["webhook"][-1]
    assert overdue["type"] == "order.provisioning_overdue"
    EVENT_TYPES[overdue["type"]].model.model_validate(overdue["data"])
    assert overdue["data"]["order"] == {"id": order_id, "number": placed.number}


async def test_o5_o6_a_failure_and_its_reason_reach_the_agent_and_the_customer(
    shop: ByHand, receiver: tuple[Receiver, str]
) -> None:
    order_id = await ordered(shop)
    reason = {"actor": "callback", "message": "zip code not served"}
    await moved(shop, order_id, OrderState.PROVISIONING_FAILED, **reason)
    await shop.deliver(times=6)
    (chat,) = await shop.house.rows(conversation)
    assert chat.attention == "provisioning"
    change = receiver[0].got["webhook"][-1]["data"]["change"]
    assert (change["value"], change["message"]) == (
        "provisioning_failed",
        "zip code not served",
    )
    assert receiver[0].got["omnichat"][-1]["statusChange"]["status"] == "ERROR"
    told = [bubble.words for bubble in shop.house.phone().inbox]
    assert any("delay" in words for words in told)


async def test_a_conversation_that_needs_a_person_is_told_once(
    shop: ByHand, receiver: tuple[Receiver, str]
) -> None:
    ana = shop.house.phone()
    await shop.hear(ana, "I want to talk to a human")
    await shop.hear(ana, "hello?")
    await shop.deliver(times=6)
    (asked,) = receiver[0].got["webhook"]
    assert asked["type"] == "conversation.needs_person"
    EVENT_TYPES[asked["type"]].model.model_validate(asked["data"])
    assert asked["data"]["conversation"]["why"] == "request"
    assert receiver[0].got["omnichat"] == []


async def test_o9_the_agent_who_confirmed_is_the_seller_with_their_team(
    shop: ByHand,
) -> None:
    order_id = await ordered(shop)
    runtime, tenant_id = shop.house.runtime, shop.house.tenant_id
    async with runtime.database.transaction() as connection:
        user = await add_user(
            connection,
            id="user_9",
            tenant_id=tenant_id,
            email="bia@shop.example",
            name="Bia Souza",
            role="agent",
            password_hash="x",
            now=runtime.clock(),
        )
        known = {"external_id": "E-9", "team": "Centro", "sales_code": "S-9"}
        await change_user(connection, tenant_id, user.id, known_as=known)
        stored = await load_order(connection, tenant_id, order_id)
        assert stored is not None
        agent = Evidence(Source.AGENT, actor="user:user_9")
        stored = replace(stored, order=replace(stored.order, approved_by=agent))
        moves = await history(connection, order_id)
        around = await around_order(connection, stored, Shop(), moves)
        seller = around.sales_person
        assert seller is not None
        assert (seller.name, seller.external_id, seller.code) == (
            "Bia Souza",
            "E-9",
            "S-9",
        )
        assert seller.team is not None
        assert seller.team.name == "Centro"
        gone = await change_user(connection, tenant_id, user.id, known_as={"team": ""})
        assert (gone.team, gone.external_id) == (None, "E-9")
