"""Changes of the catalog: a feed taken in, one product patched.

Every change raises the tenant's catalog revision in the same transaction, so that
every process notices that its index is old.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from operator import itemgetter
from types import EllipsisType

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Table,
    bindparam,
    delete,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.domain.product import Product, Variant
from catalog.record import Values, differs, product_values, variant_values
from catalog.table import product, tenant, variant

#: Products per statement: well within what databases take as parameters.
_BATCH = 400
_NEXT = {"version": product.c.version + 1}


class UnknownSku(Exception):
    """The tenant has neither a product nor a variant with that SKU."""


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """How many products (each with its variants) an import touched."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0


async def upsert_products(
    connection: AsyncConnection,
    tenant_id: str,
    products: Sequence[Product],
    *,
    new_id: Callable[[str], str],
    now: datetime,
) -> ImportCounts:
    """Add products, or change those whose SKU the tenant has.

    Known SKUs keep their ids and what is held back for orders; an empty `id` of a new
    one is replaced by a made one. A product's variants become exactly those given, and
    its stock what the merchant has. Doing it again changes nothing.
    """
    await lock_catalog(connection, tenant_id)
    writer = _Writer(connection, tenant_id, new_id, now)
    added = changed = 0
    for start in range(0, len(products), _BATCH):
        counts = await writer.write(products[start : start + _BATCH])
        added, changed = added + counts.added, changed + counts.changed
    if added or changed:
        await raise_revision(connection, tenant_id)
    return ImportCounts(added, changed, len(products) - added - changed)


async def lock_catalog(connection: AsyncConnection, tenant_id: str) -> None:
    """Let changes of a tenant's catalog come one after the other.

    Each sees what the last one did. Rows that only point to the tenant, such as the
    messages that arrive meanwhile, do not wait.
    """
    await connection.execute(
        select(tenant.c.id)
        .where(tenant.c.id == tenant_id)
        .with_for_update(key_share=True)
    )


async def set_product(
    connection: AsyncConnection,
    tenant_id: str,
    sku: str,
    *,
    price: Decimal | EllipsisType | None = ...,
    stock: Decimal | EllipsisType | None = ...,
    active: bool | EllipsisType = ...,
) -> None:
    """Change a product's (or a variant's) price or stock, or take it off the shelf.

    What is not given stays. Raises UnknownSku; a variant has no `active` of its own.
    """
    given = {"price": price, "stock": stock, "active": active}
    values = {column: value for column, value in given.items() if value is not ...}
    if not values:
        raise ValueError("nothing to change: give a price, a stock or active")
    for table in (product, variant):
        if not values.keys() <= set(table.c.keys()):
            continue
        changed = await connection.execute(
            update(table)
            .where(table.c.tenant_id == tenant_id, table.c.sku == sku)
            .values(values)
        )
        if changed.rowcount:
            await _raise_version(connection, tenant_id, sku)
            await raise_revision(connection, tenant_id)
            return
    raise UnknownSku(f"there is no product or variant with the SKU {sku!r} to change")


async def _raise_version(connection: AsyncConnection, tenant_id: str, sku: str) -> None:
    """Raise the version of the product that has this SKU, or a variant with it."""
    parent = select(variant.c.product_id).where(
        variant.c.tenant_id == tenant_id, variant.c.sku == sku
    )
    await connection.execute(
        update(product)
        .where(
            product.c.tenant_id == tenant_id,
            or_(product.c.sku == sku, product.c.id.in_(parent)),
        )
        .values(version=product.c.version + 1)
    )


async def raise_revision(connection: AsyncConnection, tenant_id: str) -> int:
    """Count a change of a tenant's catalog, and lock it; return its new revision."""
    raised = await connection.execute(
        update(tenant)
        .where(tenant.c.id == tenant_id)
        .values(catalog_rev=tenant.c.catalog_rev + 1)
        .returning(tenant.c.catalog_rev)
    )
    revision: int = raised.scalar_one()
    return revision


class _Writer:
    """Writes batches of one tenant's products in one transaction."""

    def __init__(
        self,
        connection: AsyncConnection,
        tenant_id: str,
        new_id: Callable[[str], str],
        now: datetime,
    ) -> None:
        self._connection = connection
        self._tenant_id = tenant_id
        self._new_id = new_id
        self._now = now

    async def write(self, products: Sequence[Product]) -> ImportCounts:
        stored = await self._stored(
            product, product.c.sku.in_([each.sku for each in products])
        )
        ids = {each.sku: self._id(each, stored, "prd") for each in products}
        forms, touched = await self._plan_variants(products, ids)
        rows = _sorted_out(
            stored,
            ({"id": ids[each.sku], **product_values(each)} for each in products),
            touched,
        )
        stamp = {"updated_at": self._now}
        await self._insert(product, [row | stamp for row in rows.added])
        await self._update(product, [row | stamp for row in rows.changed], _NEXT)
        await self._delete(variant, forms.gone)
        await self._insert(variant, forms.added)
        await self._update(variant, forms.changed)
        return ImportCounts(len(rows.added), len(rows.changed))

    async def _plan_variants(
        self, products: Sequence[Product], ids: Mapping[str, str]
    ) -> tuple["_Rows", set[str]]:
        """Return what to write, and the ids of the products that it changes."""
        given = [
            (ids[each.sku], place, form)
            for each in products
            for place, form in enumerate(each.variants)
        ]
        skus = {form.sku for _, _, form in given}
        stored = await self._stored(
            variant,
            or_(variant.c.sku.in_(skus), variant.c.product_id.in_(ids.values())),
        )
        values = (
            {
                "id": self._id(form, stored, "var"),
                "product_id": product_id,
                **variant_values(form, place),
            }
            for product_id, place, form in given
        )
        gone = [row for sku, row in stored.items() if sku not in skus]
        rows = replace(_sorted_out(stored, values), gone=[row["id"] for row in gone])
        touched = {values["product_id"] for values in (*rows.added, *rows.changed)}
        # A variant that moves is a change of the product that loses it, too.
        lost = [*gone, *(stored[values["sku"]] for values in rows.changed)]
        return rows, touched | {row["product_id"] for row in lost}

    def _id(
        self, each: Product | Variant, stored: Mapping[str, RowMapping], kind: str
    ) -> str:
        if each.sku in stored:
            known: str = stored[each.sku]["id"]
            return known
        return each.id or self._new_id(kind)

    async def _stored(
        self, table: Table, condition: ColumnElement[bool]
    ) -> dict[str, RowMapping]:
        rows = await self._connection.execute(
            select(table).where(table.c.tenant_id == self._tenant_id, condition)
        )
        return {row["sku"]: row for row in rows.mappings()}

    async def _insert(self, table: Table, rows: Sequence[Values]) -> None:
        if rows:
            owner = {"tenant_id": self._tenant_id}
            await self._connection.execute(insert(table), [row | owner for row in rows])

    async def _update(
        self, table: Table, rows: Sequence[Values], more: Values | None = None
    ) -> None:
        """Update rows in the order in which everybody locks them."""
        if rows:
            # Every column is named: SQLAlchemy takes those of the rows only when the
            # statement sets none itself.
            columns: Values = {name: bindparam(name) for name in rows[0]}
            await self._connection.execute(
                update(table)
                .where(table.c.id == bindparam("row_id"))
                .values({**columns, **(more or {})}),
                [
                    {"row_id": row["id"], **row}
                    for row in sorted(rows, key=itemgetter("id"))
                ],
            )

    async def _delete(self, table: Table, ids: Sequence[str]) -> None:
        if ids:
            await self._connection.execute(delete(table).where(table.c.id.in_(ids)))


@dataclass(frozen=True, slots=True)
class _Rows:
    """What must be written of one table."""

    added: Sequence[Values]
    changed: Sequence[Values]
    gone: Sequence[str] = ()  #: Ids of rows that nobody gave.


def _sorted_out(
    stored: Mapping[str, RowMapping],
    given: Iterable[Values],
    touched: AbstractSet[str] = frozenset(),
) -> _Rows:
    added, changed = [], []
    for values in given:
        row = stored.get(values["sku"])
        if row is None:
            added.append(values)
        elif values["id"] in touched or differs(values, row):
            changed.append(values)
    return _Rows(added, changed)
