"""What shops' baskets teach, kept in memory: learnt now and then, not for each call."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from weakref import WeakValueDictionary

from orders.advice.domain.basket import Basket
from orders.advice.domain.market import Market, learn

T = TypeVar("T")

#: So long a market is good enough, whatever was bought since.
FRESH = timedelta(minutes=10)
#: Threads that compute at a time: the event loop has its own work.
_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class _Learnt:
    market: Market
    newest: int
    at: datetime


class Markets:
    """The markets of the shops that asked last."""

    def __init__(
        self, capacity: int = 64, *, limit: timedelta = timedelta(seconds=30)
    ) -> None:
        self.limit = limit  #: Longer than this nobody waits for advice.
        self._capacity = capacity
        self._learnt: OrderedDict[str, _Learnt] = OrderedDict()
        # A lock lives as long as somebody waits for it or holds it.
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def current(
        self,
        tenant_id: str,
        newest: int,
        load: Callable[[], Awaitable[Sequence[Basket]]],
        *,
        now: datetime,
    ) -> Market:
        """Return what a shop's baskets teach, as of its newest order or a while ago.

        `load` reads the baskets; what it raises is raised here.
        """
        lock = self._locks.setdefault(tenant_id, asyncio.Lock())
        async with lock:
            known = self._learnt.get(tenant_id)
            if known is None or (known.newest != newest and now - known.at > FRESH):
                baskets = await load()
                market = await self.beside(lambda: learn(baskets))
                known = _Learnt(market, newest, now)
            self._learnt[tenant_id] = known
            self._learnt.move_to_end(tenant_id)
            while len(self._learnt) > self._capacity:
                self._learnt.popitem(last=False)
        return known.market

    async def beside(self, work: Callable[[], T]) -> T:
        """Compute beside the event loop. Who gives up waiting stops nothing there."""
        async with self._slots:
            return await asyncio.to_thread(work)
