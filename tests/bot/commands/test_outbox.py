"""`chatorder outbox`: what was not delivered is seen, and sent again."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.db import Database
from orders.outbox.store import Item, State, Topic, append
from orders.table import outbox
from tests.bot.commands.conftest import Run
from tests.databases import apart
from tests.messages import NOON


@pytest.fixture
def parked(run: Run, on_both: None, tenant: str, database_url: str) -> dict[str, int]:
    """Return the ids of what is parked, by name: two of ours and a stranger's."""
    stranger = run("tenant", "add", "Other Shop", "--json").json["id"]
    return apart(_fill(database_url, tenant, stranger))


async def _fill(url: str, tenant: str, stranger: str) -> dict[str, int]:
    database = Database.open(url)
    wanted = (
        ("reply", tenant, Topic.REPLY, {"message_id": "m", "conversation_id": "cnv_1"}),
        ("event", tenant, Topic.EVENT, {"order_id": "ord_1"}),
        ("theirs", stranger, Topic.EVENT, {"order_id": "ord_2"}),
        ("waiting", tenant, Topic.EVENT, {"order_id": "ord_3"}),
    )
    items = [
        Item(owner, 0, topic, name, payload, NOON)
        for name, owner, topic, payload in wanted
    ]
    async with database.transaction() as connection:
        await append(connection, items, now=NOON)
        await connection.execute(
            update(outbox)
            .where(outbox.c.unique_key != "waiting")
            .values(
                state=State.PARKED,
                attempts=3,
                error="HTTP 400: no such customer\nmore",
                done_at=NOON + timedelta(hours=1),
            )
        )
        await connection.execute(
            update(outbox).where(outbox.c.unique_key == "reply").values(resends=1)
        )
        rows = await connection.execute(select(outbox.c.unique_key, outbox.c.id))
        found = {row.unique_key: row.id for row in rows}
    await database.close()
    return found


def states(url: str) -> dict[str, tuple[str, int, int]]:
    async def look() -> dict[str, tuple[str, int, int]]:
        database = Database.open(url)
        async with database.reading() as connection:
            rows = await connection.execute(select(outbox))
            found = {r.unique_key: (r.state, r.attempts, r.resends) for r in rows}
        await database.close()
        return found

    return apart(look())


def listed(run: Run, *words: str) -> list[int]:
    return [each["id"] for each in run("outbox", "list", *words, "--json").json["data"]]


def test_what_is_parked_is_listed_newest_first(
    run: Run, parked: dict[str, int], tenant: str
) -> None:
    mine = [parked["event"], parked["reply"]]
    assert listed(run, "--tenant", tenant) == mine
    assert listed(run) == [parked["theirs"], *mine]
    assert listed(run, "--topic", "reply") == [parked["reply"]]
    assert listed(run, "--limit", "1", "--offset", "1") == [parked["event"]]
    shown = run("outbox", "list", "--limit", "1").out
    assert "ord_2" in shown
    assert "1 of 3: see more with --limit or --offset" in shown
    assert "more\n" not in run("outbox", "list").out.replace("see more", "")


def test_the_list_says_what_may_have_arrived(
    run: Run, parked: dict[str, int], tenant: str
) -> None:
    entries = run("outbox", "list", "--tenant", tenant, "--json").json["data"]
    assert {e["about"]: e["may_have_arrived"] for e in entries} == {
        "ord_1": False,
        "cnv_1": True,
    }
    assert "it may arrive twice" in run("outbox", "list", "--topic", "reply").out
    assert "it may arrive twice" not in run("outbox", "list", "--topic", "event").out


def test_what_is_tried_again_is_due_as_if_for_the_first_time(
    run: Run, parked: dict[str, int], database_url: str
) -> None:
    again = run("outbox", "retry", str(parked["reply"]))
    assert f"{parked['reply']} (cnv_1) is sent again and may arrive twice" in again.out
    assert states(database_url)["reply"] == (State.DUE, 0, 0)
    assert states(database_url)["event"][0] == State.PARKED
    rest = run("outbox", "retry", "--all", "--json").json["retried"]
    assert [each["id"] for each in rest] == [parked["event"], parked["theirs"]]
    assert run("outbox", "retry", "--all").out.strip() == "Nothing is parked."


def test_all_means_all_of_one_tenant_or_topic_when_one_is_named(
    run: Run, parked: dict[str, int], tenant: str, database_url: str
) -> None:
    run("outbox", "retry", "--all", "--topic", "event", "--tenant", tenant)
    assert {k: v[0] for k, v in states(database_url).items()} == {
        "reply": State.PARKED,
        "event": State.DUE,
        "theirs": State.PARKED,
        "waiting": State.DUE,
    }


@pytest.mark.parametrize("name", ["theirs", "waiting"])
def test_what_is_not_parked_or_a_strangers_changes_nothing(
    run: Run, parked: dict[str, int], tenant: str, database_url: str, name: str
) -> None:
    before = states(database_url)
    ids = (str(parked["event"]), str(parked[name]))
    refused = run("outbox", "retry", *ids, "--tenant", tenant)
    assert refused.code == 1
    assert f"not parked: {parked[name]}" in refused.err
    assert states(database_url) == before


@pytest.mark.parametrize("words", [(), ("1", "--all")], ids=["neither", "both"])
def test_ids_or_all_must_be_given(
    run: Run, on_sqlite: None, words: tuple[str, ...]
) -> None:
    assert run("outbox", "retry", *words).code == 2
