"""Open pages hear what changes in their shop, and nothing of another."""

import asyncio
import json
import shutil
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.inbox.accounts import Role
from bot.inbox.news import LocalNews, News, What
from bot.inbox.sessions import IDLE, LONGEST, end_all, find, see
from bot.inbox.table import conversation
from bot.serving import bind, listening
from bot.web.console import live
from bot.web.console.live import Stream, Streams
from bot.web.keys import RUNTIME
from tests.console import Person, signed_in
from tests.databases import add_test_tenant
from tests.house import Clock, House, open_house

A_MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
async def house(
    migrated_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("live")
    file = folder / "test.db"
    shutil.copyfile(migrated_file, file)
    async with open_house(f"sqlite:///{file}", folder) as house:
        yield house


@pytest.fixture(scope="module")
async def agent(house: House) -> Person:
    return await signed_in(house)


Event = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Door:
    """A server of its own before the house's shop, with streams of its own."""

    url: str
    port: int
    streams: Streams


@asynccontextmanager
async def door_of(
    house: House,
    *,
    clock: Callable[[], datetime] | None = None,
    news: News | None = None,
    **haste: Any,
) -> AsyncIterator[Door]:
    """Serve the live stream with more haste, by another clock, or with other news."""
    app, streams = web.Application(), Streams(**haste)
    app[RUNTIME] = replace(
        house.runtime,
        clock=clock or house.runtime.clock,
        news=news or house.runtime.news,
    )
    live.prepare(app, streams)
    app.add_routes(live.routes)
    listener = bind("127.0.0.1", 0)
    # What nobody reads fills the buffers of a connection the sooner.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    async with listening(app, listener) as port:
        yield Door(f"http://127.0.0.1:{port}", port, streams)


@asynccontextmanager
async def stream_of(
    person: Person, door: Door | None = None
) -> AsyncIterator[AsyncIterator[Event]]:
    """Yield the events that a page of a person hears."""
    address = f"{door.url if door else ''}/console/live"
    async with person.session() as session, session.get(address) as answer:
        assert answer.status == 200
        assert answer.content_type == "text/event-stream"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Accel-Buffering"] == "no"

        async def events() -> AsyncGenerator[Event, None]:
            name = ""
            async for raw in answer.content:
                field, _, value = raw.decode().rstrip("\n").partition(": ")
                if field == "event":
                    name = value
                elif field == "data":
                    yield name, json.loads(value)

        async with asyncio.timeout(10), aclosing(events()) as heard:
            yield heard


async def until(heard: AsyncIterator[Event], *wanted: Event) -> list[Event]:
    """Return what was heard until all of these were."""
    found: list[Event] = []
    async for event in heard:
        found.append(event)
        if set(map(repr, wanted)) <= set(map(repr, found)):
            return found
    pytest.fail(f"the stream ended after {found}")


def news(what: str, conversation_id: str | None) -> Event:
    return ("news", {"what": what, "conversation": conversation_id})


async def test_a_page_hears_of_a_message_of_its_turn_and_of_the_answer(
    house: House, agent: Person
) -> None:
    async with stream_of(agent) as heard:
        await house.phone().say("2 latte")
        first = await anext(heard)
        (chat,) = await house.rows(conversation)
        assert first == news("message", chat.id)
        await house.settle()
        await until(heard, news("draft", chat.id), news("status", chat.id))


async def test_a_page_hears_what_people_do_through_the_api(
    house: House, agent: Person
) -> None:
    (chat,) = await house.rows(conversation)
    draft = (await agent.call("GET", f"/v1/conversations/{chat.id}"))["draft"]
    async with stream_of(agent) as heard:
        await agent.call(
            "POST",
            f"/v1/drafts/{draft['id']}/reject",
            {"version": draft["version"], "reason": "closed"},
        )
        await until(heard, news("draft", chat.id))
        await agent.call("POST", f"/v1/conversations/{chat.id}/take-over", {})
        await until(heard, news("chat", chat.id))


async def test_a_page_hears_nothing_of_another_shop(
    house: House, agent: Person
) -> None:
    other = await add_test_tenant(house.runtime.database)
    stranger = await signed_in(house, tenant_id=other, role=Role.ADMIN)
    async with door_of(house, tick=0.5) as door, stream_of(stranger, door) as heard:
        await agent.call("POST", "/v1/customers", {"name": "Ana"})
        house.runtime.news.tell(house.tenant_id, "cnv_1", What.DRAFT)
        assert await anext(heard) == ("tick", {})


async def test_nobody_hears_anything_without_signing_in(house: House) -> None:
    nobody = aiohttp.ClientSession(house.shop.url)
    async with nobody as session, session.get("/console/live") as answer:
        assert answer.status == 401


async def test_a_session_that_nobody_told_of_ends_its_pages_with_the_next_tick(
    house: House,
) -> None:
    leaver = await signed_in(house)
    async with (
        door_of(house, tick=0.1) as door,
        stream_of(leaver, door) as heard,
    ):
        assert await anext(heard) == ("tick", {})
        async with house.runtime.database.transaction() as connection:
            await end_all(connection, house.tenant_id, leaver.user.id)
        found = [event async for event in heard]
        assert found[-1] == ("bye", {"why": "session"})
        async with leaver.session() as session:
            assert (await session.get(f"{door.url}/console/live")).status == 401


async def test_a_page_that_stays_open_prolongs_nothing(house: House) -> None:
    clock = Clock()
    idle, busy = await signed_in(house), await signed_in(house)
    async with (
        door_of(house, clock=clock, tick=0.05) as door,
        stream_of(idle, door) as forgotten,
        stream_of(busy, door) as used,
    ):
        clock.ahead = IDLE - A_MINUTE
        await anext(forgotten)
        await _use(house, busy, clock())
        async with stream_of(idle, door):  # It comes again: that is no use of it.
            clock.ahead = IDLE + A_MINUTE
            found = [event async for event in forgotten]
            assert found[-1] == ("bye", {"why": "session"})
        # Whoever is at work all the time is signed out in the end.
        while clock.ahead < LONGEST - A_MINUTE:
            clock.ahead = min(clock.ahead + IDLE / 2, LONGEST - A_MINUTE)
            await _use(house, busy, clock())
        assert await anext(used) == ("tick", {})
        clock.ahead = LONGEST + A_MINUTE
        found = [event async for event in used]
        assert found[-1] == ("bye", {"why": "session"})
        assert not len(door.streams)


async def _use(house: House, person: Person, now: datetime) -> None:
    async with house.runtime.database.transaction() as connection:
        found = await find(connection, person.token, now=now)
        assert found is not None
        await see(connection, found.session, now=now)


async def test_whoever_stops_reading_is_let_go_and_others_go_on(house: House) -> None:
    shop = house.runtime.news
    assert isinstance(shop, LocalNews)
    stuck, reader = await signed_in(house), await signed_in(house)
    before = shop.listening
    async with door_of(house, patience=0.5) as door, stream_of(reader, door) as heard:
        with socket.socket() as deaf:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.connect(("127.0.0.1", door.port))
            cookie = "; ".join(f"{k}={v}" for k, v in stuck.cookies.items())
            lines = ("GET /console/live HTTP/1.1", "Host: shop", f"Cookie: {cookie}")
            deaf.sendall("\r\n".join((*lines, "", "")).encode())
            await _until(lambda: len(door.streams) == 2)
            assert shop.listening == before + 2
            for number in range(60):  # More than all buffers hold.
                shop.tell(house.tenant_id, f"{number:04000}", What.CHAT)
            await until(heard, news("chat", f"{59:04000}"))
            assert len(door.streams) == 2  # It is given its time.
            shop.tell(house.tenant_id, "cnv_1", What.DRAFT)
            await until(heard, news("draft", "cnv_1"))
            await _until(lambda: len(door.streams) == 1)
            assert shop.listening == before + 1
            deaf.settimeout(2)
            assert not [deaf.recv(1 << 20) for _ in range(100)][-1]  # It was closed.
        shop.tell(house.tenant_id, "cnv_2", What.DRAFT)
        await until(heard, news("draft", "cnv_2"))


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 (nobody is told of it)
            await asyncio.sleep(0.02)


async def test_whoever_goes_away_is_forgotten(house: House) -> None:
    news = house.runtime.news
    assert isinstance(news, LocalNews)
    async with stream_of(await signed_in(house)):
        assert news.listening > 0
    for _ in range(100):
        news.tell(house.tenant_id, None, What.STATUS)
        await asyncio.sleep(0.05)
        if news.listening == 0:
            return
    pytest.fail("somebody still listens")


def test_one_page_too_many_ends_the_person_s_oldest() -> None:
    streams, local = Streams(most=3, most_of_one=2), LocalNews()
    one, two, other, three = (
        Stream(user, "s", local.subscribe("ten_a"))
        for user in ("ana", "ana", "ben", "ana")
    )
    with streams.opened(one), streams.opened(two), streams.opened(other):
        assert streams.is_full
        with streams.opened(three):
            whys = [each.why for each in (one, two, other, three)]
            assert whys == ["many", None, None, None]
        streams.end_all()
    assert not len(streams)
    assert local.listening == 0


async def test_stopping_ends_the_pages_at_once(
    migrated_file: Path, tmp_path: Path
) -> None:
    file = tmp_path / "test.db"
    shutil.copyfile(migrated_file, file)
    loop = asyncio.get_running_loop()
    async with open_house(f"sqlite:///{file}", tmp_path) as house:
        person = await signed_in(house)
        session = aiohttp.ClientSession(
            house.shop.url, cookie_jar=aiohttp.DummyCookieJar()
        )
        cookie = "; ".join(f"{k}={v}" for k, v in person.cookies.items())
        answer = await session.get("/console/live", headers={"Cookie": cookie})
        assert answer.status == 200
        began = loop.time()
    assert loop.time() - began < 1.2
    assert await answer.read() == b"retry: 3000\n\n"
    await session.close()
