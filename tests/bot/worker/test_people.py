"""People with several ids, from the webhook through the worker to the phone."""

from dataclasses import replace
from pathlib import Path

from bot.inbox.table import channel, contact, conversation
from orders import OrderState
from orders.table import draft, order
from tests.bot.worker.by_hand import by_hand
from tests.messages import a_message, store


async def test_who_hides_their_number_orders_and_goes_on_once_it_is_known(
    sqlite_url: str, tmp_path: Path
) -> None:
    """What they were shown before both chats became one can still be tapped."""
    async with by_hand(sqlite_url, tmp_path) as shop:
        house = shop.house
        ana = house.phone()
        known = ana.person
        (line,) = await house.rows(channel)
        first = a_message(
            house.tenant_id,
            line.id,
            aliases=(("wa_id", known.wa_id),),
            content='{"type": "text", "text": "hello"}',
            sent_at=shop.clock(),
            flush=True,
        )
        await store(house.runtime.database, first, now=shop.clock())
        await shop.turn()
        ana.person = replace(known, shares_number=False)
        await shop.hear(ana, "2 latte")
        await shop.deliver_all()
        people = await house.rows(contact)
        assert len(people) == 2
        ana.person = known
        await ana.tap("Pick-up")
        await shop.turn()
        await shop.deliver_all()
        assert sum(row.merged_into is None for row in await house.rows(contact)) == 1
        (going,) = [r for r in await house.rows(draft) if r.state != "expired"]
        chats = {row.id: row for row in await house.rows(conversation)}
        assert chats[going.conversation_id].merged_into is None
        await ana.tap("Confirm")
        await shop.turn()
        await shop.deliver_all()
        (placed,) = await house.rows(order)
        assert placed.conversation_id == going.conversation_id
        assert placed.state != OrderState.CANCELLED
