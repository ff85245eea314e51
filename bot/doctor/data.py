"""The database: reachable, of this version, writable; and what waits in it."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import false, func, make_url, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db import Database, DatabaseUnavailable
from bot.doctor.clocks import check_clock
from bot.doctor.finding import Finding, error, ok, warning
from bot.doctor.health import check_health
from bot.inbox.accounts import ChannelState
from bot.inbox.resealing import Reseal, find_unopened
from bot.inbox.table import analysis, channel
from bot.inbox.turns import FAILED
from bot.migrations.upgrade import Ahead, AtHead, state_of
from catalog.table import tenant
from orders.domain.events import SinkState
from orders.outbox.store import State
from orders.table import outbox, sink

_NAMED = 5


async def check_database(
    url: str, *, sealer: Reseal | None, now: datetime
) -> AsyncIterator[Finding]:
    """Yield what there is to say. Nothing is changed, no file is made."""
    parsed = make_url(url)
    shown = parsed.render_as_string(hide_password=True)
    is_file = parsed.get_backend_name() == "sqlite"
    if is_file and not _is_there(parsed.database):
        yield error("database", f"there is no {shown} yet", "run `chatorder init`")
        return
    database = Database.open(url)
    try:
        async with database.reading() as connection:
            findings = await _schema(connection, shown)
            for each in findings:
                yield each
            if any(each.remedy for each in findings):
                return
            for each in await _engine(connection, now):
                yield each
            if sealer is not None:
                yield await _secrets(connection, sealer)
            for each in await _waiting(connection):
                yield each
            for each in await check_health(connection, now):
                yield each
        yield await _writable(database)
    except DatabaseUnavailable as problem:
        yield error(
            "database",
            f"{shown}: {problem}",
            "start it, or correct CHATORDER_DATABASE_URL",
        )
    finally:
        await database.close()


def _is_there(path: str | None) -> bool:
    return path is not None and Path(path).is_file()


async def _schema(connection: AsyncConnection, shown: str) -> Sequence[Finding]:
    match await state_of(connection):
        case AtHead(revision):
            return [ok("database", f"{shown} answers, schema {revision}")]
        case Ahead(current):
            words = f"{shown} has schema {current}, which a newer version made"
            return [error("database", words, "run that version")]
        case behind:
            at = f"has schema {behind.current}" if behind.current else "is empty"
            words = f"{shown} {at}, this version needs {behind.head}"
            return [error("database", words, "run `chatorder migrate`")]


async def _engine(connection: AsyncConnection, now: datetime) -> Sequence[Finding]:
    if connection.dialect.name == "sqlite":
        mode = (await connection.execute(text("PRAGMA journal_mode"))).scalar()
        if mode != "wal":
            words = f"SQLite's journal mode is {mode}"
            return [error("database", words, "it must be wal: restart chatorder")]
        return []
    there: datetime = (
        await connection.execute(text("SELECT clock_timestamp()"))
    ).scalar_one()
    return [check_clock("PostgreSQL", there.astimezone(UTC), now)]


async def _secrets(connection: AsyncConnection, sealer: Reseal) -> Finding:
    count, unopened = await find_unopened(connection, sealer)
    if not unopened:
        return ok("secrets", f"CHATORDER_SECRET_KEY opens all {count} stored secrets")
    named = ", ".join(unopened[:_NAMED])
    return error(
        "secrets",
        f"{len(unopened)} of {count} stored secrets do not open ({named} ...)",
        "set the key that sealed them, as CHATORDER_SECRET_KEY or in"
        " CHATORDER_SECRET_KEYS_OLD",
    )


async def _waiting(connection: AsyncConnection) -> Sequence[Finding]:
    """Return what waits for a person: one finding for each kind of thing."""
    counts = [
        (
            select(func.count()).where(outbox.c.state == State.PARKED),
            "deliveries are parked: nobody gets them",
            "see `chatorder outbox list`, then `chatorder outbox retry`",
        ),
        (
            select(func.count()).where(analysis.c.status == FAILED),
            "turns failed: customers have no answer",
            "see `chatorder turn list --failed`, then `chatorder turn retry`",
        ),
        (
            select(func.count()).where(channel.c.state == ChannelState.PAUSED),
            "channels are paused: their replies wait",
            "`chatorder channel activate` says what was wrong",
        ),
        (
            select(func.count()).where(sink.c.state == SinkState.PAUSED),
            "sinks are paused: their orders wait",
            "`chatorder sink activate` says what was wrong",
        ),
    ]
    found = []
    for query, words, remedy in counts:
        number = (await connection.execute(query)).scalar_one()
        if number:
            found.append(warning("work", f"{number} {words}", remedy))
    tenants = await connection.execute(select(func.count()).select_from(tenant))
    if not tenants.scalar_one():
        found.append(warning("work", "there is no shop yet", "run `chatorder init`"))
    return found or [ok("work", "nothing waits for a person")]


async def _writable(database: Database) -> Finding:
    try:
        async with database.transaction() as connection:
            await connection.execute(
                update(tenant).where(false()).values(catalog_rev=0)
            )
    except (DatabaseUnavailable, DBAPIError) as problem:
        return error(
            "database",
            f"cannot be written: {getattr(problem, 'orig', problem)}",
            "let the user of this process write; a standby cannot be used",
        )
    return ok("database", "can be written")
