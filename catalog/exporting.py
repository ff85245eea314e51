"""The catalog as a file of any format, part by part."""

from collections.abc import AsyncIterator, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.domain.product import Product
from catalog.formats.writing import Writer
from catalog.listing import listed
from catalog.storage import Storage
from catalog.table import product

#: Products that are read at a time.
_BATCH = 500


async def export_products(
    storage: Storage, tenant_id: str, writer: Writer
) -> AsyncIterator[bytes]:
    """Yield a tenant's catalog as a writer of `catalog.formats` writes it.

    Oldest products come first, each as it stands when it is reached: no transaction
    stays open for a slow reader. Stock is what the merchant has, held back for orders
    or not. Afterwards `writer.left_out` says how many products the format cannot
    carry. Raises TooManyRows.
    """
    if head := writer.head():
        yield head
    after = ""
    while True:
        async with storage.reading() as connection:
            products = await _products(connection, tenant_id, after)
        if not products:
            break
        if part := writer.write(products):
            yield part
        after = products[-1].id
    if tail := writer.tail():
        yield tail


async def _products(
    connection: AsyncConnection, tenant_id: str, after: str
) -> Sequence[Product]:
    found = await connection.execute(
        select(product)
        .where(product.c.tenant_id == tenant_id, product.c.id > after)
        .order_by(product.c.id)
        .limit(_BATCH)
    )
    return [each.product for each in await listed(connection, found.mappings().all())]
