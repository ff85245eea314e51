"""Answers that a shop has ready for its agents. Nothing here commits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.agents_table import canned_reply
from bot.inbox.locking import lock_tenant

#: So many a tenant has.
MOST: Final = 500


@dataclass(frozen=True, slots=True)
class CannedReply:
    """An answer, and the word by which an agent calls it up."""

    id: str
    shortcut: str
    title: str
    text: str  #: `{name}` is the customer's name, `{shop}` the shop's.
    created_at: datetime
    updated_at: datetime

    def filled(self, *, name: str | None, shop: str) -> str:
        """Return the words for a customer; one without a name is called nothing."""
        words = self.text.replace("{shop}", shop)
        if name:
            return words.replace("{name}", name)
        # "Hello {name}, ..." becomes "Hello, ...".
        return words.replace(" {name}", "").replace("{name}", "").strip()


class ReplyGone(LookupError):
    """The tenant has no such answer."""


class ReplyRefused(ValueError):
    """An answer cannot be so; says why."""


async def list_replies(
    connection: AsyncConnection, tenant_id: str
) -> Sequence[CannedReply]:
    """Return the tenant's answers by shortcut."""
    rows = await connection.execute(
        select(canned_reply)
        .where(canned_reply.c.tenant_id == tenant_id)
        .order_by(canned_reply.c.shortcut)
    )
    return [_reply(row) for row in rows]


async def load_reply(
    connection: AsyncConnection, tenant_id: str, reply_id: str
) -> CannedReply:
    """Return one of the tenant's answers. Raises ReplyGone."""
    found = await connection.execute(
        select(canned_reply).where(
            canned_reply.c.tenant_id == tenant_id, canned_reply.c.id == reply_id
        )
    )
    row = found.one_or_none()
    if row is None:
        raise ReplyGone(reply_id)
    return _reply(row)


async def add_reply(
    connection: AsyncConnection, tenant_id: str, added: CannedReply
) -> None:
    """Store an answer. Raises ReplyRefused."""
    await lock_tenant(connection, tenant_id)
    known = await list_replies(connection, tenant_id)
    if len(known) >= MOST:
        raise ReplyRefused(f"a shop has at most {MOST} prepared answers")
    _check_shortcut(added.shortcut, known)
    await connection.execute(
        insert(canned_reply).values(
            id=added.id,
            tenant_id=tenant_id,
            shortcut=added.shortcut,
            title=added.title,
            text=added.text,
            created_at=added.created_at,
            updated_at=added.updated_at,
        )
    )


async def change_reply(
    connection: AsyncConnection,
    tenant_id: str,
    reply_id: str,
    *,
    changes: dict[str, str],
    now: datetime,
) -> CannedReply:
    """Change shortcut, title or text; return the answer.

    Raises ReplyGone, ReplyRefused.
    """
    await load_reply(connection, tenant_id, reply_id)
    if "shortcut" in changes:
        await lock_tenant(connection, tenant_id)
        known = await list_replies(connection, tenant_id)
        others = [each for each in known if each.id != reply_id]
        _check_shortcut(changes["shortcut"], others)
    await connection.execute(
        update(canned_reply)
        .where(canned_reply.c.tenant_id == tenant_id, canned_reply.c.id == reply_id)
        .values(**changes, updated_at=now)
    )
    return await load_reply(connection, tenant_id, reply_id)


async def remove_reply(
    connection: AsyncConnection, tenant_id: str, reply_id: str
) -> None:
    """Remove an answer. Raises ReplyGone."""
    gone = await connection.execute(
        delete(canned_reply).where(
            canned_reply.c.tenant_id == tenant_id, canned_reply.c.id == reply_id
        )
    )
    if not gone.rowcount:
        raise ReplyGone(reply_id)


def _check_shortcut(shortcut: str, known: Sequence[CannedReply]) -> None:
    if any(each.shortcut == shortcut for each in known):
        raise ReplyRefused(f"there is an answer {shortcut!r} already")


def _reply(row: Row[Any]) -> CannedReply:
    return CannedReply(
        row.id, row.shortcut, row.title, row.text, row.created_at, row.updated_at
    )
