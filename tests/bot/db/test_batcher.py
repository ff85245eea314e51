"""Group commit: one transaction for many, and one bad unit fails alone."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import pytest

from bot.db.batcher import Batcher, BatcherFull


class Shared(Exception):
    """Something that concerns the whole batch."""


class Bench:
    """Doubles numbers in batches, and remembers them."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def double(self, numbers: Sequence[int]) -> Sequence[int]:
        await self.gate.wait()
        self.batches.append(list(numbers))
        if -1 in numbers:
            raise ValueError("-1 is bad")
        if -2 in numbers:
            raise Shared
        return [2 * number for number in numbers]


@asynccontextmanager
async def running(batcher: Batcher[int, int]) -> AsyncIterator[None]:
    task = asyncio.create_task(batcher.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


def a_batcher(
    work: Callable[[Sequence[int]], Awaitable[Sequence[int]]],
    size: int = 100,
    waiting: int = 1000,
) -> Batcher[int, int]:
    return Batcher(work, size=size, waiting=waiting, shared=(Shared,))


async def test_units_that_wait_together_are_done_together_in_order() -> None:
    bench = Bench()
    batcher = a_batcher(bench.double, size=3)
    async with running(batcher):
        results = await asyncio.gather(*(batcher.do(n) for n in range(7)))
    assert results == [0, 2, 4, 6, 8, 10, 12]
    assert bench.batches == [[0, 1, 2], [3, 4, 5], [6]]


async def test_a_bad_unit_fails_alone() -> None:
    bench = Bench()
    batcher = a_batcher(bench.double)
    async with running(batcher):
        first, bad, last = await asyncio.gather(
            batcher.do(1), batcher.do(-1), batcher.do(3), return_exceptions=True
        )
    assert (first, last) == (2, 6)
    assert isinstance(bad, ValueError)


async def test_a_shared_error_is_not_tried_one_by_one() -> None:
    bench = Bench()
    batcher = a_batcher(bench.double)
    async with running(batcher):
        results = await asyncio.gather(
            batcher.do(1), batcher.do(-2), return_exceptions=True
        )
    assert all(isinstance(result, Shared) for result in results)
    assert bench.batches == [[1, -2]]


async def test_more_than_may_wait_is_refused_at_once() -> None:
    bench = Bench()
    bench.gate.clear()
    batcher = a_batcher(bench.double, size=1, waiting=2)
    async with running(batcher):
        at_work = asyncio.create_task(batcher.do(0))
        await asyncio.sleep(0.01)
        waiting = [asyncio.create_task(batcher.do(n)) for n in (1, 2)]
        await asyncio.sleep(0.01)
        with pytest.raises(BatcherFull, match="2 units of work wait already"):
            await batcher.do(3)
        bench.gate.set()
        assert await asyncio.gather(at_work, *waiting) == [0, 2, 4]


async def test_whoever_stops_waiting_does_not_disturb_the_others() -> None:
    bench = Bench()
    bench.gate.clear()
    batcher = a_batcher(bench.double)
    async with running(batcher):
        gone = asyncio.create_task(batcher.do(1))
        stays = asyncio.create_task(batcher.do(2))
        await asyncio.sleep(0.01)
        gone.cancel()
        bench.gate.set()
        assert await stays == 4


async def test_what_waits_is_cancelled_when_the_batcher_stops() -> None:
    bench = Bench()
    bench.gate.clear()
    batcher = a_batcher(bench.double, size=1)
    async with running(batcher):
        waiting = [asyncio.create_task(batcher.do(n)) for n in range(3)]
        await asyncio.sleep(0.01)
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(result, asyncio.CancelledError) for result in results)
