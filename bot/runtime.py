"""Everything that a running process holds, built once by `bot.wiring`."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from aiohttp.abc import AbstractResolver
from redis.asyncio import Redis

from bot.channels.channel import Channel
from bot.channels.media_store import MediaStore
from bot.channels.picture_source import PictureSource
from bot.db import Database
from bot.db.claims import Claims
from bot.inbox.buckets import Buckets
from bot.inbox.directory import Directories
from bot.inbox.imports import Imports
from bot.inbox.news import News
from bot.inbox.tallying import Tally
from bot.inbox.wake import Bell
from bot.inbox.writer import Writer
from bot.reading.galleries import Galleries
from bot.reading.listening import Listener
from bot.reading.reader import Reader
from bot.settings import Settings
from bot.telemetry import Metrics
from catalog.indexing import Indexes
from orders.advice.markets import Markets
from orders.provisioning.announcing import Announcer
from orders.provisioning.ping import Pinger
from orders.provisioning.sink import Sink


@dataclass(frozen=True, slots=True)
class Runtime:
    """The parts of a process. Every one of them can be replaced when wiring it."""

    settings: Settings
    database: Database
    writer: Writer
    claims: Claims
    directories: Directories
    indexes: Indexes
    markets: Markets  #: What shops' orders teach, for advice.
    tally: Tally  #: Webhooks, by who proved them or did not.
    imports: Imports  #: Product files that came through the API.
    channels: Mapping[str, Channel]
    readers: tuple[Reader, ...]  #: Asked one after the other; the last always answers.
    listener: Listener | None  #: Writes voice notes down; None: nobody does.
    sinks: Mapping[str, Sink]
    public_sinks: Mapping[str, Sink]  #: Reach hosts of the public internet only.
    pinger: Pinger
    announcer: Announcer  #: Tells sinks what is about no order.
    public_hosts: AbstractResolver  #: Refuses every other host.
    media: MediaStore
    media_slots: asyncio.Semaphore  #: Downloads at a time: each is held in memory.
    galleries: Galleries  #: Knows the pictures of catalogs.
    picture_source: PictureSource  #: Where those come from.
    redis: Redis | None  #: Only to say how it is.
    buckets: Buckets  #: What was sent lately, by number and by customer.
    turn_bell: Bell
    outbox_bell: Bell
    news: News  #: Tells pages what changed.
    metrics: Metrics
    open_secret: Callable[[str], str]
    seal_secret: Callable[[str], str]
    signing_key: bytes  #: Of confirmation buttons.
    first_run_key: bytes  #: What the code of the first-run page follows from.
    old_signing_keys: tuple[bytes, ...]  #: Of those that phones still show.
    clock: Callable[[], datetime]
    new_id: Callable[[str], str]
    jitter: Callable[[], float]
