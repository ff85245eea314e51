"""Builds a runtime from settings. The one place where concrete parts are chosen."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import aiohttp
from pydantic import SecretStr
from redis.asyncio import Redis
from yarl import URL

from bot.channels.channel import Channel
from bot.channels.media_store import DirectoryStore, MediaStore
from bot.channels.picture_source import PictureSource
from bot.channels.registry import CHANNELS, Surroundings
from bot.channels.s3_store import Bucket, S3Missing, open_bucket
from bot.db import Database
from bot.db.claims import Claims
from bot.db.intake import Intake, Pace
from bot.ident import new_id, utc_now
from bot.inbox.buckets import Buckets
from bot.inbox.directory import Directories, Directory, load_directory
from bot.inbox.imports import Imports
from bot.inbox.news import LocalNews, News, RedisNews
from bot.inbox.tallying import Tally
from bot.inbox.wake import Bell, LocalBell, RedisBell
from bot.inbox.writer import Writer
from bot.reading.budget import Budget
from bot.reading.galleries import Galleries
from bot.reading.guarding import Purse
from bot.reading.listening import Listener
from bot.reading.openai.redacting import Personal
from bot.reading.openai.surroundings import Limits, Reads
from bot.reading.openai.surroundings import Surroundings as OpenAISurroundings
from bot.reading.reader import Reader
from bot.reading.registry import CHAINS, READERS, Senses
from bot.runtime import Runtime
from bot.sealing import Sealer
from bot.settings import Settings, SettingsError
from bot.telemetry import Metrics
from catalog.indexing import Indexes
from orders.advice.markets import Markets
from orders.provisioning.announcing import Announcer
from orders.provisioning.ping import Pinger
from orders.provisioning.public import PublicResolver, public_socket
from orders.provisioning.registry import SINKS

#: Indexes that one process keeps in memory.
_INDEXES = 256
#: Media that one process downloads at a time, each of up to MEDIA_LIMIT_BYTES.
_DOWNLOADS = 8
_USER_AGENT = "chatorder"
#: Of a turn's time a model's reading takes at most this part: it ends by itself, with a
#: reason, before the turn's time is over.
_SHARE = 0.9
#: What confirmation buttons are signed for.
_BUTTONS = "confirmation buttons"


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


def chain_of(settings: Settings) -> Sequence[str]:
    """Return the names of those who read, in the order of asking."""
    names = CHAINS[settings.reader]
    has_service = settings.openai_api_key is not None
    return [name for name in names if has_service or name != "openai"]


@asynccontextmanager
async def running(
    settings: Settings,
    *,
    readers: Sequence[Reader] | None = None,
    channels: Mapping[str, Channel] | None = None,
    clock: Callable[[], datetime] = utc_now,
    read_only: bool = False,
) -> AsyncIterator[Runtime]:
    """Yield a runtime; close everything afterwards.

    Every part may be replaced by argument. `read_only`: the database itself refuses
    every write. Raises SettingsError for what is missing.
    """
    sealer = sealer_of(settings)
    async with AsyncExitStack() as stack:
        database = Database.open(
            settings.database_url,
            pool_size=settings.database_pool_size,
            patience=settings.database_wait_seconds,
            read_only=read_only,
        )
        stack.push_async_callback(database.close)
        session = await stack.enter_async_context(_session(settings))
        public_hosts = PublicResolver()
        public = await stack.enter_async_context(_session(settings, public_hosts))
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
        metrics = Metrics()
        senses = [Senses(reader) for reader in readers or ()]
        if not senses:
            service = service_of(settings, _purse(settings, database, metrics, clock))
            for name in chain_of(settings):
                sense = await stack.enter_async_context(READERS[name](service))
                senses.append(sense)
        given = _Parts(
            database,
            session,
            public,
            public_hosts,
            redis,
            sealer,
            channels or channels_of(settings, session, public),
            senses,
            metrics,
        )
        yield _runtime(settings, given, clock)


def _session(
    settings: Settings, resolver: PublicResolver | None = None
) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=settings.outgoing_timeout_seconds),
        headers={"User-Agent": _USER_AGENT},
        # What is sent at once is bounded by the worker.
        connector=aiohttp.TCPConnector(
            limit=0,
            limit_per_host=0,
            resolver=resolver,
            socket_factory=public_socket if resolver else None,
        ),
    )


@dataclass(frozen=True, slots=True)
class _Parts:
    """What is open already, and what a caller may have replaced."""

    database: Database
    session: aiohttp.ClientSession
    public: aiohttp.ClientSession  #: Reaches hosts of the public internet only.
    public_hosts: PublicResolver
    redis: Redis | None
    sealer: Sealer
    channels: Mapping[str, Channel]
    senses: Sequence[Senses]
    metrics: Metrics


def _runtime(
    settings: Settings, parts: _Parts, clock: Callable[[], datetime]
) -> Runtime:
    database = parts.database
    turn_bell, outbox_bell = _bell(parts, "turns"), _bell(parts, "outbox")
    news = _news(parts)
    return Runtime(
        settings=settings,
        database=database,
        writer=_writer(settings, database, turn_bell, news, clock),
        claims=Claims(
            database.dialect,
            lease=timedelta(seconds=settings.lease_seconds),
            tenant_cap=settings.turns_in_flight_per_tenant,
        ),
        directories=Directories(lambda: _directory(parts)),
        indexes=Indexes(_INDEXES),
        markets=Markets(),
        tally=Tally(database, clock),
        imports=Imports(database, new_id=new_id, clock=clock, news=news),
        channels=parts.channels,
        readers=tuple(each.reader for each in parts.senses),
        listener=_listener(parts.senses),
        sinks={kind: make(parts.session) for kind, make in SINKS.items()},
        public_sinks={kind: make(parts.public) for kind, make in SINKS.items()},
        pinger=Pinger(parts.session, parts.public),
        announcer=Announcer(parts.session, parts.public),
        public_hosts=parts.public_hosts,
        media=media_store_of(settings),
        media_slots=asyncio.Semaphore(_DOWNLOADS),
        galleries=Galleries(),
        picture_source=_picture_source(settings, parts),
        redis=parts.redis,
        buckets=Buckets(parts.redis, clock),
        turn_bell=turn_bell,
        outbox_bell=outbox_bell,
        news=news,
        metrics=parts.metrics,
        open_secret=parts.sealer.open,
        seal_secret=parts.sealer.seal,
        signing_key=parts.sealer.derive(_BUTTONS),
        first_run_key=parts.sealer.derive("first run"),
        old_signing_keys=parts.sealer.derive_old(_BUTTONS),
        clock=clock,
        new_id=new_id,
        jitter=random.random,
    )


def _writer(
    settings: Settings,
    database: Database,
    bell: Bell,
    news: News,
    clock: Callable[[], datetime],
) -> Writer:
    return Writer(
        database,
        Intake(database.dialect, _pace(settings)),
        bell,
        news,
        clock=clock,
        rings_after=settings.debounce_seconds,
        waiting=settings.intake_queue,
        new_id=new_id,
    )


def media_store_of(settings: Settings) -> MediaStore:
    """Return where media is kept: a folder or a bucket. Raises SettingsError."""
    if settings.media_url is None:
        return DirectoryStore(settings.media_dir)
    name, _, folder = settings.media_url.removeprefix("s3://").partition("/")
    secret = settings.media_secret_key
    bucket = Bucket(
        name,
        prefix=folder.strip("/"),
        endpoint=settings.media_endpoint,
        region=settings.media_region,
        access_key=settings.media_access_key,
        secret_key=secret.get_secret_value() if secret else None,
    )
    try:
        return open_bucket(bucket)
    except S3Missing as missing:
        raise SettingsError(f"CHATORDER_MEDIA_URL: {missing}") from None


def _picture_source(settings: Settings, parts: _Parts) -> PictureSource:
    return PictureSource(
        parts.session,
        parts.public,
        parts.public_hosts,
        own=URL(settings.public_url) if settings.public_url else None,
        hosts=frozenset(settings.catalog_picture_hosts),
        limit=settings.catalog_picture_limit_bytes,
        private=settings.allow_private_hosts,
    )


def _listener(senses: Sequence[Senses]) -> Listener | None:
    return next((each.listener for each in senses if each.listener), None)


def _purse(
    settings: Settings,
    database: Database,
    metrics: Metrics,
    clock: Callable[[], datetime],
) -> Purse:
    return Budget(
        database,
        settings.openai_daily_budget,
        clock=clock,
        alert=metrics.count_budget,
    )


def service_of(
    settings: Settings, purse: Purse, *, prompt: str | None = None
) -> OpenAISurroundings | None:
    """Return what the OpenAI reader needs, None without a key.

    `purse` pays; `prompt` is the version to read with, None: the one in use.
    """
    key = settings.openai_api_key
    if key is None:
        return None
    thinks = settings.openai_reasoning
    return OpenAISurroundings(
        api_key=key.get_secret_value(),
        base_url=settings.openai_base_url,
        reads=Reads(
            model=settings.openai_model,
            vision_model=settings.openai_vision_model,
            seconds=settings.turn_budget_seconds * _SHARE,
            hidden=tuple(Personal(e) for e in settings.openai_hides if e != "nothing"),
            prompt=prompt,
        ),
        limits=Limits(
            seconds=settings.openai_timeout_seconds,
            effort=None if thinks == "default" else thinks,
        ),
        transcribe_model=settings.openai_transcribe_model,
        purse=purse,
        clock=time.monotonic,
        per_hour=settings.openai_readings_per_hour,
        longest_sound=settings.openai_voice_seconds,
    )


def _bell(parts: _Parts, name: str) -> Bell:
    return RedisBell(parts.redis, f"chatorder:{name}") if parts.redis else LocalBell()


def _news(parts: _Parts) -> News:
    if parts.redis is None:
        return LocalNews()
    return RedisNews(parts.redis, "chatorder:news", new_id("process"))


def _pace(settings: Settings) -> Pace:
    return Pace(
        debounce=timedelta(seconds=settings.debounce_seconds),
        cap=timedelta(seconds=settings.debounce_max_seconds),
    )


async def _directory(parts: _Parts) -> Directory:
    async with parts.database.reading() as connection:
        return await load_directory(connection, parts.sealer)


def channels_of(
    settings: Settings,
    session: aiohttp.ClientSession,
    public: aiohttp.ClientSession | None = None,
) -> Mapping[str, Channel]:
    """Return every kind of channel, speaking through a session.

    `public` reaches hosts of the public internet only, for accounts that must be there.
    """
    given = Surroundings(
        session=session,
        graph_url=settings.graph_api_url,
        graph_version=settings.graph_api_version,
        media_hosts=frozenset(settings.media_hosts),
        media_limit=settings.media_limit_bytes,
        timeout=settings.outgoing_timeout_seconds,
        public=public,
    )
    return {kind: make(given) for kind, make in CHANNELS.items()}
