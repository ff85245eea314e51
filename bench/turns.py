"""Turns per second of one worker process, with all rows written.

    python -m bench.turns [--turns 2000] [--reader rules|slow] [--engine NAME]

The messages are stored first; then the worker starts, and the clock runs until every
turn is committed. `--reader slow` answers after two seconds, as a model does. Replies
go to a channel that takes them at once. Both engines are run unless one is named.
"""

import argparse
import asyncio
import json
import resource
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import ClassVar

import uvloop
from sqlalchemy import func, select

from bench.shop import SECRET_KEY, database_url, furnish
from bench.webhooks import NUMBER, body
from bot.channels import paces
from bot.channels.channel import Account, AccountFound, FetchedMedia, MediaGone
from bot.channels.failure import Action, SendRefused, SendUnavailable
from bot.channels.gate import Gate
from bot.channels.whatsapp_cloud.fitting import parts
from bot.channels.whatsapp_cloud.translate import translate
from bot.commands.serving import calm_collector
from bot.db.intake import Delivery, Intake, NewMessage, Pace
from bot.domain.message import Alias, InboundMessage, OutboundMessage, Received
from bot.domain.understanding import Intent, Understanding
from bot.inbox.table import analysis
from bot.reading.reader import Reading, ReadingRequest
from bot.runtime import Runtime
from bot.serving import upkeep, working
from bot.settings import Settings
from bot.telemetry import configure_logging
from bot.wiring import running

_CHUNK = 200


class Sponge:
    """A channel that takes everything at once."""

    kind: ClassVar[str] = "whatsapp"
    window: ClassVar[timedelta | None] = None
    pace: ClassVar[paces.Pace] = paces.UNLIMITED
    gate: ClassVar[Gate | None] = None
    numbered: ClassVar[bool] = False
    history_after: ClassVar[timedelta | None] = None

    def __init__(self) -> None:
        self.sent = 0

    async def count(self) -> int:
        return self.sent

    def translate(self, content: bytes) -> Sequence[Received]:
        return translate(content)

    def parts(self, message: OutboundMessage) -> Sequence[OutboundMessage]:
        return parts(message)

    def plain(self, message: OutboundMessage) -> OutboundMessage | None:
        del message
        return None

    def failure(self, code: int | None) -> SendRefused | SendUnavailable:
        return SendRefused("the message was refused", code=code, action=Action.REFUSE)

    async def check(self, account: Account) -> AccountFound:
        return AccountFound(name=account.external_id, number=None)

    async def send(
        self, account: Account, message: OutboundMessage, *, callback: str
    ) -> str:
        del account, message
        self.sent += 1
        return f"wamid.{callback}"

    async def mark_read(
        self,
        account: Account,
        provider_id: str,
        *,
        typing: bool,
        to: Alias | None = None,
    ) -> None:
        del account, provider_id, typing, to

    async def fetch(self, account: Account, media_id: str) -> FetchedMedia:
        raise MediaGone(f"{account.channel_id} has no {media_id}")


class SlowReader:
    """Understands nothing, after as long as a model takes."""

    name: ClassVar[str] = "slow"

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.at_once = self.most = 0

    async def read(self, request: ReadingRequest) -> Reading:
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        await asyncio.sleep(self._seconds)
        self.at_once -= 1
        return Reading(
            Understanding(intents=(Intent.GREET,), language=request.language),
            provider="slow",
            model="none",
        )


async def fill(runtime: Runtime, turns: int) -> None:
    """Store one message for each of so many people, due at once."""
    directory = await runtime.directories.current()
    entry = directory.channel("whatsapp", NUMBER)
    assert entry is not None
    intake = Intake(runtime.database.dialect, Pace(timedelta(0), timedelta(0)))
    messages = []
    for person in range(turns):
        (item,) = translate(body(person, person, "2 latte and a croissant please"))
        assert isinstance(item, InboundMessage)
        messages.append(
            NewMessage(
                id=runtime.new_id("msg"),
                tenant_id=entry.account.tenant_id,
                shard=entry.shard,
                channel_id=entry.account.channel_id,
                event="message",
                kind=item.content.type,
                provider_id=item.provider_id,
                aliases=tuple((a.kind, a.value) for a in item.sender.aliases),
                name=item.sender.name,
                content=item.content.model_dump_json(exclude_none=True),
                reply_to=None,
                # As if written now: what is old is gathered for seconds first.
                sent_at=runtime.clock(),
                contact_id=runtime.new_id("con"),
            )
        )
    for start in range(0, turns, _CHUNK):
        chunk = Delivery(tuple(messages[start : start + _CHUNK]))
        await runtime.database.run(partial(intake.storing, [chunk], runtime.clock()))


async def committed(runtime: Runtime) -> int:
    """Return how many turns are in the database."""
    async with runtime.database.reading() as connection:
        count = await connection.execute(select(func.count()).select_from(analysis))
        return int(count.scalar_one())


async def _until(
    count: Callable[[], Awaitable[int]], wanted: int, started: float
) -> float:
    """Return how many seconds after `started` so many were counted."""
    while await count() < wanted:  # noqa: ASYNC110  # the database tells nobody
        await asyncio.sleep(0.05)
    return time.perf_counter() - started


async def run(url: str, turns: int, reader: str, seconds: float) -> dict[str, object]:
    """Return what one run measured."""
    await furnish(url)
    settings = Settings(
        database_url=url,
        secret_key=SECRET_KEY,
        log_level="ERROR",
        turns_in_flight=turns,
        turns_in_flight_per_tenant=turns,
        debounce_seconds=0,
    )
    sponge, slow = Sponge(), SlowReader(seconds)
    readers = (slow,) if reader == "slow" else None
    async with running(
        settings, readers=readers, channels={"whatsapp": sponge}
    ) as runtime:
        await fill(runtime, turns)
        started = time.perf_counter()
        async with upkeep(runtime), working(runtime):
            took = await _until(lambda: committed(runtime), turns, started)
            all_sent = await _until(sponge.count, turns, started)
    return {
        "engine": runtime.database.dialect,
        "reader": reader,
        "turns": turns,
        "seconds": round(took, 2),
        "turns_per_second": round(turns / took),
        "seconds_until_all_replies_sent": round(all_sent, 2),
        "most_at_once": slow.most if reader == "slow" else None,
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def main() -> None:
    """Run once on each engine asked for and print a line of JSON each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=2000)
    parser.add_argument("--reader", choices=["rules", "slow"], default="rules")
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], action="append")
    options = parser.parse_args()
    configure_logging(level="ERROR")
    for engine in options.engine or ["sqlite", "postgresql"]:
        with database_url(engine) as url:
            calm_collector()
            measured = uvloop.run(
                run(url, options.turns, options.reader, options.seconds)
            )
            print(json.dumps(measured))


if __name__ == "__main__":
    main()
