"""With what databases find the conversations of a desk that is full."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db import Database
from bot.inbox.overview import ChatFilter, find_messages, list_chats
from bot.inbox.queues import Queue, count_queues
from bot.inbox.searching import search_chats
from bot.inbox.statuses import states_of
from bot.inbox.table import channel, contact, conversation
from catalog.paging import Paged
from orders.table import draft

NOON = datetime(2026, 11, 12, 9, tzinfo=UTC)
#: Told that sorting and reading all is dear, PostgreSQL does so only if it must, also
#: where there is next to nothing.
_DEAR = ("seqscan", "bitmapscan", "sort", "incremental_sort", "hashagg")
#: What a plan says of rows that had to be sorted.
_SORTED = {"sqlite": "TEMP B-TREE", "postgresql": "Sort"}


@asynccontextmanager
async def reading(database: Database) -> AsyncIterator[AsyncConnection]:
    async with database.reading() as connection:
        if database.dialect == "postgresql":
            for name in _DEAR:
                await connection.exec_driver_sql(f"SET enable_{name} = off")
        yield connection
        if database.dialect == "postgresql":
            await connection.exec_driver_sql("RESET ALL")


@contextmanager
def plans(connection: AsyncConnection) -> Iterator[list[str]]:
    """Yield the plans of the queries that are made meanwhile, one text for each."""
    word = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    found: list[str] = []

    def explain(conn: Any, cursor: Any, sql: str, given: Any, *_: Any) -> None:
        if sql.startswith("SELECT"):
            rows = conn.exec_driver_sql(f"{word} {sql}", given)
            found.append("\n".join(str(row[-1]) for row in rows))

    listened = connection.sync_connection
    assert listened is not None
    event.listen(listened, "before_cursor_execute", explain)
    yield found
    event.remove(listened, "before_cursor_execute", explain)


@pytest.mark.parametrize("queue", [Queue.ALL, Queue.OPEN])
async def test_who_wrote_last_is_found_without_sorting_everybody(
    database: Database, tenant_id: str, queue: Queue
) -> None:
    async with reading(database) as connection:
        with plans(connection) as found:
            await list_chats(connection, tenant_id, ChatFilter(queue=queue), limit=25)
    assert "ix_conversation_written" in found[0]
    assert _SORTED[database.dialect] not in found[0]


async def test_words_are_looked_for_in_chats_that_an_index_names(
    database: Database, tenant_id: str
) -> None:
    async with reading(database) as connection:
        with plans(connection) as found:
            await search_chats(connection, tenant_id, "croissant")
    lately = next(each for each in found if "ix_conversation_written" in each)
    assert _SORTED[database.dialect] not in lately


async def test_drafts_are_counted_by_an_index_of_those_with_something_in_them(
    database: Database, tenant_id: str
) -> None:
    async with reading(database) as connection:
        with plans(connection) as found:
            await count_queues(connection, tenant_id, user_id=None, team=None)
    drafted = next(each for each in found if "ix_draft_live" in each)
    assert _SORTED[database.dialect] not in drafted


async def test_messages_are_found_by_their_ids_and_not_among_all_of_a_tenant(
    database: Database, tenant_id: str
) -> None:
    ids = [f"msg_{number}" for number in range(20)]
    async with reading(database) as connection:
        with plans(connection) as found:
            await states_of(connection, tenant_id, ids)
            await find_messages(connection, tenant_id, ids)
    assert len(found) == 2
    assert not any("tenant_id=?" in each for each in found), found
    assert not any("uq_message_provider" in each for each in found), found


async def test_who_never_wrote_comes_last(database: Database, tenant_id: str) -> None:
    wrote = [NOON, None, NOON + timedelta(hours=1), None]
    await _fill(database, tenant_id, wrote)
    async with database.reading() as connection:
        every, total = await list_chats(connection, tenant_id, ChatFilter(), limit=9)
        opened, with_something = await list_chats(
            connection, tenant_id, ChatFilter(queue=Queue.OPEN), limit=9
        )
    assert [each.id for each in every] == ["cnv_2", "cnv_0", "cnv_3", "cnv_1"]
    # The first one's draft is empty, the second one's has ended.
    assert [each.id for each in opened] == ["cnv_2", "cnv_3"]
    assert (total, with_something) == (4, 2)


async def test_what_is_known_is_not_counted_again(
    database: Database, tenant_id: str
) -> None:
    await _fill(database, tenant_id, [NOON, NOON, NOON])
    async with database.reading() as connection:
        with plans(connection) as counting:
            _, counted = await list_chats(connection, tenant_id, ChatFilter(), limit=2)
        with plans(connection) as knowing:
            _, known = await list_chats(
                connection, tenant_id, ChatFilter(), limit=2, counted=3
            )
        assert (counted, known) == (3, 3)
        assert len(knowing) == len(counting) - 1
        # Somebody wrote for the first time in between.
        assert await Paged(2, offset=2).total(connection, 2, 3) == 4


async def _fill(
    database: Database, tenant_id: str, wrote: Sequence[datetime | None]
) -> None:
    """Write conversations with a draft each.

    The first one's has nothing in it, the second one's has ended.
    """
    rows = [
        {"id": f"cnv_{place}", "contact_id": f"con_{place}", "last_inbound_at": at}
        for place, at in enumerate(wrote)
    ]
    mine = {"tenant_id": tenant_id, "created_at": NOON}
    there = {**mine, "channel_id": "chn_1"}
    drafts = [
        {
            "id": f"drf_{place}",
            "conversation_id": f"cnv_{place}",
            "state": "cancelled" if place == 1 else "open",
            "entries": 0 if place == 0 else 1,
            "version": 1,
            "body": {"id": f"drf_{place}", "currency": "TRY", "version": 1},
            "updated_at": NOON,
        }
        for place in range(len(wrote))
    ]
    async with database.transaction() as connection:
        await connection.execute(
            insert(channel).values(
                id="chn_1",
                kind="whatsapp",
                external_id="1",
                access_token="",
                state="active",
                **mine,
            )
        )
        for row in rows:
            await connection.execute(
                insert(contact).values(id=row["contact_id"], opted_out=False, **there)
            )
        await connection.execute(
            insert(conversation),
            [{**there, **row, "shard": 0, "address": {}, "memory": {}} for row in rows],
        )
        await connection.execute(insert(draft), [{**mine, **each} for each in drafts])
