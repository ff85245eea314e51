"""Read ticks and typing dots: nice to have, never in the way.

They are not kept: when too many wait, or the provider does not answer, they go.
"""

import asyncio
import contextlib
from dataclasses import dataclass

from bot.db import DatabaseUnavailable
from bot.domain.message import SILENT_TYPES, Alias
from bot.domain.snapshot import Owner
from bot.domain.ticking import ticked
from bot.inbox.accounts import ChannelState
from bot.runtime import Runtime
from bot.worker.loading import Loaded
from orders.outbox.delivery import DeliveryError

_WAITING = 200
_SENDERS = 8
#: Typing dots that come after the answer are worse than none.
_TIMEOUT = 3.0


@dataclass(frozen=True, slots=True)
class Sight:
    """A message that we have seen and are going to answer."""

    channel_id: str
    provider_id: str
    typing: bool
    to: Alias | None = None  #: Who wrote it.


def sight_of(loaded: Loaded) -> Sight | None:
    """Return what to show before a turn; None when the bot must stay out of sight."""
    if loaded.owner is not Owner.BOT or loaded.contact.opted_out:
        return None
    # A reaction gets no answer: neither is it typed at.
    theirs = [m for m in loaded.messages if not ticked(m.content)]
    spoken = [m for m in theirs if m.content.type not in SILENT_TYPES]
    newest = max(spoken or theirs, key=lambda m: m.seq, default=None)
    if newest is None or newest.provider_id is None:
        return None
    return Sight(
        loaded.channel_id,
        newest.provider_id,
        typing=bool(spoken),
        to=loaded.contact.address,
    )


class Courtesy:
    """Sends courtesies in the background, a few at a time."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._queue: asyncio.Queue[Sight] = asyncio.Queue(maxsize=_WAITING)

    def show(self, sight: Sight) -> None:
        """Show that we saw a message. Never waits, never raises."""
        with contextlib.suppress(asyncio.QueueFull):
            self._queue.put_nowait(sight)

    async def run(self) -> None:
        """Send until cancelled."""
        async with asyncio.TaskGroup() as group:
            for _ in range(_SENDERS):
                group.create_task(self._send())

    async def _send(self) -> None:
        while True:
            sight = await self._queue.get()
            with contextlib.suppress(DeliveryError, DatabaseUnavailable, TimeoutError):
                async with asyncio.timeout(_TIMEOUT):
                    await self._mark(sight)

    async def _mark(self, sight: Sight) -> None:
        entry = await self._runtime.directories.channel(sight.channel_id)
        if entry is None or entry.state is not ChannelState.ACTIVE:
            return
        channel = self._runtime.channels[entry.kind]
        await channel.mark_read(
            entry.account, sight.provider_id, typing=sight.typing, to=sight.to
        )
