"""Labels: what a tenant calls its conversations. Nothing here commits."""

import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.agents_table import conversation_label, label
from bot.inbox.locking import lock_tenant
from bot.inbox.table import conversation

#: So many a tenant has: a list that nobody reads helps nobody.
MOST: Final = 100


class Colour(StrEnum):
    """What a label looks like. Stored: never rename one."""

    GREY = "grey"
    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    GREEN = "green"
    TEAL = "teal"
    BLUE = "blue"
    PURPLE = "purple"
    PINK = "pink"


@dataclass(frozen=True, slots=True)
class Label:
    """A label of a tenant."""

    id: str
    name: str
    colour: Colour
    created_at: datetime


class LabelGone(LookupError):
    """The tenant has no such label."""


class LabelRefused(ValueError):
    """A label cannot be so; says why."""


async def list_labels(
    connection: AsyncConnection, tenant_id: str
) -> Sequence[tuple[Label, int]]:
    """Return the tenant's labels by name, and how many conversations have each."""
    worn = (
        select(conversation_label.c.label_id, func.count().label("worn"))
        .where(conversation_label.c.tenant_id == tenant_id)
        .group_by(conversation_label.c.label_id)
        .subquery()
    )
    rows = await connection.execute(
        select(label, func.coalesce(worn.c.worn, 0).label("worn"))
        .outerjoin(worn, worn.c.label_id == label.c.id)
        .where(label.c.tenant_id == tenant_id)
        .order_by(label.c.name_key)
    )
    return [(_label(row), row.worn) for row in rows]


async def add_label(
    connection: AsyncConnection,
    tenant_id: str,
    label_id: str,
    *,
    name: str,
    colour: Colour,
    now: datetime,
) -> Label:
    """Store a label and return it. Raises LabelRefused."""
    await lock_tenant(connection, tenant_id)
    known = await list_labels(connection, tenant_id)
    if len(known) >= MOST:
        raise LabelRefused(f"a shop has at most {MOST} labels: remove one first")
    _check_new(name, [each for each, _ in known])
    added = Label(label_id, name, colour, now)
    await connection.execute(
        insert(label).values(
            id=label_id,
            tenant_id=tenant_id,
            name=name,
            name_key=_key(name),
            colour=colour,
            created_at=now,
        )
    )
    return added


async def change_label(
    connection: AsyncConnection,
    tenant_id: str,
    label_id: str,
    *,
    name: str | None,
    colour: Colour | None,
) -> Label:
    """Change what is given; return the label. Raises LabelGone, LabelRefused."""
    await lock_tenant(connection, tenant_id)
    known = [each for each, _ in await list_labels(connection, tenant_id)]
    before = next((each for each in known if each.id == label_id), None)
    if before is None:
        raise LabelGone(label_id)
    if name is not None:
        _check_new(name, [each for each in known if each.id != label_id])
    after = Label(
        label_id, name or before.name, colour or before.colour, before.created_at
    )
    await connection.execute(
        update(label)
        .where(label.c.tenant_id == tenant_id, label.c.id == label_id)
        .values(name=after.name, name_key=_key(after.name), colour=after.colour)
    )
    return after


async def remove_label(
    connection: AsyncConnection, tenant_id: str, label_id: str
) -> None:
    """Take a label away from the tenant and from all conversations.

    Raises LabelGone.
    """
    await connection.execute(
        delete(conversation_label).where(
            conversation_label.c.tenant_id == tenant_id,
            conversation_label.c.label_id == label_id,
        )
    )
    gone = await connection.execute(
        delete(label).where(label.c.tenant_id == tenant_id, label.c.id == label_id)
    )
    if not gone.rowcount:
        raise LabelGone(label_id)


async def set_labels(
    connection: AsyncConnection,
    tenant_id: str,
    conversation_id: str,
    label_ids: Sequence[str],
    *,
    now: datetime,
) -> None:
    """Let a conversation have these labels and no others; the caller knows it exists.

    Raises LabelGone naming the first that the tenant does not have.
    """
    await connection.execute(
        select(conversation.c.id)
        .where(conversation.c.id == conversation_id)
        .with_for_update()
    )
    found = await connection.execute(
        select(label.c.id).where(
            label.c.tenant_id == tenant_id, label.c.id.in_(label_ids)
        )
    )
    known = set(found.scalars())
    strange = [each for each in label_ids if each not in known]
    if strange:
        raise LabelGone(strange[0])
    await connection.execute(
        delete(conversation_label).where(
            conversation_label.c.tenant_id == tenant_id,
            conversation_label.c.conversation_id == conversation_id,
        )
    )
    rows = [
        {
            "conversation_id": conversation_id,
            "label_id": each,
            "tenant_id": tenant_id,
            "at": now,
        }
        for each in sorted(known)
    ]
    if rows:
        await connection.execute(insert(conversation_label), rows)


async def labels_of(
    connection: AsyncConnection, conversation_ids: Sequence[str]
) -> Mapping[str, Sequence[Label]]:
    """Return the labels of each conversation, by name."""
    rows = await connection.execute(
        select(conversation_label.c.conversation_id, label)
        .join(label, label.c.id == conversation_label.c.label_id)
        .where(conversation_label.c.conversation_id.in_(conversation_ids))
        .order_by(label.c.name_key)
    )
    found: defaultdict[str, list[Label]] = defaultdict(list)
    for row in rows:
        found[row.conversation_id].append(_label(row))
    return found


def wears(label_id: str) -> ColumnElement[bool]:
    """Return the condition of conversations with a label."""
    return conversation.c.id.in_(
        select(conversation_label.c.conversation_id).where(
            conversation_label.c.label_id == label_id
        )
    )


def _check_new(name: str, known: Sequence[Label]) -> None:
    if any(_key(each.name) == _key(name) for each in known):
        raise LabelRefused(f"there is a label {name!r} already")


def _key(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()[:120]


def _label(row: Row[Any]) -> Label:
    return Label(row.id, row.name, Colour(row.colour), row.created_at)
