"""Storing messages: once, in one order, and due at the right moment."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import Table, func, select

from bot.db import Database
from bot.db.intake import Delivery, Intake, NewQuarantine, NewStatus
from bot.inbox.table import (
    contact,
    contact_alias,
    conversation,
    message,
    message_status,
    quarantine,
)
from tests.messages import NOON, PACE, a_message, add_channel, store


async def rows(database: Database, table: Table, *order: Any) -> Sequence[Any]:
    async with database.reading() as connection:
        return (await connection.execute(select(table).order_by(*order))).all()


@pytest.fixture
async def channel_id(database: Database, tenant_id: str) -> str:
    return await add_channel(database, tenant_id)


async def test_a_message_is_stored_with_its_contact_and_conversation(
    database: Database, tenant_id: str, channel_id: str
) -> None:
    await store(
        database,
        a_message(
            tenant_id,
            channel_id,
            content='{"type": "text", "text": "2 çay ☕"}',
            reply_to='{"provider_id": "wamid.q"}',
        ),
    )
    (stored,) = await rows(database, message)
    (who,) = await rows(database, contact)
    (chat,) = await rows(database, conversation)
    assert stored.content == {"type": "text", "text": "2 çay ☕"}
    assert stored.reply_to == {"provider_id": "wamid.q"}
    assert (stored.seq, stored.state, stored.direction) == (1, "pending", "in")
    assert (stored.sent_at, stored.received_at) == (NOON, NOON)
    assert (who.name, who.opted_out) == ("Ana", False)
    assert stored.conversation_id == chat.id
    assert chat.contact_id == who.id
    assert chat.address == {"kind": "wa_id", "value": "905551112233"}
    assert chat.memory == {}
    assert (chat.rev, chat.seq) == (1, 1)
    assert chat.ready_at == NOON + PACE.debounce


async def test_a_message_is_stored_once_for_ever(
    database: Database, tenant_id: str, channel_id: str
) -> None:
    first = a_message(tenant_id, channel_id, provider_id="wamid.1")
    again = a_message(tenant_id, channel_id, provider_id="wamid.1")
    second = a_message(tenant_id, channel_id, provider_id="wamid.2")
    assert await store(database, first) == 1
    assert await store(database, again, second, again) == 1
    stored = await rows(database, message, message.c.seq)
    assert [row.provider_id for row in stored] == ["wamid.1", "wamid.2"]
    assert [row.seq for row in stored] == [1, 2]


async def test_a_known_message_wakes_nobody(
    database: Database, tenant_id: str, channel_id: str
) -> None:
    known = a_message(tenant_id, channel_id)
    await store(database, known)
    (before,) = await rows(database, conversation)
    await store(database, known, now=NOON + timedelta(seconds=5))
    assert (await rows(database, conversation))[0] == before


async def test_the_same_message_in_many_calls_at_once_is_stored_once(
    database: Database, tenant_id: str, channel_id: str
) -> None:
    calls = [
        store(database, a_message(tenant_id, channel_id, provider_id="wamid.1"))
        for _ in range(20)
    ]
    await asyncio.gather(*calls)
    assert len(await rows(database, message)) == 1
    assert len(await rows(database, contact)) == 1


async def test_two_processes_agree_on_one_order_of_messages(
    database: Database, database_url: str, tenant_id: str, channel_id: str
) -> None:
    """Numbers rise in the order in which they become visible: none slips in before."""
    other = Database.open(database_url)
    seen: list[list[int]] = []
    done = asyncio.Event()

    async def watch() -> None:
        while not done.is_set():
            stored = await rows(database, message, message.c.seq)
            seen.append([row.seq for row in stored])
            await asyncio.sleep(0)

    async def write(through: Database) -> None:
        for _ in range(40):
            await store(through, a_message(tenant_id, channel_id))

    try:
        async with asyncio.TaskGroup() as group:
            watcher = group.create_task(watch())
            await asyncio.gather(write(database), write(other), write(other))
            done.set()
            await watcher
    finally:
        await other.close()
    stored = await rows(database, message, message.c.seq)
    assert len({row.seq for row in stored}) == 120
    for earlier, later in pairwise(seen):
        assert later[: len(earlier)] == earlier


async def test_a_burst_is_gathered_until_it_pauses_or_the_cap_is_reached(
    database: Database, tenant_id: str, channel_id: str
) -> None:
    due = []
    for second in range(12):
        moment = NOON + timedelta(seconds=second)
        await store(database, a_message(tenant_id, channel_id), now=moment)
        (chat,) = await rows(database, conversation)
        due.append((chat.ready_at - NOON).total_seconds())
    # Debounce 1.5 s after each, 8 s after the first at most; once due it stays due.
    assert due == [1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.0, 8.0, 8.0, 8.0, 8.0]


async def test_a_tap_is_due_at_once(
    database: Database, tenant_id: str, channel_id: str
) -> None:
    await store(database, a_message(tenant_id, channel_id))
    later = NOON + timedelta(seconds=1)
    tap = a_message(tenant_id, channel_id, kind="tap", flush=True)
    await store(database, tap, now=later)
    (chat,) = await rows(database, conversation)
    assert chat.ready_at == later
    await store(database, a_message(tenant_id, channel_id), now=later)
    assert (await rows(database, conversation))[0].ready_at == later


async def test_a_person_known_by_one_alias_keeps_the_conversation_with_another(
    database: Database, tenant_id: str, channel_id: str
) -> None:
    phone, bsuid = ("wa_id", "905551112233"), ("bsuid", "TR.13491208655302741918")
    await store(database, a_message(tenant_id, channel_id, aliases=(phone,)))
    await store(database, a_message(tenant_id, channel_id, aliases=(phone, bsuid)))
    await store(database, a_message(tenant_id, channel_id, aliases=(bsuid,)))
    (chat,) = await rows(database, conversation)
    assert chat.seq == 3
    assert chat.address == {"kind": "bsuid", "value": bsuid[1]}
    aliases = await rows(database, contact_alias)
    assert {row.contact_id for row in aliases} == {chat.contact_id}
    assert {row.kind for row in aliases} == {"wa_id", "phone", "bsuid"}


async def test_people_in_one_call_are_kept_apart(
    database: Database, tenant_id: str, channel_id: str
) -> None:
    ana, bob = (("wa_id", "1"),), (("wa_id", "2"),)
    await store(
        database,
        a_message(tenant_id, channel_id, aliases=ana, name="Ana"),
        a_message(tenant_id, channel_id, aliases=bob, name="Bob"),
        a_message(tenant_id, channel_id, aliases=ana, name="Ana"),
    )
    chats = await rows(database, conversation, conversation.c.seq)
    people = {row.id: row.name for row in await rows(database, contact)}
    assert [(people[row.contact_id], row.seq) for row in chats] == [
        ("Bob", 1),
        ("Ana", 2),
    ]


async def test_a_new_profile_name_replaces_the_old_one(
    database: Database, tenant_id: str, channel_id: str
) -> None:
    await store(database, a_message(tenant_id, channel_id, name="Ana"))
    await store(database, a_message(tenant_id, channel_id, name=None))
    await store(database, a_message(tenant_id, channel_id, name="Ana M."))
    (who,) = await rows(database, contact)
    assert who.name == "Ana M."


async def test_statuses_and_quarantined_bodies_are_kept_beside_messages(
    database: Database, tenant_id: str, channel_id: str
) -> None:
    status = NewStatus(tenant_id, channel_id, "wamid.out", "delivered", NOON, "reply:1")
    unread = NewQuarantine("qrn_1", None, "42", "unknown_number", "{}")
    first = Delivery((a_message(tenant_id, channel_id),), (status, status), (unread,))
    again = Delivery((), (status,))
    intake = Intake(database.dialect, PACE)
    await database.run(lambda: intake.storing([first, again], NOON))
    (news,) = await rows(database, message_status)
    (kept,) = await rows(database, quarantine)
    assert (news.state, news.at, news.callback) == ("delivered", NOON, "reply:1")
    assert (kept.reason, kept.account) == ("unknown_number", "42")


async def test_many_conversations_are_stored_with_a_few_statements(
    database: Database, tenant_id: str, channel_id: str
) -> None:
    messages = [
        a_message(tenant_id, channel_id, aliases=(("wa_id", str(person)),))
        for person in range(100)
        for _ in range(3)
    ]
    await store(database, *messages)
    async with database.reading() as connection:
        counts = await connection.execute(
            select(func.count(), func.max(message.c.seq)).group_by(
                message.c.conversation_id
            )
        )
    assert [tuple(row) for row in counts] == [(3, 3)] * 100
