"""Builds a runtime from settings. The one place where concrete parts are chosen."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import aiohttp
from pydantic import SecretStr
from redis.asyncio import Redis

from bot.channels.channel import Channel
from bot.channels.media_store import DirectoryStore
from bot.channels.registry import CHANNELS, Surroundings
from bot.db import Database
from bot.db.claims import Claims
from bot.db.intake import Intake, Pace
from bot.ident import new_id, utc_now
from bot.inbox.directory import Directories, Directory, load_directory
from bot.inbox.wake import Bell, LocalBell, RedisBell
from bot.inbox.writer import Writer
from bot.reading.reader import Reader
from bot.reading.registry import READERS
from bot.runtime import Runtime
from bot.sealing import Sealer
from bot.settings import Settings, SettingsError
from bot.telemetry import Metrics
from catalog.indexing import Indexes
from orders.provisioning.registry import SINKS

#: Indexes that one process keeps in memory.
_INDEXES = 256
#: Media that one process downloads at a time, each of up to MEDIA_LIMIT_BYTES.
_DOWNLOADS = 8
_USER_AGENT = "chatorder"


def need_secret_key(settings: Settings) -> str:
    """Return the secret key. Raises SettingsError that says how to make one."""
    if settings.secret_key is None:
        raise SettingsError(
            "CHATORDER_SECRET_KEY is not set; stored secrets are encrypted with it."
            " Make one with `chatorder secret new`, set it in the environment or in"
            " .env, and keep a copy: without it the stored secrets are lost"
        )
    return settings.secret_key.get_secret_value()


def sealer_of(settings: Settings) -> Sealer:
    """Return what seals and opens stored secrets. Raises SettingsError."""
    old: Sequence[SecretStr] = settings.secret_keys_old
    return Sealer(
        need_secret_key(settings), [secret.get_secret_value() for secret in old]
    )


def readers_of(settings: Settings) -> tuple[Reader, ...]:
    """Return who reads, in the order of asking. Raises SettingsError for nobody."""
    wanted = ("openai", "rules") if settings.reader == "auto" else (settings.reader,)
    found = tuple(READERS[name]() for name in wanted if name in READERS)
    if not found:
        raise SettingsError(
            f"CHATORDER_READER={settings.reader} is not in this version;"
            f" it has {', '.join(sorted(READERS))}"
        )
    return found


@asynccontextmanager
async def running(
    settings: Settings,
    *,
    readers: Sequence[Reader] | None = None,
    channels: Mapping[str, Channel] | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> AsyncIterator[Runtime]:
    """Yield a runtime; close everything afterwards.

    Every part may be replaced by argument. Raises SettingsError for what is missing.
    """
    sealer = sealer_of(settings)
    async with AsyncExitStack() as stack:
        database = Database.open(
            settings.database_url,
            pool_size=settings.database_pool_size,
            patience=settings.database_wait_seconds,
        )
        stack.push_async_callback(database.close)
        session = await stack.enter_async_context(
            aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=settings.outgoing_timeout_seconds),
                headers={"User-Agent": _USER_AGENT},
                # What is sent at once is bounded by the worker.
                connector=aiohttp.TCPConnector(limit=0, limit_per_host=0),
            )
        )
        redis = None
        if settings.redis_url:
            redis = Redis.from_url(
                settings.redis_url,
                socket_connect_timeout=5,
                # A subscription waits for ever; what we ask for is timed by the asker.
                socket_timeout=None,
                decode_responses=True,
            )
            stack.push_async_callback(redis.aclose)
        given = _Parts(
            database,
            session,
            redis,
            sealer,
            channels or _channels(settings, session),
            tuple(readers or readers_of(settings)),
        )
        yield _runtime(settings, given, clock)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What is open already, and what a caller may have replaced."""

    database: Database
    session: aiohttp.ClientSession
    redis: Redis | None
    sealer: Sealer
    channels: Mapping[str, Channel]
    readers: tuple[Reader, ...]


def _runtime(
    settings: Settings, parts: _Parts, clock: Callable[[], datetime]
) -> Runtime:
    database = parts.database
    turn_bell, outbox_bell = _bell(parts, "turns"), _bell(parts, "outbox")
    return Runtime(
        settings=settings,
        database=database,
        writer=Writer(
            database,
            Intake(database.dialect, _pace(settings)),
            turn_bell,
            clock=clock,
            rings_after=settings.debounce_seconds,
            waiting=settings.intake_queue,
        ),
        claims=Claims(
            database.dialect,
            lease=timedelta(seconds=settings.lease_seconds),
            tenant_cap=settings.turns_in_flight_per_tenant,
        ),
        directories=Directories(lambda: _directory(parts)),
        indexes=Indexes(_INDEXES),
        channels=parts.channels,
        readers=parts.readers,
        sinks={kind: make(parts.session) for kind, make in SINKS.items()},
        media=DirectoryStore(settings.media_dir),
        media_slots=asyncio.Semaphore(_DOWNLOADS),
        redis=parts.redis,
        turn_bell=turn_bell,
        outbox_bell=outbox_bell,
        metrics=Metrics(),
        open_secret=parts.sealer.open,
        signing_key=parts.sealer.derive("confirmation buttons"),
        clock=clock,
        new_id=new_id,
        jitter=random.random,
    )


def _bell(parts: _Parts, name: str) -> Bell:
    return RedisBell(parts.redis, f"chatorder:{name}") if parts.redis else LocalBell()


def _pace(settings: Settings) -> Pace:
    return Pace(
        debounce=timedelta(seconds=settings.debounce_seconds),
        cap=timedelta(seconds=settings.debounce_max_seconds),
    )


async def _directory(parts: _Parts) -> Directory:
    async with parts.database.reading() as connection:
        return await load_directory(connection, parts.sealer)


def _channels(
    settings: Settings, session: aiohttp.ClientSession
) -> Mapping[str, Channel]:
    given = Surroundings(
        session=session,
        graph_url=settings.graph_api_url,
        graph_version=settings.graph_api_version,
        media_hosts=frozenset(settings.media_hosts),
        media_limit=settings.media_limit_bytes,
        timeout=settings.outgoing_timeout_seconds,
    )
    return {kind: make(given) for kind, make in CHANNELS.items()}
