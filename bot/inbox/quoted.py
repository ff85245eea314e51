"""Which messages others are about: what is answered, reacted to, edited or deleted."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.overview import StoredMessage
from bot.inbox.table import message

#: Edits and deletes have the platform's id of what they are about.
_SAID = ("message", "echo")


async def quoted_by(
    connection: AsyncConnection, tenant_id: str, found: Sequence[StoredMessage]
) -> Mapping[str, str]:
    """Return the id of the message that each of these is about, where we have it."""
    names = {each.id: name for each in found if (name := _name(each)) is not None}
    if not names:
        return {}
    rows = await connection.execute(
        select(message.c.id, message.c.provider_id).where(
            message.c.tenant_id == tenant_id,
            message.c.conversation_id.in_({each.conversation_id for each in found}),
            message.c.provider_id.in_(sorted(set(names.values()))),
            message.c.event.in_(_SAID),
        )
    )
    ids = {row.provider_id: row.id for row in rows}
    return {each: ids[name] for each, name in names.items() if name in ids}


def _name(stored: StoredMessage) -> str | None:
    """Return the platform's id of what a message is about."""
    name = stored.content.get("target") or (stored.reply_to or {}).get("provider_id")
    return name if isinstance(name, str) else None
