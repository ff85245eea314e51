"""Stopping a process: everything that is under way ends in the same few seconds."""

import asyncio
import os
import signal
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from bot.reading.rules.warming import learn_languages
from bot.reading.rules.words import words_for
from bot.serving import PortTaken, bind, reachable, serve, watched, working
from tests.house import PATIENCE, open_house


async def test_the_worker_stops_at_the_signal_and_not_after_the_last_request(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with open_house(sqlite_url, tmp_path, workers=0) as house:
        listener = bind("127.0.0.1", 0)
        port = listener.getsockname()[1]
        serving = asyncio.create_task(serve(house.runtime, listener, with_worker=True))
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{port}/live") as alive,
        ):
            assert alive.status == 200
        ana = house.phone()
        await ana.say("a bagel")
        await ana.expects("Bagel", within=PATIENCE)
        _, request = await asyncio.open_connection("127.0.0.1", port)
        request.write(
            b"POST /webhooks/whatsapp HTTP/1.1\r\nHost: shop\r\n"
            b"Content-Length: 10\r\n\r\n12345"
        )
        await request.drain()
        await asyncio.sleep(0.2)

        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(0.1)
        await ana.say("2 latte")  # The house's own web takes it.
        await ana.stays_silent(seconds=1)
        assert not serving.done()

        request.write(b"67890")
        await asyncio.wait_for(serving, PATIENCE)
        request.close()


async def test_a_workers_first_turn_finds_the_languages_learnt(
    sqlite_url: str, tmp_path: Path
) -> None:
    words_for.cache_clear()
    async with open_house(sqlite_url, tmp_path, workers=0) as house:
        ana = house.phone()
        await ana.say("a bagel")
        async with working(house.runtime):
            await ana.expects("Bagel", within=PATIENCE)
        built = words_for.cache_info().misses
        learn_languages()
        assert words_for.cache_info().misses == built


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8080"),
        ("0.0.0.0", "http://127.0.0.1:8080"),
        ("::", "http://[::1]:8080"),
        ("::1", "http://[::1]:8080"),
        ("shop.lan", "http://shop.lan:8080"),
    ],
)
def test_what_listens_everywhere_is_reached_on_the_loopback(
    host: str, url: str
) -> None:
    assert reachable(host, 8080) == url


async def test_a_worker_shows_its_numbers_where_it_is_told_to(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with (
        open_house(
            sqlite_url, tmp_path, workers=0, settings={"worker_port": 0}
        ) as house,
        watched(house.runtime) as port,
        aiohttp.ClientSession() as session,
    ):
        assert port is not None
        found = {}
        for path in ("live", "metrics", "v1/me"):
            async with session.get(f"http://127.0.0.1:{port}/{path}") as answer:
                found[path] = (answer.status, await answer.text())
        assert found["live"][0] == 200
        assert "chatorder_held_back_total" in found["metrics"][1]
        assert found["v1/me"][0] == 404, "it serves nothing else"


async def test_a_worker_shows_nothing_unless_told_and_says_which_port_is_taken(
    sqlite_url: str, tmp_path: Path
) -> None:
    with bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        async with open_house(
            sqlite_url, tmp_path, workers=0, settings={"worker_port": port}
        ) as house:
            with pytest.raises(PortTaken, match="CHATORDER_WORKER_PORT"):
                async with watched(house.runtime):
                    pass
            settings = house.runtime.settings.model_copy(update={"worker_port": None})
            async with watched(replace(house.runtime, settings=settings)) as shown:
                assert shown is None
