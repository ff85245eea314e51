"""Our orders in our own Akinon face: the sink and the face prove each other."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import aiohttp
import pytest
from sqlalchemy import select

from bot.inbox.calling import take_order
from bot.privacy.rooms import ROOMS
from bot.privacy.subject import Subject
from bot.worker.delivering import handlers
from bot.worker.remembering import StoredMemory
from bot.worker.standing import Standings
from catalog.lookup import find_products
from orders import Fulfilment
from orders.domain.calling import CalledLine, OrderCall
from orders.domain.draft import Evidence, Source
from orders.domain.order import Order, OrderState, Origin
from orders.order_rows import load_order
from orders.outbox.delivery import Refused, Unavailable
from orders.outbox.relay import Relay
from orders.provisioning.akinon import AkinonSink
from orders.provisioning.akinon_body import AkinonOptions, order_body
from orders.provisioning.memory import ShortMemory
from orders.provisioning.options import BadOptions, read_options
from orders.provisioning.registry import SINKS
from orders.provisioning.sink import OrderStep, SinkDelivery, SinkTenant
from orders.sinks import load_sinks
from orders.table import sink_made
from tests.akinon import Channel, open_channel
from tests.api import Api, open_api
from tests.bot.web.entrance import ANA, BEN
from tests.bot.worker.by_hand import PATIENCE
from tests.factories import NOON, an_address, an_order, an_order_line

SHOP = SinkTenant("tenant_1", "Çay Evi", "Europe/Istanbul", "TRY", "TR")


@dataclass
class Breaking:
    """A client session that breaks at the n-th call: before it, or after its answer."""

    session: aiohttp.ClientSession
    at: int = 0  #: 0: never.
    is_heard: bool = True  #: The other side did it all the same.
    calls: list[str] = field(default_factory=list)

    def request(self, method: str, url: Any, **given: Any) -> "_Exchange":
        self.calls.append(f"{method} {url.path.rstrip('/').rpartition('/')[2]}")
        breaks = len(self.calls) == self.at
        return _Exchange(self, (method, url, given), breaks=breaks)


class _Exchange:
    def __init__(self, owner: Breaking, call: Any, *, breaks: bool) -> None:
        self._owner, self._call, self._breaks = owner, call, breaks

    async def __aenter__(self) -> aiohttp.ClientResponse:
        method, url, given = self._call
        if self._breaks and not self._owner.is_heard:
            raise aiohttp.ClientConnectionError("no way there")
        answer = await self._owner.session.request(method, url, **given)
        if self._breaks:
            await answer.read()
            raise TimeoutError
        return answer

    async def __aexit__(self, *_: object) -> None:
        return None


@pytest.fixture(scope="module")
async def api(tmp_path_factory: Any, migrated_file: Any) -> AsyncIterator[Api]:
    path = tmp_path_factory.mktemp("akinon") / "shop.db"
    path.write_bytes(migrated_file.read_bytes())
    names = ("api_limit_per_key", "api_limit_per_tenant")
    async with open_api(f"sqlite:///{path}", **dict.fromkeys(names, 10**6)) as api:
        await open_channel(api.runtime, ANA.tenant_id, "chn_10001", 5)
        yield api


@pytest.fixture(scope="module")
async def channel(api: Api) -> Channel:
    return await Channel(api.nobody).furnish()


_numbers = iter(range(1, 1_000))


@pytest.fixture
def sent(channel: Channel) -> SinkDelivery:
    """Return an order of a customer whom Akinon does not know yet."""
    number = next(_numbers)
    order = an_order(
        id=f"order_{number}",
        number=number,
        customer_id=f"customer_{number}",
        confirmed_by=Evidence(Source.MESSAGE, ref="msg_9", actor="con_1"),
        shipping_total=1000,
        grand_total=18100,
    )
    made = channel.made
    names = ("payment_option", "cargo_company", "price_list", "stock_list")
    return SinkDelivery(
        event_id=f"order:order_{number}:sink:sink_1",
        url=channel.caller.url + "/",
        secret=channel.key,
        order=order,
        tenant=SHOP,
        sent_at=NOON,
        conversation_id="cnv_1",
        options={"channel_id": 5, **{name: made[name] for name in names}},
        memory=ShortMemory(),
    )


def sink(session: Any) -> AkinonSink:
    return AkinonSink(session)


async def deliver(channel: Channel, delivery: SinkDelivery) -> None:
    await sink(channel.caller.session).deliver(delivery)


async def there(channel: Channel, delivery: SinkDelivery) -> Mapping[str, Any]:
    """Return the one order that came of a delivery."""
    number = delivery.order.number
    found = await channel.ok("GET", f"orders/?number={number}")
    assert found["count"] == 1
    told: Mapping[str, Any] = found["results"][0]
    return told


async def people(channel: Channel, delivery: SinkDelivery) -> tuple[int, int]:
    """Return how many customers and addresses came of a delivery."""
    code = delivery.order.customer_id
    found = await channel.ok("GET", f"customers/?channel_code={code}")
    customers = found["results"]
    if not customers:
        return 0, 0
    addresses = await channel.ok("GET", f"addresses/?customer={customers[0]['pk']}")
    return len(customers), addresses["count"]


async def test_an_order_arrives_with_customer_address_and_chat_a2_a9_a10(
    channel: Channel, sent: SinkDelivery
) -> None:
    order = replace(
        sent.order,
        gift_note="Nice birthday!",
        note="ring twice",
        due_at=NOON + timedelta(hours=2),
        recipient="Grace Hopper",
    )
    await deliver(channel, replace(sent, order=order))
    told = await there(channel, sent)
    assert told["status"] == "waiting"
    assert told["extra_field"] == {
        "order_id": order.id,
        "thread_id": "cnv_1",
        "message_id": "msg_9",
        "draft_id": "draft_1",
        "draft_version": 3,
    }
    assert (told["amount"], told["shipping_amount"]) == (181, 10)
    assert told["date_placed"] == NOON.isoformat()
    assert (told["has_gift_box"], told["gift_box_note"]) == (True, "Nice birthday!")
    assert told["notes"] == "ring twice"
    assert told["delivery_type"] == "same_day"
    assert told["delivery_range"]["start"].endswith("+03:00")
    (item,) = told["order_item"]
    assert item["product"] == channel.made["product"]
    assert item["extra_field"]["line_id"] == "L1"
    found = await channel.ok("GET", f"customers/?channel_code={order.customer_id}")
    (person,) = found["results"]
    assert (person["first_name"], person["last_name"]) == ("Ada", "Lovelace")
    addresses = await channel.ok("GET", f"addresses/?customer={person['pk']}")
    assert addresses["results"][0]["first_name"] == "Grace"


async def test_the_same_event_again_makes_nothing_again_a3(
    channel: Channel, sent: SinkDelivery
) -> None:
    await deliver(channel, sent)
    await deliver(channel, sent)
    forgetful = replace(
        sent,
        memory=ShortMemory(),
        order=replace(sent.order, state=OrderState.PROVISIONED),
    )
    await deliver(channel, forgetful)
    assert await people(channel, sent) == (1, 1)
    assert (await there(channel, sent))["status"] == "waiting"


@dataclass(frozen=True)
class Break:
    """Which calls of a delivery break, how, and whether the notes outlive it."""

    id: str
    at: Sequence[int]
    is_heard: bool
    remembers: bool


BREAKS = [
    Break("an answer is lost", (1, 2, 4, 6), is_heard=True, remembers=True),
    Break(
        "an answer and the notes are lost", (2, 4, 6), is_heard=True, remembers=False
    ),
    Break("a call is lost", (4, 6), is_heard=False, remembers=True),
]


@pytest.mark.parametrize("case", BREAKS, ids=lambda case: case.id)
async def test_a_retry_after_a_break_at_any_step_makes_nothing_twice_a2_a3(
    channel: Channel, sent: SinkDelivery, case: Break
) -> None:
    """Six calls make an order: whichever breaks, the next attempt goes on."""
    for at in case.at:
        number = next(_numbers)
        order = replace(
            sent.order, id=f"o{number}", number=number, customer_id=f"c{number}"
        )
        delivery = replace(
            sent, order=order, event_id=f"e{number}", memory=ShortMemory()
        )
        broken = Breaking(channel.caller.session, at, case.is_heard)
        with pytest.raises(Unavailable, match="no answer"):
            await sink(broken).deliver(delivery)
        if not case.remembers:
            delivery = replace(delivery, memory=ShortMemory())
        whole = Breaking(channel.caller.session)
        await sink(whole).deliver(delivery)
        assert await people(channel, delivery) == (1, 1)
        assert (await there(channel, delivery))["extra_field"]["order_id"] == order.id
        if case.remembers and at == 6:
            posted = [call for call in whole.calls if call.startswith("POST")]
            assert posted == ([] if case.is_heard else ["POST create_orders"])


async def test_two_attempts_at_the_same_moment_make_one_of_everything_a3(
    channel: Channel, sent: SinkDelivery
) -> None:
    """A person sends it once more while a slow attempt still works."""
    other = replace(sent, memory=ShortMemory(), event_id="by-hand")
    await asyncio.gather(deliver(channel, sent), deliver(channel, other))
    assert await people(channel, sent) == (1, 1)
    assert (await there(channel, sent))["number"] == str(sent.order.number)


async def test_a_second_order_of_a_customer_uses_what_is_there_a2(
    channel: Channel, sent: SinkDelivery
) -> None:
    await deliver(channel, sent)
    number = next(_numbers)
    order = replace(sent.order, id="another", number=number)
    await deliver(channel, replace(sent, order=order, memory=ShortMemory()))
    assert await people(channel, sent) == (1, 1)
    moved = replace(
        order, id="third", number=next(_numbers), address=an_address(number="9")
    )
    await deliver(channel, replace(sent, order=moved, event_id="third"))
    assert await people(channel, sent) == (1, 2)


async def test_a_number_that_is_anothers_order_is_a_no_a3(
    channel: Channel, sent: SinkDelivery
) -> None:
    await deliver(channel, sent)
    other = replace(sent.order, id="other_shop")
    with pytest.raises(Refused, match="with another body"):
        await deliver(
            channel, replace(sent, order=other, event_id="x", memory=ShortMemory())
        )
    prefixed = {**sent.options, "number_prefix": "B-"}
    await deliver(
        channel,
        replace(
            sent, order=other, event_id="y", memory=ShortMemory(), options=prefixed
        ),
    )
    found = await channel.ok("GET", f"orders/?number=B-{other.number}")
    assert found["count"] == 1


async def test_what_the_channel_does_not_sell_is_told_by_its_sku_a2(
    channel: Channel, sent: SinkDelivery
) -> None:
    order = replace(sent.order, lines=(an_order_line(sku="NOWHERE"),))
    with pytest.raises(Refused, match="no product with the SKU 'NOWHERE'"):
        await deliver(channel, replace(sent, order=order))


async def test_a_key_that_is_none_closes_the_sink(
    channel: Channel, sent: SinkDelivery
) -> None:
    with pytest.raises(Refused, match="HTTP 401"):
        await deliver(channel, replace(sent, secret="co_nobody_at_all"))


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (OrderState.CONFIRMED, "waiting"),
        (OrderState.PROVISIONING_FAILED, "waiting"),
        (OrderState.PAYMENT_PENDING, "payment_waiting"),
        (OrderState.PAID, "approved"),
        (OrderState.DELIVERED, "approved"),
        (OrderState.REFUNDED, "waiting"),
    ],
)
def test_we_send_no_other_status_than_200_300_350_400_a4(
    sent: SinkDelivery, state: OrderState, status: str
) -> None:
    assert told(sent, state=state)["order"]["status"] == status
    chosen = {**sent.options, "status": "confirmation_waiting"}
    said = told(replace(sent, options=chosen), state=state)
    assert said["order"]["status"] == "confirmation_waiting"
    with pytest.raises(BadOptions, match="status"):
        read_options(AkinonOptions, {**sent.options, "status": "shipped"})


def told(delivery: SinkDelivery, **changes: Any) -> Any:
    order: Order = replace(delivery.order, **changes)
    return order_body(
        replace(delivery, order=order),
        read_options(AkinonOptions, delivery.options),
        customer=1,
        address=1,
        products={line.sku: 1 for line in order.lines},
    )


def test_amounts_keep_akinons_rule_with_tax_beside_prices_a6(
    sent: SinkDelivery,
) -> None:
    line = an_order_line(
        quantity=Decimal(3), subtotal=10000, discount=1000, tax=1800, total=10800
    )
    body = told(
        sent,
        lines=(line,),
        tax_included=False,
        discount_total=1000,
        shipping_total=500,
        grand_total=11300,
    )
    order, (item,) = body["order"], body["order_item"]
    assert item["total_price"] == 118
    assert abs(item["unit_price"] * 3 - item["total_price"]) < 0.01
    sums = item["total_price"] + order["shipping_amount"] - order["discount_amount"]
    assert (order["amount"], sums) == (113, 113)


def test_when_it_is_wanted_is_told_in_the_shops_time_a10(sent: SinkDelivery) -> None:
    def when(**changes: Any) -> Any:
        order = told(sent, **changes)["order"]
        return order.get("delivery_type"), order.get("delivery_range")

    assert when() == (None, None)
    assert when(fulfilment=Fulfilment.PICKUP) == ("pickup", None)
    day = {
        "start": "2026-11-24T00:00:00+03:00",
        "end": "2026-11-24T23:59:59+03:00",
    }
    due = NOON + timedelta(days=2)
    assert when(due_at=due, due_day_only=True) == ("scheduled", day)


async def test_what_is_picked_up_has_the_shop_as_its_address(
    channel: Channel, sent: SinkDelivery
) -> None:
    order = replace(sent.order, fulfilment=Fulfilment.PICKUP, address=None)
    await deliver(channel, replace(sent, order=order))
    found = await channel.ok("GET", f"customers/?channel_code={order.customer_id}")
    pk = found["results"][0]["pk"]
    (address,) = (await channel.ok("GET", f"addresses/?customer={pk}"))["results"]
    assert (address["line"], address["title"]) == ("Çay Evi", "pickup")


async def test_an_end_is_a_persons_and_other_news_is_none(
    channel: Channel, sent: SinkDelivery
) -> None:
    with pytest.raises(Refused, match=r"cancel the order \d+ in Akinon"):
        await deliver(channel, replace(sent, cancelled_at=NOON))
    step = OrderStep("state", "shipped", "user:1", None, NOON)
    silent = Breaking(channel.caller.session)
    await sink(silent).deliver(replace(sent, step=step))
    assert silent.calls == []


async def test_options_are_checked_when_they_are_set(api: Api) -> None:
    given = {
        "kind": "akinon",
        "url": "https://sandbox.akinon.com",
        "secret": "an-akinon-api-key-of-ours",
    }
    refused = await api.ben.post("/v1/sinks", given)
    assert refused.status == 422
    assert "channel_id is required" in refused.body["detail"]
    names = (
        "channel_id",
        "payment_option",
        "cargo_company",
        "price_list",
        "stock_list",
    )
    options = dict.fromkeys(names, 5)
    made = await api.ben.post("/v1/sinks", {**given, "options": options})
    assert (made.status, made.body["options"]) == (201, options)
    path = f"/v1/sinks/{made.body['id']}"
    change = {"url": given["url"], "options": {**options, "colour": "red"}}
    refused = await api.ben("PATCH", path, change)
    assert "colour is no option of this kind" in refused.body["detail"]
    change = {"url": given["url"], "options": {**options, "status": "approved"}}
    assert (await api.ben("PATCH", path, change)).status == 200
    assert (await api.ben.read(path))["options"]["status"] == "approved"
    kept = await api.ben("PATCH", path, {"url": given["url"]})
    assert kept.body["options"]["status"] == "approved"
    del given["secret"]
    keyless = await api.ben.post("/v1/sinks", {**given, "options": options})
    assert "we cannot make one" in keyless.body["detail"]
    assert "akinon" in SINKS


async def test_one_shops_worker_fills_anothers_channel_and_forgets_with_the_buyer_a2(
    api: Api,
) -> None:
    """The notes of each step outlive the attempt, and go when the buyer goes."""
    await open_channel(api.runtime, BEN.tenant_id, "chn_20001", 9)
    theirs = await Channel(api.nobody, 9, key=str(api.ben.key)).furnish()
    names = ("payment_option", "cargo_company", "price_list", "stock_list")
    made = await api.admin.post(
        "/v1/sinks",
        {
            "kind": "akinon",
            "url": theirs.caller.url,
            "secret": theirs.key,
            "options": {"channel_id": 9, **{n: theirs.made[n] for n in names}},
        },
    )
    assert made.status == 201, made.raw
    runtime = api.runtime
    async with runtime.database.transaction() as connection:
        (latte,) = await find_products(connection, ANA.tenant_id, skus=["LATTE"])
        called = await take_order(
            connection,
            OrderCall(
                ANA.tenant_id,
                Origin("zegoal"),
                "TRY",
                (CalledLine(latte.id),),
                raw={},
                name="Ada Lovelace",
                phone="+905321234567",
                address=an_address(),
                fulfilment=Fulfilment.DELIVERY,
            ),
            actor="key:1",
            overdue_after=timedelta(minutes=15),
            new_id=runtime.new_id,
            now=runtime.clock(),
        )
    relay = Relay(
        runtime.database.transaction,
        handlers(runtime, Standings(runtime.database)),
        clock=runtime.clock,
        jitter=lambda: 0.5,
        patience=PATIENCE,
    )
    await relay.once(20)
    found = await theirs.ok("GET", f"orders/?number={called.order.number}")
    assert found["results"][0]["extra_field"]["order_id"] == called.order.id
    async with runtime.database.transaction() as connection:
        stored = await load_order(connection, ANA.tenant_id, called.order.id)
        assert stored is not None
        assert stored.order.state is OrderState.PROVISIONING
        mine = sink_made.c.owner_id == called.order.id
        kinds = await connection.scalars(select(sink_made.c.kind).where(mine))
        assert sorted(kinds) == ["address", "customer", "order", "sent"]
        (account,) = [
            each
            for each in (await load_sinks(connection, [ANA.tenant_id]))[ANA.tenant_id]
            if each.id == made.body["id"]
        ]
    memory = StoredMemory(runtime, account)
    first = await memory.recall("customer", called.order.id)
    await memory.note("customer", called.order.id, "77", owner=called.order.id)
    assert await memory.recall("customer", called.order.id) == first
    room = next(each for each in ROOMS if each.name == "made_by_sinks")
    subject = Subject(ANA.tenant_id, "", "", (), (), (), (), (called.order.id,))
    async with runtime.database.reading() as connection:
        rows = await connection.execute(select(sink_made).where(room.whose(subject)))
        assert len(rows.all()) == 4
