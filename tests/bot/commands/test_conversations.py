"""`chatorder conversation`: chats that a person has are seen and handed back."""

import pytest
from sqlalchemy import select, update

from bot.db import Database
from bot.inbox.table import conversation
from tests.bot.commands.conftest import Run
from tests.databases import apart
from tests.messages import a_message, add_channel, store


@pytest.fixture
def chat(run: Run, on_both: None, tenant: str, database_url: str) -> str:
    """Return the id of a conversation that a person has."""
    return apart(_fill(database_url, tenant))


async def _fill(url: str, tenant: str) -> str:
    database = Database.open(url)
    await store(database, a_message(tenant, await add_channel(database, tenant)))
    async with database.transaction() as connection:
        await connection.execute(update(conversation).values(owner="agent"))
        chat = (await connection.execute(select(conversation.c.id))).scalar_one()
    await database.close()
    return str(chat)


def test_a_chat_is_seen_and_handed_back(run: Run, chat: str, tenant: str) -> None:
    listed = run("conversation", "list", "--tenant", tenant, "--json").json
    assert [each["id"] for each in listed["data"]] == [chat]
    assert chat in run("conversation", "list", "--tenant", tenant).out
    back = run("conversation", "hand-back", chat, "--tenant", tenant)
    assert back.out.strip() == f"The bot answers in {chat} again."
    listed = run("conversation", "list", "--tenant", tenant, "--json").json
    assert listed == {"data": [], "total": 0}


def test_a_strangers_chat_is_none(run: Run, chat: str, tenant: str) -> None:
    other = run("tenant", "add", "Other Shop", "--json").json["id"]
    refused = run("conversation", "hand-back", chat, "--tenant", other)
    assert refused.code == 1
    assert f"Other Shop has no conversation '{chat}'" in refused.err


def test_the_messages_of_a_chat_are_shown_without_their_words(
    run: Run, chat: str, tenant: str
) -> None:
    shown = run("conversation", "show", chat, "--tenant", tenant, "--json").json["data"]
    assert [(each["direction"], each["kind"]) for each in shown] == [("in", "text")]
    assert "latte" not in run("conversation", "show", chat, "--tenant", tenant).out
    other = run("tenant", "add", "Other Shop", "--json").json["id"]
    assert run("conversation", "show", chat, "--tenant", other).code == 1
