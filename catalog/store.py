"""Products in the database. Every function works in the caller's transaction."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.changing import ImportCounts, UnknownSku, set_product, upsert_products
from catalog.domain.product import Product, Variant
from catalog.record import product_of, variant_of
from catalog.stock import Pair, available, consume, release, reserve
from catalog.table import product, tenant, variant

__all__ = [
    "ImportCounts",
    "Pair",
    "UnknownSku",
    "available",
    "catalog_revision",
    "consume",
    "load_products",
    "release",
    "reserve",
    "set_product",
    "upsert_products",
]

#: A large catalog is read so many rows at a time, and others have a turn between.
_ROWS = 50


async def load_products(connection: AsyncConnection, tenant_id: str) -> list[Product]:
    """Return all products of a tenant, active or not, oldest first.

    Their stock is what may still be sold: what is held back for orders is taken off.
    """
    found = await connection.stream(
        select(variant)
        .where(variant.c.tenant_id == tenant_id)
        .order_by(variant.c.product_id, variant.c.position)
    )
    variants: defaultdict[str, list[Variant]] = defaultdict(list)
    async for rows in found.mappings().partitions(_ROWS):
        for row in rows:
            variants[row["product_id"]].append(variant_of(row))
        await asyncio.sleep(0)
    listed = await connection.stream(
        select(product).where(product.c.tenant_id == tenant_id).order_by(product.c.id)
    )
    products: list[Product] = []
    async for rows in listed.mappings().partitions(_ROWS):
        products += (product_of(row, variants.get(row["id"], ())) for row in rows)
        await asyncio.sleep(0)
    return products


async def catalog_revision(
    connection: AsyncConnection, tenant_ids: Iterable[str]
) -> dict[str, int]:
    """Return how often each tenant's catalog has changed; unknown ids are left out."""
    rows = await connection.execute(
        select(tenant.c.id, tenant.c.catalog_rev).where(tenant.c.id.in_(tenant_ids))
    )
    return {row.id: row.catalog_rev for row in rows}
