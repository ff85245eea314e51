"""A proxy's word counts if we trust it; everybody else's is an invention."""

from ipaddress import ip_network

import aiohttp
import pytest
from aiohttp import web

from bot.web.proxies import behind, caller
from tests.standin import served

TRUSTED = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))

CALLS = {
    "a stranger says nothing": ("203.0.113.7", [], "203.0.113.7"),
    "a stranger lies": ("203.0.113.7", ["10.0.0.1"], "203.0.113.7"),
    "one proxy": ("10.0.0.1", ["203.0.113.7"], "203.0.113.7"),
    "two proxies": ("10.0.0.1", ["203.0.113.7", "10.0.0.2"], "203.0.113.7"),
    "a lie before a proxy": ("10.0.0.1", ["8.8.8.8", "203.0.113.7"], "203.0.113.7"),
    "a proxy on its own": ("10.0.0.1", [], "10.0.0.1"),
    "nobody's address": ("10.0.0.1", ["unknown"], "10.0.0.1"),
    "an empty hop": ("10.0.0.1", ["203.0.113.7", " "], "10.0.0.1"),
    "the newer protocol": ("fd00::1", ["2001:db8::5"], "2001:db8::5"),
}


@pytest.mark.parametrize("name", CALLS)
def test_the_caller_is_whom_the_last_trusted_proxy_saw(name: str) -> None:
    peer, hops, expected = CALLS[name]
    assert caller(peer, hops, TRUSTED) == expected


@pytest.mark.parametrize(
    ("trusted", "seen"),
    [("127.0.0.0/8", "203.0.113.7 https"), ("192.0.2.1/32", "127.0.0.1 http")],
)
async def test_a_request_is_taken_for_its_callers(trusted: str, seen: str) -> None:
    async def tell(request: web.Request) -> web.Response:
        return web.Response(text=f"{request.remote} {request.scheme}")

    app = web.Application(middlewares=[behind([trusted])])
    app.router.add_get("/", tell)
    headers = {"X-Forwarded-For": "1.1.1.1, 203.0.113.7", "X-Forwarded-Proto": "https"}
    async with (
        served(app) as url,
        aiohttp.ClientSession() as session,
        session.get(url, headers=headers) as answer,
    ):
        assert await answer.text() == seen
