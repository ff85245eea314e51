"""The galleries of this process: the prints of each shop's catalog pictures."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar
from weakref import WeakValueDictionary

from catalog.domain.gallery import Gallery
from catalog.pictures import prints_of

T = TypeVar("T")

#: Memory for all galleries of a process; a picture takes about 1.5 KB.
MOST_BYTES = 256 * 1024 * 1024
#: Pictures that are looked at in one moment: each takes a processor, and tens of MB.
AT_ONCE = 2
#: While a catalog is looked at its prints change all the time: a gallery is loaded
#: again after so many seconds at the earliest.
PAUSE = 10.0


@dataclass(frozen=True, slots=True)
class _Kept:
    revision: int
    loaded_at: float
    gallery: Gallery


class Galleries:
    """Keeps the galleries used last, and looks at a few pictures at a time."""

    def __init__(
        self,
        most_bytes: int = MOST_BYTES,
        *,
        at_once: int = AT_ONCE,
        pause: float = PAUSE,
    ) -> None:
        self._most_bytes, self._pause = most_bytes, pause
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        # A lock lives as long as somebody waits for it or holds it.
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._places = asyncio.Semaphore(at_once)

    async def current(
        self,
        tenant_id: str,
        revision: int,
        load: Callable[[], Awaitable[Mapping[str, str]]],
    ) -> Gallery:
        """Return the tenant's gallery as of that revision of its prints, or later.

        It may be an earlier one for `pause` seconds, and while a later one is loaded.
        """
        known = self._kept.get(tenant_id)
        lock = self._locks.setdefault(tenant_id, asyncio.Lock())
        if known is not None and (lock.locked() or not self._is_old(known, revision)):
            self._kept.move_to_end(tenant_id)
            return known.gallery
        async with lock:
            known = self._kept.get(tenant_id)
            if known is None or self._is_old(known, revision):
                stored = await load()
                gallery = await asyncio.to_thread(lambda: Gallery(prints_of(stored)))
                known = _Kept(revision, _now(), gallery)
                self._kept[tenant_id] = known
            self._kept.move_to_end(tenant_id)
        while len(self._kept) > 1 and self._nbytes() > self._most_bytes:
            self._kept.popitem(last=False)
        return known.gallery

    def _is_old(self, known: _Kept, revision: int) -> bool:
        waited = _now() - known.loaded_at
        return known.revision < revision and waited >= self._pause

    async def look(self, work: Callable[[], T]) -> T:
        """Run work on a picture beside the event loop, a few at a time."""
        async with self._places:
            return await asyncio.to_thread(work)

    def _nbytes(self) -> int:
        return sum(each.gallery.nbytes for each in self._kept.values())


def _now() -> float:
    return asyncio.get_running_loop().time()
