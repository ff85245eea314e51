"""Everything that a running process holds, built once by `bot.wiring`."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from redis.asyncio import Redis

from bot.channels.channel import Channel
from bot.channels.media_store import MediaStore
from bot.db import Database
from bot.db.claims import Claims
from bot.inbox.directory import Directories
from bot.inbox.wake import Bell
from bot.inbox.writer import Writer
from bot.reading.reader import Reader
from bot.settings import Settings
from bot.telemetry import Metrics
from catalog.indexing import Indexes
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
    channels: Mapping[str, Channel]
    readers: tuple[Reader, ...]  #: Asked one after the other; the last always answers.
    sinks: Mapping[str, Sink]
    media: MediaStore
    media_slots: asyncio.Semaphore  #: Downloads at a time: each is held in memory.
    redis: Redis | None  #: Only to say how it is.
    turn_bell: Bell
    outbox_bell: Bell
    metrics: Metrics
    open_secret: Callable[[str], str]
    signing_key: bytes  #: Of confirmation buttons.
    clock: Callable[[], datetime]
    new_id: Callable[[str], str]
    jitter: Callable[[], float]
