"""How far a message got: news race, repeat, come early, and never count down."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select

from bot.db import Database
from bot.domain.message import DeliveryState
from bot.inbox.ownership import lane_of
from bot.inbox.statuses import (
    MessageState,
    fold,
    further,
    list_messages,
    states_of,
)
from bot.inbox.table import conversation, message, message_status
from orders.outbox.store import Item, Topic, append
from tests.messages import NOON, a_message, add_channel, store

SENT, DELIVERED, READ, FAILED = (
    DeliveryState.SENT,
    DeliveryState.DELIVERED,
    DeliveryState.READ,
    DeliveryState.FAILED,
)
NEWS = st.lists(st.sampled_from(DeliveryState), max_size=6)


# -- the fold -------------------------------------------------------------------------


@given(NEWS, st.randoms())
def test_neither_order_nor_repetition_changes_what_news_amount_to(
    news: list[DeliveryState], random: st.DataObject
) -> None:
    shuffled = [*news, *news]
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # it is a random.Random
    assert fold(shuffled) == fold(news)


@given(NEWS, NEWS)
def test_news_never_take_back_what_was_known(
    before: list[DeliveryState], then: list[DeliveryState]
) -> None:
    first, both = fold(before), fold([*before, *then])
    if first is None or both is None:
        assert both == fold(then)
    else:
        assert further(first, both) is both


@pytest.mark.parametrize(
    ("news", "amount"),
    [
        pytest.param([], None, id="no news"),
        pytest.param([SENT, DELIVERED, READ], READ, id="the usual way"),
        pytest.param([READ, SENT, DELIVERED], READ, id="out of order"),
        pytest.param([SENT, FAILED], FAILED, id="failed for good"),
        pytest.param([FAILED, SENT], FAILED, id="sent is no excuse"),
        pytest.param([FAILED, DELIVERED], DELIVERED, id="it arrived after all"),
        pytest.param([READ, FAILED], READ, id="what was read did not fail"),
    ],
)
def test_news_amount_to_one_state(
    news: list[DeliveryState], amount: DeliveryState | None
) -> None:
    assert fold(news) == amount


# -- in the database ------------------------------------------------------------------


class Chat:
    """A conversation with messages of ours, and what was said of them."""

    def __init__(self, database: Database, tenant_id: str) -> None:
        self.database = database
        self.tenant_id = tenant_id
        self.channel_id = ""
        self.id = ""
        self.seq = 1

    async def open(self) -> None:
        self.channel_id = await add_channel(self.database, self.tenant_id)
        await store(self.database, a_message(self.tenant_id, self.channel_id))
        async with self.database.reading() as connection:
            found = await connection.execute(select(conversation.c.id))
            self.id = found.scalar_one()

    async def say(self, name: str, state: str, provider_id: str | None = None) -> str:
        """Store a message of ours, and its outbox item when nobody has an id for it."""
        self.seq += 1
        async with self.database.transaction() as connection:
            await connection.execute(
                insert(message).values(
                    id=name,
                    tenant_id=self.tenant_id,
                    channel_id=self.channel_id,
                    conversation_id=self.id,
                    seq=self.seq,
                    direction="out",
                    event="message",
                    kind="text",
                    provider_id=provider_id,
                    content={"type": "text", "body": "hi"},
                    state=state,
                    sent_at=NOON,
                    received_at=NOON,
                )
            )
            item = Item(
                self.tenant_id,
                0,
                Topic.REPLY,
                f"reply:{name}",
                {"message_id": name},
                NOON,
                lane=lane_of(self.id),
            )
            await append(connection, [item], now=NOON)
        return name

    async def hear(
        self, provider_id: str, *states: str, key: str | None = None, code: int = 0
    ) -> None:
        async with self.database.transaction() as connection:
            for minutes, state in enumerate(states):
                await connection.execute(
                    insert(message_status).values(
                        channel_id=self.channel_id,
                        provider_id=provider_id,
                        state=state,
                        tenant_id=self.tenant_id,
                        at=NOON + timedelta(minutes=minutes),
                        callback=key,
                        error_code=code or None,
                        error_title="Undeliverable" if code else None,
                        received_at=NOON,
                    )
                )

    async def states(self, *names: str, of: str | None = None) -> Sequence[object]:
        async with self.database.reading() as connection:
            found = await states_of(connection, of or self.tenant_id, names)
        return [found.get(name) for name in names]


@pytest.fixture
async def chat(database: Database, tenant_id: str) -> Chat:
    opened = Chat(database, tenant_id)
    await opened.open()
    return opened


async def test_each_message_has_the_furthest_state_and_its_moment(chat: Chat) -> None:
    await chat.say("quiet", "queued")
    await chat.say("sent", "sent", "wamid.1")
    await chat.say("read", "sent", "wamid.2")
    await chat.say("failed", "sent", "wamid.3")
    await chat.hear("wamid.2", "read", "sent", "delivered")
    await chat.hear("wamid.3", "sent", "failed", code=131026)
    assert await chat.states("quiet", "sent", "read", "failed") == [
        MessageState("queued"),
        MessageState("sent"),
        MessageState("read", NOON),
        MessageState("failed", NOON + timedelta(minutes=1), 131026, "Undeliverable"),
    ]


async def test_news_that_come_before_we_know_the_providers_id_count(
    chat: Chat,
) -> None:
    await chat.say("early", "queued")
    await chat.say("other", "queued")
    await chat.hear("wamid.9", "sent", "delivered", key="reply:early")
    assert await chat.states("early", "other") == [
        MessageState("delivered", NOON + timedelta(minutes=1)),
        MessageState("queued"),
    ]


async def test_a_message_that_we_gave_up_and_that_arrived_has_arrived(
    chat: Chat,
) -> None:
    await chat.say("parked", "failed", "wamid.1")
    await chat.hear("wamid.1", "delivered")
    assert await chat.states("parked") == [MessageState("delivered", NOON)]


async def test_a_message_that_was_given_up_has_not_been_sent(chat: Chat) -> None:
    await chat.say("parked", "failed", "wamid.1")
    await chat.hear("wamid.1", "sent")
    assert await chat.states("parked") == [MessageState("failed")]


async def test_a_strangers_messages_have_no_state(chat: Chat) -> None:
    await chat.say("mine", "sent", "wamid.1")
    assert await chat.states("mine", of="tenant_other") == [None]


async def test_a_conversation_lists_its_newest_messages_in_order(chat: Chat) -> None:
    await chat.say("one", "sent", "wamid.1")
    await chat.say("two", "sent", "wamid.2")
    await chat.hear("wamid.2", "read")
    async with chat.database.reading() as connection:
        listed = await list_messages(connection, chat.tenant_id, chat.id, limit=2)
        strangers = await list_messages(connection, "tenant_other", chat.id)
    assert [(each.id, each.state.state) for each in listed] == [
        ("one", "sent"),
        ("two", "read"),
    ]
    assert strangers == []
