"""Messages that a provider took and then could not deliver."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from bot.inbox.accounts import ChannelState
from bot.inbox.statuses import states_of
from bot.inbox.table import channel, conversation, message_status
from bot.simulator import webhooks
from bot.simulator.faults import fails_later
from bot.worker.reported import act_on_failures
from orders.outbox.attempts import Start
from orders.outbox.store import State
from orders.table import outbox_attempt
from tests.bot.worker.by_hand import ByHand, by_hand
from tests.bot.worker.test_pausing import YES_NO, activate, greeted, put


@pytest.fixture
async def shop(database_url: str, tmp_path: Path) -> AsyncIterator[ByHand]:
    """Open a shop on each engine."""
    async with by_hand(database_url, tmp_path) as opened:
        yield opened


@dataclass(frozen=True)
class Case:
    code: int
    item: State
    message: str
    channel: ChannelState = ChannelState.ACTIVE
    waits: str = ""  #: What the item waits for, after one more look.


CASES = {
    "undeliverable": Case(131026, State.PARKED, "failed"),
    "the media could not be fetched, of words": Case(131053, State.DONE, "sent"),
    "marketing is held back": Case(131049, State.PARKED, "failed"),
    "a code that nobody knows": Case(999999, State.PARKED, "failed"),
    "only a phone number can receive it": Case(131062, State.PARKED, "failed"),
    "the window closed": Case(131047, State.DUE, "queued", waits="window:"),
    "the account is locked": Case(
        131031, State.DUE, "queued", ChannelState.PAUSED, waits="channel:"
    ),
    "a text refused for its form": Case(131009, State.PARKED, "failed"),
    "down for now": Case(131000, State.DONE, "sent"),
    "too many messages": Case(131056, State.DONE, "sent"),
}


@pytest.mark.parametrize("name", CASES)
async def test_a_failure_that_is_reported_later_asks_the_same_of_us(
    shop: ByHand, name: str
) -> None:
    case = CASES[name]
    ana = shop.house.phone()
    shop.house.simulator.faults.add(fails_later(case.code))
    await shop.hear(ana, "hello")
    await shop.deliver_all()
    assert await act_on_failures(shop.house.runtime) == 1
    assert await act_on_failures(shop.house.runtime) == 0
    shop.wait(seconds=10)
    await shop.deliver_all()
    (item,) = await shop.items()
    (stored,) = await shop.sent_messages()
    (place,) = await shop.house.rows(channel)
    assert (item.state, stored.state) == (case.item, case.message)
    assert place.state == case.channel
    assert (item.waits_for or "").startswith(case.waits)
    assert bool(item.waits_for) == bool(case.waits)


async def test_a_message_that_was_sent_again_counts_for_itself(shop: ByHand) -> None:
    ana = shop.house.phone()
    shop.house.simulator.faults.add(fails_later(131000))
    await shop.hear(ana, "hello")
    await shop.deliver_all()
    (first,) = await shop.sent_messages()
    await act_on_failures(shop.house.runtime)
    assert (await state(shop, first.id)).state == "queued"
    shop.wait(seconds=10)
    await shop.deliver_all()
    (again,) = await shop.sent_messages()
    assert again.provider_id != first.provider_id
    assert (await state(shop, first.id)).state in {"delivered", "read"}


async def test_a_message_that_always_fails_is_given_up(shop: ByHand) -> None:
    ana = shop.house.phone()
    shop.house.simulator.faults.add(fails_later(131000), times=30)
    await shop.hear(ana, "hello")
    for _ in range(30):
        await shop.deliver_all()
        await act_on_failures(shop.house.runtime)
        shop.wait(minutes=11)
    assert await shop.states() == [State.PARKED]
    assert len(await shop.house.rows(outbox_attempt)) == 12


async def test_what_waits_for_the_window_goes_when_the_customer_writes(
    shop: ByHand,
) -> None:
    ana = shop.house.phone()
    shop.house.simulator.faults.add(fails_later(131047))
    await shop.hear(ana, "hello")
    earlier = shop.house.runtime.clock() - timedelta(hours=20)
    await shop.set(conversation, last_inbound_at=earlier)
    await shop.deliver_all()
    await act_on_failures(shop.house.runtime)
    for _ in range(5):
        await shop.deliver_all()
        shop.wait(minutes=11)
    assert len(await shop.house.rows(outbox_attempt)) == 1
    await shop.hear(ana, "are you there?")
    await shop.deliver_all()
    await shop.deliver_all()
    assert set(await shop.states()) == {State.DONE}


async def test_a_paused_channel_sends_what_failed_when_it_is_activated(
    shop: ByHand,
) -> None:
    ana = shop.house.phone()
    shop.house.simulator.faults.add(fails_later(131042))
    await shop.hear(ana, "hello")
    await shop.deliver_all()
    await act_on_failures(shop.house.runtime)
    await shop.deliver_all()
    assert await shop.states() == [State.DUE]
    await activate(shop)
    await shop.deliver_all()
    assert await shop.states() == [State.DONE]


async def test_choices_that_failed_are_said_in_plain_words(shop: ByHand) -> None:
    ana = shop.house.phone()
    await greeted(shop, ana)
    shop.house.simulator.faults.add(fails_later(131051))
    await put(shop, ana, YES_NO)
    await shop.deliver_all()
    await act_on_failures(shop.house.runtime)
    await shop.deliver_all()
    assert ana.inbox[-1].text == "Shall I order it?\n\n1. Yes\n2. No\n\nKahve Evi"
    assert (await shop.sent_messages())[-1].kind == "text"


async def test_what_arrived_did_not_fail(shop: ByHand) -> None:
    ana = shop.house.phone()
    await shop.hear(ana, "hello")
    await shop.deliver_all()
    (sent,) = await shop.sent_messages()
    await tell(shop, sent.provider_id, 131026)
    assert await act_on_failures(shop.house.runtime) == 1
    assert await shop.states() == [State.DONE]


async def test_a_failure_that_is_faster_than_our_own_mark_is_acted_on_after_it(
    shop: ByHand,
) -> None:
    ana = shop.house.phone()
    ana.is_reachable = False
    await shop.hear(ana, "hello")
    (due,) = await shop.items()
    (item,) = await shop.relay.claim(9)
    await tell(shop, "wamid.fast", 131026, callback=due.unique_key)
    assert await act_on_failures(shop.house.runtime) == 0
    shop.wait(seconds=11)
    await shop.deliver_all()
    (sent,) = await shop.sent_messages()
    async with shop.house.runtime.database.transaction() as connection:
        await connection.execute(
            update(message_status).values(provider_id=sent.provider_id)
        )
    assert await act_on_failures(shop.house.runtime) == 1
    assert await shop.states() == [State.PARKED]
    assert item.id == due.id


async def test_old_failures_are_history(shop: ByHand) -> None:
    ana = shop.house.phone()
    shop.house.simulator.faults.add(fails_later(131031))
    await shop.hear(ana, "hello")
    await shop.deliver_all()
    yesterday = shop.house.runtime.clock() - timedelta(days=1, seconds=1)
    await shop.set(message_status, received_at=yesterday)
    assert await act_on_failures(shop.house.runtime) == 0


async def test_the_failure_of_an_earlier_send_is_no_proof_of_the_next_one(
    shop: ByHand,
) -> None:
    ana = shop.house.phone()
    shop.house.simulator.faults.add(fails_later(131000))
    await shop.hear(ana, "hello")
    await shop.deliver_all()
    assert await act_on_failures(shop.house.runtime) == 1
    shop.wait(seconds=10)
    await dies_while_sending(shop)
    for _ in range(20):
        shop.wait(seconds=10)
        await shop.deliver_all()
    assert await shop.states() == [State.DONE]
    assert len(ana.inbox) == 2


async def test_an_earlier_send_that_arrived_after_all_is_not_sent_again(
    shop: ByHand,
) -> None:
    ana = shop.house.phone()
    shop.house.simulator.faults.add(fails_later(131000))
    await shop.hear(ana, "hello")
    await shop.deliver_all()
    await act_on_failures(shop.house.runtime)
    shop.wait(seconds=10)
    await dies_while_sending(shop)
    async with shop.house.runtime.database.transaction() as connection:
        failed = (await connection.execute(select(message_status))).mappings().first()
        assert failed is not None
        arrived = {"state": "delivered", "acted_at": None, "error_code": None}
        await connection.execute(insert(message_status).values({**failed, **arrived}))
    shop.wait(seconds=11)
    await shop.deliver_all()
    assert await shop.states() == [State.DONE]
    assert len(ana.inbox) == 1


async def test_who_wrote_after_the_window_was_found_closed_gets_the_answer_at_once(
    shop: ByHand,
) -> None:
    ana = shop.house.phone()
    shop.house.simulator.faults.add(fails_later(131047))
    await shop.hear(ana, "hello")
    await shop.deliver_all()
    # Before we hear of the failure, the customer writes again.
    now = shop.house.runtime.clock()
    await shop.set(message_status, at=now - timedelta(seconds=5))
    await shop.set(conversation, last_inbound_at=now - timedelta(seconds=3))
    assert await act_on_failures(shop.house.runtime) == 1
    await shop.deliver_all()
    assert await shop.states() == [State.DONE]
    assert len(ana.inbox) == 2


async def test_a_limit_that_is_reported_later_is_obeyed(shop: ByHand) -> None:
    ana = shop.house.phone()
    shop.house.simulator.faults.add(fails_later(131056))
    await shop.hear(ana, "hello")
    await shop.deliver_all()
    before = shop.house.runtime.clock()
    await act_on_failures(shop.house.runtime)
    (item,) = await shop.items()
    assert item.state == State.DUE
    assert item.due_at >= before + timedelta(seconds=1)


async def dies_while_sending(shop: ByHand) -> None:
    """Let a process begin the one thing that is due, and die before it is sent."""
    (item,) = await shop.relay.claim(9)
    async with shop.house.runtime.database.transaction() as connection:
        assert await shop.relay.begin(connection, [Start(item)]) != (None,)


async def state(shop: ByHand, message_id: str) -> Any:
    async with shop.house.runtime.database.reading() as connection:
        states = await states_of(connection, shop.house.tenant_id, [message_id])
    return states[message_id]


async def tell(
    shop: ByHand, provider_id: str, code: int, *, callback: str | None = None
) -> None:
    """Report a failure, as Meta does."""
    person = shop.house.phone().person
    said = webhooks.status(
        provider_id,
        "failed",
        shop.house.runtime.clock(),
        recipient=person.wa_id,
        user_id=None,
        callback=callback,
        error={"code": code, "title": "It failed"},
    )
    payload = webhooks.of_status(shop.house.shop.number, person, said)
    assert await shop.house.simulator.post(payload) == 200
