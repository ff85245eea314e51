"""The demo's chats end in the states that they are there to show."""

from pathlib import Path

from bot.demo import stock
from bot.domain.snapshot import Owner
from bot.simulator.chats import Chat, Step, play, sample_chats
from orders import OrderState
from orders.domain.draft import Fulfilment
from tests.house import open_house


async def test_the_sample_chats_end_in_several_states(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with open_house(sqlite_url, tmp_path, goods=()) as house:
        await stock(house.runtime, house.tenant_id)
        await play(house.simulator, sample_chats())
        await house.settle()
        zeynep, james, elif_ = [
            house.phone(chat.phone, chat.name) for chat in sample_chats()
        ]
        placed = await house.order_of(zeynep)
        assert placed is not None
        assert placed.state is OrderState.PROVISIONED
        open_draft = await house.draft(james)
        assert len(open_draft.lines) == 2
        assert open_draft.fulfilment is Fulfilment.DELIVERY
        assert open_draft.address is None
        assert (await house.chat(elif_)).owner == Owner.AGENT


async def test_a_customer_who_is_not_answered_as_expected_stops(
    sqlite_url: str, tmp_path: Path
) -> None:
    lost = Chat("905551110009", "Lost", "", (Step(tap="No such button"), Step(say="x")))
    async with open_house(sqlite_url, tmp_path) as house:
        await play(house.simulator, [lost], patience=0.05)
        assert house.phone(lost.phone).bubbles == ()
