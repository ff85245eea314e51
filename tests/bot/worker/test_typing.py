"""Typing is shown for as long as a turn is at work, and not a moment longer."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from bot.db.claims import Claim
from bot.inbox.table import contact, conversation
from bot.reading.reader import Reading, ReadingRequest
from bot.reading.rules.reader import RulesReader
from bot.simulator.phone import Phone
from bot.worker.courtesy import Courtesy, Sight
from tests.bot.worker.by_hand import ByHand, by_hand
from tests.house import open_house


class Slow:
    """A reader that answers when it is let."""

    name: ClassVar[str] = "rules"

    def __init__(self) -> None:
        self.asked, self.may_answer = asyncio.Event(), asyncio.Event()

    async def read(self, request: ReadingRequest) -> Reading:
        self.asked.set()
        await self.may_answer.wait()
        return await RulesReader().read(request)


async def test_typing_goes_on_while_a_model_thinks_and_ends_with_its_turn(
    sqlite_url: str, tmp_path: Path
) -> None:
    slow = Slow()
    # The time that passes is the shop's, not that of the turn's budget.
    settings = {"turn_budget_seconds": 30, "lease_seconds": 60}
    async with open_house(
        sqlite_url, tmp_path, readers=[slow], settings=settings
    ) as house:
        ana = house.phone()
        await ana.say("2 latte")
        await slow.asked.wait()
        await ana.until(lambda phone: phone.is_typed_to)
        for _ in range(2):
            ana.is_typed_to = False
            house.clock.ahead += timedelta(seconds=21)
            await ana.until(lambda phone: phone.is_typed_to, within=5)
        slow.may_answer.set()
        await house.settle()
        assert not ana.is_typed_to


@pytest.fixture(scope="module")
async def shop(
    migrated_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[ByHand]:
    """Open one shop: each case has a customer of its own."""
    folder = tmp_path_factory.mktemp("shop")
    path = shutil.copy(migrated_file, folder / "shop.db")
    async with by_hand(f"sqlite:///{path}", folder) as opened:
        yield opened


@pytest.mark.parametrize(
    ("number", "table", "change"),
    [
        pytest.param(1, None, {}, id="the bot is at work"),
        pytest.param(2, conversation, {"owner": "agent"}, id="a person took it over"),
        pytest.param(3, contact, {"opted_out": True}, id="after STOP"),
    ],
)
async def test_who_must_not_see_the_bot_sees_no_typing_anew(
    shop: ByHand, number: int, table: Any, change: dict[str, Any]
) -> None:
    ana = shop.house.phone(f"90555000020{number}", f"Customer {number}")
    async with typing(shop, ana) as (courtesy, claim):
        if table is not None:
            await shop.set(table, **change)
        ana.is_typed_to = False
        shop.house.clock.ahead += timedelta(seconds=21)
        if table is None:
            await ana.until(lambda phone: phone.is_typed_to)
        else:
            await asyncio.sleep(0.15)
            assert not ana.is_typed_to
        courtesy.end(claim)


async def test_a_turn_that_ended_types_no_more(shop: ByHand) -> None:
    ana = shop.house.phone("905550000209", "Customer 9")
    async with typing(shop, ana) as (courtesy, claim):
        courtesy.end(claim)
        ana.is_typed_to = False
        shop.house.clock.ahead += timedelta(seconds=21)
        await asyncio.sleep(0.1)
        assert not ana.is_typed_to


@asynccontextmanager
async def typing(shop: ByHand, phone: Phone) -> AsyncIterator[tuple[Courtesy, Claim]]:
    """Type at a customer whose turn is at work."""
    said = await phone.say("hello")
    chat = await shop.house.chat(phone)
    runtime, now = shop.house.runtime, shop.clock() + timedelta(seconds=1)
    (claim,) = await runtime.database.retried(
        lambda connection: runtime.claims.claim(connection, room=1, busy={}, now=now)
    )
    courtesy = Courtesy(runtime, shop.standings, look=0.01)
    work = asyncio.ensure_future(courtesy.run())
    courtesy.begin(claim, Sight(chat.channel_id, said.id, typing=True))
    await phone.until(lambda each: each.is_typed_to)
    try:
        yield courtesy, claim
        assert not work.done()
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
