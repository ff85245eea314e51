"""Products as the merchant edits them: with their version, and what orders hold."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, RowMapping, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.domain.product import Product, ProductType, Variant
from catalog.record import product_of, variant_of
from catalog.table import product, variant


@dataclass(frozen=True, slots=True)
class Listed:
    """A stored product. Its stock is what the merchant has, held for orders or not."""

    product: Product
    version: int
    updated_at: datetime
    #: What orders hold back, by the id of the variant; None: of the product itself.
    held: Mapping[str | None, Decimal]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which products; what is None does not matter."""

    sku: str | None = None  #: Of the product, or of one of its variants.
    category: str | None = None
    active: bool | None = None
    ids: Collection[str] | None = None
    external_id: str | None = None  #: Of the product, or of one of its variants.
    type: ProductType | None = None


async def list_products(
    connection: AsyncConnection,
    tenant_id: str,
    wanted: Wanted,
    *,
    limit: int,
    offset: int = 0,
) -> tuple[list[Listed], int]:
    """Return a part of a tenant's products, oldest first, and how many there are."""
    conditions = _conditions(tenant_id, wanted)
    found = await connection.execute(
        select(product)
        .where(*conditions)
        .order_by(product.c.id)
        .limit(limit)
        .offset(offset)
    )
    rows = found.mappings().all()
    count = select(func.count()).select_from(product).where(*conditions)
    total: int = (await connection.execute(count)).scalar_one()
    return await listed(connection, rows), total


async def find_listed(
    connection: AsyncConnection,
    tenant_id: str,
    ids: Sequence[str],
    *,
    to_change: bool = False,
) -> dict[str, Listed]:
    """Return those of these products that the tenant has, by id.

    `to_change` locks them and their variants until the transaction ends.
    """
    query = (
        select(product)
        .where(product.c.tenant_id == tenant_id, product.c.id.in_(ids))
        .order_by(product.c.id)
    )
    found = await connection.execute(query.with_for_update() if to_change else query)
    rows = found.mappings().all()
    return {
        each.product.id: each
        for each in await listed(connection, rows, to_change=to_change)
    }


async def listed(
    connection: AsyncConnection,
    rows: Sequence[RowMapping],
    *,
    to_change: bool = False,
) -> list[Listed]:
    """Return the products of these rows, each with its variants in their order."""
    query = select(variant).where(variant.c.product_id.in_([row["id"] for row in rows]))
    # Whoever locks variants locks them by their ids.
    query = query.order_by(variant.c.id)
    found = await connection.execute(query.with_for_update() if to_change else query)
    forms: defaultdict[str, list[RowMapping]] = defaultdict(list)
    for form in found.mappings():
        forms[form["product_id"]].append(form)
    return [_listed(row, forms[row["id"]]) for row in rows]


async def categories(
    connection: AsyncConnection, tenant_id: str, *, limit: int
) -> list[str]:
    """Return the first categories of a tenant's products by their letters."""
    found = await connection.scalars(
        select(product.c.category)
        .where(product.c.tenant_id == tenant_id, product.c.category.is_not(None))
        .distinct()
        .order_by(product.c.category)
        .limit(limit)
    )
    return list(found)


def _listed(row: RowMapping, forms: list[RowMapping]) -> Listed:
    variants: list[Variant] = []
    held: dict[str | None, Decimal] = {None: row["reserved"]}
    for form in sorted(forms, key=lambda form: form["position"]):
        variants.append(replace(variant_of(form), stock=form["stock"]))
        held[form["id"]] = form["reserved"]
    return Listed(
        product=replace(product_of(row, variants), stock=row["stock"]),
        version=row["version"],
        updated_at=row["updated_at"],
        held=held,
    )


def _conditions(tenant_id: str, wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions = [product.c.tenant_id == tenant_id]
    if wanted.sku is not None:
        owners = select(variant.c.product_id).where(
            variant.c.tenant_id == tenant_id, variant.c.sku == wanted.sku
        )
        conditions.append(or_(product.c.sku == wanted.sku, product.c.id.in_(owners)))
    if wanted.category is not None:
        conditions.append(product.c.category == wanted.category)
    if wanted.active is not None:
        conditions.append(product.c.active.is_(wanted.active))
    if wanted.ids is not None:
        conditions.append(product.c.id.in_(sorted(wanted.ids)))
    if wanted.external_id is not None:
        forms = select(variant.c.product_id).where(
            variant.c.tenant_id == tenant_id,
            variant.c.external_id == wanted.external_id,
        )
        conditions.append(
            or_(product.c.external_id == wanted.external_id, product.c.id.in_(forms))
        )
    if wanted.type is not None:
        conditions.append(product.c.type == wanted.type.value)
    return conditions
