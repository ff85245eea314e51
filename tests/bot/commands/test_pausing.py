"""`chatorder channel pause|activate` and `sink pause|activate`."""

import pytest
from sqlalchemy import select

from bot.db import Database
from bot.inbox.pausing import pause_channel
from bot.inbox.table import channel
from bot.sealing import Sealer
from orders.sinks import pause_sink
from tests.bot.commands.conftest import SECRET_KEY, Run
from tests.databases import apart
from tests.messages import NOON, add_channel


@pytest.fixture
def paused(run: Run, on_both: None, tenant: str, database_url: str) -> dict[str, str]:
    """Return the ids of a channel and a sink that refused us."""
    words = ("--kind", "webhook", "--url", "https://erp.example/", "--json")
    sink_id = str(run("sink", "add", "--tenant", tenant, *words).json["id"])

    async def fill() -> str:
        database = Database.open(database_url)
        channel_id = await add_channel(database, tenant)
        async with database.transaction() as connection:
            await pause_channel(
                connection, channel_id, reason="the token expired", now=NOON
            )
            await pause_sink(
                connection, sink_id, reason="it answers HTTP 401", now=NOON
            )
        await database.close()
        return channel_id

    return {"channel": apart(fill()), "sink": sink_id}


@pytest.mark.parametrize(
    ("what", "reason"),
    [("channel", "the token expired"), ("sink", "it answers HTTP 401")],
)
def test_activating_says_what_was_wrong(
    run: Run, paused: dict[str, str], what: str, reason: str
) -> None:
    said = run(what, "activate", paused[what])
    assert f"It was paused since 2026-11-22T12:00:00+00:00: {reason}." in said.out
    again = run(what, "activate", paused[what], "--json").json
    assert (again["state"], again["was"], again["reason"]) == ("active", "active", None)


@pytest.mark.parametrize("what", ["channel", "sink"])
def test_pausing_keeps_the_first_reason(
    run: Run, paused: dict[str, str], what: str
) -> None:
    run(what, "activate", paused[what])
    assert run(what, "pause", paused[what], "--reason", "stocktaking").code == 0
    run(what, "pause", paused[what], "--reason", "another")
    assert run(what, "activate", paused[what], "--json").json["reason"] == "stocktaking"


@pytest.mark.parametrize("what", ["channel", "sink"])
@pytest.mark.parametrize("deed", ["pause", "activate"])
def test_what_is_not_there_is_said(
    run: Run, paused: dict[str, str], what: str, deed: str
) -> None:
    refused = run(what, deed, "nothing_like_that")
    assert refused.code == 1
    assert f"there is no {what} 'nothing_like_that'" in refused.err


def test_a_channel_is_activated_with_a_new_token(
    run: Run, paused: dict[str, str], database_url: str
) -> None:
    token = "EAAG-the-new-one-0123456789"
    said = run("channel", "activate", paused["channel"], "--access-token", token)
    assert said.code == 0, said.err
    assert token not in said.out

    async def stored() -> str:
        database = Database.open(database_url)
        async with database.reading() as connection:
            found = await connection.execute(select(channel.c.access_token))
            sealed = str(found.scalar_one())
        await database.close()
        return sealed

    assert Sealer(SECRET_KEY).open(apart(stored())) == token


def test_a_channel_shows_products_from_a_catalog_that_can_be_one(
    run: Run, paused: dict[str, str]
) -> None:
    told = run("channel", "catalog", paused["channel"], "--catalog-id", "194836987")
    assert "as cards of the catalog 194836987" in told.out
    assert "in words" in run("channel", "catalog", paused["channel"]).out
    refused = run("channel", "catalog", paused["channel"], "--catalog-id", "mine")
    assert refused.code == 1
    assert "digits" in refused.err
