"""The simulator beside a stand-in product, on real servers of this machine."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import aiohttp

from bot.simulator.actions import SampleLine
from bot.simulator.app import simulator_app
from bot.simulator.erp import DemoErp
from bot.simulator.reports import Delays
from bot.simulator.simulator import Simulator
from bot.simulator.trace import Reading
from bot.simulator.webhooks import Number
from tests.standin import GraphCaller, StandIn, served

SECRET = "the-app-secret"
ERP_SECRET = "whsec_c2VjcmV0IG9mIHRoZSBlcnA="
NUMBER = Number(
    app_secret=SECRET,
    phone_number_id="106540352242922",
    access_token="the-token",
    business_number="902125550101",
    name="Test Shop",
)
AT_ONCE = Delays(sent=0, delivered=0, read=0)


@dataclass
class Clock:
    """A clock that stands still until it is told to go."""

    now: datetime = field(default=datetime(2026, 11, 22, 12, 0, 0, 5000, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta) -> None:
        self.now += by


@dataclass
class Stage:
    """Everything that a test of the simulator needs."""

    simulator: Simulator
    erp: DemoErp
    product: StandIn
    graph: GraphCaller
    session: aiohttp.ClientSession
    clock: Clock
    url: str


@asynccontextmanager
async def staged(
    *,
    window: timedelta | None = None,
    reading: Reading | None = None,
    cart: tuple[SampleLine, ...] = (),
) -> AsyncIterator[Stage]:
    """Run a simulator and a stand-in product; nothing waits longer than it must."""
    clock, product, ids = Clock(), StandIn(SECRET), itertools.count(1)
    async with served(product.app()) as product_url:
        simulator = Simulator(
            NUMBER,
            f"{product_url}/webhooks/whatsapp",
            clock=clock,
            new_id=lambda: f"id{next(ids):06d}",
            delays=AT_ONCE,
            retries=(0.01, 0.01),
            window=window,
        )
        erp = DemoErp(
            url=product_url,
            key="the-key",
            secret=ERP_SECRET,
            clock=clock,
            news=simulator.news,
            provisioning_seconds=0,
            retries=(0.01,),
        )
        app = simulator_app(simulator, erp=erp, reading=reading, cart=cart)
        async with served(app) as url, aiohttp.ClientSession() as session:
            graph = GraphCaller(session, f"{url}/graph", NUMBER.access_token)
            yield Stage(simulator, erp, product, graph, session, clock, url)
