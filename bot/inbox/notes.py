"""Notes: what people write to each other beside a conversation. Never sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Select, delete, func, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.agents_table import note
from bot.inbox.people_table import user as users
from catalog.paging import Paged

#: So many a conversation has.
MOST: Final = 1000


@dataclass(frozen=True, slots=True)
class Note:
    """A note of a person or a program."""

    id: str
    author: str  #: `user:ID` or `key:ID`
    author_name: str | None
    text: str
    at: datetime


class NoteGone(LookupError):
    """The conversation has no such note."""


class TooManyNotes(Exception):
    """No more can be kept beside this conversation."""


class NotTheirs(Exception):
    """The note is somebody else's."""


async def list_notes(
    connection: AsyncConnection,
    tenant_id: str,
    conversation_id: str,
    *,
    limit: int,
    offset: int = 0,
) -> tuple[Sequence[Note], int]:
    """Return a conversation's notes, newest first, and how many there are."""
    rows = await connection.execute(
        _notes()
        .where(note.c.tenant_id == tenant_id, note.c.conversation_id == conversation_id)
        .order_by(note.c.at.desc(), note.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    found = [_note(row) for row in rows]
    count = _count(tenant_id, conversation_id)
    return found, await Paged(limit, offset).total(connection, len(found), count)


async def add_note(
    connection: AsyncConnection,
    tenant_id: str,
    conversation_id: str,
    *,
    id: str,  # noqa: A002  # the field's name
    author: str,
    text: str,
    now: datetime,
) -> Note:
    """Store a note beside a conversation that the tenant has; return it.

    Raises TooManyNotes.
    """
    there = await connection.execute(_count(tenant_id, conversation_id))
    if there.scalar_one() >= MOST:
        raise TooManyNotes(f"a conversation has at most {MOST} notes")
    await connection.execute(
        insert(note).values(
            id=id,
            tenant_id=tenant_id,
            conversation_id=conversation_id,
            author=author,
            text=text,
            at=now,
        )
    )
    rows = await connection.execute(_notes().where(note.c.id == id))
    return _note(rows.one())


async def remove_note(
    connection: AsyncConnection,
    tenant_id: str,
    conversation_id: str,
    note_id: str,
    *,
    author: str,
) -> None:
    """Remove one's own note. Raises NoteGone, NotTheirs."""
    mine = (
        note.c.tenant_id == tenant_id,
        note.c.conversation_id == conversation_id,
        note.c.id == note_id,
    )
    found = await connection.execute(select(note.c.author).where(*mine))
    whose = found.scalar()
    if whose is None:
        raise NoteGone(note_id)
    if whose != author:
        raise NotTheirs(whose)
    await connection.execute(delete(note).where(*mine))


def _count(tenant_id: str, conversation_id: str) -> Select[Any]:
    return (
        select(func.count())
        .select_from(note)
        .where(note.c.tenant_id == tenant_id, note.c.conversation_id == conversation_id)
    )


def _notes() -> Select[Any]:
    is_author = note.c.author == literal("user:").concat(users.c.id)
    return select(note, users.c.name.label("author_name")).outerjoin(users, is_author)


def _note(row: Row[Any]) -> Note:
    return Note(row.id, row.author, row.author_name, row.text, row.at)
