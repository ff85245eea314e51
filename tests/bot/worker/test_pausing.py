"""What a refusal asks of us: targets are paused, replies wait or go as plain words."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

from bot.domain.message import (
    Alias,
    Button,
    OutboundMessage,
    OutButtons,
    OutContent,
    OutText,
)
from bot.inbox.accounts import ChannelState
from bot.inbox.pausing import activate_channel, awaits_window, channel_standing
from bot.inbox.retrying import retry_deliveries
from bot.inbox.speaking import Said, speak
from bot.inbox.table import channel, conversation
from bot.sealing import Sealer
from bot.simulator.erp import Failure
from bot.simulator.faults import refused, times_out
from bot.simulator.phone import Phone
from orders import OrderState
from orders.domain.events import SinkState
from orders.outbox.store import State, Topic
from orders.sinks import activate_sink, sink_standing
from orders.table import outbox, outbox_attempt, sink
from tests.bot.worker.by_hand import ByHand, by_hand
from tests.house import SECRET_KEY

TOKEN_EXPIRED = "the access token is invalid or expired (HTTP 401, code 190)"
YES_NO = OutButtons(
    body="Shall I order it?",
    buttons=(Button(id="y", title="Yes"), Button(id="n", title="No")),
    footer="Kahve Evi",
)


@pytest.fixture
async def shop(database_url: str, tmp_path: Path) -> AsyncIterator[ByHand]:
    """Open a shop on each engine."""
    async with by_hand(database_url, tmp_path) as opened:
        yield opened


@pytest.fixture
async def impatient(database_url: str, tmp_path: Path) -> AsyncIterator[ByHand]:
    """Open a shop on each engine that soon gives up to wait for an answer."""
    async with by_hand(database_url, tmp_path, outgoing_timeout_seconds=2) as opened:
        yield opened


# -- a channel that nothing gets through ----------------------------------------------


async def test_a_refused_token_pauses_the_channel_and_loses_no_reply(
    shop: ByHand,
) -> None:
    people = [shop.house.phone(f"90555000000{n}", f"Customer {n}") for n in range(3)]
    for each in people:
        await shop.hear(each, "hello")
    shop.house.simulator.faults.add(refused(190), times=50)
    with capture_logs() as log:
        await shop.deliver_all()
        for _ in range(30):  # many more than a failing send is tried
            shop.wait(minutes=1)
            await shop.deliver()
    standing = await the_channel(shop)
    assert (standing.state, standing.reason) == (ChannelState.PAUSED, TOKEN_EXPIRED)
    assert standing.at is not None
    said = [each for each in log if each["event"] == "channel_paused"]
    assert [(each["channel"], each["reason"]) for each in said] == [
        (standing.id, TOKEN_EXPIRED)
    ]
    assert counted(shop, "channel") == 1
    assert [(i.state, i.attempts) for i in await shop.items()] == [(State.DUE, 0)] * 3
    assert {item.error for item in await shop.items()} == {
        f"the channel is paused: {TOKEN_EXPIRED}"
    }
    shop.house.simulator.faults = type(shop.house.simulator.faults)()
    await activate(shop)
    await shop.deliver_all()
    assert [len(each.inbox) for each in people] == [1, 1, 1]


async def test_what_waits_for_a_channel_goes_when_it_is_activated_not_later(
    shop: ByHand,
) -> None:
    ana = shop.house.phone()
    await shop.hear(ana, "hello")
    await shop.set(channel, state=ChannelState.PAUSED)
    shop.house.runtime.directories.forget()
    await shop.deliver()
    shop.wait(seconds=31)
    await shop.deliver()
    assert (await shop.items())[0].due_at > shop.clock() + timedelta(minutes=9)
    assert await activate(shop) == 1
    await shop.deliver_all()
    assert len(ana.inbox) == 1


async def test_an_answer_to_the_old_token_does_not_pause_what_was_just_activated(
    shop: ByHand,
) -> None:
    ana = shop.house.phone()
    await shop.hear(ana, "hello")
    await activate(shop)
    shop.house.simulator.faults.add(refused(190))
    await shop.deliver()
    assert (await the_channel(shop)).state is ChannelState.ACTIVE
    shop.wait(seconds=31)
    await shop.deliver_all()
    assert len(ana.inbox) == 1


async def test_a_channel_that_is_refused_long_after_its_activation_is_paused(
    shop: ByHand,
) -> None:
    ana = shop.house.phone()
    await shop.hear(ana, "hello")
    await shop.set(channel, state_at=shop.house.runtime.clock() - timedelta(seconds=11))
    shop.house.simulator.faults.add(refused(190))
    await shop.deliver()
    assert (await the_channel(shop)).state is ChannelState.PAUSED


# -- the customer's window ------------------------------------------------------------


async def test_a_reply_after_a_day_waits_until_the_customer_writes_again(
    shop: ByHand,
) -> None:
    ana = shop.house.phone()
    await shop.hear(ana, "hello")
    chat = await shop.house.chat(ana)
    await wrote_ago(shop, hours=24)
    await shop.deliver_all()
    (held,) = await shop.items()
    assert ana.inbox == ()
    assert (held.state, held.attempts) == (State.DUE, 0)
    assert held.waits_for == awaits_window(chat.id)
    assert await shop.house.rows(outbox_attempt) == []
    await shop.hear(ana, "are you there?")
    await shop.deliver_all()
    await shop.deliver_all()
    assert len(ana.inbox) == len(await shop.items())
    assert set(await shop.states()) == {State.DONE}


async def test_a_reply_within_a_day_is_sent(shop: ByHand) -> None:
    ana = shop.house.phone()
    await shop.hear(ana, "hello")
    await wrote_ago(shop, hours=23, minutes=59)
    await shop.deliver_all()
    assert len(ana.inbox) == 1


async def test_a_window_that_only_the_provider_knows_to_be_closed_is_closed(
    shop: ByHand,
) -> None:
    ana = shop.house.phone()
    await shop.hear(ana, "hello")
    await wrote_ago(shop, hours=20)
    shop.house.simulator.faults.add(refused(131047))
    for _ in range(20):
        await shop.deliver()
        shop.wait(minutes=10)
    (held,) = await shop.items()
    assert ana.inbox == ()
    assert (held.state, held.attempts) == (State.DUE, 0)
    # It was asked once; asking again before the customer writes is of no use.
    assert len(await shop.house.rows(outbox_attempt)) == 1
    await shop.hear(ana, "are you there?")
    await shop.deliver_all()
    await shop.deliver_all()
    assert set(await shop.states()) == {State.DONE}


async def test_who_does_not_write_for_a_month_is_shown_to_a_person(
    shop: ByHand,
) -> None:
    ana = shop.house.phone()
    await shop.hear(ana, "hello")
    await wrote_ago(shop, days=29)
    await shop.set(
        outbox, created_at=shop.house.runtime.clock() - timedelta(days=29, hours=23)
    )
    await shop.deliver()
    assert await shop.states() == [State.DUE]
    await shop.set(outbox, created_at=shop.house.runtime.clock() - timedelta(days=30))
    shop.wait(minutes=10)
    await shop.deliver()
    (item,) = await shop.items()
    assert (item.state, item.error) == (
        State.PARKED,
        "the customer did not write for 30 days",
    )


# -- a form that was refused ----------------------------------------------------------


async def test_a_form_that_is_refused_is_said_once_more_in_plain_words(
    shop: ByHand,
) -> None:
    ana = shop.house.phone()
    await greeted(shop, ana)
    await put(shop, ana, YES_NO)
    shop.house.simulator.faults.add(refused(131009))
    await shop.deliver_all()
    assert ana.inbox[-1].text == "Shall I order it?\n\n1. Yes\n2. No\n\nKahve Evi"
    assert ana.inbox[-1].kind == "text"
    stored = (await shop.sent_messages())[-1]
    assert (stored.kind, stored.state) == ("text", "sent")
    assert stored.content["body"] == ana.inbox[-1].text
    assert await attempts(shop) == ["retry", "done"]


async def test_plain_words_that_are_refused_are_shown_to_a_person(
    shop: ByHand,
) -> None:
    ana = shop.house.phone()
    await greeted(shop, ana)
    seen = len(ana.inbox)
    await put(shop, ana, YES_NO)
    shop.house.simulator.faults.add(refused(131009), times=5)
    await shop.deliver_all()
    assert len(ana.inbox) == seen
    assert (await shop.states())[-1] == State.PARKED
    assert await attempts(shop) == ["retry", "parked"]


async def test_who_has_no_phone_number_is_shown_to_a_person(shop: ByHand) -> None:
    ana = shop.house.phone()
    shop.house.simulator.faults.add(refused(131062))
    await shop.hear(ana, "hello")
    await shop.deliver_all()
    assert await shop.states() == [State.PARKED]


# -- parked, and tried again ----------------------------------------------------------


async def test_a_parked_reply_that_is_tried_again_arrives_and_shows_as_sent(
    shop: ByHand,
) -> None:
    ana = shop.house.phone()
    shop.house.simulator.faults.add(refused(131026))
    await shop.hear(ana, "hello")
    await shop.deliver_all()
    assert [m.state for m in await shop.sent_messages()] == ["failed"]
    async with shop.house.runtime.database.transaction() as connection:
        (again,) = await retry_deliveries(
            connection, shop.house.tenant_id, now=shop.clock()
        )
    assert not again.may_have_arrived
    assert [m.state for m in await shop.sent_messages()] == ["queued"]
    await shop.deliver_all()
    assert [m.state for m in await shop.sent_messages()] == ["sent"]
    assert len(ana.inbox) == 1


async def test_a_reply_of_unknown_outcome_says_that_it_may_arrive_twice(
    impatient: ByHand,
) -> None:
    shop = impatient
    ana = shop.house.phone()
    shop.house.simulator.faults.add(times_out(reported=False), times=2)
    await shop.hear(ana, "hello")
    for _ in range(40):
        await shop.deliver()
        shop.wait(seconds=5)
    assert await shop.states() == [State.PARKED]
    async with shop.house.runtime.database.transaction() as connection:
        (again,) = await retry_deliveries(connection, now=shop.clock())
    assert again.may_have_arrived


# -- sinks ----------------------------------------------------------------------------


async def test_a_sink_that_does_not_know_us_is_paused_and_no_order_fails(
    shop: ByHand,
) -> None:
    await order_a_latte(shop)
    (row,) = await shop.house.rows(sink)
    await shop.set(sink, secret=Sealer(SECRET_KEY).seal("not-the-one-of-the-erp"))
    with capture_logs() as log:
        for _ in range(5):
            await shop.deliver()
            shop.wait(minutes=11)
    async with shop.house.runtime.database.reading() as connection:
        standing = await sink_standing(connection, row.id)
    assert standing is not None
    assert (standing.state, standing.reason) == (
        SinkState.PAUSED,
        "it answers HTTP 401",
    )
    assert [e["sink"] for e in log if e["event"] == "sink_paused"] == [row.id]
    assert counted(shop, "sink") == 1
    assert [o.state for o in await shop.house.orders()] == [OrderState.CONFIRMED]
    await shop.set(sink, secret=row.secret)
    async with shop.house.runtime.database.transaction() as connection:
        assert await activate_sink(connection, row.id, now=shop.clock()) == 1
    await shop.deliver_all()
    assert [o.state for o in await shop.house.orders()] == [OrderState.PROVISIONED]


async def test_an_order_that_was_refused_and_is_tried_again_moves_on(
    shop: ByHand,
) -> None:
    await order_a_latte(shop)
    shop.house.erp.provisioning_seconds = 3600
    shop.house.erp.fail_next(Failure.REFUSE)
    await shop.deliver_all()
    assert [o.state for o in await shop.house.orders()] == [
        OrderState.PROVISIONING_FAILED
    ]
    async with shop.house.runtime.database.transaction() as connection:
        await retry_deliveries(connection, topic=Topic.EVENT, now=shop.clock())
    await shop.deliver(times=3)
    assert [o.state for o in await shop.house.orders()] == [OrderState.PROVISIONING]


# -- what the tests above are made of -------------------------------------------------


async def the_channel(shop: ByHand) -> Any:
    (only,) = await shop.house.rows(channel)
    async with shop.house.runtime.database.reading() as connection:
        return await channel_standing(connection, only.id)


async def activate(shop: ByHand) -> int:
    (only,) = await shop.house.rows(channel)
    runtime = shop.house.runtime
    async with runtime.database.transaction() as connection:
        # By the clock of deliveries: what waits is due then.
        await connection.execute(update(channel).values(state_at=None))
        waiting = await activate_channel(connection, only.id, now=runtime.clock())
    # As in another process: our copy is as old as it may be.
    shop.house.runtime.directories.forget()
    return waiting


async def wrote_ago(shop: ByHand, **ago: float) -> None:
    """Let the customer's last message be so long ago."""
    at = shop.house.runtime.clock() - timedelta(**ago)
    await shop.set(conversation, last_inbound_at=at)


async def greeted(shop: ByHand, ana: Phone) -> None:
    await shop.hear(ana, "hello")
    await shop.deliver_all()


async def put(shop: ByHand, phone: Phone, content: OutContent | OutText) -> None:
    """Say something in a conversation, as a turn does."""
    chat = await shop.house.chat(phone)
    known = await shop.house.messages(phone)
    said = Said(
        tenant_id=chat.tenant_id,
        shard=chat.shard,
        channel_id=chat.channel_id,
        conversation_id=chat.id,
        seq=known[-1].seq,
        key="question",
        messages=(
            OutboundMessage(to=Alias.model_validate(chat.address), content=content),
        ),
    )
    runtime = shop.house.runtime
    async with runtime.database.transaction() as connection:
        await speak(connection, [said], new_id=runtime.new_id, now=runtime.clock())


async def attempts(shop: ByHand) -> list[str]:
    """Return how each attempt at the newest reply ended."""
    newest = (await shop.items())[-1]
    rows = await shop.house.rows(outbox_attempt, outbox_id=newest.id)
    return [each.outcome for each in sorted(rows, key=lambda row: row.number)]


async def order_a_latte(shop: ByHand) -> None:
    ana = shop.house.phone()
    for words in ("1 latte", "pick up", "yes"):
        await shop.deliver_all()
        await shop.hear(ana, words)


def counted(shop: ByHand, what: str) -> float | None:
    return shop.house.runtime.metrics.registry.get_sample_value(
        "chatorder_pauses_total", {"what": what}
    )
