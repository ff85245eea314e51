"""What every sink promises, whatever system is behind it."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from orders import Field
from orders.outbox.delivery import Refused, Unavailable
from orders.provisioning.post import TIMEOUT, post, retry_after
from orders.provisioning.registry import KEYED, SINKS
from orders.provisioning.signing import verify
from orders.provisioning.sink import Sink, SinkDelivery, SinkTenant
from tests.factories import NOON, an_order

SHOP = SinkTenant("tenant_1", "Çay Evi", "Europe/Istanbul", "TRY", "TR")
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
#: Kinds that sign what they send; the others have a key, and tests of their own for
#: what they make.
SIGNING = sorted(SINKS.keys() - KEYED)
#: Where a kind sends to, and its own settings, where it has some.
WHERE: Mapping[str, str] = {"akinon": "/"}
OPTIONS: Mapping[str, Mapping[str, object]] = {
    "akinon": {
        "channel_id": 5,
        "payment_option": 1,
        "cargo_company": 1,
        "price_list": 1,
        "stock_list": 1,
    }
}


class Receiver:
    """A merchant's system: remembers what it got, answers what it is told."""

    def __init__(self) -> None:
        self.received: list[tuple[web.Request, bytes]] = []
        self.answer: Answer | None = None

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.received.append((request, await request.read()))
        return web.Response() if self.answer is None else await self.answer(request)

    def answers(self, status: int, text: str = "", **headers: str) -> None:
        async def answer(_: web.Request) -> web.Response:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return web.Response(status=status, text=text, headers=named)

        self.answer = answer


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
async def url(receiver: Receiver) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", receiver.handle)
    async with TestServer(app) as server:
        yield str(server.make_url("/"))


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture(params=SINKS)
def sink(request: pytest.FixtureRequest, session: aiohttp.ClientSession) -> Sink:
    return SINKS[request.param](session)


@pytest.fixture(params=SIGNING)
def signing(request: pytest.FixtureRequest, session: aiohttp.ClientSession) -> Sink:
    return SINKS[request.param](session)


@pytest.fixture
def delivery(url: str) -> SinkDelivery:
    return SinkDelivery(
        event_id="event_1",
        url=f"{url}orders",
        secret="s3cret",
        order=an_order(number=17, name="Çağla ☕"),
        tenant=SHOP,
        sent_at=NOON,
    )


@pytest.fixture
def sent(url: str, sink: Sink, delivery: SinkDelivery) -> SinkDelivery:
    """Return the delivery as a kind has it."""
    where = url + WHERE.get(sink.kind, "/orders")[1:]
    return replace(delivery, url=where, options=OPTIONS.get(sink.kind, {}))


@pytest.mark.parametrize("kind", SINKS)
async def test_a_sink_is_found_by_its_kind(
    kind: str, session: aiohttp.ClientSession
) -> None:
    sink = SINKS[kind](session)
    assert sink.kind == kind
    assert sink.required <= set(Field)


async def test_an_order_arrives_signed_as_json(
    signing: Sink, delivery: SinkDelivery, receiver: Receiver
) -> None:
    await signing.deliver(delivery)
    ((request, body),) = receiver.received
    assert verify("s3cret", request.headers, body, now=NOON) == "event_1"
    assert request.headers["Idempotency-Key"] == "event_1"
    assert request.content_type == "application/json"
    assert "order_1" in json.dumps(json.loads(body))
    assert "Ça" in body.decode()


async def test_the_same_event_again_is_the_same_body_and_id(
    signing: Sink, delivery: SinkDelivery, receiver: Receiver
) -> None:
    await signing.deliver(delivery)
    await signing.deliver(replace(delivery, sent_at=NOON + timedelta(hours=1)))
    (first, body), (second, again) = receiver.received
    assert body == again
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]


@pytest.mark.parametrize("status", [200, 201, 202, 204])
async def test_two_hundreds_are_taken(
    signing: Sink, delivery: SinkDelivery, receiver: Receiver, status: int
) -> None:
    receiver.answers(status)
    await signing.deliver(delivery)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 422, 451])
async def test_a_no_is_a_no_and_shows_what_was_said(
    sink: Sink, sent: SinkDelivery, receiver: Receiver, status: int
) -> None:
    receiver.answers(status, "zip code unknown " + "x" * 9000)
    with pytest.raises(Refused) as caught:
        await sink.deliver(sent)
    said = str(caught.value)
    assert said.startswith(f"HTTP {status}: zip code unknown xxx")
    assert len(said) == len("HTTP 400: ") + 200


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_nobody_follows_a_redirect(
    sink: Sink, sent: SinkDelivery, receiver: Receiver, status: int
) -> None:
    receiver.answers(status, Location="/orders")
    with pytest.raises(Refused, match=f"HTTP {status}"):
        await sink.deliver(sent)
    assert len(receiver.received) == 1


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 599])
async def test_what_may_pass_is_tried_again(
    sink: Sink, sent: SinkDelivery, receiver: Receiver, status: int
) -> None:
    receiver.answers(status, "busy", Retry_After="120")
    with pytest.raises(Unavailable, match=f"HTTP {status}: busy") as caught:
        await sink.deliver(sent)
    assert caught.value.retry_after == timedelta(minutes=2)


async def test_a_connection_that_breaks_is_tried_again(
    sink: Sink, sent: SinkDelivery, receiver: Receiver
) -> None:
    async def hang_up(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    receiver.answer = hang_up
    with pytest.raises(Unavailable, match="no answer"):
        await sink.deliver(sent)


async def test_nobody_there_is_tried_again(
    sink: Sink, sent: SinkDelivery, unused_tcp_port: int
) -> None:
    nobody = replace(sent, url=f"http://127.0.0.1:{unused_tcp_port}/orders")
    with pytest.raises(Unavailable, match="no answer"):
        await sink.deliver(nobody)


@pytest.mark.parametrize("bad", ["not a url", "ftp://127.0.0.1/", "http://"])
async def test_a_url_that_is_none_is_refused(
    sink: Sink, sent: SinkDelivery, bad: str
) -> None:
    with pytest.raises(Refused, match="URL"):
        await sink.deliver(replace(sent, url=bad))


async def test_a_secret_that_cannot_sign_is_refused_and_not_told(
    signing: Sink, delivery: SinkDelivery, receiver: Receiver
) -> None:
    with pytest.raises(Refused, match="secret cannot sign") as caught:
        await signing.deliver(replace(delivery, secret="whsec_%hidden%"))
    assert "hidden" not in str(caught.value)
    assert receiver.received == []


# -- the one POST that they share -----------------------------------------------------


async def test_a_silent_system_is_tried_again(
    session: aiohttp.ClientSession, delivery: SinkDelivery, receiver: Receiver
) -> None:
    asked_enough = asyncio.Event()

    async def think(_: web.Request) -> web.Response:
        await asked_enough.wait()
        return web.Response()

    receiver.answer = think
    short = aiohttp.ClientTimeout(total=0.2)
    with pytest.raises(Unavailable, match=r"no answer within 0.2 s"):
        await post(session, delivery, {}, timeout=short)
    asked_enough.set()
    assert TIMEOUT.total == 10


async def test_an_endless_answer_is_not_read_to_its_end(
    session: aiohttp.ClientSession, delivery: SinkDelivery, receiver: Receiver
) -> None:
    async def talk(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=400)
        await response.prepare(request)
        try:
            while True:
                await response.write(b"no " * 1000)
        except ConnectionError:
            return response

    receiver.answer = talk
    with pytest.raises(Refused, match="HTTP 400: no no no"):
        await post(session, delivery, {})


async def test_an_answer_in_odd_bytes_is_shown_as_well_as_it_goes(
    session: aiohttp.ClientSession, delivery: SinkDelivery, receiver: Receiver
) -> None:
    async def mumble(_: web.Request) -> web.Response:
        return web.Response(status=400, body=b"\xff\xfeno")

    receiver.answer = mumble
    with pytest.raises(Refused, match="\N{REPLACEMENT CHARACTER}no"):
        await post(session, delivery, {})


async def test_a_lone_surrogate_does_not_stop_an_order(
    session: aiohttp.ClientSession, delivery: SinkDelivery, receiver: Receiver
) -> None:
    await post(session, delivery, {"name": "A\ud800"})
    ((_, body),) = receiver.received
    assert json.loads(body) == {"name": "A?"}


@dataclass(frozen=True)
class Wait:
    id: str
    header: str | None
    wait: timedelta | None


WAITS = [
    Wait("nothing said", None, None),
    Wait("seconds", "120", timedelta(minutes=2)),
    Wait("at once", "0", timedelta(0)),
    Wait("a date", "Sun, 22 Nov 2026 12:00:30 GMT", timedelta(seconds=30)),
    Wait("a date without a zone", "Sun, 22 Nov 2026 12:00:30 -0000", timedelta(0, 30)),
    Wait("a date in the past", "Sun, 22 Nov 2026 11:00:00 GMT", timedelta(0)),
    Wait("for ever is a day", "9" * 5000, timedelta(days=1)),
    Wait("next year is a day", "Mon, 22 Nov 2027 12:00:00 GMT", timedelta(days=1)),
    Wait("nonsense", "soon", None),
    Wait("below zero", "-5", None),
    Wait("half", "1.5", None),
]


@pytest.mark.parametrize("case", WAITS, ids=lambda case: case.id)
def test_how_long_a_receiver_asks_to_wait(case: Wait) -> None:
    assert retry_after(case.header, NOON) == case.wait
