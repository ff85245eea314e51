"""Read ticks and typing dots: nice to have, never in the way.

They are not kept: when too many wait, or the provider does not answer, they go.
"""

import asyncio
import contextlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.db import DatabaseUnavailable
from bot.db.batcher import BatcherFull
from bot.db.claims import Claim
from bot.domain.message import SILENT_TYPES, Alias
from bot.domain.snapshot import Owner
from bot.domain.ticking import ticked
from bot.inbox.accounts import ChannelState
from bot.runtime import Runtime
from bot.worker.loading import Loaded
from bot.worker.standing import Standings
from orders.outbox.delivery import DeliveryError

_WAITING = 200
_SENDERS = 8
#: Typing dots that come after the answer are worse than none.
_TIMEOUT = 3.0
#: Platforms take typing dots away after 25 seconds (Meta's Cloud API reference); while
#: a turn still works they are shown anew before that.
_SHOWN_FOR = timedelta(seconds=20)
#: How often we look whose are about to go, seconds.
_LOOK = 1.0


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
    # Who is muted is another program: dots would promise it an answer.
    return Sight(
        loaded.channel_id,
        newest.provider_id,
        typing=bool(spoken) and not loaded.memory.loop.muted,
        to=loaded.contact.address,
    )


@dataclass(frozen=True, slots=True)
class _Typing:
    """Typing dots of a turn that is at work."""

    sight: Sight
    conversation_id: str
    shown_at: datetime


class Courtesy:
    """Sends courtesies in the background, a few at a time."""

    def __init__(
        self,
        runtime: Runtime,
        standings: Standings | None = None,
        *,
        look: float = _LOOK,
    ) -> None:
        """`standings` tell who has a conversation now; None: dots are not renewed."""
        self._runtime = runtime
        self._standings = standings
        self._look = look
        self._queue: asyncio.Queue[tuple[Sight, Claim | None]] = asyncio.Queue(
            maxsize=_WAITING
        )
        self._typing: dict[Claim, _Typing] = {}

    def show(self, sight: Sight) -> None:
        """Show that we saw a message. Never waits, never raises."""
        with contextlib.suppress(asyncio.QueueFull):
            self._queue.put_nowait((sight, None))

    def begin(self, claim: Claim, sight: Sight) -> None:
        """Show it, and go on typing until the turn ends: `end`."""
        self.show(sight)
        if sight.typing:
            now = self._runtime.clock()
            self._typing[claim] = _Typing(sight, claim.conversation_id, now)

    def end(self, claim: Claim) -> None:
        """Show nothing more of a turn that is not at work any longer."""
        self._typing.pop(claim, None)

    async def run(self) -> None:
        """Send until cancelled."""
        async with asyncio.TaskGroup() as group:
            for _ in range(_SENDERS):
                group.create_task(self._send())
            group.create_task(self._renew())

    async def _renew(self) -> None:
        """Type on for turns that take long, where the bot may still be seen."""
        while True:
            await asyncio.sleep(self._look)
            now = self._runtime.clock()
            for claim in list(self._typing):
                typing = self._typing.get(claim)  # Turns end while we look.
                if typing is None or now - typing.shown_at < _SHOWN_FOR:
                    continue
                self._typing[claim] = replace(typing, shown_at=now)
                if await self._may_be_seen(typing.conversation_id):
                    with contextlib.suppress(asyncio.QueueFull):
                        self._queue.put_nowait((typing.sight, claim))
                else:
                    self.end(claim)

    async def _may_be_seen(self, conversation_id: str) -> bool:
        if self._standings is None:
            return False
        try:
            standing = await self._standings.of(conversation_id)
        except (DatabaseUnavailable, BatcherFull):
            return False
        return (
            standing is not None
            and standing.owner is Owner.BOT
            and not standing.opted_out
        )

    async def _send(self) -> None:
        while True:
            sight, claim = await self._queue.get()
            if claim is not None and claim not in self._typing:
                continue  # The turn ended meanwhile.
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
