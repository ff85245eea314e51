"""People and the bot in one conversation: who speaks, on both databases."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.ticking import CLOCK
from bot.inbox.api_table import audit
from bot.inbox.ownership import hand_back, take_over
from bot.inbox.table import message
from bot.simulator.phone import Phone
from tests.bot.worker.by_hand import ByHand, by_hand
from tests.house import House, open_house

A_MINUTE = timedelta(minutes=1)


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """Run a shop, on each engine, whose clock can be moved."""
    async with open_house(database_url, tmp_path) as opened:
        yield opened


@pytest.fixture
async def shop(sqlite_url: str, tmp_path: Path) -> AsyncIterator[ByHand]:
    """Open a shop in which only the test works."""
    async with by_hand(sqlite_url, tmp_path) as opened:
        yield opened


async def said(house: House, phone: Phone, *texts: str) -> str:
    """Let a customer write, and return all that they hear of it."""
    seen = len(phone.inbox)
    for text in texts:
        await phone.say(text)
    return heard(await house.hears(phone, seen))


def heard(bubbles: tuple[object, ...]) -> str:
    return "\n".join(getattr(bubble, "words", "") for bubble in bubbles)


def unanswered(house: House, why: str) -> float | None:
    return house.runtime.metrics.registry.get_sample_value(
        "chatorder_unanswered_total", {"why": why}
    )


# -- from the shop's phone ------------------------------------------------------------


async def test_a_word_from_the_shops_phone_pauses_the_bot_until_nobody_writes(
    house: House,
) -> None:
    ana = house.phone()
    assert "Latte" in await said(house, ana, "1 latte")
    before = await house.chat(ana)
    await house.shop_writes(ana, "Hi, Ben here. Oat milk?")
    await house.settle()
    chat = await house.chat(ana)
    (echo,) = await house.rows(message, event="echo")
    assert (echo.direction, echo.actor, echo.state) == ("out", "phone", "sent")
    assert echo.content == {"type": "text", "body": "Hi, Ben here. Oat milk?"}
    assert (chat.owner, chat.owner_id) == ("agent", None)
    assert chat.handover_reason == "phone"
    assert chat.answered_at is not None
    # Nobody wrote to us: the customer's last word stays as it was.
    assert chat.last_inbound_at == before.last_inbound_at
    assert not await said(house, ana, "yes, and 2 croissants please")
    await house.later(50 * A_MINUTE)
    await house.shop_writes(ana, "Sure.")  # Prolongs it.
    await house.later(30 * A_MINUTE)
    assert (await house.chat(ana)).owner == "agent"
    seen = len(ana.inbox)
    await house.later(31 * A_MINUTE)
    told = heard(ana.inbox[seen:])
    assert (await house.chat(ana)).owner == "bot"
    assert "here again" in told
    assert "Latte" in told
    assert len(ana.inbox) == seen + 1
    assert await house.orders() == []


async def test_what_we_sent_ourselves_is_no_person_when_it_comes_back(
    house: House,
) -> None:
    ana = house.phone()
    await said(house, ana, "1 latte")
    ours = [m for m in await house.messages(ana) if m.direction == "out"][-1]
    body = ours.content["body"]
    # The very same; the same under another id; and as a provider has reformatted it.
    await house.shop_writes(ana, body, wamid=ours.provider_id)
    await house.shop_writes(ana, body, wamid="wamid.other")
    await house.shop_writes(ana, "*" + body.replace("\n", "  ").upper() + "*")
    # We were not there for a while, and it is told us again.
    house.clock.ahead += 10 * A_MINUTE
    await house.shop_writes(ana, body, wamid="wamid.late", at=ours.sent_at)
    await house.settle()
    assert await house.rows(message, event="echo") == []
    assert (await house.chat(ana)).owner == "bot"
    await house.shop_writes(ana, "Ben", wamid="wamid.ben")
    await house.shop_writes(ana, "Ben", wamid="wamid.ben")
    assert len(await house.rows(message, event="echo")) == 1


async def test_the_shop_may_write_first(house: House) -> None:
    ana = house.phone()
    await house.shop_writes(ana, "Your cake is ready.")
    await house.settle()
    chat = await house.chat(ana)
    assert (chat.owner, chat.last_inbound_at) == ("agent", None)
    assert not await said(house, ana, "2 latte")


async def test_an_answer_on_its_way_is_not_sent_over_a_person(shop: ByHand) -> None:
    ana = shop.house.phone()
    await shop.hear(ana, "1 latte")
    await shop.house.shop_writes(ana, "I am at it!")
    # The process that would withdraw it died: sending it judges once more.
    await shop.deliver()
    assert ana.inbox == ()
    (ours,) = [m for m in await shop.sent_messages() if m.event == "message"]
    assert ours.state == "cancelled"
    await shop.turn()  # The clock's, by another process: it finds nothing to do.
    (tick,) = await shop.house.rows(message, event=CLOCK)
    assert tick.state == "done"


async def test_a_person_who_writes_withdraws_what_waits(shop: ByHand) -> None:
    ana = shop.house.phone()
    await shop.hear(ana, "1 latte")
    await shop.house.shop_writes(ana, "I am at it!")
    await shop.turn()
    (ours,) = [m for m in await shop.sent_messages() if m.event == "message"]
    assert ours.state == "cancelled"


# -- nobody answers -------------------------------------------------------------------


async def test_whom_nobody_answers_hears_of_it_and_may_go_on_with_the_bot(
    house: House,
) -> None:
    ana = house.phone()
    await said(house, ana, "1 latte")
    assert "colleague" in await said(house, ana, "can I talk to a person?")
    assert not await said(house, ana, "and 2 butter croissants", "hello?")
    seen = len(ana.inbox)
    await house.later(11 * A_MINUTE)
    assert "busy" in heard(ana.inbox[seen:])
    chat = await house.chat(ana)
    assert (chat.owner, chat.attention) == ("agent", "unanswered")
    assert chat.handover_reason == "request"
    assert unanswered(house, "unanswered") == 1
    seen = len(ana.inbox)
    await ana.tap("Go on here")
    told = heard(await house.hears(ana, seen))
    # One message, with what was written while nobody answered, and one question.
    assert len(ana.inbox) == seen + 1
    assert "Latte" in told
    assert "Croissant" in told
    chat = await house.chat(ana)
    assert (chat.owner, chat.handover_reason, chat.handover_at) == ("bot", None, None)
    noted = await house.rows(audit, actor="bot", target=chat.id)
    assert [(each.action, each.details["why"]) for each in noted] == [
        ("hand_over_conversation", "request"),
        ("take_up_conversation", "asked"),
    ]
    lines = {line.name: line.quantity for line in (await house.draft(ana)).lines}
    assert sorted(lines.values()) == [1, 2]


async def test_once_a_person_has_it_nobody_is_told_that_they_wait(house: House) -> None:
    ana = house.phone()
    await said(house, ana, "I want a human")
    chat = await house.chat(ana)
    async with house.runtime.database.transaction() as connection:
        assert await take_over(
            connection,
            house.tenant_id,
            chat.id,
            user_id="user_1",
            now=house.runtime.clock(),
        )
    seen = len(ana.inbox)
    await house.later(30 * A_MINUTE)
    assert len(ana.inbox) == seen
    chat = await house.chat(ana)
    assert (chat.owner_id, chat.handover_reason) == ("user_1", "request")


# -- the way back ---------------------------------------------------------------------


async def test_handed_back_it_takes_up_what_was_written_and_hands_over_nothing(
    house: House,
) -> None:
    ana = house.phone()
    await said(house, ana, "1 latte", "a human please")
    await said(house, ana, "a human please", "2 butter croissants")
    chat = await house.chat(ana)
    seen = len(ana.inbox)
    for _ in range(2):  # The second time there is nothing to take up.
        async with house.runtime.database.transaction() as connection:
            assert await hand_back(
                connection, house.tenant_id, chat.id, now=house.runtime.clock()
            )
        house.runtime.turn_bell.ring()
        await house.settle()
    assert len(ana.inbox) == seen + 1
    told = heard(ana.inbox[seen:])
    assert "here again" in told
    assert "Croissant" in told
    assert "colleague" not in told
    assert (await house.chat(ana)).owner == "bot"
    # From now on it is an ordinary conversation: asked anew, a person comes anew.
    assert "colleague" in await said(house, ana, "a human please")


async def test_a_process_that_dies_while_it_takes_up_loses_no_word(
    shop: ByHand,
) -> None:
    ana, house = shop.house.phone(), shop.house
    await shop.hear(ana, "a human please")
    await shop.hear(ana, "2 latte")
    chat = await house.chat(ana)
    async with house.runtime.database.transaction() as connection:
        await hand_back(connection, house.tenant_id, chat.id, now=house.runtime.clock())
    runtime, now = house.runtime, shop.clock() + timedelta(seconds=1)
    claimed = await runtime.database.retried(
        lambda connection: runtime.claims.claim(connection, room=1, busy={}, now=now)
    )
    assert len(claimed) == 1  # And nobody works on it any more.
    shop.wait(seconds=5)
    await shop.turn()
    (line,) = (await house.draft(ana)).lines
    assert f"{line.quantity} {line.sku}" == "2 LATTE"
