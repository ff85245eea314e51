"""Messages from the clock: what a timer of a conversation becomes when it fires.

Nothing here commits.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.ticking import CLOCK, key_of, tick
from bot.inbox.table import conversation, message
from orders.outbox.store import State
from orders.table import outbox


@dataclass(frozen=True, slots=True)
class Tick:
    """A timer of a conversation that fired."""

    tenant_id: str
    conversation_id: str
    name: str
    about: str
    firing: str  #: Names this one firing for ever: it is heard once.

    @property
    def message_id(self) -> str:
        """The id of its message: it follows from the firing."""
        return f"msg_{sha256(self.firing.encode()).hexdigest()[:26]}"


async def hear_tick(connection: AsyncConnection, fired: Tick, *, now: datetime) -> bool:
    """Store that a timer fired, and let the conversation take its turn now.

    False when it was heard before, or the conversation is gone. Nobody wrote: when the
    customer wrote last stays as it was.
    """
    mine = (
        conversation.c.id == fired.conversation_id,
        conversation.c.tenant_id == fired.tenant_id,
        conversation.c.erased_at.is_(None),
    )
    found = await connection.execute(
        select(conversation.c.channel_id, conversation.c.seq)
        .where(*mine)
        .with_for_update()
    )
    row = found.one_or_none()
    if row is None:
        return False
    content = tick(fired.name, fired.about)
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    values = {
        "id": fired.message_id,
        "tenant_id": fired.tenant_id,
        "channel_id": row.channel_id,
        "conversation_id": fired.conversation_id,
        "seq": row.seq + 1,
        "direction": "in",
        "event": CLOCK,
        "kind": content.type,
        "provider_id": fired.firing,
        "content": content.model_dump(mode="json", exclude_none=True),
        "state": "pending",
        "sent_at": now,
        "received_at": now,
    }
    stored = await connection.execute(
        dialect.insert(message).values(**values).on_conflict_do_nothing()
    )
    if not stored.rowcount:
        return False
    await connection.execute(
        update(conversation)
        .where(*mine)
        .values(seq=row.seq + 1, rev=conversation.c.rev + 1, ready_at=now)
    )
    return True


async def stop_clocks(
    connection: AsyncConnection,
    tenant_id: str,
    conversation_ids: Collection[str],
    *,
    now: datetime,
) -> None:
    """Cancel every timer of conversations that nobody will hear of again."""
    for conversation_id in sorted(conversation_ids):
        await connection.execute(
            update(outbox)
            .where(
                outbox.c.tenant_id == tenant_id,
                outbox.c.unique_key.startswith(
                    key_of(conversation_id, ""), autoescape=True
                ),
                outbox.c.state == State.DUE,
            )
            .values(state=State.CANCELLED, done_at=now)
        )
