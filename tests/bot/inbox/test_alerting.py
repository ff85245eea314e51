"""Who is told of which conversation."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db import Database
from bot.inbox.alerting import BOT, MOST, RECENT, Alerts, alerts_of
from bot.inbox.assigning import assign
from bot.inbox.ownership import take_over
from bot.inbox.people_table import user as users
from bot.inbox.table import app, channel, contact, conversation
from bot.inbox.users import UserState

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
A_MINUTE = timedelta(minutes=1)
#: Who works here, and in which team.
PEOPLE = {"ana": None, "ben": "Kadikoy", "cem": "Moda", "gone": None}


@pytest.fixture
async def shop(database: Database, tenant_id: str) -> Database:
    made: dict[str, Any] = {"tenant_id": tenant_id, "created_at": NOON}
    async with database.transaction() as connection:
        await _a_channel(connection, tenant_id)
        for name, team in PEOPLE.items():
            await connection.execute(
                insert(users).values(
                    id=name,
                    email=name,
                    email_key=name,
                    name=name,
                    role="agent",
                    team=team,
                    password_hash="x",
                    password_at=NOON,
                    state=UserState.DISABLED if name == "gone" else UserState.ACTIVE,
                    **made,
                )
            )
    return database


async def chat(
    connection: AsyncConnection, tenant_id: str, name: str, **values: Any
) -> None:
    """Add a conversation that has waited since its customer wrote."""
    made = {"tenant_id": tenant_id, "created_at": NOON}
    await connection.execute(
        insert(contact).values(
            id=f"of {name}", channel_id="ch", name=name, opted_out=False, **made
        )
    )
    waits = {"owner": "agent", "handover_at": NOON, "last_inbound_at": NOON}
    await connection.execute(
        insert(conversation).values(
            id=name,
            channel_id="ch",
            contact_id=f"of {name}",
            shard=0,
            address={},
            memory={},
            **{**made, **waits, **values},
        )
    )


async def heard_by(
    connection: AsyncConnection, tenant_id: str, name: str, now: datetime = NOON
) -> Alerts:
    return await alerts_of(connection, tenant_id, name, now=now)


_LATER = NOON + A_MINUTE


#: A conversation, and who is told that it waits.
CASES: dict[str, tuple[dict[str, Any], str]] = {
    "wants a person": ({}, "ana ben cem"),
    "is the bot's": ({"owner": "bot"}, ""),
    "was answered": ({"answered_at": _LATER}, ""),
    "has a picture": ({"owner": "bot", "attention": "image"}, "ana ben cem"),
    "has failed": ({"owner": "bot", "error": "it broke"}, "ana ben cem"),
    "is somebody's": ({"assigned_to": "ana", "assigned_at": NOON}, "ana"),
    "was taken over": ({"owner_id": "ana"}, "ana"),
    "was taken over by a program": ({"owner_id": "key_1"}, "ana ben cem"),
    "was taken over from its person": (
        {"owner_id": "ben", "assigned_to": "ana", "assigned_at": NOON},
        "ben",
    ),
    "was given away by who took it over": (
        {"owner_id": "ben", "assigned_to": "ana", "assigned_at": _LATER},
        "ana",
    ),
    "is of who may not log in": (
        {"assigned_to": "gone", "assigned_at": NOON},
        "ana ben cem",
    ),
    # Whoever has no team hears of all of them.
    "is a team's": ({"team": "Moda"}, "ana cem"),
    "was merged": ({"merged_into": "another"}, ""),
}


async def test_a_conversation_that_waits_is_told_to_whom_it_concerns(
    shop: Database, tenant_id: str
) -> None:
    async with shop.transaction() as connection:
        for name, (values, _) in CASES.items():
            await chat(connection, tenant_id, name, **values)
        for person in ("ana", "ben", "cem"):
            found = await heard_by(connection, tenant_id, person)
            expected = {name for name, (_, told) in CASES.items() if person in told}
            assert {each.name for each in found.waiting} == expected
            assert found.count == len(expected)
            assert not found.given


async def test_the_newest_are_named_and_all_are_counted(
    shop: Database, tenant_id: str
) -> None:
    async with shop.transaction() as connection:
        for number in range(MOST + 2):
            at = NOON + number * A_MINUTE
            await chat(connection, tenant_id, f"{number}", handover_at=at)
        found = await heard_by(connection, tenant_id, "ana")
        assert (await heard_by(connection, "another shop", "ana")).count == 0
    assert found.count == MOST + 2
    assert [each.id for each in found.waiting[:2]] == [f"{MOST + 1}", f"{MOST}"]
    assert len(found.waiting) == MOST
    assert found.waiting[0].at == NOON + (MOST + 1) * A_MINUTE


async def _a_channel(connection: AsyncConnection, tenant_id: str) -> None:
    made: dict[str, Any] = {"tenant_id": tenant_id, "created_at": NOON}
    await connection.execute(
        insert(app).values(id="app", secret="x", verify_token="x", **made)
    )
    await connection.execute(
        insert(channel).values(
            id="ch",
            app_id="app",
            kind="whatsapp",
            external_id="1",
            access_token="x",
            state="active",
            **made,
        )
    )


async def test_who_is_given_a_conversation_by_somebody_else_is_told_for_a_while(
    shop: Database, tenant_id: str
) -> None:
    async with shop.transaction() as connection:
        await chat(connection, tenant_id, "Lale", owner="bot")
        given: Any = {"user_id": "ana", "team": None, "now": NOON}
        place = (connection, tenant_id, "Lale")
        for by, told in (
            ("user:ben", ["Lale"]),
            ("key:crm", ["Lale"]),
            ("user:ana", []),
            (BOT, []),
            (None, []),
        ):
            await assign(*place, **given, by=by)
            found = await heard_by(connection, tenant_id, "ana")
            assert [each.id for each in found.given] == told
            assert not (await heard_by(connection, tenant_id, "ben")).given
        await assign(*place, **given, by="user:ben")
        later = await heard_by(connection, tenant_id, "ana", NOON + RECENT)
        assert not later.given


async def test_a_colleague_s_take_over_is_no_news_to_the_others(
    shop: Database, tenant_id: str
) -> None:
    async with shop.transaction() as connection:
        for name, assigned in (("Lale", None), ("Mert", "ana")):
            at = assigned and NOON
            values = {"owner": "bot", "assigned_to": assigned, "assigned_at": at}
            await chat(connection, tenant_id, name, handover_at=None, **values)
            await take_over(
                connection, tenant_id, name, user_id="ben", now=NOON + A_MINUTE
            )
        counts = {
            name: (await heard_by(connection, tenant_id, name)).count
            for name in ("ana", "ben", "cem")
        }
        assert counts == {"ana": 0, "ben": 2, "cem": 0}
        taken = await heard_by(connection, tenant_id, "ben", NOON + 2 * A_MINUTE)
        assert not taken.given  # They did it themselves.
        # Who took it gives it to somebody: that is told, there alone.
        now = NOON + 3 * A_MINUTE
        later: Any = {"user_id": "cem", "team": None, "by": "user:ben", "now": now}
        await assign(connection, tenant_id, "Lale", **later)
        found = await heard_by(connection, tenant_id, "cem", now)
        assert ([each.id for each in found.given], found.count) == (["Lale"], 1)
        assert (await heard_by(connection, tenant_id, "ben")).count == 1
