"""The rows of what was learnt: made, locked, written, and dropped for want of room."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.alias_table import learnt_alias
from catalog.aliases import alias_of, id_of
from catalog.column import from_micros, to_micros
from catalog.domain.learnt import SHOP, Learnt, Lesson

#: A customer's, and a shop's, aliases are no more than these: the weakest make room.
#: What was forgotten is not among them.
MOST_OF_CUSTOMER, MOST_OF_SHOP = 100, 300


class AliasesFull(Exception):
    """All aliases of a customer, or of the shop, were told: none may make room."""

    def __init__(self, most: int) -> None:
        super().__init__(f"{most} aliases were told already")
        self.most = most


async def load_known(
    connection: AsyncConnection,
    tenant_id: str,
    owners: Collection[str],
    keys: Collection[str],
) -> dict[str, Learnt]:
    """Return all meanings of the words, nobody else changes them until the commit."""
    rows = await connection.execute(
        select(learnt_alias)
        .where(
            learnt_alias.c.tenant_id == tenant_id,
            learnt_alias.c.contact_id.in_(sorted(owners)),
            learnt_alias.c.key.in_(sorted(keys)),
        )
        .order_by(learnt_alias.c.id)
        .with_for_update()
    )
    return {row.id: alias_of(row) for row in rows}


async def make_rows(
    connection: AsyncConnection,
    tenant_id: str,
    blanks: Sequence[Learnt],
    now: datetime,
) -> None:
    """Make a row for each alias that has none."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    put = dialect.insert(learnt_alias).on_conflict_do_nothing()
    rows = {
        id_of(tenant_id, blank): {
            **_values(replace(blank, times=0, weight=0.0), None),
            "id": id_of(tenant_id, blank),
            "tenant_id": tenant_id,
            "contact_id": blank.owner,
            "key": blank.key,
            "product_id": blank.meaning.product_id,
            "variant_id": blank.meaning.variant_id,
            "created_at": now,
            "before": None,
        }
        for blank in blanks
    }
    await connection.execute(put, [rows[each] for each in sorted(rows)])


async def make_room(
    connection: AsyncConnection,
    tenant_id: str,
    owners: Collection[str],
    *,
    kept: Collection[str],
    told: Collection[str],
    now: datetime,
) -> None:
    """Drop each owner's weakest aliases beyond the most, but none that was told.

    Those `kept` stay, too. Raises AliasesFull for one of `told` without room.
    """
    if not owners:
        return
    rows = await connection.execute(
        select(learnt_alias)
        .where(
            learnt_alias.c.tenant_id == tenant_id,
            learnt_alias.c.contact_id.in_(sorted(owners)),
            learnt_alias.c.forgotten_at.is_(None),
        )
        .order_by(learnt_alias.c.id)
    )
    theirs: dict[str, list[Row[Any]]] = {owner: [] for owner in owners}
    for row in rows:
        theirs[row.contact_id].append(row)
    dropped: list[str] = []
    for owner, mine in theirs.items():
        most = MOST_OF_SHOP if owner == SHOP else MOST_OF_CUSTOMER
        surplus = max(len(mine) - most, 0)
        weakest = sorted(
            (row for row in mine if row.id not in kept and row.lesson != Lesson.TOLD),
            key=lambda row: alias_of(row).strength(now),
        )
        if surplus > len(weakest) and owner in told:
            raise AliasesFull(most)
        dropped += [row.id for row in weakest[:surplus]]
    if not dropped:
        return
    # Whoever is learning from one of them now keeps it.
    free = await connection.execute(
        select(learnt_alias.c.id)
        .where(learnt_alias.c.id.in_(dropped))
        .order_by(learnt_alias.c.id)
        .with_for_update(skip_locked=True)
    )
    await connection.execute(
        delete(learnt_alias).where(learnt_alias.c.id.in_(free.scalars().all()))
    )


async def write(
    connection: AsyncConnection, changed: Mapping[str, tuple[Learnt, str | None]]
) -> None:
    """Write aliases; what they were before is kept for one step back."""
    if not changed:
        return
    rows = await connection.execute(
        select(learnt_alias).where(learnt_alias.c.id.in_(sorted(changed)))
    )
    was = {row.id: _past(alias_of(row), row.actor) for row in rows}
    now_is = {
        alias_id: {**_values(alias, actor), "before": was[alias_id]}
        for alias_id, (alias, actor) in sorted(changed.items())
        if alias_id in was
    }
    columns = next(iter(now_is.values()), {})
    if not columns:
        return
    await connection.execute(
        update(learnt_alias)
        .where(learnt_alias.c.id == bindparam("row_id"))
        .values({name: bindparam(f"new_{name}") for name in columns}),
        [
            {"row_id": alias_id, **{f"new_{k}": v for k, v in values.items()}}
            for alias_id, values in now_is.items()
        ],
    )


def _values(alias: Learnt, actor: str | None) -> dict[str, Any]:
    return {
        "words": alias.words,
        "lesson": alias.lesson,
        "times": alias.times,
        "weight": alias.weight,
        "actor": actor,
        "learnt_at": alias.learnt_at,
        "forgotten_at": alias.learnt_at if alias.forgotten else None,
    }


def _past(alias: Learnt, actor: str | None) -> dict[str, Any]:
    """Return an alias as it was, as JSON."""
    values = _values(alias, actor)
    moments = {
        name: None if values[name] is None else to_micros(values[name])
        for name in ("learnt_at", "forgotten_at")
    }
    return {**values, **moments}


def restored(before: Mapping[str, Any]) -> dict[str, Any]:
    moments = {
        name: None if before[name] is None else from_micros(before[name])
        for name in ("learnt_at", "forgotten_at")
    }
    return {**before, **moments}
