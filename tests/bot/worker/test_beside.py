"""Pictures beside a question: they may be lost, and the question never waits."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.simulator.faults import dropped, fails_later, refused
from bot.worker.reported import act_on_failures
from orders.outbox.store import State
from tests.bot.worker.by_hand import ByHand, by_hand
from tests.factories import a_product

TARTS = [
    replace(
        a_product(id="", sku=name, name=f"{name} tart"),
        image=f"https://127.0.0.1:9/{name}.jpg",
    )
    for name in ("Apple", "Plum", "Pear")
]


@pytest.fixture
async def shop(sqlite_url: str, tmp_path: Path) -> AsyncIterator[ByHand]:
    async with by_hand(sqlite_url, tmp_path) as opened:
        await opened.house.stock(TARTS)
        yield opened


async def test_pictures_that_cannot_be_shown_do_not_hold_up_their_question(
    shop: ByHand,
) -> None:
    ana = shop.house.phone()
    await shop.hear(ana, "hello")
    await shop.deliver_all()
    await shop.hear(ana, "2 tart")
    for fault in (refused(131053), dropped(accepted=False), fails_later(131052)):
        shop.house.simulator.faults.add(fault, to=ana.wa_id)
    await shop.deliver_all()  # No time passes.
    assert ana.inbox[-1].kind == "list"
    assert await act_on_failures(shop.house.runtime) == 1
    *shown, question = (await shop.sent_messages())[-4:]
    assert [each.state for each in shown] == ["cancelled", "cancelled", "failed"]
    assert question.state == "sent"
    assert State.DUE not in await shop.states()


async def test_this_one_under_a_picture_is_what_it_shows(shop: ByHand) -> None:
    ana = shop.house.phone()
    await shop.hear(ana, "2 tart")
    await shop.deliver_all()
    shown = [bubble for bubble in ana.inbox if bubble.kind == "image"]
    assert [bubble.text[:3] for bubble in shown] == ["1. ", "2. ", "3. "]
    await ana.say("this one", reply_to=shown[1])
    await shop.turn()
    draft = await shop.house.draft(ana)
    named = [(line.name, int(line.quantity)) for line in draft.lines]
    assert named == [(shown[1].text[3:].partition(",")[0], 2)]
    assert draft.unresolved == ()
