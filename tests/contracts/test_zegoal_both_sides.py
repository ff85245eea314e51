"""Our orders in our own Zegoal face: the sink and the face prove each other."""

import json
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.calling import take_order
from bot.worker.delivering import Events
from orders.domain.calling import OrderCall
from orders.domain.events import SinkAccount
from orders.domain.ids import Face, Kind
from orders.domain.order import Order, OrderState, Origin
from orders.ids import resolve_id
from orders.outbox.delivery import Closed, Refused, Unavailable
from orders.outbox.relay import Patience, Relay
from orders.outbox.store import Topic
from orders.provisioning.memory import ShortMemory
from orders.provisioning.options import BadOptions, stored_options
from orders.provisioning.registry import KEYED, OPTIONS, REQUIRED
from orders.provisioning.sink import SinkDelivery, SinkTenant
from orders.provisioning.zegoal import ZegoalSink
from orders.provisioning.zegoal_body import order_body
from orders.sinks import add_sink
from orders.store import load_order
from orders.table import order as order_table
from tests.api import Api, open_api
from tests.bot.web.entrance import ANA
from tests.factories import NOON, an_order, an_order_line
from tests.purchase_calls import by_hand
from tests.zegoal import Zegoal, furnish_zegoal

SHOP = SinkTenant("tenant_1", "Çay Evi", "Europe/Istanbul", "TRY", "TR")
_numbers = iter(range(1, 1000))


@pytest.fixture(scope="module")
async def api(
    tmp_path_factory: pytest.TempPathFactory, migrated_file: Path
) -> AsyncIterator[Api]:
    path = shutil.copy(migrated_file, tmp_path_factory.mktemp("zegoal"))
    names = ("api_limit_per_key", "api_limit_per_tenant")
    async with open_api(f"sqlite:///{path}", **dict.fromkeys(names, 10**6)) as api:
        yield api


@pytest.fixture(scope="module")
async def there(api: Api) -> Zegoal:
    """Return the other system, which is ours in fact."""
    return await furnish_zegoal(api)


@pytest.fixture
def sent(there: Zegoal) -> SinkDelivery:
    """Return an order of somebody who is new there."""
    number = next(_numbers)
    order = an_order(
        id=f"order_{number}",
        number=1000 + number,
        customer_id=f"customer_{number}",
        name=f"Çağla {number}",
        note="ring twice",
    )
    return SinkDelivery(
        event_id=f"order:order_{number}:sink:sink_1",
        url=f"{there.caller.url}/",
        secret=there.caller.key or "",
        order=order,
        tenant=SHOP,
        sent_at=NOON,
        options={"tenant": "orderingtenant885"},
        memory=ShortMemory(),
    )


@pytest.fixture
def sink(api: Api) -> ZegoalSink:
    return ZegoalSink(api.entrance.session)


async def made(api: Api, order_id: str | None) -> Order:
    """Return the order that is there by that id."""
    async with api.runtime.database.reading() as connection:
        ours = await resolve_id(
            connection, "tnt_minsk", Face.ZEGOAL, Kind.ORDER, order_id or ""
        )
        stored = await load_order(connection, "tnt_minsk", ours or "")
    assert stored is not None
    return stored.order


async def count(api: Api) -> int:
    async with api.runtime.database.reading() as connection:
        found = await connection.scalar(select(func.count()).select_from(order_table))
    return found or 0


async def test_an_order_is_made_there_as_it_was_agreed_here(
    api: Api, sink: ZegoalSink, sent: SinkDelivery
) -> None:
    order = sent.order
    theirs = await sink.deliver(sent)
    stored = await made(api, theirs)
    assert stored.origin is not None
    assert stored.origin.face == "zegoal"
    assert (stored.name, stored.phone) == (order.name, order.phone)
    assert stored.note == f"ring twice\nchatorder {order.number} {order.id}"
    assert stored.address is not None
    assert order.address is not None
    assert stored.address.text == order.address.text
    (line,) = stored.lines
    assert (line.name, line.sku, line.unit) == ("Latte", "LATTE", "piece")
    assert (line.quantity, line.unit_price) == (Decimal(2), Decimal("85.5"))
    assert stored.grand_total == order.grand_total
    assert await sent.memory.recall("order", order.id) == theirs


async def test_what_was_answered_is_remembered_and_never_sent_again(
    api: Api, sink: ZegoalSink, sent: SinkDelivery
) -> None:
    first = await sink.deliver(sent)
    before = await count(api)
    # Nothing could be sent: the address is nobody's any more.
    gone = replace(sent, url="http://127.0.0.1:9/", sent_at=NOON + timedelta(days=2))
    assert await sink.deliver(gone) == first
    assert await count(api) == before


async def test_an_answer_that_got_lost_makes_no_second_order(
    api: Api, sink: ZegoalSink, sent: SinkDelivery
) -> None:
    first = await sink.deliver(sent)
    before = await count(api)
    again = replace(sent, memory=ShortMemory(), sent_at=NOON + timedelta(hours=1))
    assert await sink.deliver(again) == first
    # Whatever became of the order here meanwhile: two of them are never made.
    edited = replace(again.order, note="ring once")
    with pytest.raises(Refused, match="HTTP 409: code 9"):
        await sink.deliver(replace(again, memory=ShortMemory(), order=edited))
    assert await count(api) == before


async def test_a_customer_is_one_account_whatever_they_order(
    api: Api, sink: ZegoalSink, sent: SinkDelivery
) -> None:
    first = await sink.deliver(sent)
    another = replace(sent.order, id=f"{sent.order.id}b")
    second = await sink.deliver(
        replace(sent, order=another, event_id=f"{sent.event_id}b")
    )
    assert first != second
    orders = [await made(api, each) for each in (first, second)]
    assert orders[0].customer_id == orders[1].customer_id


async def test_a_product_that_the_catalog_there_has_is_a_position_of_it(
    api: Api, there: Zegoal, sink: ZegoalSink, sent: SinkDelivery
) -> None:
    known = await there.added(
        name="Латте", external_code="erp-latte", default_parameters={"price": 9}
    )
    snapshot = {"id": "product_latte", "variants": [], "external_id": "erp-latte"}
    lines = (
        an_order_line(snapshot=snapshot),
        an_order_line(id="L2", snapshot={**snapshot, "external_id": "unknown"}),
    )
    order = replace(sent.order, lines=lines, subtotal=34200, grand_total=34200)
    theirs = await sink.deliver(replace(sent, order=order))
    first, second = (await made(api, theirs)).lines
    # The price is the one that the customer agreed to.
    assert (first.name, first.unit_price) == ("Латте", Decimal("85.5"))
    assert first.product_id
    assert (second.name, second.product_id) == ("Latte", "")
    notes = [
        await sent.memory.recall("position", f"{order.id}/{n}") for n in ("L1", "L2")
    ]
    assert notes == [str(known["catalog_position_id"]), "-"]


async def test_discounts_taxes_and_the_delivery_are_in_the_total(
    api: Api, sink: ZegoalSink, sent: SinkDelivery
) -> None:
    lines = (
        an_order_line(quantity=Decimal(3), discount=1000, total=24650),
        an_order_line(id="L2", unit_price=Decimal("0.333333"), total=67),
    )
    order = replace(
        sent.order, lines=lines, shipping_total=1990, grand_total=24650 + 67 + 1990
    )
    theirs = await sink.deliver(replace(sent, order=order))
    stored = await made(api, theirs)
    assert stored.grand_total == order.grand_total
    assert [line.total for line in stored.lines] == [24650, 67, 1990]


async def test_what_the_other_side_refuses_is_told_in_its_words(
    api: Api, sink: ZegoalSink, sent: SinkDelivery
) -> None:
    before = await count(api)
    taken = replace(sent, order=replace(sent.order, name="NewClient_1"))
    with pytest.raises(Refused, match=r"HTTP 409: code 6: customer_name: NewClient_1"):
        await sink.deliver(taken)
    elsewhere = replace(sent, options={"tenant": "another"})
    with pytest.raises(Refused, match=r"HTTP 403: code 3: tenant: the key belongs"):
        await sink.deliver(elsewhere)
    with pytest.raises(Refused, match=r"code 3: tenant"):
        await sink.deliver(replace(sent, options={}))  # The shop's own name.
    with pytest.raises(Closed, match="HTTP 401"):
        await sink.deliver(replace(sent, secret="co_another_key_of_nobody"))
    assert await count(api) == before


async def test_a_cancelled_order_needs_a_person_there(
    sink: ZegoalSink, sent: SinkDelivery
) -> None:
    theirs = await sink.deliver(sent)
    with pytest.raises(Refused, match=f"cancel order {theirs} there"):
        await sink.deliver(replace(sent, cancelled_at=NOON))


ANSWERS = {
    "an error with a 200": (
        {"processing_result": {"code": 7, "status": "error", "text": "no stock"}},
        "code 7: no stock",
    ),
    "other words": ({"ok": True}, "other words than Zegoal's"),
}


@pytest.mark.parametrize("name", ANSWERS)
async def test_a_200_that_is_no_yes_is_a_no(
    sink: ZegoalSink, sent: SinkDelivery, name: str
) -> None:
    answer, says = ANSWERS[name]

    async def handle(_: web.Request) -> web.Response:
        return web.json_response(answer)

    app = web.Application()
    app.router.add_post("/api/CreateOrder", handle)
    async with TestServer(app) as server:
        url = str(server.make_url("/api/CreateOrder"))
        with pytest.raises(Refused, match=says):
            await sink.deliver(replace(sent, url=url))
    assert await sent.memory.recall("order", sent.order.id) is None


async def test_a_system_without_a_catalog_call_gets_all_by_hand(
    sink: ZegoalSink, sent: SinkDelivery
) -> None:
    received: list[Any] = []

    async def handle(request: web.Request) -> web.Response:
        received.append((request.headers, await request.json()))
        return web.Response()

    app = web.Application()
    app.router.add_post("/CreateOrder", handle)
    line = an_order_line(snapshot={"external_id": "erp-latte"})
    order = replace(sent.order, lines=(line,))
    async with TestServer(app) as server:
        url = str(server.make_url("/"))
        # Nothing was answered: it is there, and nobody knows what it is called.
        assert await sink.deliver(replace(sent, url=url, order=order)) is None
    ((headers, body),) = received
    assert headers["Authorization"] == f"Bearer {sent.secret}"
    assert headers["Idempotency-Key"] == f"{sent.event_id}:order"
    assert "webhook-signature" not in headers
    assert "catalog_position_id" not in body["order_positions"][0]


async def test_while_the_catalog_cannot_be_asked_nothing_is_ordered(
    api: Api, sink: ZegoalSink, sent: SinkDelivery
) -> None:
    received: list[str] = []

    async def handle(request: web.Request) -> web.Response:
        received.append(request.path)
        return web.Response(status=503, headers={"Retry-After": "7"})

    app = web.Application()
    app.router.add_post("/{what}", handle)
    line = an_order_line(snapshot={"external_id": "erp-latte"})
    async with TestServer(app) as server:
        order = replace(sent.order, lines=(line,))
        url = str(server.make_url("/"))
        with pytest.raises(Unavailable) as caught:
            await sink.deliver(replace(sent, url=url, order=order))
    assert caught.value.retry_after == timedelta(seconds=7)
    assert received == ["/GetOrderingCatalog"]


def test_each_attempt_says_the_same() -> None:
    order = an_order(due_at=NOON + timedelta(days=1))
    bodies = [
        json.dumps(order_body(each, "Europe/Istanbul", "t", {}))
        for each in (order, replace(order, state=OrderState.PROVISIONING_FAILED))
    ]
    assert bodies[0] == bodies[1]
    read = json.loads(bodies[0])
    assert read["order_status"] == "Draft"
    assert read["start_date"] < read["end_date"]
    assert "email" not in read
    # Without a customer it is an account of its own.
    assert read["external_customer_id"] == "order_1"
    nothing = order_body(replace(order, lines=()), "UTC", "t", {})
    assert nothing["order_positions"] == []


def test_the_kind_is_known_with_its_settings() -> None:
    assert "zegoal" in KEYED
    assert {field.value for field in REQUIRED["zegoal"]} == {"name"}
    kind = OPTIONS["zegoal"]
    assert stored_options(kind, {}) == {}
    assert stored_options(kind, {"tenant": "x"}) == {"tenant": "x"}
    with pytest.raises(BadOptions, match="tenant"):
        stored_options(kind, {"tenant": ""})


async def test_an_order_that_was_delivered_has_its_number_there(
    api: Api, there: Zegoal
) -> None:
    runtime, now = api.runtime, api.runtime.clock()
    account = SinkAccount(
        id="sink_zegoal",
        tenant_id=ANA.tenant_id,
        kind="zegoal",
        url=f"{there.caller.url}/CreateOrder",
        secret=runtime.seal_secret(there.caller.key or ""),
        options={"tenant": there.tenant},
    )
    call = OrderCall(
        tenant_id=ANA.tenant_id,
        origin=Origin("akinon", "5"),
        currency="TRY",
        lines=(by_hand(),),
        raw={},
        name="Ada Lovelace",
    )

    async def place(connection: AsyncConnection) -> str:
        await add_sink(connection, account, now=now)
        called = await take_order(
            connection,
            call,
            actor="key:1",
            overdue_after=timedelta(hours=1),
            new_id=runtime.new_id,
            now=now,
        )
        return called.order.id

    order_id = await runtime.database.retried(place)
    relay = Relay(
        runtime.database.transaction,
        {Topic.EVENT: Events(runtime)},
        clock=runtime.clock,
        jitter=lambda: 0.0,
        patience=Patience(lease=timedelta(seconds=10)),
    )
    assert await relay.once() == 1
    async with runtime.database.reading() as connection:
        stored = await load_order(connection, ANA.tenant_id, order_id)
    assert stored is not None
    theirs = await made(api, stored.order.external_id)
    assert theirs.grand_total == stored.order.grand_total
    assert theirs.name == "Ada Lovelace"
    # Nobody calls back to say that it took the order: it said so at once.
    assert stored.order.state is OrderState.PROVISIONED


async def test_such_a_sink_is_added_over_the_api_with_a_key(
    api: Api, there: Zegoal
) -> None:
    body = {"kind": "zegoal", "url": there.caller.url, "secret": there.caller.key}
    added = await api.admin.post("/v1/sinks", {**body, "options": {"tenant": "t"}})
    assert added.status == 201, added.raw
    assert added.body["options"] == {"tenant": "t"}
    for changed, field in (
        ({"secret": None}, "secret"),
        ({"options": {"tennant": "t"}}, "options"),
    ):
        answer = await api.admin.post("/v1/sinks", {**body, **changed})
        assert answer.status == 422, answer.raw
        assert answer.body["errors"][0]["field"] == field
