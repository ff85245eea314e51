"""What agents made of two conversations goes along when they become one."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select

from bot.db import Database
from bot.inbox.agents_table import conversation_label, conversation_read, label, note
from bot.inbox.merging_marks import merge_marks
from bot.inbox.people_table import user
from bot.inbox.table import app, channel, conversation

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


async def test_what_agents_made_goes_along(database: Database, tenant_id: str) -> None:
    mine = {"tenant_id": tenant_id}
    made: dict[str, Any] = {**mine, "created_at": NOON}
    async with database.transaction() as connection:
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
        await connection.execute(
            insert(user).values(
                id="user_ana",
                email="a@b.c",
                email_key="a@b.c",
                name="Ana",
                role="agent",
                password_hash="x",
                password_at=NOON,
                state="active",
                **made,
            )
        )
        for each, assigned in (("kept", None), ("other", "user_ana")):
            await connection.execute(
                insert(conversation).values(
                    id=each,
                    channel_id="ch",
                    contact_id=each,
                    shard=0,
                    address={},
                    memory={},
                    assigned_to=assigned,
                    assigned_at=assigned and NOON,
                    team=assigned and "Kadikoy",
                    **made,
                )
            )
            seen = {"conversation_id": each, "user_id": "user_ana", "seq": 3}
            await connection.execute(
                insert(conversation_read).values(**seen, at=NOON, **mine)
            )
            words = {"id": f"note_{each}", "author": "key:x", "text": each}
            await connection.execute(
                insert(note).values(**words, conversation_id=each, at=NOON, **mine)
            )
        for each, worn in (("both", ("kept", "other")), ("one", ("other",))):
            await connection.execute(
                insert(label).values(
                    id=each, name=each, name_key=each, colour="grey", **made
                )
            )
            for chat in worn:
                on = {"conversation_id": chat, "label_id": each}
                await connection.execute(
                    insert(conversation_label).values(**on, at=NOON, **mine)
                )
        rows = {row.id: row for row in await connection.execute(select(conversation))}
        await merge_marks(connection, rows["kept"], rows["other"])
        after = {row.id: row for row in await connection.execute(select(conversation))}
        notes = (await connection.execute(select(note.c.conversation_id))).scalars()
        labelled = await connection.execute(
            select(conversation_label.c.conversation_id, conversation_label.c.label_id)
        )
        read = await connection.execute(select(conversation_read))
        assert set(notes) == {"kept"}
        assert sorted(map(tuple, labelled)) == [("kept", "both"), ("kept", "one")]
        assert read.all() == []  # The messages have other numbers now.
        kept, other = after["kept"], after["other"]
        assert (kept.assigned_to, kept.team) == ("user_ana", "Kadikoy")
        assert (other.assigned_to, other.team) == (None, None)
