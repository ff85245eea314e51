"""What people agreed to beside their own orders: recorded with when and how.

Nothing promotional is sent without it. A STOP ends it, and no START brings it back.
Nothing here commits.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.numbers import forms_of
from bot.domain.message import Alias
from bot.inbox.table import contact, contact_alias

#: How somebody opted in who told the platform and not the shop.
AT_PLATFORM = "resumed marketing messages in WhatsApp"


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


async def follow_preference(
    connection: AsyncConnection,
    channel_id: str,
    aliases: Sequence[Alias],
    *,
    wants: bool,
    at: datetime,
) -> bool:
    """Note what somebody told the platform of promotional messages.

    `at` is when they did. False: nobody is known by these aliases, and nothing
    promotional is sent to strangers; or what is noted is newer.
    """
    found = await connection.execute(
        select(contact.c.id, contact.c.tenant_id, contact.c.opted_in_at)
        .join(contact_alias, contact_alias.c.contact_id == contact.c.id)
        .where(
            contact_alias.c.channel_id == channel_id,
            tuple_(contact_alias.c.kind, contact_alias.c.value).in_(
                [
                    form
                    for alias in aliases
                    for form in (
                        (alias.kind.value, alias.value),
                        *forms_of(alias.kind, alias.value),
                    )
                ]
            ),
        )
        .limit(1)
    )
    row = found.one_or_none()
    if row is None or (row.opted_in_at is not None and row.opted_in_at > at):
        return False
    moment, how = (at, AT_PLATFORM) if wants else (None, None)
    return await _set(connection, row.tenant_id, row.id, moment, how)


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
