"""Finding a conversation by what a person remembers of it.

Names, ends of phone numbers and numbers of orders are looked for everywhere; words of
messages in the conversations that were written to last, in the last messages of each.
So a search takes as long in a year as it takes now.
"""

import string
from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    and_,
    func,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.table import contact, contact_alias, conversation, message
from orders.table import order

#: In so many conversations messages are looked at, and so many of each.
CHATS: Final = 1000
MESSAGES: Final = 100
#: Shorter words stand everywhere, and shorter ends of numbers are everybody's.
_SHORTEST: Final = 3
#: No order has a longer number: more digits than a database counts with.
_LONGEST_NUMBER: Final = 15
_SAID: Final = ("text", "body", "caption")
_DIGITS: Final = frozenset("0123456789")
_NUMBER: Final = _DIGITS | set(" +-()#./")
#: What every writer of JSON writes as it is.
_UNESCAPED: Final = frozenset(string.ascii_letters + string.digits + " -.,'")
#: More than that nobody looks through.
FOUND: Final = 500
#: As agents list them: the one written to last first.
LATEST: Final = (
    conversation.c.last_inbound_at.desc().nulls_last(),
    conversation.c.id.desc(),
)


async def search_chats(
    connection: AsyncConnection, tenant_id: str, wanted: str
) -> Sequence[str]:
    """Return the ids of conversations that a search means, at most 500 of each way."""
    found: dict[str, None] = {}
    wanted = wanted.strip()
    queries = [*_queries(tenant_id, wanted)]
    if len(wanted) >= _SHORTEST:
        queries.append(await _said(connection, tenant_id, wanted))
    for query in queries:
        rows = await connection.execute(query.limit(FOUND))
        found.update(dict.fromkeys(rows.scalars()))
    return list(found)


def _queries(tenant_id: str, wanted: str) -> Iterator[Select[str]]:
    mine = conversation.c.tenant_id == tenant_id
    chats = select(conversation.c.id).where(mine).order_by(*LATEST)
    named = select(contact.c.id).where(
        contact.c.tenant_id == tenant_id, _has(contact.c.name, wanted)
    )
    yield chats.where(conversation.c.contact_id.in_(named))
    digits = "".join(each for each in wanted if each in _DIGITS)
    is_number = bool(digits) and not set(wanted) - _NUMBER
    if is_number and len(digits) >= _SHORTEST:
        reached = select(contact_alias.c.contact_id).where(
            contact_alias.c.tenant_id == tenant_id,
            contact_alias.c.value.endswith(digits),
        )
        yield chats.where(conversation.c.contact_id.in_(reached))
    if is_number and len(digits) <= _LONGEST_NUMBER:
        yield select(order.c.conversation_id).where(
            order.c.tenant_id == tenant_id,
            order.c.number == int(digits),
            order.c.conversation_id.is_not(None),
        )


async def _said(
    connection: AsyncConnection, tenant_id: str, wanted: str
) -> Select[str]:
    """Return the query of conversations in which it was said lately.

    Their ids are read first: told to look at a thousand conversations, PostgreSQL uses
    the index; told to find them out by itself, it reads all messages.
    """
    lately = await connection.execute(
        select(conversation.c.id)
        .where(
            conversation.c.tenant_id == tenant_id, conversation.c.merged_into.is_(None)
        )
        .order_by(*LATEST)
        .limit(CHATS)
    )
    words = func.coalesce(*(message.c.content[each].as_string() for each in _SAID))
    holds = _has(words, wanted)
    if connection.dialect.name == "sqlite" and set(wanted) <= _UNESCAPED:
        # There JSON is a text, and reading it the dearest of all.
        raw = type_coerce(message.c.content, Text)
        holds = and_(raw.contains(wanted, autoescape=True), holds)
    return (
        select(message.c.conversation_id)
        .distinct()
        .join(conversation, conversation.c.id == message.c.conversation_id)
        .where(
            conversation.c.id.in_(lately.scalars().all()),
            message.c.seq > conversation.c.seq - MESSAGES,
            holds,
        )
    )


def _has(column: ColumnElement[str], wanted: str) -> ColumnElement[bool]:
    """Return whether a text has another one in it, whatever its case."""
    return or_(*(column.icontains(each, autoescape=True) for each in _cases(wanted)))


def _cases(wanted: str) -> Iterator[str]:
    """Yield a text as it may be written: databases know the case of ASCII alone."""
    yield wanted
    if not wanted.isascii():
        others = {wanted.lower(), wanted.upper(), wanted.title(), wanted.capitalize()}
        yield from sorted(others - {wanted})
