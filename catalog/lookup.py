"""A few products by name: for whoever needs those and not the whole catalog."""

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.domain.product import Product, Variant
from catalog.record import product_of, variant_of
from catalog.table import product, variant


async def find_products(
    connection: AsyncConnection,
    tenant_id: str,
    *,
    ids: Collection[str] = (),
    skus: Collection[str] = (),
) -> list[Product]:
    """Return the tenant's products with these ids or SKUs, active or not.

    A variant's SKU finds its product. Stock is what may still be sold.
    """
    owners = select(variant.c.product_id).where(
        variant.c.tenant_id == tenant_id, variant.c.sku.in_(sorted(skus))
    )
    rows = await connection.execute(
        select(product)
        .where(
            product.c.tenant_id == tenant_id,
            or_(
                product.c.id.in_(sorted(ids)),
                product.c.sku.in_(sorted(skus)),
                product.c.id.in_(owners),
            ),
        )
        .order_by(product.c.id)
    )
    found = rows.mappings().all()
    variants: defaultdict[str, list[Variant]] = defaultdict(list)
    forms = await connection.execute(
        select(variant)
        .where(variant.c.product_id.in_([row["id"] for row in found]))
        .order_by(variant.c.product_id, variant.c.position)
    )
    for row in forms.mappings():
        variants[row["product_id"]].append(variant_of(row))
    return [product_of(row, variants[row["id"]]) for row in found]
