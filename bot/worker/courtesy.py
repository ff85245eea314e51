"""Read ticks and typing dots: nice to have, never in the way.

They are not kept: when too many wait, or the provider does not answer, they go.
"""

import asyncio
import contextlib
from dataclasses import dataclass

from bot.runtime import Runtime
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
            directory = await self._runtime.directories.current()
            entry = directory.channel_by_id(sight.channel_id)
            if entry is None or entry.state != "active":
                continue
            channel = self._runtime.channels[entry.kind]
            with contextlib.suppress(DeliveryError, TimeoutError):
                async with asyncio.timeout(_TIMEOUT):
                    await channel.mark_read(
                        entry.account, sight.provider_id, typing=sight.typing
                    )
