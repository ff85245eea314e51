"""Many small units of work, done together: group commit, and one query for many.

While one batch is being worked on, the next one gathers. Nobody waits for a timer, and
under load one transaction (one fsync) carries hundreds of units.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class BatcherFull(Exception):
    """Too many units wait already; the caller should come back later."""


class Batcher(Generic[T, R]):
    """Collects units of work and hands them to `work` in batches.

    `work` gets the units in the order of arrival and returns one result for each. When
    a batch fails, its units are tried one by one, so that one bad unit fails alone;
    errors of the kind `shared` (the database is gone) fail the whole batch at once.
    """

    def __init__(
        self,
        work: Callable[[Sequence[T]], Awaitable[Sequence[R]]],
        *,
        size: int,
        waiting: int,
        workers: int = 1,
        shared: tuple[type[Exception], ...] = (),
    ) -> None:
        self._work = work
        self._size = size
        self._waiting = waiting
        self._workers = workers
        self._shared = shared
        self._queue: deque[tuple[T, asyncio.Future[R]]] = deque()
        self._arrived = asyncio.Event()

    @property
    def depth(self) -> int:
        """How many units wait."""
        return len(self._queue)

    async def do(self, unit: T) -> R:
        """Return the result of the unit once its batch is done.

        Raises BatcherFull, or whatever `work` raised for it.
        """
        if len(self._queue) >= self._waiting:
            raise BatcherFull(f"{len(self._queue)} units of work wait already")
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._queue.append((unit, future))
        self._arrived.set()
        return await future

    async def run(self) -> None:
        """Work until cancelled. What waits then is cancelled too."""
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self._workers):
                    group.create_task(self._run_one())
        finally:
            for _, future in self._queue:
                future.cancel()
            self._queue.clear()

    async def _run_one(self) -> None:
        while True:
            while not self._queue:
                self._arrived.clear()
                await self._arrived.wait()
            count = min(self._size, len(self._queue))
            batch = [self._queue.popleft() for _ in range(count)]
            try:
                await self._settle(batch)
            finally:
                for _, future in batch:
                    future.cancel()  # Does nothing to those that are done.

    async def _settle(self, batch: Sequence[tuple[T, asyncio.Future[R]]]) -> None:
        try:
            results = await self._work([unit for unit, _ in batch])
        except Exception as error:  # noqa: BLE001 (it is handed to the waiting callers)
            if len(batch) > 1 and not isinstance(error, self._shared):
                for single in batch:
                    await self._settle([single])
                return
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), result in zip(batch, results, strict=True):
            if not future.done():
                future.set_result(result)
