"""News tell pages what changed; losing one costs seconds and nothing else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from redis.asyncio import Redis

from bot.inbox.news import Listener, LocalNews, News, Pile, RedisNews, Told, What
from tests.servers import RedisServer

EVERYTHING = Told(What.EVERYTHING)


@asynccontextmanager
async def spread(url: str, name: str) -> AsyncIterator[RedisNews]:
    redis = Redis.from_url(url, socket_timeout=None, decode_responses=True)
    news = RedisNews(redis, "test:news", name)
    task = asyncio.create_task(news.run())
    try:
        yield news
    finally:
        task.cancel()
        await asyncio.wait([task])
        await redis.aclose()


async def heard(listener: Listener, seconds: float = 5.0) -> tuple[Told, ...]:
    async with asyncio.timeout(seconds):
        return await anext(listener)


async def connected(hearing: News, telling: News) -> Listener:
    """Return a listener that has heard the other one; that takes a moment."""
    listener = hearing.subscribe("ten_sync")
    for _ in range(100):
        telling.tell("ten_sync", "cnv_sync", What.CHAT)
        try:
            if Told(What.CHAT, "cnv_sync") in await heard(listener, 0.3):
                return listener
        except TimeoutError:
            continue
    pytest.fail("it was never heard")


async def quiet(listener: Listener) -> None:
    """Let what is on its way arrive, and forget it."""
    while True:
        try:
            await heard(listener, 0.4)
        except TimeoutError:
            return


def test_a_pile_says_each_thing_once_in_the_order_of_their_coming() -> None:
    pile = Pile()
    for what in (What.MESSAGE, What.DRAFT, What.MESSAGE):
        pile.put(Told(what, "cnv_1"))
    assert pile.take() == (Told(What.MESSAGE, "cnv_1"), Told(What.DRAFT, "cnv_1"))
    assert not pile


def test_a_pile_that_overflows_says_everything_and_nothing_else() -> None:
    pile = Pile(most=3)
    for number in range(1000):
        pile.put(Told(What.MESSAGE, f"cnv_{number}"))
    assert pile.take() == (EVERYTHING,)
    pile.put(Told(What.STATUS))
    assert pile.take() == (Told(What.STATUS),)


def test_that_a_session_is_over_is_said_however_much_else_happens() -> None:
    over = Told(What.SESSION)
    for when in (0, 2, 5):
        pile = Pile(most=3)
        for number in range(6):
            if number == when:
                pile.put(over)
            pile.put(Told(What.MESSAGE, f"cnv_{number}"))
        assert set(pile.take()) == {over, EVERYTHING}


async def test_what_comes_together_is_heard_together() -> None:
    news = LocalNews()
    listener = news.subscribe("ten_a")
    for _ in range(500):
        news.tell("ten_a", "cnv_1", What.MESSAGE, What.CHAT)
    assert await heard(listener) == (
        Told(What.MESSAGE, "cnv_1"),
        Told(What.CHAT, "cnv_1"),
    )


async def test_a_tenant_never_hears_of_another() -> None:
    news = LocalNews()
    listener = news.subscribe("ten_a")
    news.tell("ten_b", "cnv_1", What.MESSAGE)
    with pytest.raises(TimeoutError):
        await heard(listener, 0.2)


async def test_a_listener_that_is_interrupted_loses_nothing() -> None:
    news = LocalNews()
    listener = news.subscribe("ten_a")
    news.tell("ten_a", "cnv_1", What.ORDER)
    with pytest.raises(TimeoutError):
        await heard(listener, 0.01)
    assert await heard(listener) == (Told(What.ORDER, "cnv_1"),)


async def test_closing_ends_the_listening_and_leaves_nothing_behind() -> None:
    news = LocalNews()
    one, other = news.subscribe("ten_a"), news.subscribe("ten_a")
    waiting = asyncio.create_task(anext(one, None))
    await asyncio.sleep(0)
    one.close()
    one.close()
    assert await waiting is None
    news.tell("ten_a", None, What.STATUS)
    assert await heard(other) == (Told(What.STATUS),)
    other.close()
    assert news.listening == 0


async def test_news_are_heard_in_other_processes_and_once_at_home(
    redis_url: str,
) -> None:
    async with spread(redis_url, "one") as one, spread(redis_url, "two") as two:
        (await connected(two, one)).close()
        (await connected(one, two)).close()
        there, here = two.subscribe("ten_a"), one.subscribe("ten_a")
        one.tell("ten_a", "cnv_1", What.DRAFT)
        one.tell("ten_b", "cnv_2", What.DRAFT)
        assert await heard(there) == (Told(What.DRAFT, "cnv_1"),)
        assert await heard(here) == (Told(What.DRAFT, "cnv_1"),)
        with pytest.raises(TimeoutError):
            await heard(here, 0.4)


async def test_a_storm_is_a_few_messages_between_processes(redis_url: str) -> None:
    async with spread(redis_url, "one") as one, spread(redis_url, "two") as two:
        (await connected(two, one)).close()
        there = two.subscribe("ten_a")
        watching = Redis.from_url(redis_url, decode_responses=True)
        before = (await watching.info("commandstats"))["cmdstat_publish"]["calls"]
        for number in range(10_000):
            one.tell("ten_a", f"cnv_{number}", What.MESSAGE)
        assert await heard(there) == (EVERYTHING,)
        after = (await watching.info("commandstats"))["cmdstat_publish"]["calls"]
        await watching.aclose()
        assert after - before == 1


async def test_without_redis_they_are_heard_at_home_and_later_elsewhere_again(
    redis_server: RedisServer,
) -> None:
    url = redis_server.url
    async with spread(url, "one") as one, spread(url, "two") as two:
        there = await connected(two, one)
        here = one.subscribe("ten_a")
        await quiet(there)
        redis_server.stop()
        try:
            one.tell("ten_a", "cnv_1", What.DRAFT)
            assert await heard(here) == (Told(What.DRAFT, "cnv_1"),)
        finally:
            redis_server.start()
        # Whoever was deaf for a while cannot know what it missed.
        assert EVERYTHING in await heard(there)
        (await connected(two, one)).close()


async def test_a_word_of_a_newer_program_means_everything(redis_url: str) -> None:
    async with spread(redis_url, "one") as one, spread(redis_url, "two") as two:
        (await connected(two, one)).close()
        listener = two.subscribe("ten_a")
        redis = Redis.from_url(redis_url)
        said = '{"from": "new", "news": {"ten_a": [["cnv_1", "weather"]]}}'
        await redis.publish("test:news", said)
        await redis.aclose()
        assert (await heard(listener))[0].what is What.EVERYTHING
