"""One change of a tenant after the other."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.table import tenant


async def lock_tenant(connection: AsyncConnection, tenant_id: str) -> None:
    """Let changes that look at all of a tenant's rows first follow each other.

    SQLite has one writer anyhow, and renders no lock.
    """
    await connection.execute(
        select(tenant.c.id)
        .where(tenant.c.id == tenant_id)
        .with_for_update(key_share=True)  # other rows may point to it meanwhile
    )
