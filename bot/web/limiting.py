"""How often a key and a tenant may call the API, and anybody try a password."""

import hashlib
import math
from collections.abc import Callable, Mapping
from datetime import datetime

from redis.asyncio import Redis

from bot.db import Database, DatabaseUnavailable
from bot.domain.rate import Allowance, Rate, allowance, per_window
from bot.inbox.buckets import Buckets
from bot.inbox.tries import count_try
from bot.inbox.users import email_key

#: One account, from wherever: ten tries at once, then one a minute. Its owner is kept
#: out for as long as somebody else uses these up, and for a minute longer.
_BY_ACCOUNT = Rate(every=60, burst=10)


class Limiter:
    """Counts calls. Losing Redis never refuses one: this process counts alone then."""

    def __init__(
        self,
        redis: Redis | None,
        clock: Callable[[], datetime],
        *,
        database: Database | None = None,
        **memory: int,
    ) -> None:
        self._clock = clock
        self._database = database
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

        Returns in how many seconds to come again, 0 for a call that goes on. Without
        Redis all processes of the database count together: it is for what is rare.
        """
        shared = await self._buckets.take_shared({name: rate})
        (ahead,) = shared or self._buckets.take_alone({name: rate})
        if shared is None and not rate.wait(ahead):
            ahead = max(ahead, await self._stored(name, rate))
        return math.ceil(rate.wait(ahead))

    async def _stored(self, name: str, rate: Rate) -> float:
        if self._database is None:
            return 0.0
        now = self._clock()
        try:
            return await self._database.retried(
                lambda connection: count_try(connection, name, rate, now=now)
            )
        except DatabaseUnavailable:
            return 0.0  # Nobody gets in now whom it would have to keep out.


async def wait_for_account(limiter: Limiter, email: str) -> int:
    """Count a try of a password; return in how many seconds to come again."""
    # Addresses of people stay out of Redis.
    digest = hashlib.sha256(email_key(email).encode(errors="replace")).hexdigest()
    return await limiter.wait(f"sign-in:email:{digest[:32]}", _BY_ACCOUNT)
