"""Learning what words mean, forgetting it, and taking a lesson back.

Everything happens in the caller's transaction.
"""

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.alias_rows import load_known, make_room, make_rows, restored, write
from catalog.alias_table import learnt_alias
from catalog.aliases import AliasGone, StoredAlias, alias_of, find_alias, id_of
from catalog.domain.learnt import (
    LONGEST,
    SHOP,
    Heard,
    Learnt,
    Lesson,
    agreed,
    key_of,
    taught,
)
from catalog.teachable import NotTeachable, fillers, teachable

#: Whether customers agree is judged by so many of them, those who said it last.
_JUDGED = 200
#: What customers agreed on is not judged again for so long.
_SETTLED = timedelta(days=1)


class NothingToTakeBack(Exception):
    """Nothing has happened to the alias since a lesson about it was taken back."""


async def teach(
    connection: AsyncConnection,
    tenant_id: str,
    lessons: Iterable[Heard],
    *,
    now: datetime,
) -> tuple[str, ...]:
    """Learn from lessons; return the ids of the aliases that they are about.

    Lessons about words that cannot be taught are left out. What several customers have
    come to agree on, the shop learns by it. Raises AliasesFull when something is told
    and there is no room for it.
    """
    heard = sorted(
        ((blank, each) for each in lessons if (blank := _blank(each, now))),
        key=lambda pair: (pair[0].key, pair[0].owner),
    )
    if not heard:
        return ()
    blanks = [blank for blank, _ in heard]
    ordered = sorted({b.key for b, each in heard if each.lesson is Lesson.ORDER})
    await make_rows(connection, tenant_id, blanks, now)
    owners = {blank.owner for blank in blanks} | ({SHOP} if ordered else set())
    known = await load_known(connection, tenant_id, owners, {b.key for b in blanks})
    # Where nothing was added, nothing has to go.
    grown = {alias.owner for alias in known.values() if not alias.times}
    changed: dict[str, tuple[Learnt, str | None]] = {}
    for blank, each in heard:
        mine = [
            alias
            for alias in known.values()
            if (alias.owner, alias.key) == (blank.owner, blank.key)
        ]
        for alias in taught(mine, blank, each.lesson, now):
            alias_id = id_of(tenant_id, alias)
            known[alias_id] = alias
            changed[alias_id] = (alias, each.actor)
    await write(connection, changed)
    ids = tuple(id_of(tenant_id, blank) for blank in blanks)
    agreed_ids: tuple[str, ...] = ()
    if ordered:
        shops = [alias for alias in known.values() if alias.owner == SHOP]
        agreed_ids = await _let_shop_learn(connection, tenant_id, ordered, shops, now)
        grown |= {SHOP} if agreed_ids else set()
    told = {each.owner for _, each in heard if each.lesson is Lesson.TOLD}
    kept = {*ids, *agreed_ids}
    await make_room(connection, tenant_id, grown, kept=kept, told=told, now=now)
    return ids


async def unlearn(
    connection: AsyncConnection,
    tenant_id: str,
    lessons: Iterable[Heard],
    *,
    taught_at: datetime,
) -> None:
    """Take back lessons that were taught at a moment, unless more was learnt since."""
    blanks = [b for each in lessons if (b := _blank(each, taught_at))]
    if not blanks:
        return
    rows = await connection.execute(
        select(learnt_alias.c.id)
        .where(
            learnt_alias.c.tenant_id == tenant_id,
            learnt_alias.c.id.in_(sorted({id_of(tenant_id, b) for b in blanks})),
            learnt_alias.c.learnt_at == taught_at,
            learnt_alias.c.lesson.in_(sorted({each.lesson for each in blanks})),
        )
        .order_by(learnt_alias.c.id)
    )
    for alias_id in rows.scalars().all():
        with contextlib.suppress(AliasGone, NothingToTakeBack):
            await take_back(connection, tenant_id, alias_id)


async def forget(
    connection: AsyncConnection,
    tenant_id: str,
    alias_id: str,
    *,
    actor: str,
    now: datetime,
) -> StoredAlias:
    """Let an alias count for nothing until an agent says it again. Raises AliasGone."""
    stored = await find_alias(connection, tenant_id, alias_id, lock=True)
    if stored.alias.forgotten:
        return stored
    gone = replace(stored.alias, forgotten=True, learnt_at=now)
    await write(connection, {alias_id: (gone, actor)})
    return await find_alias(connection, tenant_id, alias_id)


async def take_back(
    connection: AsyncConnection, tenant_id: str, alias_id: str
) -> StoredAlias | None:
    """Undo what happened to an alias last; None when it was new with that.

    What the same lesson did to other meanings of the words is undone, too. One step is
    kept. Raises AliasGone, or NothingToTakeBack.
    """
    owned = (await find_alias(connection, tenant_id, alias_id)).alias
    rows = await connection.execute(
        select(learnt_alias.c.id, learnt_alias.c.before, learnt_alias.c.learnt_at)
        .where(
            learnt_alias.c.tenant_id == tenant_id,
            learnt_alias.c.contact_id == owned.owner,
            learnt_alias.c.key == owned.key,
        )
        # Everybody locks the meanings of some words by their id: no deadlocks.
        .order_by(learnt_alias.c.id)
        .with_for_update()
    )
    together = rows.all()
    stored = await find_alias(connection, tenant_id, alias_id)
    if stored.before is None:
        raise NothingToTakeBack(alias_id)
    for row in together:
        if row.before is None or row.learnt_at != stored.alias.learnt_at:
            continue
        mine = learnt_alias.c.id == row.id
        if row.before["times"]:
            values = restored(row.before)
            await connection.execute(
                update(learnt_alias).where(mine).values(**values, before=None)
            )
        else:
            await connection.execute(delete(learnt_alias).where(mine))
    if not stored.before["times"]:
        return None
    return await find_alias(connection, tenant_id, alias_id)


# -- the shop -------------------------------------------------------------------------


async def _let_shop_learn(
    connection: AsyncConnection,
    tenant_id: str,
    keys: Sequence[str],
    shops: Sequence[Learnt],
    now: datetime,
) -> tuple[str, ...]:
    """Let the shop learn what its customers agree on, or unlearn it.

    `shops` are the shop's aliases. What an agent told it, or made it forget, stands.
    Returns the ids of what it learns.
    """
    settled = {alias.key for alias in shops if _stands(alias, now)}
    open_keys = [key for key in keys if key not in settled]
    said = await _said_of(connection, tenant_id, open_keys)
    learnt, outweighed = [], []
    for key in open_keys:
        mine = [alias for alias in shops if alias.key == key]
        found = agreed(said.get(key, ()), now, fillers())
        if found is not None:
            if any(a.meaning == found.meaning and a.forgotten for a in mine):
                continue
            learnt.append(found)
        outweighed += [
            replace(alias, weight=0.0, learnt_at=now)
            for alias in mine
            # What counts for nothing keeps the step that can be taken back.
            if alias.weight > 0 and not alias.forgotten
            if found is None or alias.meaning != found.meaning
        ]
    if learnt:
        await make_rows(connection, tenant_id, learnt, now)
    await write(
        connection,
        {id_of(tenant_id, each): (each, None) for each in (*learnt, *outweighed)},
    )
    return tuple(id_of(tenant_id, each) for each in learnt)


async def _said_of(
    connection: AsyncConnection, tenant_id: str, keys: Sequence[str]
) -> dict[str, list[Learnt]]:
    """Return what customers mean by words, by key: those who said it last."""
    if not keys:
        return {}
    place = func.row_number().over(
        partition_by=learnt_alias.c.key,
        order_by=(learnt_alias.c.learnt_at.desc(), learnt_alias.c.id),
    )
    ranked = (
        select(learnt_alias.c.id, place.label("place"))
        .where(
            learnt_alias.c.tenant_id == tenant_id,
            learnt_alias.c.key.in_(keys),
            learnt_alias.c.contact_id != SHOP,
        )
        .subquery()
    )
    rows = await connection.execute(
        select(learnt_alias)
        .join(ranked, ranked.c.id == learnt_alias.c.id)
        .where(ranked.c.place <= _JUDGED)
        .order_by(learnt_alias.c.learnt_at.desc(), learnt_alias.c.id)
    )
    found: dict[str, list[Learnt]] = {}
    for row in rows:
        found.setdefault(row.key, []).append(alias_of(row))
    return found


def _stands(alias: Learnt, now: datetime) -> bool:
    if alias.forgotten:
        return False
    if alias.lesson is Lesson.CUSTOMERS:
        return alias.weight > 0 and now - alias.learnt_at < _SETTLED
    return alias.weight > 0


def _blank(heard: Heard, now: datetime) -> Learnt | None:
    """Return an alias that nothing was learnt about yet; None: it cannot be taught."""
    try:
        words = teachable(heard.words)
    except NotTeachable:
        return None
    return Learnt(
        owner=heard.owner,
        key=key_of(words, fillers()),
        words=words[:LONGEST],
        meaning=heard.meaning,
        lesson=heard.lesson,
        times=0,
        weight=0.0,
        learnt_at=now,
    )
