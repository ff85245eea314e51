"""Who watches is told which subjects changed; each watcher then looks itself."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager


class News:
    """Subjects that changed, for any number of watchers.

    A watcher that is slow hears of a subject once, however often it changed: what it
    then reads is new anyway.
    """

    def __init__(self) -> None:
        self._watchers: set[_Watcher] = set()
        self._is_closed = False

    def tell(self, subject: str) -> None:
        """Say that a subject changed, for example a phone, by its number."""
        for watcher in self._watchers:
            watcher.changed[subject] = None
            watcher.bell.set()

    def close(self) -> None:
        """End every watching, so that a server can stop."""
        self._is_closed = True
        for watcher in self._watchers:
            watcher.bell.set()

    @contextmanager
    def watching(self) -> Iterator[AsyncIterator[str]]:
        """Give the subjects that change from now on, until the news are closed."""
        watcher = _Watcher()
        self._watchers.add(watcher)
        try:
            yield self._subjects(watcher)
        finally:
            self._watchers.discard(watcher)

    async def _subjects(self, watcher: "_Watcher") -> AsyncIterator[str]:
        while not self._is_closed:
            await watcher.bell.wait()
            watcher.bell.clear()
            while watcher.changed:
                subject = next(iter(watcher.changed))
                del watcher.changed[subject]
                yield subject


class _Watcher:
    def __init__(self) -> None:
        self.changed: dict[str, None] = {}
        self.bell = asyncio.Event()
