"""Where catalog pictures may come from, and what may come."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from yarl import URL

from bot.channels.picture_source import (
    PictureRefused,
    PictureSource,
    PictureUnavailable,
)
from orders.provisioning.public import PublicResolver
from tests.drawings import jpeg, packaging
from tests.picture_server import PictureServer, picture_server

PICTURE = jpeg(packaging(1))


@pytest.fixture
async def server() -> AsyncIterator[PictureServer]:
    async with picture_server() as server:
        server.files["/a.jpg"] = PICTURE
        yield server


@asynccontextmanager
async def a_source(**changes: Any) -> AsyncIterator[PictureSource]:
    resolver = PublicResolver()
    public = aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=resolver))
    given = {"own": None, "hosts": frozenset(), "limit": 100_000, **changes}
    async with aiohttp.ClientSession() as session, public:
        yield PictureSource(session, public, resolver, **given)


async def test_a_host_that_the_operator_named_is_asked(server: PictureServer) -> None:
    for changes in (
        {"hosts": frozenset({server.host})},
        {"own": URL(f"{server.url}/shop")},
        {"private": True},
    ):
        async with a_source(**changes) as source:
            assert await source.fetch(f"{server.url}/a.jpg") == PICTURE


STRANGE = (
    "http://127.0.0.1:{port}/a.jpg",
    "http://localhost:{port}/a.jpg",
    "http://[::1]:{port}/a.jpg",
    "http://[::ffff:127.0.0.1]:{port}/a.jpg",
    "http://user:word@127.0.0.1:{port}/a.jpg",
    "http://169.254.169.254/latest/meta-data",
    "file:///etc/passwd",
    "ftp://127.0.0.1/a.jpg",
    "//127.0.0.1/a.jpg",
    "a.jpg",
    "http://",
    "",
)


@pytest.mark.parametrize("text", STRANGE)
async def test_nothing_private_is_asked(server: PictureServer, text: str) -> None:
    async with a_source() as source:
        with pytest.raises((PictureRefused, PictureUnavailable)):
            await source.fetch(text.format(port=server.host.partition(":")[2]))
    assert server.asked == []


async def test_a_redirect_is_judged_like_an_address(server: PictureServer) -> None:
    async with picture_server() as inside:
        inside.files["/secret.jpg"] = PICTURE
        server.moved |= {
            "/there.jpg": "/a.jpg",
            "/inside.jpg": f"{inside.url}/secret.jpg",
            "/round.jpg": "/round.jpg",
            "/nowhere.jpg": "",
        }
        async with a_source(hosts=frozenset({server.host})) as source:
            assert await source.fetch(f"{server.url}/there.jpg") == PICTURE
            for name in ("inside", "round", "nowhere"):
                with pytest.raises(PictureRefused):
                    await source.fetch(f"{server.url}/{name}.jpg")
        assert inside.asked == []


WRONG: dict[str, tuple[int | bytes, type[Exception]]] = {
    "/gone.jpg": (404, PictureRefused),
    "/forbidden.jpg": (403, PictureRefused),
    "/busy.jpg": (429, PictureUnavailable),
    "/broken.jpg": (500, PictureUnavailable),
    "/page.jpg": (b"<html>", PictureRefused),
    "/empty.jpg": (b"", PictureRefused),
    "/large.jpg": (PICTURE + bytes(100_000), PictureRefused),
}


@pytest.mark.parametrize("path", WRONG)
async def test_what_is_no_picture_is_refused(server: PictureServer, path: str) -> None:
    given, error = WRONG[path]
    if isinstance(given, int):
        server.statuses[path] = given
    else:
        server.files[path] = given
    async with a_source(hosts=frozenset({server.host})) as source:
        with pytest.raises(error):
            await source.fetch(server.url + path)
