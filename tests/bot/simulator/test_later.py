"""Later work is bounded, in order of time, and never lost from sight."""

import asyncio

import pytest

from bot.simulator.later import Later, TooMuch
from bot.simulator.news import News


async def test_work_happens_when_its_time_has_come() -> None:
    later, done = Later(), []

    async def note(what: str) -> None:
        done.append(what)

    async with later.running():
        await later.after(0.04, lambda: note("second"))
        await later.after(0.0, lambda: note("first"))
        await later.idle()
    assert done == ["first", "second"]


async def test_too_much_work_is_refused() -> None:
    later = Later(limit=1)
    await later.after(60, lambda: asyncio.sleep(0))
    with pytest.raises(TooMuch, match="1 pieces"):
        await later.after(60, lambda: asyncio.sleep(0))


async def test_stopping_does_not_wait_for_what_is_due_later() -> None:
    later = Later()
    async with asyncio.timeout(5), later.running():
        await later.after(3600, lambda: asyncio.sleep(0))


async def test_work_that_breaks_is_told_at_the_end() -> None:
    later = Later()

    async def broken() -> None:
        raise ZeroDivisionError

    async def run() -> None:
        async with later.running():
            await later.after(0, broken)
            await later.after(60, broken)
            with pytest.raises(RuntimeError, match="broke"):
                await later.idle()

    with pytest.raises(ExceptionGroup) as told:
        await run()
    assert told.group_contains(ZeroDivisionError)


async def test_a_slow_watcher_hears_of_a_subject_once() -> None:
    news = News()
    with news.watching() as subjects:
        for _ in range(1000):
            news.tell("ana")
        news.tell("erp")
        assert [await anext(subjects), await anext(subjects)] == ["ana", "erp"]
        news.close()
        assert [subject async for subject in subjects] == []
