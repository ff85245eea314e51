"""The whole look: everything that a process of these settings would use."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import aiohttp

from bot.channels.channel import Channel
from bot.db import Database, DatabaseUnavailable
from bot.doctor.data import check_database
from bot.doctor.files import check_files
from bot.doctor.finding import Finding, Level, error, ok, warning
from bot.doctor.outside import (
    PATIENCE,
    check_bucket,
    check_channel,
    check_model,
    check_redis,
    check_sink,
)
from bot.ident import utc_now
from bot.inbox.accounts import load_tenants
from bot.inbox.directory import ChannelEntry, load_directory
from bot.settings import Configured, Settings
from bot.wiring import channels_of, sealer_of
from orders.domain.events import SinkAccount
from orders.sinks import load_sinks


async def examine(configured: Configured) -> Sequence[Finding]:
    """Return everything that was found, in the order of a set-up. Changes nothing."""
    settings = configured.settings
    findings = list(_settings(configured))
    has_key = settings.secret_key is not None
    sealer = sealer_of(settings) if has_key else None
    findings += check_files(settings)
    data = [
        each
        async for each in check_database(
            settings.database_url, sealer=sealer, now=utc_now()
        )
    ]
    findings += data
    usable = all(each.level is not Level.ERROR for each in data) and has_key
    channels, sinks = await _accounts(settings) if usable else ((), ())
    async with _session() as session:
        spoken = channels_of(settings, session)
        outside = await asyncio.gather(
            _one(check_redis(settings.redis_url)),
            check_bucket(settings),
            _one(check_model(settings, session)),
            *(_all(each, spoken) for each in channels),
            *(_one(check_sink(each)) for each in sinks),
        )
    return [*findings, *(each for found in outside for each in found)]


def _settings(configured: Configured) -> Sequence[Finding]:
    settings = configured.settings
    found = [
        warning("settings", words, "correct the name in the environment or in .env")
        for words in configured.warnings
    ]
    if settings.secret_key is None:
        remedy = "run `chatorder init`, or make one with `chatorder secret new`"
        found.append(error("settings", "CHATORDER_SECRET_KEY is not set", remedy))
    if settings.public_url is None:
        words = "CHATORDER_PUBLIC_URL is not set: Meta cannot be told where to call"
        remedy = "set it to the https address of this server"
        found.append(warning("settings", words, remedy))
    elif urlsplit(settings.public_url).scheme != "https":
        words = "CHATORDER_PUBLIC_URL is not https: Meta calls no other"
        remedy = "put a proxy with a certificate before this server"
        found.append(warning("settings", words, remedy))
    return found or [ok("settings", "complete")]


async def _accounts(
    settings: Settings,
) -> tuple[Sequence[ChannelEntry], Sequence[SinkAccount]]:
    """Return every channel and every sink."""
    database = Database.open(settings.database_url)
    try:
        async with database.reading() as connection:
            directory = await load_directory(connection, sealer_of(settings))
            tenants = await load_tenants(connection)
            sinks = await load_sinks(connection, list(tenants))
    except DatabaseUnavailable:
        return (), ()
    finally:
        await database.close()
    return directory.channels, [each for found in sinks.values() for each in found]


@asynccontextmanager
async def _session() -> AsyncIterator[aiohttp.ClientSession]:
    timeout = aiohttp.ClientTimeout(total=PATIENCE)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        yield session


async def _one(check: Awaitable[Finding]) -> Sequence[Finding]:
    return [await check]


async def _all(entry: ChannelEntry, spoken: Mapping[str, Channel]) -> Sequence[Finding]:
    return [each async for each in check_channel(entry, spoken)]
