"""Waking workers. A lost ring costs latency, never data: workers look for themselves.

In one process a ring is an event; between processes it goes over Redis.
"""

import asyncio
import contextlib
from typing import Protocol

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

_log = structlog.get_logger(__name__)
#: How long we rest before connecting to Redis again.
_RECONNECT = 1.0


class Bell(Protocol):
    """Rings the workers."""

    def ring(self, after: float = 0.0) -> None:
        """Wake a worker in `after` seconds. Never waits, never raises."""
        ...

    async def wait(self, seconds: float) -> None:
        """Return when it rings, or after that many seconds."""
        ...

    async def run(self) -> None:
        """Keep it ringing between processes, until cancelled."""
        ...


class LocalBell:
    """A bell within one process."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self, after: float = 0.0) -> None:
        if after <= 0:
            self._event.set()
        else:
            asyncio.get_running_loop().call_later(after, self._event.set)

    async def wait(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, seconds)):
                await self._event.wait()
        self._event.clear()

    async def run(self) -> None:
        """Return at once: a local bell needs no upkeep."""


class RedisBell:
    """A bell that rings in every process that shares a Redis.

    It rings at home at once, whatever happens to Redis.
    """

    def __init__(self, redis: Redis, channel: str) -> None:
        self._redis = redis
        self._channel = channel
        self._local = LocalBell()
        self._soonest: float | None = None  #: Of the rings that are not sent yet.
        self._has_rung = asyncio.Event()

    def ring(self, after: float = 0.0) -> None:
        self._local.ring(after)
        # One ring that waits says as much as a hundred, if it is the most urgent one:
        # whoever wakes sees what becomes due later.
        waiting = self._soonest
        self._soonest = after if waiting is None else min(waiting, after)
        self._has_rung.set()

    async def wait(self, seconds: float) -> None:
        await self._local.wait(seconds)

    async def run(self) -> None:
        """Pass rings on and listen for those of others, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._publish())
            group.create_task(self._listen())

    async def _publish(self) -> None:
        while True:
            await self._has_rung.wait()
            self._has_rung.clear()
            after, self._soonest = self._soonest or 0.0, None
            try:
                await self._redis.publish(self._channel, f"{after:.3f}")
            except (RedisError, OSError) as error:
                _log.warning("wake_not_sent", error=str(error))
                await asyncio.sleep(_RECONNECT)

    async def _listen(self) -> None:
        while True:
            try:
                async with self._redis.pubsub() as pubsub:
                    await pubsub.subscribe(self._channel)
                    async for message in pubsub.listen():
                        if message["type"] == "message":
                            self._local.ring(float(message["data"]))
            except (RedisError, OSError, ValueError) as error:
                _log.warning("wake_not_heard", error=str(error))
                await asyncio.sleep(_RECONNECT)
