"""The tests' own ground: databases are real and empty, and nobody leaves the house."""

import socket
from pathlib import Path

import pytest
import redis.asyncio
from sqlalchemy import func, select

from bot.db import Database
from catalog.table import tenant
from tests.network import OutsideWorld, is_local


@pytest.mark.parametrize("_round", [1, 2])
async def test_every_test_gets_an_empty_database(
    database: Database, tenant_id: str, _round: int
) -> None:
    async with database.reading() as connection:
        count = select(func.count(), func.min(tenant.c.id)).select_from(tenant)
        assert (await connection.execute(count)).one() == (1, tenant_id)


async def test_single_engines_are_what_they_say(
    sqlite_database: Database, postgres_database: Database
) -> None:
    assert sqlite_database.dialect == "sqlite"
    assert postgres_database.dialect == "postgresql"


async def test_redis_answers(redis_url: str) -> None:
    client = redis.asyncio.Redis.from_url(redis_url)
    assert await client.ping()
    await client.aclose()


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("localhost", True),
        (None, True),
        ("192.0.2.1", False),
        ("graph.example", False),
    ],
)
def test_only_this_machine_is_local(host: str | None, local: bool) -> None:
    assert is_local(host) is local


def test_a_test_cannot_connect_to_the_outside() -> None:
    with (
        socket.socket() as outgoing,
        pytest.raises(OutsideWorld, match=r"192\.0\.2\.1"),
    ):
        outgoing.connect(("192.0.2.1", 80))


def test_a_test_cannot_even_ask_for_an_outside_name() -> None:
    with pytest.raises(OutsideWorld, match=r"graph\.example"):
        socket.getaddrinfo("graph.example", 443)


def test_a_test_may_talk_to_itself(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as own:
        server.bind(str(tmp_path / "s"))
        server.listen()
        own.connect(str(tmp_path / "s"))
