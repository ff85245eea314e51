"""`chatorder turn`: what failed is seen, and tried again."""

from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from bot.db import Database
from bot.inbox.table import analysis, conversation, message
from tests.bot.commands.conftest import Run
from tests.databases import apart
from tests.messages import NOON, a_message, add_channel, store


@pytest.fixture
def failed(run: Run, on_both: None, tenant: str, database_url: str) -> str:
    """Return a tenant with one dead letter, one good turn, and a stranger's."""
    stranger = run("tenant", "add", "Other Shop", "--json").json["id"]
    apart(_fill(database_url, tenant, stranger))
    return tenant


async def _fill(url: str, tenant: str, stranger: str) -> None:
    database = Database.open(url)
    for owner, turn in ((tenant, "anl_mine"), (stranger, "anl_theirs")):
        channel = await add_channel(database, owner)
        said = a_message(owner, channel, id=f"msg_{turn}")
        await store(database, said)
        async with database.transaction() as connection:
            chat = (
                await connection.execute(
                    select(conversation.c.id).where(conversation.c.tenant_id == owner)
                )
            ).scalar_one()
            await connection.execute(
                conversation.update()
                .where(conversation.c.id == chat)
                .values(ready_at=None)
            )
            rows: list[tuple[str, str, str | None, int]] = [
                (turn, "failed", "ValueError: bad\nsecond line", 0)
            ]
            rows += [(f"{turn}_{n}", "completed", None, n) for n in (1, 2)]
            for key, status, error, minutes in rows:
                at = NOON + timedelta(minutes=minutes)
                await connection.execute(
                    insert(analysis).values(
                        id=key,
                        tenant_id=owner,
                        conversation_id=chat,
                        from_seq=1,
                        to_seq=1,
                        status=status,
                        trigger="auto",
                        source_type="text",
                        result={},
                        usage={},
                        trace=[],
                        attempts=5,
                        max_attempts=5,
                        error=error,
                        started_at=at,
                        ended_at=at,
                    )
                )
            await connection.execute(
                message.update()
                .where(message.c.conversation_id == chat)
                .values(state="dead", analysis_id=turn)
            )
    await database.close()


def look(url: str, work: Any) -> Any:
    """Return what a query finds."""

    async def run_it() -> Any:
        database = Database.open(url)
        async with database.reading() as connection:
            found = (await connection.execute(work)).all()
        await database.close()
        return found

    job: Coroutine[Any, Any, Any] = run_it()
    return apart(job)


def test_the_turns_of_a_merchant_are_listed_newest_first(run: Run, failed: str) -> None:
    listed = run("turn", "list", "--tenant", failed, "--json").json
    assert [each["id"] for each in listed["data"]] == [
        "anl_mine_2",
        "anl_mine_1",
        "anl_mine",
    ]
    assert listed["total"] == 3
    assert listed["data"][0]["started_at"] == "2026-11-22T12:02:00+00:00"


def test_those_that_failed_are_listed_with_their_reason(run: Run, failed: str) -> None:
    listed = run("turn", "list", "--failed", "--tenant", "Test Shop")
    assert "anl_mine " in listed.out
    assert "ValueError: bad" in listed.out
    assert "second line" not in listed.out
    assert "anl_mine_1" not in listed.out
    assert "theirs" not in listed.out


def test_a_long_list_says_that_there_is_more(run: Run, failed: str) -> None:
    listed = run("turn", "list", "--limit", "1", "--tenant", failed)
    assert "1 of 3" in listed.out
    cut = run("turn", "list", "--limit", "1", "--tenant", failed, "--json").json
    assert (len(cut["data"]), cut["total"]) == (1, 3)


def test_a_failed_turn_is_handled_again(
    run: Run, failed: str, database_url: str
) -> None:
    done = run("turn", "retry", "anl_mine", "--tenant", failed, "--json")
    assert done.json == {"id": "anl_mine", "retried": True}
    (said,) = look(database_url, select(message).where(message.c.tenant_id == failed))
    assert (said.state, said.analysis_id) == ("pending", None)
    (chat,) = look(
        database_url, select(conversation).where(conversation.c.tenant_id == failed)
    )
    assert chat.ready_at is not None
    assert run("turn", "list", "--failed", "--tenant", failed, "--json").json == {
        "data": [],
        "total": 0,
    }


@pytest.mark.parametrize("turn", ["anl_theirs", "anl_mine_1", "anl_none"])
def test_only_failed_turns_of_the_merchant_can_be_retried(
    run: Run, failed: str, turn: str
) -> None:
    done = run("turn", "retry", turn, "--tenant", failed)
    assert done.code == 1
    assert f"no failed turn '{turn}'" in done.err
    assert "chatorder turn list" in done.err


def test_an_unknown_merchant_is_named(run: Run, on_sqlite: None) -> None:
    done = run("turn", "list", "--tenant", "nobody")
    assert done.code == 1
    assert "'nobody'" in done.err
