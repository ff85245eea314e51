"""`chatorder model`: a budget is seen, changed and followed again; usage is summed."""

import pytest
from sqlalchemy import insert, select

from bot.db import Database
from bot.ident import new_id, utc_now
from bot.inbox.table import analysis, conversation
from tests.bot.commands.conftest import Run
from tests.databases import apart
from tests.messages import a_message, add_channel, store


@pytest.fixture
def shop(run: Run, on_both: None) -> str:
    added = run("tenant", "add", "Kahve Evi", "--timezone", "Asia/Tokyo", "--json")
    return str(added.json["id"])


def test_a_budget_is_the_deployments_until_a_merchant_has_one(
    run: Run, shop: str
) -> None:
    def shown(*more: str) -> tuple[str, str]:
        told = run("model", "budget", "--tenant", shop, *more, "--json").json
        assert told["tenant"] == shop
        return told["usd_spent"], told["usd_per_day"]

    assert shown() == ("0.000000", "5.000000")
    assert shown("--usd-per-day", "2.50") == ("0.000000", "2.500000")
    assert shown() == ("0.000000", "2.500000")
    assert shown("--usd-per-day", "0") == ("0.000000", "0.000000")
    assert shown("--as-deployed") == ("0.000000", "5.000000")


def test_it_is_told_to_people_in_one_line(run: Run, shop: str) -> None:
    done = run("model", "budget", "--tenant", "Kahve Evi")
    assert "0.000000 of 5.000000 US dollars spent" in done.out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--usd-per-day", "lots"], "give US dollars from 0 to 100000"),
        (["--usd-per-day", "-1"], "give US dollars from 0 to 100000"),
        (["--usd-per-day", "NaN"], "give US dollars from 0 to 100000"),
        (["--usd-per-day", "1", "--as-deployed"], "not both"),
    ],
)
def test_a_budget_that_is_none_is_refused(
    run: Run, on_sqlite: None, words: list[str], says: str
) -> None:
    run("tenant", "add", "Kahve Evi")
    done = run("model", "budget", "--tenant", "Kahve Evi", *words)
    assert done.code != 0
    assert says in done.err


async def _read_twice(url: str, tenant: str) -> str:
    """Store a conversation with two turns, and return its id."""
    database = Database.open(url)
    try:
        channel = await add_channel(database, tenant)
        await store(database, a_message(tenant, channel))
        async with database.transaction() as connection:
            chat: str = (
                await connection.execute(select(conversation.c.id))
            ).scalar_one()
            row = {
                "tenant_id": tenant,
                "conversation_id": chat,
                "from_seq": 1,
                "to_seq": 1,
                "status": "completed",
                "trigger": "auto",
                "provider": "openai",
                "source_type": "text",
                "result": {},
                "usage": {"input_tokens": 100, "cost_micros": 1_500},
                "trace": [],
                "attempts": 1,
                "max_attempts": 5,
                "started_at": utc_now(),
            }
            rows = [{**row, "id": new_id("anl")} for _ in range(2)]
            await connection.execute(insert(analysis), rows)
    finally:
        await database.close()
    return chat


def test_usage_is_told_by_day_and_by_conversation(
    run: Run, shop: str, database_url: str
) -> None:
    chat = apart(_read_twice(database_url, shop))
    days = run("model", "usage", "--tenant", shop, "--days", "3", "--json").json["data"]
    assert [each["turns"] for each in days] == [0, 0, 2]
    assert (days[-1]["usd"], days[-1]["input_tokens"]) == ("0.003000", 200)
    told = run("model", "usage", "--tenant", shop, "--conversation", chat)
    head, row = told.out.splitlines()
    assert head.split() == [
        "turns",
        "by",
        "whom",
        "tokens",
        "in",
        "cached",
        "out",
        "US",
        "dollars",
    ]
    assert row.split() == [chat, "2", "2", "openai", "200", "0", "0", "0.003000"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--order", "ord_x"], "there is no order 'ord_x'"),
        (["--conversation", "x"], "Kahve Evi has no conversation 'x'"),
        (["--conversation", "x", "--order", "y"], "not both"),
    ],
)
def test_usage_of_what_there_is_not_is_refused(
    run: Run, on_sqlite: None, words: list[str], says: str
) -> None:
    run("tenant", "add", "Kahve Evi")
    done = run("model", "usage", "--tenant", "Kahve Evi", *words)
    assert done.code != 0
    assert says in done.err
