"""A change of the secret key: every secret follows, none is lost, twice is as once."""

from datetime import UTC, datetime

from sqlalchemy import Text, select, update

from bot.db import Database
from bot.inbox import table
from bot.inbox.accounts import add_app, add_channel
from bot.inbox.resealing import (
    Resealed,
    find_unopened,
    reseal_all,
    sealed_columns,
)
from bot.sealing import Sealer
from catalog.table import metadata
from orders.domain.events import SinkAccount
from orders.sinks import add_sink, load_sink

NOW = datetime(2026, 11, 22, tzinfo=UTC)
OLD, NEW = Sealer("o" * 43), Sealer("n" * 43, ["o" * 43])
#: More than one batch.
APPS = 203


async def furnish(database: Database, tenant_id: str, apps: int = 1) -> int:
    """Store apps with a channel and a sink; return how many secrets that makes."""
    async with database.transaction() as connection:
        for number in range(apps):
            await add_app(
                connection,
                id=f"app_{number}",
                tenant_id=tenant_id,
                secret=f"app secret {number}",
                verify_token="token",
                sealer=OLD,
                now=NOW,
            )
        await add_channel(
            connection,
            id="channel_1",
            tenant_id=tenant_id,
            app_id="app_0",
            external_id="106540352242922",
            access_token="access token",
            sealer=OLD,
            now=NOW,
        )
        account = SinkAccount(
            id="sink_1",
            tenant_id=tenant_id,
            kind="webhook",
            url="https://erp.example",
            secret=OLD.seal("sink secret"),
        )
        await add_sink(connection, account, now=NOW)
    return 2 * apps + 2


async def secrets(database: Database) -> list[str]:
    async with database.reading() as connection:
        return [
            str(value)
            for each, columns in sealed_columns()
            for row in await connection.execute(
                select(*columns).order_by(*each.primary_key)
            )
            for value in row
            if value is not None
        ]


async def test_every_secret_is_sealed_anew_and_then_needs_no_old_key(
    database: Database, tenant_id: str
) -> None:
    number = await furnish(database, tenant_id, APPS)
    before = [OLD.open(each) for each in await secrets(database)]
    assert len(before) == number
    done = await reseal_all(database.transaction, NEW)
    assert done == Resealed(number, 0, ())
    only_new = Sealer("n" * 43)
    assert [only_new.open(each) for each in await secrets(database)] == before
    async with database.reading() as connection:
        assert await find_unopened(connection, only_new) == (number, ())
        sink = await load_sink(connection, tenant_id, "sink_1")
    assert sink is not None
    assert only_new.open(sink.secret) == "sink secret"


async def test_twice_is_as_once(database: Database, tenant_id: str) -> None:
    number = await furnish(database, tenant_id)
    await reseal_all(database.transaction, NEW)
    once = await secrets(database)
    assert await reseal_all(database.transaction, NEW) == Resealed(0, number, ())
    assert await secrets(database) == once


async def test_what_no_key_opens_is_named_and_the_others_are_done(
    database: Database, tenant_id: str
) -> None:
    number = await furnish(database, tenant_id)
    foreign = Sealer("x" * 43).seal("lost")
    async with database.transaction() as connection:
        await connection.execute(update(table.channel).values(access_token=foreign))
    done = await reseal_all(database.transaction, NEW)
    assert done == Resealed(number - 1, 0, ("channel.access_token of channel_1",))
    assert foreign in await secrets(database)
    async with database.reading() as connection:
        found = await find_unopened(connection, NEW)
    assert found == (number, ("channel.access_token of channel_1",))


def test_every_column_that_is_called_a_secret_is_known_as_one() -> None:
    words = ("secret", "token", "api_key")
    looks = {
        f"{each.name}.{found.name}"
        for each in metadata.sorted_tables
        for found in each.c
        if isinstance(found.type, Text) and any(w in found.name for w in words)
    }
    known = {f"{t.name}.{c.name}" for t, columns in sealed_columns() for c in columns}
    assert looks <= known
    assert known >= {
        "app.secret",
        "app.verify_token",
        "channel.access_token",
        "sink.secret",
    }
