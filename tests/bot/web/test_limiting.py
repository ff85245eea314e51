"""Calls are counted together where there is Redis, and never fail without it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis

from bot.web.limiting import Limiter
from tests.api import open_api

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def at(*moments: datetime) -> Callable[[], datetime]:
    """Return a clock that stands still at the last moment."""
    left = list(moments)
    return lambda: left.pop(0) if len(left) > 1 else left[0]


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    client = Redis.from_url(redis_url, decode_responses=True)
    await client.flushdb()
    yield client
    await client.aclose()


@pytest.fixture(params=["memory", "redis"])
def limiter(request: pytest.FixtureRequest) -> Limiter:
    shared = None if request.param == "memory" else request.getfixturevalue("redis")
    return Limiter(shared, at(NOON))


async def test_a_caller_has_so_many_calls_and_others_have_theirs(
    limiter: Limiter,
) -> None:
    left = [(await limiter.spend({"ana": 3})).remaining for _ in range(3)]
    assert left == [2, 1, 0]
    refused = await limiter.spend({"ana": 3})
    assert refused.is_refused
    assert 1 <= refused.retry_after <= 20
    assert not (await limiter.spend({"ben": 3})).is_refused


async def test_the_tighter_limit_is_told_and_a_refused_call_costs_nothing(
    limiter: Limiter,
) -> None:
    for _ in range(2):
        found = await limiter.spend({"key 1": 2, "shop": 3})
        assert found.limit == 2
    for _ in range(5):
        assert (await limiter.spend({"key 1": 2, "shop": 3})).is_refused
    last = await limiter.spend({"key 2": 2, "shop": 3})
    assert (last.limit, last.remaining, last.is_refused) == (3, 0, False)
    assert (await limiter.spend({"key 3": 2, "shop": 3})).is_refused


async def test_calls_come_back_with_time() -> None:
    moments = [NOON] * 3 + [NOON + timedelta(seconds=31)]
    limiter = Limiter(None, at(*moments))
    found = [(await limiter.spend({"ana": 2})).is_refused for _ in range(4)]
    assert found == [False, False, True, False]


async def test_processes_count_together(redis: Redis) -> None:
    here, there = Limiter(redis, at(NOON)), Limiter(redis, at(NOON))
    found = await asyncio.gather(
        *(each.spend({"ana": 5}) for each in [here, there] * 5)
    )
    assert sum(not each.is_refused for each in found) == 5


async def test_redis_forgets_who_does_not_call(redis: Redis) -> None:
    await Limiter(redis, at(NOON)).spend({"ana": 5})
    (name,) = await redis.keys("chatorder:limit:*")
    assert 0 < await redis.pttl(name) <= 120_000


async def test_memory_does_not_grow_for_ever() -> None:
    limiter = Limiter(None, at(NOON), remembered=10)
    for number in range(50):
        await limiter.spend({f"caller {number}": 2})
    assert (await limiter.spend({"caller 49": 2})).remaining == 0
    assert (await limiter.spend({"caller 0": 2})).remaining == 1


async def test_a_redis_that_is_gone_refuses_nobody_and_the_limit_still_holds() -> None:
    gone = Redis.from_url("redis://127.0.0.1:9", decode_responses=True)
    limiter = Limiter(gone, at(NOON))
    found = [(await limiter.spend({"ana": 3})).is_refused for _ in range(4)]
    assert found == [False, False, False, True]
    await gone.aclose()


async def test_a_redis_that_hangs_costs_one_short_wait() -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    silent = Redis.from_url(f"redis://127.0.0.1:{port}", decode_responses=True)
    limiter = Limiter(silent, at(NOON))
    async with asyncio.timeout(5):
        found = [(await limiter.spend({"ana": 30})).is_refused for _ in range(20)]
    assert not any(found)
    await silent.aclose()
    server.close()
    await server.wait_closed()


async def test_too_many_calls_are_refused_with_the_time_to_wait(
    sqlite_url: str,
) -> None:
    async with open_api(sqlite_url, api_limit_per_key=3) as api:
        answers = [await api.agent.get("/v1/me") for _ in range(4)]
        other = await api.admin.get("/v1/me")
    assert [each.status for each in answers] == [200, 200, 200, 429]
    left = [each.headers["RateLimit-Remaining"] for each in answers]
    assert left == ["2", "1", "0", "0"]
    refused = answers[-1]
    assert refused.kind == "too-many-requests"
    assert 1 <= int(refused.headers["Retry-After"]) <= 20
    assert refused.headers["RateLimit-Limit"] == "3"
    assert refused.headers["RateLimit-Policy"] == "3;w=60"
    assert int(refused.headers["RateLimit-Reset"]) <= 60
    assert other.status == 200


async def test_all_keys_of_a_shop_share_a_limit(sqlite_url: str) -> None:
    async with open_api(sqlite_url, api_limit_per_tenant=3) as api:
        callers = (api.agent, api.manager, api.admin, api.integration)
        found = [(await each.get("/v1/me")).status for each in callers]
        bens = await api.ben.get("/v1/me")
    assert found == [200, 200, 200, 429]
    assert bens.status == 200
