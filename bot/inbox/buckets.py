"""How much was used of what is limited: counted in Redis, or in this process alone.

Not a library: the async ones bring a Redis client of their own, ask it once for every
limit and read the clock themselves. This is one script and one number per bucket.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.domain.rate import Rate

_log = structlog.get_logger(__name__)

#: Redis answers in a millisecond or is not worth waiting for.
_TIMEOUT = 0.25
#: How long we count alone after Redis failed, seconds.
_REST = 5.0
#: Buckets that are remembered; the memory of one is a name and a number.
_REMEMBERED = 50_000

#: Returns how far ahead each bucket is, in microseconds; the call is added only if
#: every rate allows it. Redis's clock counts: it is one for all processes.
_SCRIPT = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local ahead, allowed = {}, true
for i, name in ipairs(KEYS) do
  local seen = tonumber(redis.call('GET', name) or '0')
  ahead[i] = math.max(0, seen - now)
  if ahead[i] + ARGV[2 * i - 1] > ARGV[2 * i] + 1 then allowed = false end
end
if allowed then
  for i, name in ipairs(KEYS) do
    local after = math.floor(now + ahead[i] + ARGV[2 * i - 1])
    local kept = math.ceil(ARGV[2 * i] / 500)
    redis.call('SET', name, string.format('%.0f', after), 'PX', kept)
  end
end
return ahead
"""
_MICROSECONDS = 1_000_000


class Buckets:
    """Counts calls. Losing Redis never refuses one: this process counts alone then."""

    def __init__(
        self,
        redis: Redis | None,
        clock: Callable[[], datetime],
        *,
        remembered: int = _REMEMBERED,
    ) -> None:
        self._redis = redis
        self._clock = clock
        self._remembered = remembered
        self._memory: dict[str, float] = {}
        self._rests_until = 0.0

    async def take(self, rates: Mapping[str, Rate]) -> Sequence[float]:
        """Count one call in every named bucket, or in none if one of them is full.

        Returns how far ahead, in seconds, each was before: `Rate.wait` tells which
        were full.
        """
        ahead = await self.take_shared(rates)
        return self.take_alone(rates) if ahead is None else ahead

    def take_alone(self, rates: Mapping[str, Rate]) -> Sequence[float]:
        """Count like `take`, in this process alone."""
        now = self._clock().timestamp()
        ahead = [max(0.0, self._memory.get(name, 0.0) - now) for name in rates]
        pairs = list(zip(ahead, rates.items(), strict=True))
        if not any(rate.wait(seconds) for seconds, (_, rate) in pairs):
            for seconds, (name, rate) in pairs:
                # At the end of the dict: the one that was used longest ago is first.
                self._memory.pop(name, None)
                self._memory[name] = now + seconds + rate.every
            while len(self._memory) > self._remembered:
                del self._memory[next(iter(self._memory))]
        return ahead

    async def take_shared(self, rates: Mapping[str, Rate]) -> Sequence[float] | None:
        """Count like `take` in Redis alone, None when it does not say."""
        if self._redis is None:
            return None
        loop = asyncio.get_running_loop()
        if loop.time() < self._rests_until:
            return None
        figures = [
            round(seconds * _MICROSECONDS)
            for rate in rates.values()
            for seconds in (rate.every, rate.window)
        ]
        try:
            async with asyncio.timeout(_TIMEOUT):
                answer = await cast(
                    "Any",
                    self._redis.eval(
                        _SCRIPT,
                        len(rates),
                        *(f"chatorder:limit:{name}" for name in rates),
                        *map(str, figures),
                    ),
                )
        except (RedisError, OSError, TimeoutError) as error:
            _log.warning("limits_not_shared", error=str(error) or "no answer in time")
            self._rests_until = loop.time() + _REST
            return None
        return [float(each) / _MICROSECONDS for each in answer]
