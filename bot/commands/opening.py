"""What commands need before they can start: settings, a database, a sealer."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import TypeVar

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands.failing import CommandFailed
from bot.db import Database
from bot.inbox.accounts import TenantEntry, find_tenant
from bot.migrations.upgrade import Ahead, AtHead, SchemaIsNewer, state, upgrade
from bot.settings import Settings, read_settings

T = TypeVar("T")


def configured() -> Settings:
    """Return the settings; what looks odd goes to stderr. Raises SettingsError."""
    found = read_settings()
    for warning in found.warnings:
        typer.echo(f"warning: {warning}", err=True)
    return found.settings


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """Yield the database, its schema being that of this version.

    A SQLite file is made and migrated on the way; on PostgreSQL that is an operator's
    decision. Raises CommandFailed, SchemaIsNewer, DatabaseUnavailable.
    """
    if settings.database_url.startswith("sqlite:"):
        await upgrade(settings.database_url)
    database = Database.open(settings.database_url)
    try:
        found = await state(database)
        if isinstance(found, Ahead):
            raise SchemaIsNewer(found)
        if not isinstance(found, AtHead):
            at = f"at revision {found.current}" if found.current else "empty"
            raise CommandFailed(f"the database is {at}: run `chatorder migrate` first")
        yield database
    finally:
        await database.close()


def in_transaction(
    settings: Settings, work: Callable[[AsyncConnection], Coroutine[None, None, T]]
) -> T:
    """Run `work` in one transaction on the database and return what it returns."""

    async def run() -> T:
        async with opened(settings) as database:
            return await database.retried(work)

    return asyncio.run(run())


async def tenant_named(connection: AsyncConnection, wanted: str) -> TenantEntry:
    """Return the tenant with that id or name. Raises CommandFailed."""
    entry = await find_tenant(connection, wanted)
    if entry is None:
        raise CommandFailed(
            f"there is no tenant {wanted!r}: see `chatorder tenant list`"
        )
    return entry
