"""The indexes of this process: one per tenant, built when its catalog has changed."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from weakref import WeakValueDictionary

from catalog.domain.index import Index
from catalog.domain.language import LanguagePack
from catalog.domain.product import Product


class Indexes:
    """Keeps the indexes of the `capacity` tenants used last.

    An index is built beside the event loop and replaced whole: whoever holds the old
    one finishes with it. Only one task at a time builds a tenant's; the others wait.
    """

    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise ValueError(f"a capacity of {capacity} holds no index: give 1 or more")
        self._capacity = capacity
        self._indexes: OrderedDict[str, Index] = OrderedDict()
        # A lock lives as long as somebody waits for it or holds it.
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def current(
        self,
        tenant_id: str,
        revision: int,
        load: Callable[[], Awaitable[list[Product]]],
        languages: Sequence[LanguagePack],
    ) -> Index:
        """Return the tenant's index as of that catalog revision, or a later one.

        `load` reads the products as they are by now; what it raises is raised here,
        and the next caller tries again.
        """
        index = self._cached(tenant_id, revision)
        if index is not None:
            return index
        lock = self._locks.setdefault(tenant_id, asyncio.Lock())
        async with lock:
            index = self._cached(tenant_id, revision)
            if index is None:
                products = await load()
                index = await asyncio.to_thread(
                    Index.build, products, languages, revision=revision
                )
                self._keep(tenant_id, index)
        return index

    def _cached(self, tenant_id: str, revision: int) -> Index | None:
        index = self._indexes.get(tenant_id)
        if index is None or index.revision < revision:
            return None
        self._indexes.move_to_end(tenant_id)
        return index

    def _keep(self, tenant_id: str, index: Index) -> None:
        self._indexes[tenant_id] = index
        self._indexes.move_to_end(tenant_id)
        if len(self._indexes) > self._capacity:
            self._indexes.popitem(last=False)
