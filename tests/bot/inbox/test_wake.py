"""Bells wake workers; losing one costs time and nothing else."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis

from bot.inbox.wake import LocalBell, RedisBell
from tests.servers import RedisServer

LONG = 30.0


@asynccontextmanager
async def bell(url: str) -> AsyncIterator[RedisBell]:
    redis = Redis.from_url(url, socket_timeout=None, decode_responses=True)
    it = RedisBell(redis, "test:wake")
    task = asyncio.create_task(it.run())
    try:
        yield it
    finally:
        task.cancel()
        await asyncio.wait([task])
        await redis.aclose()


async def rings(waiting: RedisBell, ringing: RedisBell) -> bool:
    """Return whether a ring is heard; a subscription takes a moment to be there."""
    for _ in range(100):
        ringing.ring()
        started = time.monotonic()
        await waiting.wait(0.2)
        if time.monotonic() - started < 0.19:
            return True
    return False


async def test_a_ring_ends_the_waiting_even_if_it_came_first() -> None:
    local = LocalBell()
    local.ring()
    async with asyncio.timeout(5):
        await local.wait(LONG)


async def test_a_late_ring_comes_late() -> None:
    local = LocalBell()
    started = time.monotonic()
    local.ring(0.05)
    await local.wait(LONG)
    assert 0.04 <= time.monotonic() - started < 5


async def test_nobody_rings_for_ever() -> None:
    await LocalBell().wait(0.01)


async def test_a_ring_is_heard_in_another_process(redis_url: str) -> None:
    async with bell(redis_url) as one, bell(redis_url) as two:
        assert await rings(two, one)
        assert await rings(one, two)


async def test_without_redis_it_rings_at_home_and_recovers(
    redis_server: RedisServer,
) -> None:
    async with bell(redis_server.url) as one, bell(redis_server.url) as two:
        assert await rings(two, one)
        redis_server.stop()
        try:
            one.ring()
            async with asyncio.timeout(5):
                await one.wait(LONG)
        finally:
            redis_server.start()
        assert await rings(two, one)


async def test_an_urgent_ring_is_not_lost_behind_one_that_can_wait(
    redis_url: str,
) -> None:
    async with bell(redis_url) as one, bell(redis_url) as two:
        assert await rings(two, one)
        await two.wait(0.2)
        for first, second in ((LONG, 0.0), (0.0, LONG)):
            # Both before the first of them could be passed on.
            one.ring(first)
            one.ring(second)
            async with asyncio.timeout(5):
                await two.wait(LONG)
