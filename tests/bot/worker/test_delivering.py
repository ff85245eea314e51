"""Deliveries: silence is judged when sending, and every ending leaves its mark."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from bot.db import DatabaseUnavailable
from bot.domain.message import Alias, OutboundMessage, OutText
from bot.inbox.accounts import ChannelState
from bot.inbox.directory import Directories, Directory
from bot.inbox.ownership import hand_back, take_over
from bot.inbox.pausing import activate_channel, pause_channel
from bot.inbox.speaking import Said, speak
from bot.inbox.table import channel, contact, conversation, message_status
from bot.runtime import Runtime
from bot.simulator import webhooks
from bot.simulator.bubble import Tick
from bot.simulator.erp import Failure
from bot.simulator.faults import (
    Fault,
    dropped,
    fails_later,
    malformed,
    refused,
    server_error,
    times_out,
)
from bot.simulator.phone import Phone
from bot.worker.courtesy import Courtesy, Sight
from bot.worker.delivering import handlers
from orders import OrderState
from orders.domain.events import SinkState
from orders.outbox.store import Item, State, Topic, append
from orders.sinks import activate_sink
from orders.store import history
from orders.table import outbox, outbox_attempt, sink
from tests.bot.worker.by_hand import ByHand, by_hand
from tests.house import open_house


@pytest.fixture
async def shop(sqlite_url: str, tmp_path: Path) -> AsyncIterator[ByHand]:
    async with by_hand(sqlite_url, tmp_path) as opened:
        yield opened


@pytest.fixture
async def impatient(sqlite_url: str, tmp_path: Path) -> AsyncIterator[ByHand]:
    """Open a shop that soon gives up to wait for an answer."""
    async with by_hand(sqlite_url, tmp_path, outgoing_timeout_seconds=2) as opened:
        yield opened


@pytest.fixture
async def both(database_url: str, tmp_path: Path) -> AsyncIterator[ByHand]:
    """Open a shop on each engine."""
    async with by_hand(database_url, tmp_path) as opened:
        yield opened


# -- silence --------------------------------------------------------------------------


async def test_a_reply_decided_before_a_person_took_over_is_not_sent(
    both: ByHand,
) -> None:
    ana = both.house.phone()
    await both.hear(ana, "2 latte")
    # Not through `take_over`, which cancels what waits: the send itself must look.
    await both.set(conversation, owner="agent")
    await both.deliver_all()
    assert ana.inbox == ()
    assert set(await both.states()) == {State.CANCELLED}
    assert {m.state for m in await both.sent_messages()} == {"cancelled"}
    assert (await both.items())[0].error == "a person answers in this conversation"


async def test_taking_over_cancels_what_waits_and_handing_back_sends_it_not(
    both: ByHand,
) -> None:
    ana = both.house.phone()
    await both.hear(ana, "2 latte")
    chat = await both.house.chat(ana)
    async with both.house.runtime.database.transaction() as connection:
        assert await take_over(
            connection, both.house.tenant_id, chat.id, user_id="usr_1", now=both.clock()
        )
    assert set(await both.states()) == {State.CANCELLED}
    async with both.house.runtime.database.transaction() as connection:
        assert await hand_back(
            connection, both.house.tenant_id, chat.id, now=both.clock()
        )
    await both.deliver_all()
    assert ana.inbox == ()


async def test_what_a_person_writes_is_sent_while_they_own_the_conversation(
    shop: ByHand,
) -> None:
    ana = shop.house.phone()
    await shop.hear(ana, "hello")
    await shop.deliver_all()
    seen = len(ana.inbox)
    await shop.set(conversation, owner="agent")
    await put_reply(shop, ana, "I am Deniz, how can I help?", by_agent=True)
    await put_reply(shop, ana, "the bot would say this")
    await shop.deliver_all()
    assert [b.text for b in ana.inbox[seen:]] == ["I am Deniz, how can I help?"]


async def test_a_reply_decided_before_stop_is_not_sent(both: ByHand) -> None:
    ana = both.house.phone()
    await both.hear(ana, "2 latte")
    await both.set(contact, opted_out=True)
    await both.deliver_all()
    assert ana.inbox == ()
    assert (await both.items())[0].error == "the customer said STOP"


async def test_a_reply_goes_to_where_its_customer_is_reached_when_it_is_sent(
    shop: ByHand,
) -> None:
    """The number that it was meant for may be somebody else's by now."""
    ana, ben = shop.house.phone(), shop.house.phone("905552223344", "Ben")
    await shop.hear(ana, "2 latte")
    await shop.set(conversation, address={"kind": "wa_id", "value": ben.wa_id})
    await shop.deliver_all()
    assert ana.inbox == ()
    assert len(ben.inbox) > 0


@pytest.mark.parametrize("words", ["STOP", "I want to talk to a human"])
async def test_the_word_with_which_the_bot_falls_silent_is_sent(
    shop: ByHand, words: str
) -> None:
    ana = shop.house.phone()
    await shop.hear(ana, words)
    await shop.deliver_all()
    assert len(ana.inbox) > 0
    assert set(await shop.states()) == {State.DONE}


async def test_a_conversation_that_is_gone_holds_nothing_up(shop: ByHand) -> None:
    ana = shop.house.phone()
    await shop.hear(ana, "hello")
    (first, *_) = await shop.items()
    async with shop.house.runtime.database.transaction() as connection:
        payload = first.payload | {"conversation_id": "cnv_gone"}
        await append(
            connection,
            [an_item(shop, "reply:gone", payload, topic=Topic.REPLY)],
            now=shop.clock(),
        )
    await shop.deliver_all()
    assert (await shop.items())[-1].state == State.CANCELLED


# -- channels -------------------------------------------------------------------------


async def test_replies_wait_as_long_as_a_channel_is_paused(both: ByHand) -> None:
    ana = both.house.phone()
    await both.hear(ana, "2 latte")
    await set_channel(both, ChannelState.PAUSED)
    for _ in range(50):  # many more than a failing send is tried
        await both.deliver()
        both.wait(minutes=1)
    assert ana.inbox == ()
    first = (await both.items())[0]
    assert (first.state, first.attempts) == (State.DUE, 0)
    assert first.error == "the channel is paused: it moves"
    await set_channel(both, ChannelState.ACTIVE)
    await both.deliver_all()
    assert len(ana.inbox) == len(await both.items())


async def test_a_failing_send_still_has_all_its_tries_after_a_pause(
    shop: ByHand,
) -> None:
    ana = shop.house.phone()
    await shop.hear(ana, "hello")
    await set_channel(shop, ChannelState.PAUSED)
    for _ in range(20):
        await shop.deliver()
        shop.wait(minutes=1)
    await set_channel(shop, ChannelState.ACTIVE)
    shop.house.simulator.faults.add(server_error(), times=3)
    for _ in range(6):
        await shop.deliver_all()
        shop.wait(minutes=1)
    assert set(await shop.states()) == {State.DONE}
    assert len(ana.inbox) > 0


async def test_a_reply_for_a_removed_channel_is_shown_to_a_person(
    shop: ByHand,
) -> None:
    ana = shop.house.phone()
    await shop.hear(ana, "hello")
    (first, *_) = await shop.items()
    payload = first.payload | {"channel_id": "chn_removed"}
    async with shop.house.runtime.database.transaction() as connection:
        await append(connection, [an_item(shop, "reply:x", payload)], now=shop.clock())
    await shop.deliver_all()
    parked = (await shop.items())[-1]
    assert (parked.state, parked.error) == (State.PARKED, "the channel was removed")


async def test_replies_wait_while_the_token_of_their_channel_does_not_open(
    shop: ByHand,
) -> None:
    ana = shop.house.phone()
    await shop.hear(ana, "hello")
    (row,) = await shop.house.rows(channel)
    await shop.set(channel, access_token="sealed with a key that was lost")
    shop.house.runtime.directories.forget()
    await shop.deliver_all()
    (item,) = await shop.items()
    assert (item.state, item.error) == (
        State.DUE,
        "its access token does not open: see `chatorder doctor`",
    )
    await shop.set(channel, access_token=row.access_token)
    shop.house.runtime.directories.forget()
    shop.wait(seconds=31)
    await shop.deliver_all()
    assert len(ana.inbox) == 1


async def test_a_channel_that_another_process_just_added_is_found(
    shop: ByHand,
) -> None:
    directories = shop.house.runtime.directories
    (known,) = (await directories.current(fresh=True)).channels
    async with shop.house.runtime.database.transaction() as connection:
        row = (await connection.execute(select(channel))).one()._asdict()
        await connection.execute(
            insert(channel).values(row | {"id": "chn_new", "external_id": "10999"})
        )
    assert (await directories.channel(known.account.channel_id)) == known
    # Asked for by its id, a copy that is older than half a second is not believed.
    await asyncio.sleep(0.55)
    found = await directories.channel("chn_new")
    assert found is not None
    assert found.account.external_id == "10999"


# -- every way in which a send ends ---------------------------------------------------


@dataclass(frozen=True)
class Ending:
    fault: Fault
    attempts: Sequence[str]  #: Of the message that is hit.
    copies: int = 1  #: How often it is on the phone.
    state: str = "sent"


ENDINGS = {
    "too fast for one customer": Ending(refused(131056), ["retry", "done"]),
    "a rate limit": Ending(refused(130429, retry_after=2), ["retry", "done"]),
    "a server error": Ending(server_error(), ["retry", "done"]),
    "undeliverable": Ending(refused(131026), ["parked"], copies=0, state="failed"),
    "half an answer": Ending(malformed(), ["unknown"]),
    "half an answer, not taken": Ending(malformed(accepted=False), ["unknown", "done"]),
    "no answer in time": Ending(times_out(), ["unknown"]),
    "no answer, no news": Ending(
        times_out(reported=False), ["unknown", "done"], copies=2
    ),
    "cut before it was taken": Ending(dropped(accepted=False), ["unknown", "done"]),
    "cut after it was taken": Ending(dropped(accepted=True), ["unknown"]),
    "cut, no news": Ending(
        dropped(accepted=True, reported=False),
        ["unknown", "done"],
        copies=2,
    ),
}


@pytest.mark.parametrize("name", ENDINGS)
async def test_a_send_that_goes_wrong_takes_its_own_way_and_keeps_the_order(
    impatient: ByHand, name: str
) -> None:
    shop, ending = impatient, ENDINGS[name]
    ana = shop.house.phone()
    await shop.hear(ana, "hello")
    await shop.deliver_all()
    before = len(ana.inbox)
    for words in ("first", "second", "third"):
        await put_reply(shop, ana, words)
    shop.house.simulator.faults.add(ending.fault, to=ana.wa_id)
    for _ in range(40):
        await shop.deliver_all()
        shop.wait(seconds=5)
    heard = [bubble.text for bubble in ana.inbox[before:]]
    assert heard == ["first"] * ending.copies + ["second", "third"]
    hit = (await shop.items())[-3]
    outcomes = await attempts_of(shop, hit.id)
    # How often we looked for news is not the point.
    assert list(dict.fromkeys(outcomes)) == list(ending.attempts)
    stored = (await shop.sent_messages())[-3]
    assert stored.state == ending.state
    assert (stored.provider_id is None) == (ending.state == "failed")
    assert await shop.states() == [
        *[State.DONE] * (len(await shop.items()) - 3),
        State.PARKED if ending.state == "failed" else State.DONE,
        State.DONE,
        State.DONE,
    ]


@pytest.mark.parametrize(
    "arrived",
    [pytest.param(True, id="it was sent"), pytest.param(False, id="it never was")],
)
async def test_a_send_without_an_answer_reaches_the_customer_exactly_once(
    both: ByHand, *, arrived: bool
) -> None:
    ana = both.house.phone()
    both.house.simulator.faults.add(dropped(accepted=arrived))
    await both.hear(ana, "hello")
    for _ in range(14):
        await both.deliver_all()
        both.wait(seconds=5)
    assert len(ana.inbox) == 1
    (item,) = await both.items()
    assert (item.state, item.resends) == (State.DONE, 0 if arrived else 1)
    (said,) = await both.sent_messages()
    assert said.provider_id == ana.inbox[0].id


async def test_the_trouble_of_one_customer_is_not_that_of_another(
    shop: ByHand,
) -> None:
    ana, ben = shop.house.phone(), shop.house.phone("905550000002", "Ben")
    shop.house.simulator.faults.add(refused(131056), to=ana.wa_id)
    await shop.hear(ana, "hello")
    await shop.hear(ben, "hello")
    await shop.deliver_all()
    assert ana.inbox == ()
    assert len(ben.inbox) > 0


async def test_a_message_found_by_its_status_carries_its_provider_id(
    impatient: ByHand,
) -> None:
    shop = impatient
    ana = shop.house.phone()
    shop.house.simulator.faults.add(times_out())
    await shop.hear(ana, "hello")
    await shop.deliver()
    (first, *_) = await shop.sent_messages()
    assert (first.state, first.provider_id) == ("queued", None)
    shop.wait(seconds=5)
    await shop.deliver_all()
    (first, *_) = await shop.sent_messages()
    assert (first.state, first.provider_id) == ("sent", ana.inbox[0].id)


async def test_a_message_that_fails_after_all_can_be_seen_to_have_failed(
    both: ByHand,
) -> None:
    ana = both.house.phone()
    both.house.simulator.faults.add(fails_later(131026))
    await both.hear(ana, "hello")
    await both.deliver_all()
    (first, *_) = await both.sent_messages()
    (news,) = await both.house.rows(message_status, provider_id=first.provider_id)
    assert (news.state, news.error_code) == ("failed", 131026)
    assert news.error_title == "Message undeliverable"
    assert ana.inbox[0].state is Tick.FAILED


async def test_statuses_may_race_and_repeat(both: ByHand) -> None:
    ana = both.house.phone()
    ana.is_reachable = False
    await both.hear(ana, "hello")
    await both.deliver_all()
    (first, *_) = await both.sent_messages()

    async def told(state: str) -> None:
        said = webhooks.status(
            first.provider_id,
            state,
            both.house.runtime.clock(),
            recipient=ana.wa_id,
            user_id=None,
            callback=None,
        )
        payload = webhooks.of_status(both.house.shop.number, ana.person, said)
        assert await both.house.simulator.post(payload) == 200

    for state in ("read", "delivered", "sent", "read", "delivered"):
        await told(state)
    news = await both.house.rows(message_status, provider_id=first.provider_id)
    assert sorted(row.state for row in news) == ["delivered", "read", "sent"]
    (after, *_) = await both.sent_messages()
    assert (after.state, after.provider_id) == ("sent", first.provider_id)


# -- the merchant's system ------------------------------------------------------------


async def test_an_accepted_order_is_being_provisioned(both: ByHand) -> None:
    placed = await order_placed(both)
    both.house.erp.provisioning_seconds = 3600
    await both.deliver(times=3)
    *_, last = await history_of(both, placed.id)
    assert last == (OrderState.PROVISIONING, await sink_actor(both), None)


async def test_an_order_that_the_sink_refuses_has_failed_with_its_reason(
    both: ByHand,
) -> None:
    placed = await order_placed(both)
    both.house.erp.fail_next(Failure.REFUSE)
    await both.deliver_all()
    assert await both.states(Topic.EVENT) == [State.PARKED]
    *_, (state, actor, why) = await history_of(both, placed.id)
    assert (state, actor) == (OrderState.PROVISIONING_FAILED, await sink_actor(both))
    assert why is not None
    assert "400" in why


async def test_a_sink_that_is_down_is_asked_again_with_the_same_event(
    shop: ByHand,
) -> None:
    placed = await order_placed(shop)
    shop.house.erp.fail_next(Failure.DOWN, times=3)
    for _ in range(8):
        await shop.deliver_all()
        shop.wait(minutes=1)
    (event,) = await shop.items(Topic.EVENT)
    assert await attempts_of(shop, event.id) == ["retry", "retry", "retry", "done"]
    # The ERP tells repetitions by the event id: it has one order, delivered once.
    (known,) = shop.house.erp.orders.values()
    assert (known.object_id, known.deliveries) == (placed.id, 1)
    (now,) = await shop.house.orders()
    assert now.state == OrderState.PROVISIONED


async def test_events_wait_as_long_as_a_sink_is_paused(shop: ByHand) -> None:
    await order_placed(shop)
    await shop.set(sink, state=SinkState.PAUSED)
    for _ in range(60):
        await shop.deliver()
        shop.wait(hours=1)
    (event,) = await shop.items(Topic.EVENT)
    assert (event.state, event.attempts) == (State.DUE, 0)
    async with shop.house.runtime.database.transaction() as connection:
        await activate_sink(connection, event.payload["sink_id"], now=shop.clock())
    await shop.deliver_all()
    (now,) = await shop.house.orders()
    assert now.state == OrderState.PROVISIONED


async def test_events_wait_while_the_secret_of_their_sink_does_not_open(
    shop: ByHand,
) -> None:
    await order_placed(shop)
    (row,) = await shop.house.rows(sink)
    await shop.set(sink, secret="sealed with a key that was lost")
    for _ in range(30):  # many more than a failing send is tried
        await shop.deliver()
        shop.wait(hours=1)
    (event,) = await shop.items(Topic.EVENT)
    assert (event.state, event.attempts) == (State.DUE, 0)
    assert event.error.startswith("a stored secret does not open")
    await shop.set(sink, secret=row.secret)
    await shop.deliver_all()
    (now,) = await shop.house.orders()
    assert now.state == OrderState.PROVISIONED


async def test_an_event_whose_sink_was_removed_is_cancelled(shop: ByHand) -> None:
    await order_placed(shop)
    async with shop.house.runtime.database.transaction() as connection:
        await connection.execute(delete(sink))
    await shop.deliver_all()
    assert await shop.states(Topic.EVENT) == [State.CANCELLED]
    (now,) = await shop.house.orders()
    assert now.state == OrderState.CONFIRMED


async def test_a_callback_that_is_faster_than_our_own_mark_counts(
    shop: ByHand,
) -> None:
    placed = await order_placed(shop)
    (event,) = [item for item in await shop.relay.claim(9) if item.topic == "event"]
    # The ERP has the order and calls back before we wrote that it accepted.
    send = await handlers(shop.house.runtime, shop.standings)[Topic.EVENT].prepare(
        event
    )
    await send()
    await shop.house.erp.settled()
    (now,) = await shop.house.orders()
    assert now.state == OrderState.PROVISIONED
    await shop.relay.deliver(event)
    (now,) = await shop.house.orders()
    assert now.state == OrderState.PROVISIONED
    states = [state for state, _, _ in await history_of(shop, placed.id)]
    assert states == [OrderState.CONFIRMED, OrderState.PROVISIONED]


# -- courtesy -------------------------------------------------------------------------


async def test_the_customer_sees_that_they_were_read_and_typing_ends_with_the_answer(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with open_house(sqlite_url, tmp_path) as house:
        ana = house.phone()
        said = await ana.say("2 latte")
        await ana.until(
            lambda phone: (phone.bubble(said.id) or said).state is Tick.READ
        )
        await house.settle()
        assert len(ana.inbox) > 0


async def test_what_is_shown_is_the_newest_word_with_typing(shop: ByHand) -> None:
    ana = shop.house.phone()
    await ana.say("2 latte")
    newest = await ana.say("and a tea")
    await shop.turn()
    (sight,) = shop.shown
    assert sight is not None
    assert (sight.provider_id, sight.typing) == (newest.id, True)
    async with courteous(shop.house.runtime, sight):
        await ana.until(lambda phone: phone.is_typed_to)
    assert [b.state for b in ana.bubbles if b.mine] == [Tick.READ, Tick.READ]
    await shop.deliver_all()
    assert not ana.is_typed_to


async def test_a_reaction_is_read_and_not_typed_at(shop: ByHand) -> None:
    ana = shop.house.phone()
    await shop.hear(ana, "hello")
    await shop.deliver_all()
    await ana.react("👍")
    await shop.turn()
    assert shop.shown[-1] is not None
    assert not shop.shown[-1].typing


async def test_a_program_that_is_muted_is_read_and_not_typed_at(shop: ByHand) -> None:
    ana = shop.house.phone()
    await shop.hear(ana, "hello")
    await shop.set(conversation, memory={"loop": {"muted": True}}, attention="loop")
    await shop.hear(ana, "hello")
    assert shop.shown[-1] is not None
    assert not shop.shown[-1].typing


@pytest.mark.parametrize(
    ("table", "change"),
    [
        pytest.param(conversation, {"owner": "agent"}, id="a person answers"),
        pytest.param(contact, {"opted_out": True}, id="after STOP"),
    ],
)
async def test_a_silent_bot_shows_nothing(
    shop: ByHand, table: Any, change: dict[str, Any]
) -> None:
    ana = shop.house.phone()
    await shop.hear(ana, "hello")
    await shop.set(table, **change)
    await shop.hear(ana, "are you there")
    assert shop.shown[-1] is None


async def test_courtesy_that_fails_is_let_go(shop: ByHand) -> None:
    ana = shop.house.phone()
    said = await ana.say("hello")
    (entry,) = (await shop.house.runtime.directories.current()).channels
    unknown = Sight(entry.account.channel_id, "wamid.unknown", typing=True)
    removed = Sight("chn_removed", said.id, typing=True)
    good = Sight(entry.account.channel_id, said.id, typing=True)
    async with courteous(shop.house.runtime, unknown, removed, good):
        await ana.until(lambda phone: phone.is_typed_to)


async def test_courtesy_outlives_a_database_that_is_gone(shop: ByHand) -> None:
    async def gone() -> Directory:
        raise DatabaseUnavailable("the database cannot be reached")

    runtime = replace(shop.house.runtime, directories=Directories(gone))
    async with courteous(runtime, Sight("chn_1", "wamid.1", typing=True)):
        await asyncio.sleep(0.1)


# -- what the tests above are made of -------------------------------------------------


async def order_placed(shop: ByHand) -> Any:
    """Bring a customer to an order; what is to be sent of it waits. Return its row."""
    ana = shop.house.phone()
    for words in ("1 latte", "pick up", "yes"):
        await shop.deliver_all()
        await shop.hear(ana, words)
    (placed,) = await shop.house.orders()
    return placed


async def history_of(shop: ByHand, order_id: str) -> list[tuple[Any, str, str | None]]:
    async with shop.house.runtime.database.reading() as connection:
        moves = await history(connection, order_id)
    return [(move.state, move.actor, move.message) for move in moves]


async def sink_actor(shop: ByHand) -> str:
    (only,) = await shop.house.rows(sink)
    return f"sink:{only.id}"


async def attempts_of(shop: ByHand, item_id: int) -> list[str]:
    """Return how each attempt ended, in their order."""
    attempts = await shop.house.rows(outbox_attempt, outbox_id=item_id)
    return [each.outcome for each in sorted(attempts, key=lambda row: row.number)]


async def set_channel(shop: ByHand, state: ChannelState) -> None:
    """Pause or activate the channel, as an operator does."""
    (only,) = await shop.house.rows(channel)
    async with shop.house.runtime.database.transaction() as connection:
        if state is ChannelState.PAUSED:
            await pause_channel(
                connection, only.id, reason="it moves", now=shop.clock()
            )
        else:
            await activate_channel(connection, only.id, now=shop.clock())
    shop.house.runtime.directories.forget()


def an_item(
    shop: ByHand, key: str, payload: dict[str, Any], topic: Topic = Topic.REPLY
) -> Item:
    return Item(shop.house.tenant_id, 0, topic, key, payload, shop.clock())


async def put_reply(
    shop: ByHand, phone: Phone, words: str, *, by_agent: bool = False
) -> None:
    """Say something in a conversation, as a turn or a person does."""
    chat = await shop.house.chat(phone)
    known = await shop.house.messages(phone)
    content = OutText(body=words)
    said = Said(
        tenant_id=chat.tenant_id,
        shard=chat.shard,
        channel_id=chat.channel_id,
        conversation_id=chat.id,
        seq=known[-1].seq,
        key=words,
        messages=(
            OutboundMessage(to=Alias.model_validate(chat.address), content=content),
        ),
    )
    runtime = shop.house.runtime
    async with runtime.database.transaction() as connection:
        await speak(connection, [said], new_id=runtime.new_id, now=runtime.clock())
        if by_agent:
            mine = outbox.c.unique_key == f"reply:{words}:1"
            found = await connection.execute(select(outbox.c.payload).where(mine))
            payload = found.scalar_one() | {"by_agent": True}
            await connection.execute(update(outbox).where(mine).values(payload=payload))


@asynccontextmanager
async def courteous(runtime: Runtime, *sights: Sight) -> AsyncIterator[None]:
    """Show some courtesies."""
    courtesy = Courtesy(runtime)
    for sight in sights:
        courtesy.show(sight)
    work = asyncio.ensure_future(courtesy.run())
    yield
    assert not work.done(), "a courtesy must not end the worker"
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
