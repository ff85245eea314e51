"""Each crash at its worst moment, with real processes, and what is true afterwards."""

import asyncio
import itertools
import tomllib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.inbox.table import analysis, conversation, message
from bot.migrations.upgrade import upgrade
from bot.simulator import webhooks
from bot.simulator.actions import sample
from bot.simulator.phone import Phone
from tests import servers
from tests.chaos.customers import TIMES
from tests.chaos.plant import LEASE, Plant, open_plant
from tests.chaos.program import Program
from tests.databases import apart

pytestmark = pytest.mark.chaos

#: Over what the promise names: machines are slow at times. Far below ten leases.
_MOMENT = 6.0
_TEXTS = tomllib.loads((files("bot.texts") / "en.toml").read_text("utf-8"))
_ABOUT_THE_PICTURE = _TEXTS["say"]["cannot_read"]["image"]
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Scene:
    """A plant on servers of its own, and one customer whom no other test knows."""

    plant: Plant
    postgres: servers.PostgresServer
    redis: servers.RedisServer
    ana: Phone

    @property
    def worker(self) -> Program:
        """Return the only worker that is awake."""
        (awake,) = [each for each in self.plant.workers if each.is_running]
        return awake

    @property
    def heir(self) -> Program:
        """Return the worker that is not started yet."""
        (asleep,) = [each for each in self.plant.workers if not each.is_running]
        return asleep

    async def a_turn_is_in_the_middle(self, *, calls: int = 1) -> None:
        """Return when a turn was claimed, `calls` times, and waits for its picture."""

        async def is_asked() -> bool:
            return self.plant.witness.media_calls >= calls

        await self.plant.until(is_asked)

    async def chat(self) -> Any:
        chats = await self.plant.rows(select(conversation))
        mine = {self.ana.wa_id, self.ana.person.user_id}
        (found,) = [each for each in chats if each.address["value"] in mine]
        return found

    async def mine(self, table: Any) -> Sequence[Any]:
        """Return the rows of a table that belong to the customer's conversation."""
        chat = await self.chat()
        return await self.plant.rows(
            select(table).where(table.c.conversation_id == chat.id).order_by(table.c.id)
        )

    async def handled_once(self, *, messages: int) -> None:
        """Check that each message was stored, handled and answered once."""
        await self.plant.settle()
        heard = [row for row in await self.mine(message) if row.direction == "in"]
        assert [row.state for row in heard] == ["done"] * messages
        turns = await self.mine(analysis)
        assert {row.analysis_id for row in heard} == {row.id for row in turns}
        keys = [key for phone, key in self.plant.witness.replies]
        assert len(keys) == len(set(keys))
        assert (await self.chat()).lease_until is None


@pytest.fixture(scope="module")
async def plant_on_servers(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[tuple[Plant, servers.PostgresServer, servers.RedisServer]]:
    """Start a plant once for all: what each process costs is its start."""
    folder = tmp_path_factory.mktemp("plant")
    with servers.own_postgres() as postgres, servers.redis() as redis:
        url = postgres.address.format("postgres")
        apart(upgrade(url))
        async with open_plant(
            url, folder, redis_url=redis.url, workers=2, asleep=["worker2"]
        ) as plant:
            yield plant, postgres, redis


@pytest.fixture
async def scene(
    plant_on_servers: tuple[Plant, servers.PostgresServer, servers.RedisServer],
) -> Scene:
    """Return the plant with its web and one worker up, whatever was before."""
    plant, postgres, redis = plant_on_servers
    plant.witness.media_calls = 0
    awake = [each for each in plant.workers if each.is_running]
    for each in awake[1:]:
        each.kill()
    missing = [each for each in plant.webs if not each.is_running]
    missing += [] if awake else plant.workers[:1]
    for each in missing:
        await each.start()
    return Scene(plant, postgres, redis, plant.phone(next(_numbers)))


async def test_a_worker_killed_between_claim_and_save_loses_nothing(
    scene: Scene,
) -> None:
    plant, killed = scene.plant, scene.worker
    plant.witness.media.clear()
    await scene.ana.send_image(sample("note.jpg"))
    await scene.a_turn_is_in_the_middle()
    await scene.heir.start()
    # The heartbeat holds the lease for longer than it lasts ...
    await asyncio.sleep(1.5 * LEASE)
    assert plant.witness.media_calls == 1
    # ... until the heart stops.
    killed.kill()

    async def is_resumed() -> bool:
        return plant.witness.media_calls == 2

    assert await plant.until(is_resumed) < LEASE + _MOMENT
    plant.witness.media.set()
    await scene.ana.expects(_ABOUT_THE_PICTURE, within=30)
    await scene.handled_once(messages=1)
    assert len(scene.ana.inbox) == 1


async def test_a_worker_that_slept_past_its_lease_changes_nothing(
    scene: Scene,
) -> None:
    plant, sleeper, heir = scene.plant, scene.worker, scene.heir
    plant.witness.media.clear()
    await scene.ana.send_image(sample("note.jpg"))
    await scene.a_turn_is_in_the_middle()
    sleeper.pause()
    await heir.start()
    await scene.a_turn_is_in_the_middle(calls=2)
    plant.witness.media.set()
    await scene.ana.expects(_ABOUT_THE_PICTURE, within=30)
    await plant.settle()
    chat, turns = await scene.chat(), await scene.mine(analysis)

    sleeper.go_on()

    async def is_awake() -> bool:
        return '"outcome": "lost"' in sleeper.log

    await plant.until(is_awake)
    assert await scene.chat() == chat
    assert await scene.mine(analysis) == turns
    # It is none the worse for it: alone, it goes on working.
    heir.kill()
    await scene.ana.say("2 latte")
    await scene.ana.expects(f"2 {TIMES} Latte", within=30)
    await scene.handled_once(messages=2)


async def test_a_web_killed_between_commit_and_answer_stores_once(
    scene: Scene,
) -> None:
    (killed,) = scene.plant.webs
    scene.plant.front.instead_of_answer = killed.kill
    saying = asyncio.create_task(scene.ana.say("2 latte"))

    async def is_dead() -> bool:
        return not killed.is_running

    await scene.plant.until(is_dead)
    # What it was about to say is true: the message is stored, and even answered.
    assert len([m for m in await scene.mine(message) if m.direction == "in"]) == 1
    await scene.ana.expects(f"2 {TIMES} Latte", within=30)
    assert not saying.done()
    await killed.start()
    # Nobody heard that, so it comes again, until somebody does.
    await asyncio.wait_for(saying, 30)
    await scene.handled_once(messages=1)
    assert (await scene.chat()).rev == 1


async def test_without_redis_work_goes_on(scene: Scene) -> None:
    await scene.ana.say("2 latte")
    await scene.ana.expects(f"2 {TIMES} Latte", within=30)
    scene.redis.stop()
    await scene.ana.say("and a bagel")
    await scene.ana.expects("Bagel", within=30)
    scene.redis.start()
    await scene.ana.say("and 3 tea")
    await scene.ana.expects(f"3 {TIMES} Tea", within=30)
    await scene.handled_once(messages=3)


async def test_a_database_that_goes_and_comes_back_finds_everybody_waiting(
    scene: Scene,
) -> None:
    plant, ana, bora = scene.plant, scene.ana, scene.plant.phone(next(_numbers))
    kills = plant.kills
    await ana.say("2 latte")
    await ana.expects(f"2 {TIMES} Latte", within=30)
    await plant.settle()
    plant.witness.media.clear()
    await bora.send_image(sample("note.jpg"))
    await scene.a_turn_is_in_the_middle()

    await asyncio.to_thread(scene.postgres.stop)
    assert await ana.post(a_text(plant, ana, "wamid.unheard")) == 503
    saying = asyncio.create_task(ana.say("and a bagel"))
    plant.witness.media.set()  # Its turn is decided and cannot be saved.
    await asyncio.sleep(2 * LEASE)
    assert not saying.done()

    await asyncio.to_thread(scene.postgres.start)
    await asyncio.wait_for(saying, 30)
    await ana.expects("Bagel", within=30)
    await bora.expects(_ABOUT_THE_PICTURE, within=30)
    await scene.handled_once(messages=2)
    await replace(scene, ana=bora).handled_once(messages=1)
    # The same processes, which nobody had to start again.
    assert plant.kills == kills
    assert scene.worker.is_running


async def test_stopping_gives_back_what_is_under_way_and_loses_nothing(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with open_plant(
        sqlite_url, tmp_path, workers=1, web=["serve"], STOP_SECONDS=1
    ) as plant:
        plant.witness.media.clear()
        ana, *others = (plant.phone(number) for number in range(1, 8))
        await ana.send_image(sample("note.jpg"))

        async def is_asked() -> bool:
            return plant.witness.media_calls > 0

        await plant.until(is_asked)
        await asyncio.gather(*(each.say("2 latte") for each in others))
        # Each must end with 0 and within ten seconds.
        await plant.stop()
        leased = conversation.c.lease_until.is_not(None)
        assert await plant.count(conversation, leased) == 0
        assert await plant.count(message, message.c.direction == "in") == 7
        plant.witness.media.set()
        server, worker = plant.programs
        await server.start()
        await ana.expects(_ABOUT_THE_PICTURE, within=30)
        for each in others:
            await each.expects(f"2 {TIMES} Latte", within=30)
        await plant.settle()
        assert [len(each.inbox) for each in (ana, *others)] == [1] * 7
        assert "Traceback" not in server.log + worker.log


def a_text(plant: Plant, phone: Phone, wamid: str) -> webhooks.Json:
    content = {"type": "text", "text": {"body": "hello"}}
    said = webhooks.message(phone.person, wamid, plant.simulator.clock(), content, None)
    return webhooks.of_messages(plant.simulator.number, phone.person, said)
