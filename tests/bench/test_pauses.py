"""How long a loop waits is measured without what the machine does for others."""

import asyncio

from bench.pauses import pauses_during


async def test_a_loop_that_nobody_holds_up_has_no_long_pauses() -> None:
    async def rest() -> str:
        await asyncio.sleep(0.02)
        return "rested"

    result, pauses = await pauses_during(rest())
    assert result == "rested"
    assert 0 <= pauses.p99 <= pauses.longest


async def test_a_thread_that_works_all_the_time_is_seen() -> None:
    def work() -> int:
        return sum(range(3_000_000))  # One call: it gives no turn before it is done.

    _, pauses = await pauses_during(asyncio.to_thread(work))
    assert pauses.longest > 1
