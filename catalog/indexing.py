"""The indexes of this process: one per tenant, brought up to date when asked for."""

import asyncio
import sys
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from weakref import WeakValueDictionary

from catalog.domain.index import Index
from catalog.domain.language import LanguagePack
from catalog.domain.product import Product
from catalog.language import load_chatter

#: An index is built anew when more than this share of it has changed, and more than so
#: many products: below that a small part beside the large one costs less.
_MERGED_SHARE, _MERGED = 0.1, 500
#: Memory for all indexes of a process, unless told otherwise.
DEFAULT_BYTES = 512 * 1024 * 1024
#: Seconds after which a thread that builds lets the event loop have its turn. Python's
#: own five milliseconds would be added to everything that the loop waits for.
_TURN = 0.0005


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened to a catalog after a revision."""

    products: Sequence[Product]  #: Added or changed, as they are by now.
    removed: Sequence[str]  #: Ids.


class Indexes:
    """Keeps the indexes of the `capacity` tenants used last, within so many bytes.

    An index is built beside the event loop and replaced whole: whoever holds the old
    one finishes with it. Only one task at a time builds a tenant's; the others wait.
    """

    def __init__(self, capacity: int, most_bytes: int = DEFAULT_BYTES) -> None:
        if capacity < 1:
            raise ValueError(f"a capacity of {capacity} holds no index: give 1 or more")
        self._capacity = capacity
        self._most_bytes = most_bytes
        self._indexes: OrderedDict[str, Index] = OrderedDict()
        # A lock lives as long as somebody waits for it or holds it.
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._building = 0
        self._usual_turn = _TURN  #: What it was before the first that is building.

    async def current(
        self,
        tenant_id: str,
        revision: int,
        load: Callable[[], Awaitable[Iterable[Product]]],
        languages: Sequence[LanguagePack],
        changes: Callable[[int], Awaitable[Changes | None]] | None = None,
    ) -> Index:
        """Return the tenant's index as of that catalog revision, or a later one.

        `load` reads the products as they are by now; `changes`, where there is one,
        only those that changed after a revision (None: it cannot tell). What they raise
        is raised here, and the next caller tries again.
        """
        index = self._cached(tenant_id, revision)
        if index is not None:
            return index
        lock = self._locks.setdefault(tenant_id, asyncio.Lock())
        async with lock:
            index = self._cached(tenant_id, revision)
            if index is None:
                index = await self._changed(tenant_id, revision, changes)
            if index is None:
                products = await load()
                index = await self._beside(
                    partial(build_index, products, languages, revision=revision)
                )
            self._keep(tenant_id, index)
        return index

    async def _changed(
        self,
        tenant_id: str,
        revision: int,
        changes: Callable[[int], Awaitable[Changes | None]] | None,
    ) -> Index | None:
        """Return the index that we have with what has changed, if that is little."""
        old = self._indexes.get(tenant_id)
        found = await changes(old.revision) if old and changes else None
        if old is None or found is None:
            return None
        count = old.changes + len(found.products) + len(found.removed)
        if count > max(_MERGED, _MERGED_SHARE * len(old.products)):
            return None
        return await self._beside(
            partial(old.changed, found.products, found.removed, revision=revision)
        )

    async def _beside(self, build: Callable[[], Index]) -> Index:
        """Build beside the event loop, which has short waits for its turns."""
        if not self._building:
            self._usual_turn = sys.getswitchinterval()
            sys.setswitchinterval(min(_TURN, self._usual_turn))
        self._building += 1
        try:
            return await asyncio.to_thread(build)
        finally:
            self._building -= 1
            if not self._building:
                sys.setswitchinterval(self._usual_turn)

    def _cached(self, tenant_id: str, revision: int) -> Index | None:
        index = self._indexes.get(tenant_id)
        if index is None or index.revision < revision:
            return None
        self._indexes.move_to_end(tenant_id)
        return index

    def _keep(self, tenant_id: str, index: Index) -> None:
        self._indexes[tenant_id] = index
        self._indexes.move_to_end(tenant_id)
        while len(self._indexes) > self._capacity or self._is_full():
            self._indexes.popitem(last=False)

    def _is_full(self) -> bool:
        """Return whether all but the last used index should make room."""
        total = sum(index.nbytes for index in self._indexes.values())
        return len(self._indexes) > 1 and total > self._most_bytes


def build_index(
    products: Iterable[Product],
    languages: Sequence[LanguagePack],
    *,
    revision: int = 0,
) -> Index:
    """Return an index as the product builds it: with the talk of all languages."""
    chatter = load_chatter()
    return Index.build(products, languages, revision=revision, chatter=chatter)
