"""What models took for turns that failed: it is counted with the turn's analysis."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import ClassVar, cast

import pytest

from bot.domain.understanding import Understanding
from bot.inbox.table import analysis, conversation
from bot.inbox.usage import Took, took
from bot.reading.reader import (
    Call,
    Reader,
    ReaderUnavailable,
    Reading,
    ReadingRequest,
)
from bot.simulator.phone import Phone
from bot.worker.failing import POLICY, fail
from bot.worker.spending import spent_on
from tests.bot.worker.by_hand import ByHand, by_hand
from tests.bot.worker.test_loop import until, working_on
from tests.house import open_house

CALL = Call("read", "gpt", input_tokens=100, output_tokens=7, cost_micros=30)


@pytest.fixture
async def shop(sqlite_url: str, tmp_path: Path) -> AsyncIterator[ByHand]:
    async with by_hand(sqlite_url, tmp_path) as shop:
        yield shop


async def fail_once(shop: ByHand) -> None:
    """Claim the turn that is due, and let it fail after a call of a model."""
    runtime, now = shop.house.runtime, shop.clock() + timedelta(seconds=1)
    (claim,) = await runtime.database.retried(
        lambda connection: runtime.claims.claim(connection, room=1, busy={}, now=now)
    )
    await runtime.database.retried(
        lambda connection: fail(
            connection,
            claim,
            "it broke",
            new_id=runtime.new_id,
            now=now,
            jitter=0.5,
            calls=[CALL],
        )
    )
    shop.wait(minutes=2)


async def taken(shop: ByHand, phone: Phone, draft_id: str | None = None) -> Took:
    chat = await shop.house.chat(phone)
    async with shop.house.runtime.database.reading() as connection:
        return await took(connection, shop.house.tenant_id, chat.id, draft_id)


async def test_a_turn_that_failed_for_good_counts_every_attempt(shop: ByHand) -> None:
    phone = shop.house.phone()
    await shop.hear(phone, "2 latte")
    await phone.say("and a tea")
    for _ in range(POLICY.attempts):
        await fail_once(shop)
    rows = await shop.house.rows(analysis, status="failed")
    assert [len(row.usage["calls"]) for row in rows] == [POLICY.attempts]
    total = await taken(shop, phone)
    assert (total.turns, total.cost_micros) == (2, POLICY.attempts * 30)
    assert total.input_tokens == POLICY.attempts * 100
    draft = await shop.house.draft(phone)
    assert (await taken(shop, phone, draft.id)).cost_micros == POLICY.attempts * 30
    assert (await shop.house.chat(phone)).spent is None


async def test_a_turn_that_came_to_its_end_counts_the_attempts_before(
    shop: ByHand,
) -> None:
    phone = shop.house.phone()
    await phone.say("2 latte")
    await fail_once(shop)
    await fail_once(shop)
    await shop.turn()
    assert (await taken(shop, phone)).cost_micros == 60
    await shop.hear(phone, "and a tea")
    assert (await taken(shop, phone)).cost_micros == 60


class Away:
    """A reader that pays for a call and then has no answer."""

    name: ClassVar[str] = "openai"

    async def read(self, request: ReadingRequest) -> Reading:
        del request
        raise ReaderUnavailable("no answer", calls=(CALL,))


class Senseless:
    """A reader whose answer the turn stumbles over."""

    name: ClassVar[str] = "openai"

    async def read(self, request: ReadingRequest) -> Reading:
        del request
        nothing = cast("Understanding", None)
        return Reading(nothing, provider="openai", model="gpt", calls=(CALL,))


@pytest.mark.parametrize("reader", [Away(), Senseless()], ids=["away", "senseless"])
async def test_an_attempt_that_is_made_again_keeps_what_it_took(
    sqlite_url: str, tmp_path: Path, reader: Reader
) -> None:
    async with open_house(sqlite_url, tmp_path, workers=0, readers=[reader]) as house:

        async def spent() -> object:
            return (await house.rows(conversation))[0].spent

        phone = house.phone()
        await phone.say("2 latte")
        async with working_on(house.runtime):
            await until(spent)
        assert await spent() == list(spent_on([CALL]))
