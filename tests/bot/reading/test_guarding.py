"""Who may ask a model, and what happens when it is away."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar

import pytest

from bot.domain.understanding import Intent, Understanding
from bot.reading.breaker import Breaker, Patience
from bot.reading.choosing import read
from bot.reading.guarding import Guard, GuardedReader, ServiceAway
from bot.reading.openai.errors import Declined, RateLimited, ServerFailed
from bot.reading.pace import Pace
from bot.reading.reader import (
    Call,
    Reader,
    ReaderUnavailable,
    Reading,
    ReadingRequest,
)
from bot.reading.rules.reader import RulesReader
from tests.openai_reader import FullPurse
from tests.readings import a_request

ORDER = a_request("could I have 2 latte please")
CALL = Call("read", "a-model", cost_micros=7)


class Model:
    """A reader that does what it is told next, and then answers."""

    name: ClassVar[str] = "openai"

    def __init__(self) -> None:
        self.asked = 0
        self.errors: list[BaseException] = []

    async def read(self, request: ReadingRequest) -> Reading:
        del request
        self.asked += 1
        if self.errors:
            raise self.errors.pop(0)
        said = Understanding(intents=(Intent.BROWSE,))
        return Reading(said, "openai", "a-model", calls=(CALL,))


class Desk:
    def __init__(self, per_hour: int = 100) -> None:
        self.now, self.model, self.purse = 0.0, Model(), FullPurse()
        breaker = Breaker(lambda: self.now, Patience(failures=2, pause=10))
        pace = Pace(lambda: self.now, per_hour)
        self.reader = GuardedReader(self.model, Guard(breaker, self.purse, pace))
        self.counted: list[tuple[str, str]] = []

    async def auto(self, request: ReadingRequest = ORDER) -> Reading:
        """Read as `READER=auto` does."""
        chain: Sequence[Reader] = (self.reader, RulesReader())
        return await read(
            chain, request, budget=5, count=lambda *what: self.counted.append(what)
        )


async def test_a_reading_is_paid_for() -> None:
    desk = Desk()
    reading = await desk.auto()
    assert (reading.provider, reading.why) == ("openai", None)
    assert desk.purse.calls == [CALL]
    assert desk.counted == [("openai", "read")]


async def test_a_trivial_turn_costs_nothing() -> None:
    desk = Desk()
    reading = await desk.auto(a_request("hello"))
    assert (reading.provider, reading.why) == ("rules", "trivial")
    assert reading.understanding.intents == (Intent.GREET,)
    assert desk.model.asked == 0


async def test_over_budget_the_rules_read_in_every_mode() -> None:
    desk = Desk()
    desk.purse.is_empty = True
    for reading in (await desk.auto(), await desk.reader.read(ORDER)):
        assert (reading.provider, reading.why) == ("rules", "over_budget")
        assert reading.understanding.says(Intent.ORDER)
    assert desk.model.asked == 0


async def test_a_conversation_that_asks_too_much_is_read_by_the_rules() -> None:
    desk = Desk(per_hour=2)
    readings = [await desk.auto() for _ in range(3)]
    assert [r.why for r in readings] == [None, None, "too_many_readings"]


async def test_in_an_outage_the_rules_take_over_in_the_same_turn() -> None:
    desk = Desk()
    desk.model.errors = [ServerFailed("500", calls=(CALL,))]
    reading = await desk.auto()
    assert (reading.provider, reading.why) == ("rules", "openai: server_failed")
    assert reading.calls == (CALL,), "what was paid for stands with the turn"
    assert desk.purse.calls == [CALL]
    assert desk.counted == [("openai", "server_failed"), ("rules", "read")]


async def test_in_an_outage_who_has_only_the_model_is_told_so() -> None:
    desk = Desk()
    desk.model.errors = [ServerFailed("500")]
    with pytest.raises(ServerFailed):
        await desk.reader.read(ORDER)


async def test_what_the_model_will_never_read_the_rules_read_in_every_mode() -> None:
    desk = Desk()
    desk.model.errors = [Declined("no", calls=(CALL,))]
    reading = await desk.reader.read(ORDER)
    assert (reading.provider, reading.why) == ("rules", "declined")
    assert reading.calls == (CALL,)


async def test_during_an_outage_the_model_is_skipped_and_then_tried_again() -> None:
    desk = Desk()
    desk.model.errors = [ServerFailed("500"), ServerFailed("500")]
    await desk.auto()
    await desk.auto()
    reading = await desk.auto()
    assert (desk.model.asked, reading.why) == (2, "openai: breaker_open")
    with pytest.raises(ServiceAway) as away:
        await desk.reader.read(ORDER)
    assert away.value.retry_after == timedelta(seconds=10)
    desk.now += 10
    assert (await desk.auto()).provider == "openai"
    assert (await desk.auto()).provider == "openai"


async def test_a_service_that_asks_for_quiet_gets_it() -> None:
    desk = Desk()
    busy = RateLimited("429", retry_after=timedelta(seconds=60))
    desk.model.errors = [busy, busy]
    await desk.auto()
    await desk.auto()
    desk.now += 30
    assert (await desk.auto()).why == "openai: breaker_open"
    desk.now += 30
    assert (await desk.auto()).provider == "openai"


async def test_a_refusal_is_no_outage() -> None:
    desk = Desk()
    desk.model.errors = [Declined("no") for _ in range(5)]
    for _ in range(5):
        await desk.auto()
    assert (await desk.auto()).provider == "openai"


async def test_a_reader_that_takes_too_long_is_not_waited_for() -> None:
    class Asleep(Model):
        async def read(self, request: ReadingRequest) -> Reading:
            await asyncio.sleep(30)
            return await super().read(request)

    chain: Sequence[Reader] = (Asleep(), RulesReader())
    reading = await read(chain, ORDER, budget=0.05, count=lambda *_: None)
    assert (reading.provider, reading.why) == ("rules", "openai: timeout")


async def test_the_last_reader_says_why_it_cannot() -> None:
    model = Model()
    model.errors = [ReaderUnavailable("gone")]
    counted: list[tuple[str, str]] = []
    with pytest.raises(ReaderUnavailable):
        await read([model], ORDER, budget=5, count=lambda *what: counted.append(what))
    assert counted == [("openai", "unavailable")]
