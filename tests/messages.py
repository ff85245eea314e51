"""Messages, deliveries and the rows they need, for tests of the engine."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from bot.db import Database
from bot.db.intake import Delivery, Intake, NewMessage, Pace
from bot.inbox.people import store_people
from bot.inbox.table import app, channel

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PACE = Pace(debounce=timedelta(seconds=1.5), cap=timedelta(seconds=8))
_numbers = itertools.count(1)


def numbered(kind: str) -> str:
    """Return an id that no test has used before."""
    return f"{kind}_{next(_numbers):06}"


class Clock:
    """A clock that tests move by hand."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


async def add_channel(database: Database, tenant_id: str) -> str:
    """Add an app and a channel of the tenant; return the channel's id."""
    app_id, channel_id = numbered("app"), numbered("chn")
    async with database.transaction() as connection:
        await connection.execute(
            insert(app).values(
                id=app_id,
                tenant_id=tenant_id,
                secret="sealed",
                verify_token="sealed",
                created_at=NOON,
            )
        )
        await connection.execute(
            insert(channel).values(
                id=channel_id,
                tenant_id=tenant_id,
                app_id=app_id,
                kind="whatsapp",
                external_id=numbered("number"),
                access_token="sealed",
                state="active",
                created_at=NOON,
            )
        )
    return channel_id


def a_message(tenant_id: str, channel_id: str, **changes: Any) -> NewMessage:
    """Return a text message of Ana."""
    message = NewMessage(
        id=numbered("msg"),
        tenant_id=tenant_id,
        shard=0,
        channel_id=channel_id,
        event="message",
        kind="text",
        provider_id=numbered("wamid"),
        aliases=(("wa_id", "905551112233"),),
        name="Ana",
        content='{"type": "text", "text": "2 latte"}',
        reply_to=None,
        sent_at=NOON,
        contact_id=numbered("con"),
    )
    return replace(message, **changes)


async def store(
    database: Database,
    *messages: NewMessage,
    now: datetime = NOON,
    pace: Pace = PACE,
) -> int:
    """Store messages as one webhook call brings them; return how many were new."""
    intake = Intake(database.dialect, pace)
    batch = [Delivery(messages)]
    stored = await store_people(database, intake, batch, new_id=numbered, now=now)
    return stored.messages
