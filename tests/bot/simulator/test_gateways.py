"""The gateways of the simulator repeat webhooks as the real ones do."""

import itertools
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from aiohttp import web

from bot.simulator import evolution, waha
from bot.simulator.gateways import Account, Person
from tests.standin import served

ANA = Person("905551112233")


class Product:
    """Answers webhooks with the statuses that it is told; then with 200."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.heard = 0

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/hook", self._hook)
        return app

    async def _hook(self, request: web.Request) -> web.Response:
        await request.read()
        self.heard += 1
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)


@pytest.fixture
async def product() -> AsyncIterator[tuple[Product, str]]:
    made = Product()
    async with served(made.app()) as url:
        yield made, f"{url}/hook"


@pytest.mark.parametrize(
    ("kind", "status", "times"),
    [
        (evolution.EvolutionApi, 503, 2),
        (evolution.EvolutionApi, 413, 2),
        *((evolution.EvolutionApi, code, 1) for code in (400, 401, 403, 404, 422)),
        *((waha.WahaApi, code, 2) for code in (401, 403, 404, 413, 503)),
    ],
)
async def test_a_refused_webhook_is_repeated_or_given_up(
    product: tuple[Product, str],
    kind: type[evolution.EvolutionApi] | type[waha.WahaApi],
    status: int,
    times: int,
) -> None:
    heard, url = product
    numbers = itertools.count()
    gateway = kind(
        Account("shop1", "key", "902120000000"),
        clock=lambda: datetime(2026, 11, 22, tzinfo=UTC),
        new_id=lambda: str(next(numbers)),
        pauses=(0.001, 0.001),
    )
    gateway.webhook = {"url": url}
    heard.statuses = [status]
    async with served(gateway.app()):
        await gateway.says(ANA, "hello")
    assert heard.heard == times
    assert len(gateway.undelivered) == (times == 1)


def test_they_wait_between_as_the_real_ones() -> None:
    assert len(evolution.PAUSES) + 1 == 10
    assert evolution.PAUSES[0] == 5
    assert max(evolution.PAUSES) == 300
    assert len(waha.PAUSES) + 1 == 15
    assert waha.PAUSES[:3] == (2, 4, 8)
