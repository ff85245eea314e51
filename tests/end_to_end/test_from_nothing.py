"""An owner's first hour: an empty folder, `init`, `serve`, and the first real order."""

import asyncio
import hashlib
import hmac
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from sqlalchemy import select

from bot.db import Database
from bot.ident import new_id, utc_now
from bot.serving import bind, listening
from bot.simulator.app import add_simulator
from bot.simulator.phone import Phone
from bot.simulator.reports import Delays
from bot.simulator.simulator import Simulator
from bot.simulator.webhooks import Number
from orders.table import order
from tests.chaos.program import Program
from tests.image import clean_environment

CATALOG = """sku,name,price,stock
LAT,Caffe latte,95,
CRO,Chocolate croissant,80.50,10
TEA,Tea,30,
"""
LONG = os.environ.get("CHATORDER_CHAOS") == "long"
NUMBER = Number(
    app_secret="0f3a9c5d7e1b2a4c6d8e0f1a2b3c4d5e",
    phone_number_id="106540352242922",
    access_token="EAAG-a-token-of-a-system-user",
    business_number="902120000000",
    name="Kahve Evi",
)


pytestmark = pytest.mark.chaos


@dataclass
class Shop:
    """A merchant's machine: a folder, its programs, and Meta at the other end."""

    folder: Path
    settings: dict[str, object]
    graph_port: int
    database: tuple[str, ...] = ()  #: What `init` is told about it.
    simulator: Simulator | None = None

    async def run(self, *words: str) -> Mapping[str, Any]:
        """Run a command as its own process; return the one object that it prints."""
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "bot", *words, "--json"],
            cwd=self.folder,
            env={
                **clean_environment(),
                **{f"CHATORDER_{name}": str(v) for name, v in self.settings.items()},
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        told: Mapping[str, Any] = json.loads(done.stdout)
        return told

    def program(self, name: str, words: Sequence[str], *, says: str) -> Program:
        return Program(
            name,
            words,
            says=says,
            settings=self.settings,
            folder=self.folder,
            as_users_do=True,
        )

    def phone(self) -> Phone:
        assert self.simulator is not None
        return self.simulator.phone("905551110001", "Ana")


@asynccontextmanager
async def meta(shop: Shop, webhook: str) -> AsyncIterator[None]:
    """Let Meta call the webhook that was pasted into its dashboard."""
    shop.simulator = Simulator(
        NUMBER,
        webhook,
        clock=utc_now,
        new_id=lambda: new_id("sim"),
        delays=Delays(0, 0, 0),
        retries=(0.2,) * 50,
    )
    app = web.Application()
    add_simulator(app, shop.simulator)
    listener = bind("127.0.0.1", shop.graph_port)
    async with listening(app, listener):
        yield


def free_port() -> int:
    with bind("127.0.0.1", 0) as probe:
        return int(probe.getsockname()[1])


#: The other engine's first hour is half a minute: `make chaos` has it.
ENGINES = ["sqlite", "postgresql and redis"][: 2 if LONG else 1]


@pytest.fixture(params=ENGINES)
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Shop:
    """Return an empty folder with a file of products; and what surrounds it."""
    graph = free_port()
    settings: dict[str, object] = {
        "PORT": free_port(),
        "GRAPH_API_URL": f"http://127.0.0.1:{graph}/graph",
        "READER": "rules",
        "DEBOUNCE_SECONDS": 0.05,
    }
    if request.param != "sqlite":
        settings["REDIS_URL"] = request.getfixturevalue("redis_url")
    database: tuple[str, ...] = ()
    if request.param != "sqlite":
        settings["REDIS_URL"] = request.getfixturevalue("redis_url")
        url = request.getfixturevalue("empty_postgres_url")
        database = ("--database-url", url)
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "products.csv").write_text(CATALOG, encoding="utf-8")
    return Shop(folder, settings, graph, database)


async def test_from_an_empty_folder_to_the_first_confirmed_order(shop: Shop) -> None:
    here = f"http://127.0.0.1:{shop.settings['PORT']}"
    made = await shop.run(
        "init",
        "--yes",
        *("--name", "Kahve Evi", "--country", "TR", "--language", "en"),
        *("--admin-email", "ana@shop.example", "--public-url", here),
        *("--catalog", "products.csv", "--app-secret", NUMBER.app_secret),
        *("--phone-number-id", NUMBER.phone_number_id),
        *("--access-token", NUMBER.access_token),
        *shop.database,
    )
    assert made["missing"] == []
    webhook, token = made["channel"]["webhook_url"], made["channel"]["verify_token"]
    assert webhook.startswith(here)
    async with AsyncExitStack() as stack:
        roles = roles_of(shop)
        for role in roles:
            stack.callback(role.end)
            await role.start()
        assert "first_run" not in roles[0].log, "there is a shop: no code is printed"
        await stack.enter_async_context(meta(shop, webhook))
        await check_subscription(webhook, token)
        await buy(shop.phone())
        found = await shop.run("doctor")
        assert not [each for each in found["findings"] if each["level"] == "error"]
        for role in roles:
            await role.terminate()
    placed = await orders_of(shop)
    assert [(each.number, each.grand_total) for each in placed] == [(1, 27_050)]


def roles_of(shop: Shop) -> Sequence[Program]:
    """Return one process that does all, or with PostgreSQL a web and a worker."""
    if not shop.database:
        return [shop.program("web", ("serve",), says="listening")]
    return [
        shop.program("web", ("serve", "--no-worker"), says="listening"),
        shop.program("worker", ("worker",), says="working"),
    ]


async def check_subscription(webhook: str, token: str) -> None:
    """Do what Meta does when the webhook is pasted into its dashboard."""
    query = {"hub.mode": "subscribe", "hub.verify_token": token, "hub.challenge": "42"}
    async with aiohttp.ClientSession() as session:
        async with session.get(webhook, params=query) as answer:
            assert (answer.status, await answer.text()) == (200, "42")
        forged = hmac.new(b"another secret", b"{}", hashlib.sha256).hexdigest()
        headers = {"X-Hub-Signature-256": f"sha256={forged}"}
        async with session.post(webhook, data=b"{}", headers=headers) as answer:
            assert answer.status == 403


async def buy(ana: Phone) -> None:
    await ana.say("hi, 2 latte and a choc croissant pls")
    await ana.tap("Pick-up", on=await ana.expects("latte", within=60))
    await ana.tap("Confirm", on=await ana.expects("270.50", within=60))
    await ana.expects("order 1", within=60)


async def orders_of(shop: Shop) -> Sequence[Any]:
    file = f"sqlite:///{shop.folder}/data/chatorder.db"
    database = Database.open(shop.database[1] if shop.database else file)
    async with database.reading() as connection:
        found = (await connection.execute(select(order))).all()
    await database.close()
    return found
