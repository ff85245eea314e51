"""Open pages hear what changes in their shop, and nothing of another."""

import asyncio
import json
import shutil
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.inbox.accounts import Role
from bot.inbox.news import LocalNews, What
from bot.inbox.sessions import end_all
from bot.inbox.table import conversation
from bot.web.console import live
from bot.web.console.live import Stream, Streams
from tests.console import Person, signed_in
from tests.databases import add_test_tenant
from tests.house import House, open_house


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


@asynccontextmanager
async def stream_of(person: Person) -> AsyncIterator[AsyncIterator[Event]]:
    """Yield the events that a page of a person hears."""
    async with person.session() as session, session.get("/console/live") as answer:
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
    house: House, agent: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "TICK", 0.5)
    other = await add_test_tenant(house.runtime.database)
    stranger = await signed_in(house, tenant_id=other, role=Role.ADMIN)
    async with stream_of(stranger) as heard:
        await agent.call("POST", "/v1/customers", {"name": "Ana"})
        house.runtime.news.tell(house.tenant_id, "cnv_1", What.DRAFT)
        assert await anext(heard) == ("tick", {})


async def test_nobody_hears_anything_without_signing_in(house: House) -> None:
    nobody = aiohttp.ClientSession(house.shop.url)
    async with nobody as session, session.get("/console/live") as answer:
        assert answer.status == 401


async def test_a_session_that_ends_takes_its_pages_along(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "TICK", 0.2)
    monkeypatch.setattr(live, "_LOOK", 1)
    leaver = await signed_in(house)
    async with stream_of(leaver) as heard:
        assert await anext(heard) == ("tick", {})
        async with house.runtime.database.transaction() as connection:
            await end_all(connection, house.tenant_id, leaver.user.id)
        found = [event async for event in heard]
        assert found[-1] == ("bye", {"why": "session"})


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
        Stream(user, local.subscribe("ten_a")) for user in ("ana", "ana", "ben", "ana")
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
