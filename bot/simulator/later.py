"""Work that happens after a moment: statuses, callbacks. One owner, bounded."""

import asyncio
import heapq
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from itertools import count

Work = Callable[[], Awaitable[None]]

_WORKERS = 8


class TooMuch(Exception):
    """More work waits than the bound allows: the product is not keeping up."""


class Later:
    """Does work after a delay, a few at a time, while `running`.

    Work that raises ends everything: `running` raises it when it is left.
    """

    def __init__(self, *, limit: int = 10_000) -> None:
        self._limit = limit
        self._waiting: list[tuple[float, int, Work]] = []
        self._numbers = count()
        self._open = 0
        self._is_broken = False
        self._changed = asyncio.Condition()

    async def after(self, seconds: float, work: Work) -> None:
        """Do `work` in `seconds`. Raises TooMuch when too much waits already."""
        if self._open >= self._limit:
            raise TooMuch(f"{self._limit} pieces of work wait already")
        due = asyncio.get_running_loop().time() + seconds
        self._open += 1
        async with self._changed:
            heapq.heappush(self._waiting, (due, next(self._numbers), work))
            self._changed.notify_all()

    async def idle(self) -> None:
        """Return when nothing waits and nothing is under way.

        Raises RuntimeError when a piece of work broke, because then nothing works.
        """
        async with self._changed:
            await self._changed.wait_for(lambda: self._open == 0 or self._is_broken)
        if self._is_broken:
            raise RuntimeError("a piece of work broke: `running` tells which")

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work while the block lasts; what is left undone then is dropped."""
        # A task of its own owns the group, because a caller may enter and leave in
        # different tasks, which a group does not survive.
        owner = asyncio.create_task(self._run())
        try:
            yield
        finally:
            owner.cancel()
            with suppress(asyncio.CancelledError):
                await owner
            self._waiting.clear()
            self._open = 0

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(_WORKERS):
                group.create_task(self._work())

    async def _work(self) -> None:
        while True:
            work = await self._next()
            try:
                await work()
            except Exception:
                self._is_broken = True
                raise
            finally:
                await self._finished()

    async def _finished(self) -> None:
        async with self._changed:
            self._open -= 1
            self._changed.notify_all()

    async def _next(self) -> Work:
        loop = asyncio.get_running_loop()
        async with self._changed:
            while not self._waiting or self._waiting[0][0] > loop.time():
                due = self._waiting[0][0] if self._waiting else None
                with suppress(TimeoutError):
                    async with asyncio.timeout_at(due):
                        await self._changed.wait()
            return heapq.heappop(self._waiting)[2]
