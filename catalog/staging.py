"""The switch at the end of an import: staged rows become the catalog, at once.

Rows are staged in small transactions that keep nobody waiting. The switch copies them
from table to table inside the database: some tens of microseconds a product.
"""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Table,
    and_,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.comparing import Planned
from catalog.import_table import catalog_import, staged_product, staged_variant
from catalog.jobs import LIVE
from catalog.record import Values
from catalog.storage import Storage
from catalog.table import product, variant

#: Products that are forgotten in one transaction.
_CLEARED = 2000
_NEW, _KEPT, _GONE = "new", "kept", "gone"
#: PostgreSQL has no statistics of rows that were staged a moment ago: it takes them
#: for one row and reads the other table for each. Measured with 30,000 products: 20 s
#: a statement instead of 0.3 s. Rows are found by their primary keys, and only so.
_BY_KEY = (
    "SET LOCAL plan_cache_mode = force_custom_plan",
    "SET LOCAL enable_seqscan = off",
    "SET LOCAL enable_hashjoin = off",
    "SET LOCAL enable_mergejoin = off",
)

Span = tuple[int, int]  #: The first and the last place of some staged products.


async def stage(
    connection: AsyncConnection,
    import_id: str,
    planned: Sequence[Planned],
    new_id: Callable[[str], str],
) -> None:
    """Put products beside the catalog."""
    wholes: list[Values] = []
    parts: list[Values] = []
    gone: list[Values] = []
    for each in planned:
        place: Values = {"import_id": import_id, "place": each.given.place}
        product_id = each.id or new_id("prd")
        wholes.append(
            {**place, "id": product_id, "is_new": each.id is None, **each.given.values}
        )
        for form in each.given.variants:
            stored = each.forms.get(form.sku)
            kept = {"id": stored or new_id("var"), "fate": _KEPT if stored else _NEW}
            parts.append({**place, **kept, "product_id": product_id, **form.values})
        gone += [{**place, "id": form_id, "fate": _GONE} for form_id in each.gone]
    for table, rows in (
        (staged_product, wholes),
        (staged_variant, parts),
        (staged_variant, gone),
    ):
        if rows:
            await connection.execute(insert(table), rows)


async def switch(
    connection: AsyncConnection,
    import_id: str,
    tenant_id: str,
    spans: Sequence[Span],
    *,
    columns: AbstractSet[str],
    now: datetime,
) -> None:
    """Make the staged products those of the catalog; the caller holds its lock.

    Known SKUs keep their ids and what is held back for orders; `columns` are what is
    set of them.
    """
    copy = _Copy(connection, import_id, tenant_id, columns, now)
    if connection.dialect.name == "postgresql":
        for setting in _BY_KEY:
            await connection.execute(text(setting))
        await copy.lock(product, staged_product)
        await copy.lock(variant, staged_variant)
    for span in spans:
        await copy.products(span)
    if "parent_sku" in columns:
        for span in spans:
            await copy.variants(span)


async def tell_planner(connection: AsyncConnection) -> None:
    """Let PostgreSQL see how much there is now, before it does so by itself.

    Until then it expects an almost empty catalog, and reads all of it to find little.
    """
    if connection.dialect.name == "postgresql":
        await connection.execute(text("ANALYZE product, variant"))


async def abandoned(connection: AsyncConnection) -> Sequence[str]:
    """Return the imports that have ended and left staged rows behind."""
    found = await connection.execute(
        select(catalog_import.c.id).where(
            catalog_import.c.state.not_in(LIVE),
            exists().where(staged_product.c.import_id == catalog_import.c.id),
        )
    )
    return list(found.scalars())


async def clear(storage: Storage, import_id: str) -> None:
    """Forget what an import has staged, a little at a time."""
    while await storage.retried(lambda connection: _clear_some(connection, import_id)):
        pass


async def _clear_some(connection: AsyncConnection, import_id: str) -> bool:
    """Forget some staged products; return whether there are more."""
    place = staged_product.c.place
    following = (
        select(place)
        .where(staged_product.c.import_id == import_id)
        .order_by(place)
        .offset(_CLEARED)
        .limit(1)
    )
    bound = (await connection.execute(following)).scalar_one_or_none()
    for table in (staged_variant, staged_product):
        forgotten = delete(table).where(table.c.import_id == import_id)
        if bound is not None:
            forgotten = forgotten.where(table.c.place < bound)
        await connection.execute(forgotten)
    return bound is not None


class _Copy:
    """Copies the staged rows of one import."""

    def __init__(
        self,
        connection: AsyncConnection,
        import_id: str,
        tenant_id: str,
        columns: AbstractSet[str],
        now: datetime,
    ) -> None:
        self._connection = connection
        self._import_id = import_id
        self._tenant_id = tenant_id
        self._columns = columns
        self._stamp = {"updated_at": literal(now, product.c.updated_at.type)}

    async def lock(self, table: Table, staged: Table) -> None:
        """Lock what will change in the order in which everybody locks it."""
        locked = (
            select(table.c.id)
            .where(table.c.id == staged.c.id, self._ours(staged))
            .order_by(table.c.id)
            .with_for_update(of=table)
        )
        counted = select(func.count()).select_from(locked.subquery())
        await self._connection.execute(counted)

    async def products(self, span: Span) -> None:
        """Change the known ones, add the others."""
        within = self._ours(staged_product, span)
        values = {**self._set(product, staged_product), **self._stamp}
        await self._connection.execute(
            update(product)
            .where(
                product.c.id == staged_product.c.id, within, ~staged_product.c.is_new
            )
            .values({**values, "version": product.c.version + 1})
        )
        new = {**_all(product, staged_product), **self._stamp}
        await self._add(product, new, and_(within, staged_product.c.is_new))

    async def variants(self, span: Span) -> None:
        """Make the variants of products exactly those given."""
        within = self._ours(staged_variant, span)
        fate = staged_variant.c.fate
        gone = select(staged_variant.c.id).where(within, fate == _GONE)
        await self._connection.execute(delete(variant).where(variant.c.id.in_(gone)))
        await self._connection.execute(
            update(variant)
            .where(variant.c.id == staged_variant.c.id, within, fate == _KEPT)
            .values(self._set(variant, staged_variant, "product_id", "position"))
        )
        new = _all(variant, staged_variant)
        await self._add(variant, new, and_(within, fate == _NEW))

    async def _add(
        self,
        table: Table,
        values: dict[str, ColumnElement[Any]],
        condition: ColumnElement[bool],
    ) -> None:
        owned = {**values, "tenant_id": literal(self._tenant_id)}
        new = select(*list(owned.values())).where(condition)
        await self._connection.execute(insert(table).from_select([*owned], new))

    def _ours(self, staged: Table, span: Span | None = None) -> ColumnElement[bool]:
        ours = staged.c.import_id == self._import_id
        return and_(ours, staged.c.place.between(*span)) if span else ours

    def _set(
        self, table: Table, staged: Table, *always: str
    ) -> dict[str, ColumnElement[Any]]:
        columns = (self._columns | set(always)) - {"sku"}
        values = _all(table, staged)
        return {name: value for name, value in values.items() if name in columns}


def _all(table: Table, staged: Table) -> dict[str, ColumnElement[Any]]:
    names = set(table.c.keys()) & set(staged.c.keys())
    return {name: staged.c[name] for name in sorted(names)}
