"""What was known about words at a moment of the past, as far as that is kept."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.alias_rows import restored
from catalog.alias_table import learnt_alias
from catalog.aliases import alias_of
from catalog.domain.learnt import SHOP, Learnt, Lesson
from catalog.table import product


async def load_aliases_at(
    connection: AsyncConnection, tenant_id: str, contact_id: str, moment: datetime
) -> tuple[Learnt, ...]:
    """Return what was learnt of a contact and the shop before a moment.

    Of each alias one lesson back is kept: what was taught twice since the moment is
    left out. So is what is off the shelf now.
    """
    rows = await connection.execute(
        select(learnt_alias)
        .join(product, product.c.id == learnt_alias.c.product_id)
        .where(
            learnt_alias.c.tenant_id == tenant_id,
            learnt_alias.c.contact_id.in_((contact_id, SHOP)),
            product.c.active.is_(True),
        )
        .order_by(learnt_alias.c.contact_id.desc(), learnt_alias.c.id)
    )
    known = [_at(row, moment) for row in rows]
    return tuple(
        alias
        for alias in known
        if alias is not None and not alias.forgotten and alias.weight > 0
    )


def _at(row: Row[Any], moment: datetime) -> Learnt | None:
    """Return an alias as it was then, None when it was not there or is not kept."""
    alias = alias_of(row)
    if alias.learnt_at < moment:
        return alias
    if row.before is None:
        return None
    was = restored(row.before)
    alias = replace(
        alias,
        words=was["words"],
        lesson=Lesson(was["lesson"]),
        times=was["times"],
        weight=was["weight"],
        learnt_at=was["learnt_at"],
        forgotten=was["forgotten_at"] is not None,
    )
    return alias if alias.learnt_at < moment else None
