"""How often a key and a tenant may call the API, and anybody try a password."""

import math
from collections.abc import Callable, Mapping
from datetime import datetime

from redis.asyncio import Redis

from bot.domain.rate import Allowance, Rate, allowance, per_window
from bot.inbox.buckets import Buckets


class Limiter:
    """Counts calls. Losing Redis never refuses one: this process counts alone then."""

    def __init__(
        self,
        redis: Redis | None,
        clock: Callable[[], datetime],
        **memory: int,
    ) -> None:
        self._buckets = Buckets(redis, clock, **memory)

    async def spend(self, limits: Mapping[str, int]) -> Allowance:
        """Count one call against every named limit, or against none if one is used up.

        Returns the tightest allowance. `limits` are calls a minute by caller.
        """
        rates = {name: per_window(limit) for name, limit in limits.items()}
        ahead = await self._buckets.take(rates)
        found = [
            allowance(seconds, limit)
            for seconds, limit in zip(ahead, limits.values(), strict=True)
        ]
        return max(found, key=lambda each: (each.retry_after, -each.remaining))

    async def wait(self, name: str, rate: Rate) -> int:
        """Count one call at a rate of its own, unless that is used up.

        Returns in how many seconds to come again, 0 for a call that goes on.
        """
        (ahead,) = await self._buckets.take({name: rate})
        return math.ceil(rate.wait(ahead))
