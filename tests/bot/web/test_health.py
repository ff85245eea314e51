"""What operators see: alive, ready, numbers; and never a customer's words."""

import asyncio
import io
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import insert, select, update

from bot.db import Database
from bot.domain.understanding import Understanding
from bot.inbox.accounts import Role, add_key, key_for
from bot.inbox.pausing import pause_channel
from bot.inbox.table import channel, conversation
from bot.reading.reader import Reading, ReadingRequest
from bot.telemetry import processors
from bot.web.application import build
from orders.domain.events import SinkState
from orders.outbox.store import Item, State, Topic, append
from orders.table import outbox, sink
from tests import servers
from tests.bot.web.entrance import ANA, Entrance, body, open_entrance
from tests.house import open_house


@pytest.fixture
async def entrance(database_url: str) -> AsyncIterator[Entrance]:
    async with open_entrance(database_url) as opened:
        yield opened


@pytest.fixture
async def door(sqlite_url: str) -> AsyncIterator[Entrance]:
    async with open_entrance(sqlite_url) as opened:
        yield opened


async def get(
    entrance: Entrance, path: str, **headers: str
) -> tuple[int, dict[str, Any]]:
    async with entrance.session.get(entrance.url + path, headers=headers) as answer:
        if answer.content_type != "application/json":
            return answer.status, {"text": await answer.text()}
        return answer.status, await answer.json()


# -- alive and ready ------------------------------------------------------------------


async def test_a_process_that_answers_is_alive(door: Entrance) -> None:
    assert await get(door, "/live") == (200, {"status": "ok"})


async def test_a_quiet_shop_is_ready(entrance: Entrance) -> None:
    status, said = await get(entrance, "/ready")
    assert status == 200
    assert said["status"] == "ok"
    assert said["checks"] == {
        "database": "ok",
        "waiting_conversations": 0,
        "oldest_waiting_seconds": 0.0,
        "waiting_writes": 0,
        "parked_deliveries": 0,
    }


async def test_what_waits_and_what_is_parked_shows(entrance: Entrance) -> None:
    runtime = entrance.runtime
    assert await entrance.post(body()) == 200
    an_hour_ago = runtime.clock() - timedelta(hours=1)
    async with runtime.database.transaction() as connection:
        await connection.execute(update(conversation).values(ready_at=an_hour_ago))
        item = Item(ANA.tenant_id, 0, Topic.REPLY, "a", {}, an_hour_ago)
        await append(connection, [item], now=an_hour_ago)
        await connection.execute(update(outbox).values(state=State.PARKED))
    status, said = await get(entrance, "/ready")
    assert status == 200
    assert said["checks"]["waiting_conversations"] == 1
    assert said["checks"]["oldest_waiting_seconds"] >= 3600
    assert said["checks"]["parked_deliveries"] == 1


async def test_what_is_paused_is_named_with_the_reason(entrance: Entrance) -> None:
    runtime = entrance.runtime
    async with runtime.database.transaction() as connection:
        await connection.execute(
            insert(sink).values(
                id="sink_1",
                tenant_id=ANA.tenant_id,
                kind="webhook",
                url="https://erp.example/?key=hidden",
                secret="sealed",
                state=SinkState.PAUSED,
                created_at=runtime.clock(),
            )
        )
        (first, *_) = (await connection.execute(select(channel.c.id))).scalars()
        await pause_channel(
            connection, first, reason="the token expired", now=runtime.clock()
        )
    status, said = await get(entrance, "/ready")
    assert (status, said["status"]) == (200, "ok")
    (paused,) = said["checks"]["paused_channels"]
    assert (paused["id"], paused["reason"]) == (first, "the token expired")
    assert said["checks"]["paused_sinks"] == [
        {"id": "sink_1", "since": None, "reason": None}
    ]
    assert "hidden" not in str(said)


async def test_without_its_database_a_process_is_not_ready_but_alive(
    sqlite_url: str,
) -> None:
    async with open_entrance(sqlite_url) as entrance:
        nowhere = Database.open("sqlite:////nowhere/at/all.db")
        app = build(replace(entrance.runtime, database=nowhere))
        async with TestClient(TestServer(app)) as client:
            async with client.get("/ready") as answer:
                assert answer.status == 503
                said = await answer.json()
            assert said["status"] == "unavailable"
            # Its words may name files, hosts and roles: they are for the log alone.
            assert said["checks"]["database"].startswith("the database cannot be")
            assert "unable to open" not in str(said)
            async with client.get("/live") as answer:
                assert answer.status == 200
            proxied = {"X-Forwarded-For": "192.0.2.1", "Authorization": "Bearer k"}
            async with client.get("/metrics", headers=proxied) as answer:
                assert answer.status == 503
                assert answer.headers["Retry-After"]
        await nowhere.close()


async def test_without_redis_work_goes_on_and_a_note_says_so(
    sqlite_url: str,
) -> None:
    with servers.redis() as redis:
        async with open_entrance(sqlite_url, redis_url=redis.url) as entrance:
            status, said = await get(entrance, "/ready")
            assert (status, said["checks"]["redis"]) == (200, "ok")
            redis.stop()
            status, said = await get(entrance, "/ready")
            assert status == 200
            assert said["status"] == "ok"
            assert "unreachable" in said["checks"]["redis"]
            assert await entrance.post(body()) == 200


# -- numbers --------------------------------------------------------------------------


async def test_numbers_are_for_this_host_or_for_a_key(door: Entrance) -> None:
    runtime, key = door.runtime, key_for(Role.INTEGRATION, "k" * 43)
    async with runtime.database.transaction() as connection:
        await add_key(
            connection,
            id="key_1",
            tenant_id=ANA.tenant_id,
            role=Role.INTEGRATION,
            key=key,
            now=runtime.clock(),
        )
    status, said = await get(door, "/metrics")
    assert status == 200
    assert "chatorder_webhooks_total" in said["text"]
    for proxied in ({"X-Forwarded-For": "127.0.0.1"}, {"Forwarded": "for=127.0.0.1"}):
        assert (await get(door, "/metrics", **proxied))[0] == 401
        wrong = proxied | {"Authorization": "Bearer wrong"}
        assert (await get(door, "/metrics", **wrong))[0] == 401
        right = proxied | {"Authorization": f"Bearer {key}"}
        assert (await get(door, "/metrics", **right))[0] == 200


async def test_what_is_not_there_is_not_found(door: Entrance) -> None:
    assert (await get(door, "/nothing"))[0] == 404
    async with door.session.put(door.url + "/live") as answer:
        assert answer.status == 405


async def test_a_fault_of_ours_shows_a_stranger_nothing(door: Entrance) -> None:
    async def broken(_: web.Request) -> web.Response:
        raise ValueError("the token is hunter2")

    app = build(door.runtime)
    app.router.add_get("/webhooks/whatsapp/broken/by/us", broken)
    async with (
        TestClient(TestServer(app)) as client,
        client.get("/webhooks/whatsapp/broken/by/us") as answer,
    ):
        assert answer.status == 500
        assert "hunter2" not in await answer.text()
    count = door.runtime.metrics.registry.get_sample_value(
        "chatorder_webhooks_total", {"channel": "whatsapp", "status": "500"}
    )
    assert count == 1


# -- nothing of a customer ------------------------------------------------------------

NAME, PHONE = "Zeynep Karadeniz", "905559876543"
MAIL, STREET = "zeynep@example.org", "Lalezar Sokak 42"
SECRETS = (NAME, "Zeynep", "Karadeniz", PHONE, PHONE[-7:], MAIL, STREET, "Lalezar")
WORDS = ("two latte please", "xyzzyfoo")


class Stumbling:
    """A reader that fails on one word and quotes the customer while it does."""

    name: ClassVar[str] = "stumbling"

    async def read(self, request: ReadingRequest) -> Reading:
        for message in request.messages:
            words = getattr(message.content, "text", "")
            if WORDS[1] in words:
                raise ValueError(f"cannot read {words!r} of {NAME}, {PHONE}")
        return Reading(Understanding(), self.name, "none", {})


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Write the log into a string, as lines of JSON."""
    lines, before = io.StringIO(), structlog.get_config()
    structlog.configure(
        processors=processors(as_json=True),
        logger_factory=structlog.WriteLoggerFactory(file=lines),
        cache_logger_on_first_use=False,
    )
    yield lines
    structlog.configure(**before)


async def test_logs_and_numbers_never_show_a_customer(
    sqlite_url: str,
    tmp_path: Path,
    log: io.StringIO,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with open_house(sqlite_url, tmp_path) as house:
        ana = house.phone(PHONE, NAME)
        for words in (
            WORDS[0],
            "delivery",
            STREET,
            "yes",
            f"my name is {NAME}, mail {MAIL}",
            "stop",
        ):
            await ana.say(words)
            await house.settle()
        await ana.post({"object": "whatsapp_business_account", "entry": [{"x": NAME}]})
        session, url = house.simulator.network.session, house.shop.url
        async with session.get(url + "/metrics") as answer:
            numbers = await answer.text()
        async with session.get(url + "/ready") as answer:
            numbers += await answer.text()
        assert len(await house.orders()) == 1
    written = log.getvalue() + caplog.text
    assert "turn_ended" in written
    assert "order_placed" in written
    for secret in (*SECRETS, *WORDS, "latte", house.shop.erp_key):
        assert secret.lower() not in written.lower()
        assert secret.lower() not in numbers.lower()


async def test_a_turn_that_fails_is_logged_by_place_not_by_words(
    sqlite_url: str, tmp_path: Path, log: io.StringIO
) -> None:
    async with open_house(sqlite_url, tmp_path, readers=[Stumbling()]) as house:
        ana = house.phone(PHONE, NAME)
        await ana.say(f"{WORDS[1]} {MAIL}")
        async with asyncio.timeout(10):
            while "turn_failed" not in log.getvalue():  # noqa: ASYNC110 (no bell)
                await asyncio.sleep(0.01)
    written = log.getvalue()
    assert "ValueError" in written
    assert "test_health.py" in written
    for secret in (*SECRETS, *WORDS):
        assert secret not in written
