"""What removes the old rows of conversations, a bounded part at a time.

What is unhandled stays, however old it is.
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import delete, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.forgetting import forgotten_key
from bot.inbox.agents_table import note
from bot.inbox.table import (
    analysis,
    channel,
    conversation,
    media,
    message,
    message_status,
)
from bot.privacy.erasing import remember
from bot.privacy.media import drop_later
from bot.privacy.sweep import Sweep, Swept, so_far, walk
from orders.table import draft, draft_change, draft_version

#: A cursor of messages that goes on with the notes.
_NOTES = ("notes",)
_EXPIRED = "expired"  #: What became of a file that was kept for as long as wanted.
#: Of messages: waits for a turn; waits to be sent.
_UNHANDLED = ("pending", "queued")


async def messages(connection: AsyncConnection, sweep: Sweep) -> Swept:
    """Remove messages, then the notes beside them that are as old.

    Hashes of messages stay, so that none is ever stored again.
    """
    if sweep.cursor[:1] == _NOTES:
        return await _notes(connection, replace(sweep, cursor=sweep.cursor[1:]))
    swept = await _messages(connection, sweep)
    return swept if swept.cursor is not None else Swept(swept.removed, _NOTES)


async def _notes(connection: AsyncConnection, sweep: Sweep) -> Swept:
    """Remove what agents wrote to each other: it speaks of what was said then."""
    rows = await walk(connection, "note", sweep, note.c.id, note.c.tenant_id, note.c.at)
    old = [
        row.id
        for row in rows
        if row.tenant_id == sweep.tenant_id and row.at < sweep.before
    ]
    if old:
        await connection.execute(delete(note).where(note.c.id.in_(old)))
    swept = so_far(rows, sweep, len(old))
    if swept.cursor is None:
        return swept
    return Swept(swept.removed, (*_NOTES, *swept.cursor))


async def _messages(connection: AsyncConnection, sweep: Sweep) -> Swept:
    rows = await walk(
        connection,
        "msg",
        sweep,
        message.c.id,
        message.c.tenant_id,
        message.c.received_at,
        message.c.state,
        message.c.channel_id,
        message.c.event,
        message.c.provider_id,
    )
    old = [
        row
        for row in rows
        if row.tenant_id == sweep.tenant_id
        and row.received_at < sweep.before
        and row.state not in _UNHANDLED
    ]
    if old:
        ids = [row.id for row in old]
        keys = [
            forgotten_key(row.tenant_id, row.channel_id, row.event, row.provider_id)
            for row in old
            if row.provider_id is not None
        ]
        await remember(connection, sweep.tenant_id, keys)
        files = await connection.execute(
            delete(media).where(media.c.message_id.in_(ids)).returning(media.c.sha256)
        )
        await _drop(connection, sweep, files.scalars().all())
        await connection.execute(delete(message).where(message.c.id.in_(ids)))
    return so_far(rows, sweep, len(old))


async def files(connection: AsyncConnection, sweep: Sweep) -> Swept:
    """Let go of files; that there was one is still seen."""
    rows = await walk(
        connection,
        "msg",
        sweep,
        media.c.message_id,
        media.c.tenant_id,
        media.c.fetched_at,
        media.c.outcome,
        media.c.sha256,
    )
    old = [
        row
        for row in rows
        if row.tenant_id == sweep.tenant_id
        and row.fetched_at < sweep.before
        and row.outcome != _EXPIRED
    ]
    if old:
        await connection.execute(
            update(media)
            .where(media.c.message_id.in_([row.message_id for row in old]))
            .values(outcome=_EXPIRED, sha256=None, size=None, error=None, reading=None)
        )
        await _drop(connection, sweep, [row.sha256 for row in old])
    return so_far(rows, sweep, len(old))


async def _drop(
    connection: AsyncConnection, sweep: Sweep, hashes: Sequence[str | None]
) -> None:
    await drop_later(
        connection,
        [each for each in hashes if each is not None],
        tenant_id=sweep.tenant_id,
        shard=sweep.shard,
        new_id=sweep.new_id,
        now=sweep.now,
    )


async def analyses(connection: AsyncConnection, sweep: Sweep) -> Swept:
    """Remove readings that ended."""
    rows = await walk(
        connection,
        "anl",
        sweep,
        analysis.c.id,
        analysis.c.tenant_id,
        analysis.c.ended_at,
    )
    old = [
        row.id
        for row in rows
        if row.tenant_id == sweep.tenant_id
        and row.ended_at is not None
        and row.ended_at < sweep.before
    ]
    if old:
        await connection.execute(delete(analysis).where(analysis.c.id.in_(old)))
    return so_far(rows, sweep, len(old))


async def drafts(connection: AsyncConnection, sweep: Sweep) -> Swept:
    """Remove drafts that nobody touched, but for those of a turn that runs now."""
    rows = await walk(
        connection,
        "drf",
        sweep,
        draft.c.id,
        draft.c.tenant_id,
        draft.c.updated_at,
        draft.c.conversation_id,
    )
    old = [
        row
        for row in rows
        if row.tenant_id == sweep.tenant_id and row.updated_at < sweep.before
    ]
    busy = await _busy(connection, {row.conversation_id for row in old})
    gone = [row.id for row in old if row.conversation_id not in busy]
    if gone:
        for table in (draft_change, draft_version):
            await connection.execute(delete(table).where(table.c.draft_id.in_(gone)))
        await connection.execute(delete(draft).where(draft.c.id.in_(gone)))
    return so_far(rows, sweep, len(gone))


async def _busy(connection: AsyncConnection, ids: set[str]) -> set[str]:
    """Return the conversations in which something happens; hold the others still."""
    if not ids:
        return set()
    known = await connection.execute(
        select(conversation.c.id).where(conversation.c.id.in_(sorted(ids)))
    )
    quiet = await connection.execute(
        select(conversation.c.id)
        .where(
            conversation.c.id.in_(sorted(ids)),
            conversation.c.ready_at.is_(None),
            conversation.c.lease_until.is_(None),
        )
        .order_by(conversation.c.id)
        .with_for_update(skip_locked=True)
    )
    return set(known.scalars()) - set(quiet.scalars())


async def statuses(connection: AsyncConnection, sweep: Sweep) -> Swept:
    """Remove news of our messages, one channel after the other."""
    after = sweep.cursor or ("", "", "")
    channels = await connection.execute(
        select(channel.c.id)
        .where(channel.c.tenant_id == sweep.tenant_id, channel.c.id >= after[0])
        .order_by(channel.c.id)
        .limit(2)
    )
    here, following = (*channels.scalars(), None, None)[:2]
    if here is None:
        return Swept(0, None)
    place = (after[1], after[2]) if here == after[0] else ("", "")
    found = await connection.execute(
        select(
            message_status.c.provider_id,
            message_status.c.state,
            message_status.c.received_at,
        )
        .where(
            message_status.c.channel_id == here,
            tuple_(message_status.c.provider_id, message_status.c.state) > place,
        )
        .order_by(message_status.c.provider_id, message_status.c.state)
        .limit(sweep.size)
    )
    rows = found.all()
    old = {row.provider_id for row in rows if row.received_at < sweep.before}
    gone = 0
    if old:
        ended = await connection.execute(
            delete(message_status).where(
                message_status.c.channel_id == here,
                message_status.c.provider_id.in_(sorted(old)),
                message_status.c.received_at < sweep.before,
            )
        )
        gone = ended.rowcount
    if len(rows) == sweep.size:
        return Swept(gone, (here, rows[-1].provider_id, rows[-1].state))
    return Swept(gone, (following, "", "") if following is not None else None)
