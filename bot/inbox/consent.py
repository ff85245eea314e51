"""What people agreed to beside their own orders: recorded with when and how.

Nothing promotional is sent without it. A STOP ends it, and no START brings it back.
Nothing here commits.
"""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.table import contact


async def record_opt_in(
    connection: AsyncConnection,
    tenant_id: str,
    contact_id: str,
    *,
    how: str,
    now: datetime,
) -> bool:
    """Note that a contact opted in, and how; False: the tenant has no such contact."""
    return await _set(connection, tenant_id, contact_id, now, how)


async def withdraw_opt_in(
    connection: AsyncConnection, tenant_id: str, contact_id: str
) -> bool:
    """Forget that a contact opted in; False: the tenant has no such contact."""
    return await _set(connection, tenant_id, contact_id, None, None)


async def _set(
    connection: AsyncConnection,
    tenant_id: str,
    contact_id: str,
    at: datetime | None,
    how: str | None,
) -> bool:
    changed = await connection.execute(
        update(contact)
        .where(
            contact.c.id == contact_id,
            contact.c.tenant_id == tenant_id,
            contact.c.erased_at.is_(None),
        )
        .values(opted_in_at=at, opted_in_how=how)
    )
    return changed.rowcount == 1
