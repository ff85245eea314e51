"""Each crash at its worst moment, with real processes, and what is true afterwards."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.inbox.table import analysis, conversation, message
from bot.migrations.upgrade import upgrade
from bot.simulator import webhooks
from bot.simulator.actions import sample
from bot.simulator.bubble import Bubble
from bot.simulator.phone import Phone
from tests import servers
from tests.chaos.plant import LEASE, Plant, open_plant
from tests.databases import apart

pytestmark = [pytest.mark.chaos, pytest.mark.xdist_group("chaos")]

#: Over what the promise names: machines are slow at times. Far below ten leases.
_MOMENT = 6.0
_ABOUT_THE_PICTURE = "cannot look at pictures"


async def answer(phone: Phone, words: str, *, within: float = 30) -> Bubble:
    return await phone.expects(words, within=within)


async def a_worker_is_in_the_middle(plant: Plant, *, calls: int = 1) -> None:
    """Return when one more turn has been claimed and waits for its picture."""

    async def is_asked() -> bool:
        return plant.witness.media_calls >= calls

    await plant.until(is_asked)


async def is_handled_once(plant: Plant, *, messages: int) -> None:
    """Check that each message was stored once, handled once and answered once."""
    heard = await plant.rows(select(message).where(message.c.direction == "in"))
    assert [row.state for row in heard] == ["done"] * messages
    turns = await plant.rows(select(analysis))
    assert {row.analysis_id for row in heard} == {row.id for row in turns}
    keys = [key for _, key in plant.witness.replies]
    assert len(keys) == len(set(keys))
    assert await plant.count(conversation, conversation.c.lease_until.is_not(None)) == 0


async def test_a_worker_killed_between_claim_and_save_loses_nothing(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with open_plant(sqlite_url, tmp_path, workers=2, asleep=["worker2"]) as plant:
        plant.witness.media.clear()
        ana = plant.phone()
        await ana.send_image(sample("note.jpg"))
        await a_worker_is_in_the_middle(plant)
        killed, heir = plant.workers
        await heir.start()
        # The heartbeat holds the lease for longer than it lasts ...
        await asyncio.sleep(2 * LEASE)
        assert plant.witness.media_calls == 1
        # ... until the heart stops.
        killed.kill()

        async def is_resumed() -> bool:
            return plant.witness.media_calls == 2

        assert await plant.until(is_resumed) < LEASE + _MOMENT
        plant.witness.media.set()
        await answer(ana, _ABOUT_THE_PICTURE)
        await plant.settle()
        await is_handled_once(plant, messages=1)
        assert len(ana.inbox) == 1


async def test_a_worker_that_slept_past_its_lease_changes_nothing(
    postgres_url: str, tmp_path: Path
) -> None:
    async with open_plant(
        postgres_url, tmp_path, workers=2, asleep=["worker2"]
    ) as plant:
        plant.witness.media.clear()
        ana = plant.phone()
        await ana.send_image(sample("note.jpg"))
        await a_worker_is_in_the_middle(plant)
        sleeper, heir = plant.workers
        sleeper.pause()
        await heir.start()
        await a_worker_is_in_the_middle(plant, calls=2)
        plant.witness.media.set()
        await answer(ana, _ABOUT_THE_PICTURE)
        await plant.settle()
        (chat,) = await plant.rows(select(conversation))
        turns = await plant.rows(select(analysis))

        sleeper.go_on()

        async def is_awake() -> bool:
            return '"outcome": "lost"' in sleeper.log

        await plant.until(is_awake)
        assert await plant.rows(select(conversation)) == [chat]
        assert await plant.rows(select(analysis)) == turns
        # It is none the worse for it: alone, it goes on working.
        heir.kill()
        await ana.say("2 latte")
        await answer(ana, "2 × Latte")
        await plant.settle()
        await is_handled_once(plant, messages=2)
        await plant.stop()


async def test_a_web_killed_between_commit_and_answer_stores_once(
    database_url: str, tmp_path: Path
) -> None:
    async with open_plant(database_url, tmp_path, workers=0) as plant:
        (killed,) = plant.webs
        plant.front.instead_of_answer = killed.kill
        ana = plant.phone()
        saying = asyncio.create_task(ana.say("2 latte"))

        async def is_dead() -> bool:
            return not killed.is_running

        await plant.until(is_dead)
        assert await plant.count(message) == 1
        assert not saying.done()
        await killed.start()
        # Nobody answered, so it came again, until somebody did.
        await asyncio.wait_for(saying, 30)
        assert await plant.count(message) == 1
        (chat,) = await plant.rows(select(conversation))
        assert (chat.seq, chat.rev) == (1, 1)


async def test_stopping_gives_back_what_is_under_way_and_loses_nothing(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with open_plant(
        sqlite_url, tmp_path, workers=1, web=["serve"], STOP_SECONDS=1
    ) as plant:
        plant.witness.media.clear()
        ana = plant.phone()
        await ana.send_image(sample("note.jpg"))
        await a_worker_is_in_the_middle(plant)
        others = [plant.phone(number) for number in range(2, 8)]
        await asyncio.gather(*(each.say("2 latte") for each in others))
        # Each must end with 0 and within ten seconds.
        await plant.stop()
        assert (
            await plant.count(conversation, conversation.c.lease_until.is_not(None))
            == 0
        )
        assert await plant.count(message, message.c.direction == "in") == 7
        plant.witness.media.set()
        (server, worker) = plant.programs
        await server.start()
        await answer(ana, _ABOUT_THE_PICTURE)
        for each in others:
            await answer(each, "2 × Latte")
        await plant.settle()
        await is_handled_once(plant, messages=7)
        assert "Traceback" not in server.log + worker.log


async def test_without_redis_work_goes_on(sqlite_url: str, tmp_path: Path) -> None:
    with servers.redis() as redis:
        async with open_plant(sqlite_url, tmp_path, redis_url=redis.url) as plant:
            ana = plant.phone()
            await ana.say("2 latte")
            await answer(ana, "2 × Latte")
            redis.stop()
            await ana.say("and a bagel")
            await answer(ana, "Bagel")
            redis.start()
            await ana.say("and 3 tea")
            await answer(ana, "3 × Tea")
            await plant.settle()
            await is_handled_once(plant, messages=3)
            await plant.stop()


@pytest.fixture
async def own_postgres() -> AsyncIterator[servers.PostgresServer]:
    with servers.own_postgres() as server:
        apart(upgrade(server.address.format("postgres")))
        yield server


async def test_a_database_that_goes_and_comes_back_finds_everybody_waiting(
    own_postgres: servers.PostgresServer, tmp_path: Path
) -> None:
    url = own_postgres.address.format("postgres")
    async with open_plant(url, tmp_path) as plant:
        ana, bora = plant.phone(1), plant.phone(2)
        await ana.say("2 latte")
        await answer(ana, "2 × Latte")
        await plant.settle()
        plant.witness.media.clear()
        await bora.send_image(sample("note.jpg"))
        await a_worker_is_in_the_middle(plant)

        await asyncio.to_thread(own_postgres.stop)
        assert await ana.post(a_text(plant, ana, "wamid.unheard")) == 503
        saying = asyncio.create_task(ana.say("and a bagel"))
        plant.witness.media.set()  # Its turn is decided and cannot be saved.
        await asyncio.sleep(2 * LEASE)
        assert not saying.done()
        assert all(each.is_running for each in plant.programs)

        await asyncio.to_thread(own_postgres.start)
        await asyncio.wait_for(saying, 30)
        await answer(ana, "Bagel")
        await answer(bora, _ABOUT_THE_PICTURE)
        await plant.settle()
        await is_handled_once(plant, messages=3)
        # The same processes, which nobody had to start again.
        assert plant.kills == 0
        await plant.stop()


def a_text(plant: Plant, phone: Phone, wamid: str) -> webhooks.Json:
    content = {"type": "text", "text": {"body": "hello"}}
    said = webhooks.message(phone.person, wamid, plant.simulator.clock(), content, None)
    return webhooks.of_messages(plant.simulator.number, phone.person, said)
