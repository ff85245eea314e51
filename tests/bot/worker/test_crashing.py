"""What breaks in the middle: one turn, or the news of one message, and nothing else."""

import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from bot.inbox.table import message_status
from bot.simulator.faults import fails_later
from bot.worker.judging import Outcome, Verdict
from bot.worker.reported import act_on_failures
from bot.worker.saving import Saved
from bot.worker.turn import handle
from orders.outbox.store import State
from orders.table import outbox
from tests.bot.worker.by_hand import ByHand, by_hand


class Killed(BaseException):
    """The process ends here."""


class Dying(ByHand):
    """A worker that dies with what its model said in its hands."""

    async def save(self, outcome: Outcome) -> Saved:
        del outcome
        raise Killed


@pytest.fixture(scope="module")
async def shop(
    migrated_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[ByHand]:
    """Open one shop: each case has a customer of its own."""
    folder = tmp_path_factory.mktemp("shop")
    path = shutil.copy(migrated_file, folder / "shop.db")
    async with by_hand(f"sqlite:///{path}", folder) as opened:
        yield opened


async def test_who_dies_after_the_model_and_before_the_commit_answers_once(
    shop: ByHand,
) -> None:
    house, ana = shop.house, shop.house.phone("905550000401", "Ana")
    await ana.say("2 latte")
    first = await shop.claim()
    dying = Dying(house, shop.standings)
    with pytest.raises(Killed):
        await handle(first, house.runtime, dying)
    assert not await house.analyses(), "nothing of it was written"
    house.clock.ahead += timedelta(seconds=house.runtime.settings.lease_seconds * 2)
    second = await shop.claim()
    assert (second.conversation_id, second.fence) == (
        first.conversation_id,
        first.fence + 1,
    )
    saved = await handle(second, house.runtime, shop)
    assert saved is not None
    assert saved.verdict is Verdict.COMMITTED
    await shop.deliver_all()
    assert len(await house.analyses()) == 1
    assert len(ana.inbox) == len(await shop.sent_messages())
    assert [line.quantity for line in (await house.draft(ana)).lines] == [2]


async def test_news_that_break_cost_no_message_and_no_other_news(
    shop: ByHand,
) -> None:
    house = shop.house
    people = [house.phone(f"90555000041{n}", f"Customer {n}") for n in range(2)]
    for each in people:
        house.simulator.faults.add(fails_later(131026), to=each.wa_id)
        await shop.hear(each, "hello")
    await shop.deliver_all()
    (broken, _) = [await house.chat(each) for each in people]
    async with house.runtime.database.transaction() as connection:
        # As a version that is newer than this one may have written it.
        await connection.execute(
            update(outbox)
            .where(outbox.c.lane == f"conversation:{broken.id}")
            .values(payload={"conversation_id": broken.id})
        )
    assert await act_on_failures(house.runtime) == 2
    assert await act_on_failures(house.runtime) == 0
    news = await house.rows(message_status, state="failed")
    assert all(each.acted_at for each in news)
    rows = await house.rows(outbox)
    states = {row.payload["conversation_id"]: row.state for row in rows}
    assert states[(await house.chat(people[1])).id] == State.PARKED
    await shop.hear(people[0], "1 latte")
