"""Which apps and channels there are: a cached copy of a small, quiet table."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from bot.inbox.accounts import ChannelEntry, Directory

#: How old the copy may be: so long may a change in another process take to show.
MAX_AGE = 5.0
#: An unknown number makes us look at once, but not more often than this.
MIN_AGE = 0.5


class Directories:
    """Gives the current directory; reloads it when it is old."""

    def __init__(self, load: Callable[[], Awaitable[Directory]]) -> None:
        self._load = load
        self._directory: Directory | None = None
        self._loaded_at = 0.0
        self._lock = asyncio.Lock()

    async def current(self, *, fresh: bool = False) -> Directory:
        """Return the directory; `fresh` asks for one that was loaded just now.

        Raises DatabaseUnavailable when it must be loaded and cannot.
        """
        limit = MIN_AGE if fresh else MAX_AGE
        directory = self._directory
        if directory is not None and time.monotonic() - self._loaded_at < limit:
            return directory
        async with self._lock:
            if self._directory is None or time.monotonic() - self._loaded_at >= limit:
                self._directory = await self._load()
                self._loaded_at = time.monotonic()
            return self._directory

    async def channel(self, channel_id: str) -> ChannelEntry | None:
        """Return the channel with our id; None when it is really not there.

        Another process may have added it after our copy was made. Raises
        DatabaseUnavailable.
        """
        known = (await self.current()).channel_by_id(channel_id)
        return known or (await self.current(fresh=True)).channel_by_id(channel_id)
