"""How often a key and a tenant may call: counted in Redis, or in this process alone.

Not a library: the async ones bring a Redis client of their own, ask it once for every
limit and read the clock themselves. This is one script and one number per caller.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.domain.rate import WINDOW, Allowance, allowance, spent

_log = structlog.get_logger(__name__)

#: Redis answers in a millisecond or is not worth waiting for.
_TIMEOUT = 0.25
#: How long we count alone after Redis failed, seconds.
_REST = 5.0
#: Callers that are remembered; the memory of one is a name and a number.
_REMEMBERED = 50_000

#: Returns how far ahead each caller is, in microseconds; the call is added only if
#: every limit allows it. Redis's clock counts: it is one for all processes.
_SCRIPT = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local window = tonumber(ARGV[1])
local ahead, allowed = {}, true
for i, name in ipairs(KEYS) do
  local seen = tonumber(redis.call('GET', name) or '0')
  ahead[i] = math.max(0, seen - now)
  if ahead[i] + window / ARGV[i + 1] > window + 1 then allowed = false end
end
if allowed then
  for i, name in ipairs(KEYS) do
    local after = math.floor(now + ahead[i] + window / ARGV[i + 1])
    redis.call('SET', name, string.format('%.0f', after), 'PX', math.ceil(window / 500))
  end
end
return ahead
"""
_MICROSECONDS = 1_000_000


class Limiter:
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

    async def spend(self, limits: Mapping[str, int]) -> Allowance:
        """Count one call against every named limit, or against none if one is used up.

        Returns the tightest allowance. `limits` are calls a minute by caller.
        """
        ahead = await self._shared(limits)
        if ahead is None:
            ahead = self._alone(limits)
        found = [
            allowance(seconds, limit)
            for seconds, limit in zip(ahead, limits.values(), strict=True)
        ]
        return max(found, key=lambda each: (each.retry_after, -each.remaining))

    def _alone(self, limits: Mapping[str, int]) -> Sequence[float]:
        now = self._clock().timestamp()
        ahead = [max(0.0, self._memory.get(name, 0.0) - now) for name in limits]
        pairs = list(zip(ahead, limits.items(), strict=True))
        if not any(allowance(seconds, each[1]).is_refused for seconds, each in pairs):
            for seconds, (name, limit) in pairs:
                # At the end of the dict: the one that called longest ago is first.
                self._memory.pop(name, None)
                self._memory[name] = now + spent(seconds, limit)
            while len(self._memory) > self._remembered:
                del self._memory[next(iter(self._memory))]
        return ahead

    async def _shared(self, limits: Mapping[str, int]) -> Sequence[float] | None:
        """Return how far ahead each is by Redis's count, None when it does not say."""
        if self._redis is None:
            return None
        loop = asyncio.get_running_loop()
        if loop.time() < self._rests_until:
            return None
        try:
            async with asyncio.timeout(_TIMEOUT):
                answer = await cast(
                    "Any",
                    self._redis.eval(
                        _SCRIPT,
                        len(limits),
                        *(f"chatorder:limit:{name}" for name in limits),
                        str(int(WINDOW * _MICROSECONDS)),
                        *(str(limit) for limit in limits.values()),
                    ),
                )
        except (RedisError, OSError, TimeoutError) as error:
            _log.warning("limits_not_shared", error=str(error) or "no answer in time")
            self._rests_until = loop.time() + _REST
            return None
        return [float(each) / _MICROSECONDS for each in answer]
