"""What the system did with a message, told from its rows."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Table, insert

from bot.db import Database
from bot.inbox.table import (
    analysis,
    app,
    channel,
    conversation,
    message,
    message_status,
)
from bot.simulator.trace import STEPS, Trace, trace
from orders.table import draft, order, outbox

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def after(milliseconds: int) -> datetime:
    return NOON + timedelta(milliseconds=milliseconds)


NOTED = [
    {"step": "claimed", "at": after(1500).isoformat(), "note": ""},
    {"step": "read", "at": after(1520).isoformat(), "note": "order"},
    {"step": "matched", "at": after(1525).isoformat(), "note": "2 of 2"},
    {"step": "decided", "at": after(1530).isoformat(), "note": "draft v3"},
    {"step": "saved", "at": after(1540).isoformat(), "note": ""},
]


class Rows:
    """Writes the rows that a product would have written by now."""

    def __init__(self, database: Database, tenant_id: str) -> None:
        self.database = database
        self.tenant = tenant_id

    async def add(self, table: Table, **values: Any) -> None:
        row: Mapping[str, Any] = {"tenant_id": self.tenant, **values}
        async with self.database.transaction() as connection:
            await connection.execute(insert(table).values(row))

    async def stored(self, **changes: Any) -> None:
        await self.add(app, id="app", secret="", verify_token="", created_at=NOON)
        await self.add(
            channel,
            id="chn",
            app_id="app",
            kind="whatsapp",
            external_id="1065",
            access_token="",
            state="active",
            created_at=NOON,
        )
        await self.add(
            conversation,
            id="cnv",
            channel_id="chn",
            contact_id="con",
            shard=0,
            address={},
            memory={},
            created_at=NOON,
        )
        await self.message("in", 1, provider_id="wamid.IN", **changes)

    async def message(self, direction: str, seq: int, **changes: Any) -> None:
        values = {
            "id": f"msg{seq}",
            "channel_id": "chn",
            "conversation_id": "cnv",
            "seq": seq,
            "direction": direction,
            "event": "message",
            "kind": "text",
            "content": {},
            "state": "pending",
            "sent_at": NOON,
            "received_at": NOON,
        }
        await self.add(message, **{**values, **changes})

    async def read(self, **changes: Any) -> None:
        values = {
            "id": "anl",
            "conversation_id": "cnv",
            "from_seq": 1,
            "to_seq": 1,
            "status": "completed",
            "trigger": "auto",
            "source_type": "text",
            "result": {},
            "usage": {},
            "trace": NOTED,
            "draft_id": "drf",
            "draft_version": 3,
            "attempts": 1,
            "max_attempts": 5,
            "started_at": after(1500),
            "ended_at": after(1540),
        }
        await self.add(analysis, **{**values, **changes})

    async def reply(self, **changes: Any) -> None:
        values = {
            "shard": 0,
            "topic": "reply",
            "unique_key": "reply:anl:1",
            "payload": {},
            "state": "due",
            "due_at": after(1540),
            "created_at": after(1540),
        }
        await self.add(outbox, **{**values, **changes})

    async def trace(self) -> Trace:
        found = await trace(
            self.database.reading, account="1065", provider_id="wamid.IN"
        )
        assert found is not None
        return found


@pytest.fixture
async def rows(database: Database, tenant_id: str) -> Rows:
    return Rows(database, tenant_id)


async def test_a_message_that_did_not_arrive_has_no_trace(rows: Rows) -> None:
    await rows.stored()
    reading = rows.database.reading
    assert await trace(reading, account="1065", provider_id="wamid.X") is None
    assert await trace(reading, account="9", provider_id="wamid.IN") is None


async def test_a_stored_message_shows_the_way_before_it(rows: Rows) -> None:
    await rows.stored()
    found = await rows.trace()
    assert tuple(step.name for step in found.steps) == STEPS
    assert [step.at for step in found.steps] == [NOON, *[None] * 7]
    assert not found.is_over


async def test_the_whole_way(rows: Rows) -> None:
    await rows.stored(state="done", analysis_id="anl")
    await rows.read()
    await rows.add(
        draft,
        id="drf",
        conversation_id="cnv",
        version=3,
        state="open",
        body={},
        created_at=NOON,
        updated_at=NOON,
    )
    await rows.reply(state="done", done_at=after(1570))
    await rows.message(
        "out", 2, provider_id="wamid.OUT", analysis_id="anl", state="sent"
    )
    for state, late in (("sent", 1700), ("delivered", 2000)):
        await rows.add(
            message_status,
            channel_id="chn",
            provider_id="wamid.OUT",
            state=state,
            at=NOON,
            received_at=after(late),
        )
    found = await rows.trace()
    assert [(step.name, step.at, step.note) for step in found.steps] == [
        ("stored", NOON, "text"),
        ("claimed", after(1500), ""),
        ("read", after(1520), "order"),
        ("matched", after(1525), "2 of 2"),
        ("decided", after(1530), "draft v3"),
        ("saved", after(1540), "draft open"),
        ("replied", after(1570), ""),
        ("delivered", after(2000), ""),
    ]
    assert found.is_over


async def test_a_message_of_a_longer_turn_is_found_by_its_number(rows: Rows) -> None:
    await rows.stored(state="done")
    await rows.read(from_seq=1, to_seq=3, draft_id=None)
    await rows.reply()
    found = await rows.trace()
    replied, delivered = found.steps[-2:]
    assert (replied.name, replied.at, delivered.at) == ("replied", None, None)
    assert not found.is_over


async def test_the_order_that_was_placed_is_named(rows: Rows) -> None:
    await rows.stored(state="done", analysis_id="anl")
    await rows.read()
    await rows.add(
        order,
        id="ord",
        number=1001,
        draft_id="drf",
        draft_version=3,
        state="confirmed",
        currency="TRY",
        grand_total=1,
        body={},
        placed_at=after(1540),
        updated_at=NOON,
    )
    found = await rows.trace()
    assert [s.note for s in found.steps if s.name == "saved"] == ["order 1001"]


async def test_a_reply_that_cannot_be_sent_says_why(rows: Rows) -> None:
    await rows.stored(state="done", analysis_id="anl")
    await rows.read(draft_id=None)
    await rows.reply(state="parked", error="131026 undeliverable", done_at=after(1600))
    found = await rows.trace()
    last = found.steps[-1]
    assert (last.name, last.failed, last.note) == (
        "replied",
        True,
        "131026 undeliverable",
    )
    assert found.is_over


async def test_a_reply_that_waits_for_the_next_try_says_why(rows: Rows) -> None:
    await rows.stored(state="done", analysis_id="anl")
    await rows.read(draft_id=None)
    await rows.reply(error="HTTP 503")
    found = await rows.trace()
    assert found.steps[-2].note == "HTTP 503"
    assert not found.is_over


async def test_silence_has_a_reason(rows: Rows) -> None:
    await rows.stored(state="done", why_silent="a person answers")
    found = await rows.trace()
    assert found.steps[-1].note == "no reply: a person answers"
    assert found.is_over


async def test_a_turn_without_replies_is_over(rows: Rows) -> None:
    await rows.stored(state="done", analysis_id="anl", why_silent="opted out")
    await rows.read(draft_id=None)
    found = await rows.trace()
    assert found.steps[-1].note == "no reply: opted out"
    assert found.is_over


async def test_a_dead_turn_says_what_failed(rows: Rows) -> None:
    await rows.stored(state="dead", analysis_id="anl")
    await rows.read(status="failed", error="ValueError: broken", trace=[])
    found = await rows.trace()
    last = found.steps[-1]
    assert (last.name, last.failed, last.note) == ("failed", True, "ValueError: broken")
    assert found.is_over
