"""What was learnt about words, as rows of the database, and how it is read."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.alias_table import learnt_alias
from catalog.domain.learnt import SHOP, Learnt, Lesson, Meaning
from catalog.table import product

#: What `alias_of` reads; with the tenant.
_ALIAS: tuple[Column[Any], ...] = (
    learnt_alias.c.tenant_id,
    learnt_alias.c.contact_id,
    learnt_alias.c.key,
    learnt_alias.c.words,
    learnt_alias.c.product_id,
    learnt_alias.c.variant_id,
    learnt_alias.c.lesson,
    learnt_alias.c.times,
    learnt_alias.c.weight,
    learnt_alias.c.learnt_at,
    learnt_alias.c.forgotten_at,
)


class AliasGone(LookupError):
    """The tenant has no such alias."""


@dataclass(frozen=True, slots=True)
class StoredAlias:
    """An alias and what is told about it."""

    id: str
    alias: Learnt
    actor: str | None  #: Who taught it last, when it was an agent.
    created_at: datetime
    before: dict[str, Any] | None  #: What it was before the last lesson.


async def load_aliases(
    connection: AsyncConnection, owners: Collection[tuple[str, str]]
) -> dict[tuple[str, str], tuple[Learnt, ...]]:
    """Return for each tenant and contact what was learnt of that contact and the shop.

    An empty contact has the shop's alone. What counts for nothing, or means something
    that is off the shelf, is left out.
    """
    tenants = sorted({tenant_id for tenant_id, _ in owners})
    contacts = sorted({SHOP, *(contact_id for _, contact_id in owners)})
    rows = await connection.execute(
        select(*_ALIAS)
        .join(product, product.c.id == learnt_alias.c.product_id)
        .where(
            learnt_alias.c.tenant_id.in_(tenants),
            learnt_alias.c.contact_id.in_(contacts),
            learnt_alias.c.forgotten_at.is_(None),
            learnt_alias.c.weight > 0,
            product.c.active.is_(True),
        )
    )
    found: defaultdict[tuple[str, str], list[Learnt]] = defaultdict(list)
    for row in rows:
        found[row.tenant_id, row.contact_id].append(alias_of(row))
    return {
        (tenant_id, contact_id): (
            *(found[tenant_id, contact_id] if contact_id != SHOP else ()),
            *found[tenant_id, SHOP],
        )
        for tenant_id, contact_id in owners
    }


async def list_aliases(
    connection: AsyncConnection,
    tenant_id: str,
    *,
    is_shops: bool | None = None,
    contact_id: str | None = None,
    product_id: str | None = None,
    limit: int,
    offset: int = 0,
) -> tuple[Sequence[StoredAlias], int]:
    """Return aliases, those learnt last first, and how many there are.

    `is_shops`: those of the whole shop, or those of customers; None: both.
    """
    mine = [learnt_alias.c.tenant_id == tenant_id]
    if is_shops is not None:
        is_theirs = learnt_alias.c.contact_id == SHOP
        mine.append(is_theirs if is_shops else ~is_theirs)
    if contact_id is not None:
        mine.append(learnt_alias.c.contact_id == contact_id)
    if product_id is not None:
        mine.append(learnt_alias.c.product_id == product_id)
    total = await connection.execute(
        select(func.count()).select_from(learnt_alias).where(*mine)
    )
    rows = await connection.execute(
        select(learnt_alias)
        .where(*mine)
        .order_by(learnt_alias.c.learnt_at.desc(), learnt_alias.c.id)
        .limit(limit)
        .offset(offset)
    )
    return [stored_of(row) for row in rows], total.scalar_one()


async def find_alias(
    connection: AsyncConnection, tenant_id: str, alias_id: str, *, lock: bool = False
) -> StoredAlias:
    """Return the tenant's alias. Raises AliasGone."""
    query = select(learnt_alias).where(
        learnt_alias.c.id == alias_id, learnt_alias.c.tenant_id == tenant_id
    )
    rows = await connection.execute(query.with_for_update() if lock else query)
    row = rows.one_or_none()
    if row is None:
        raise AliasGone(alias_id)
    return stored_of(row)


def id_of(tenant_id: str, alias: Learnt) -> str:
    """Return the id that an alias has: the same words and meaning have one."""
    meaning = alias.meaning
    parts = (tenant_id, alias.owner, alias.key, meaning.product_id, meaning.variant_id)
    text = "\x1f".join(part or "" for part in parts)
    return f"als_{hashlib.sha256(text.encode()).hexdigest()[:26]}"


def alias_of(row: Row[Any]) -> Learnt:
    """Return the alias of a row."""
    return Learnt(
        owner=row.contact_id,
        key=row.key,
        words=row.words,
        meaning=Meaning(row.product_id, row.variant_id),
        lesson=Lesson(row.lesson),
        times=row.times,
        weight=row.weight,
        learnt_at=row.learnt_at,
        forgotten=row.forgotten_at is not None,
    )


def stored_of(row: Row[Any]) -> StoredAlias:
    """Return the alias of a row, with what is told about it."""
    return StoredAlias(row.id, alias_of(row), row.actor, row.created_at, row.before)
