"""What was before, looked up for the turns that ask for it: versions, ended drafts."""

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.intake import conversation_of
from bot.domain import buttons
from bot.domain.message import Tap
from bot.domain.snapshot import Ended, Snapshot
from bot.domain.understanding import Intent, Understanding
from bot.inbox.table import contact
from bot.runtime import Runtime
from orders import DraftState
from orders.table import draft as draft_table
from orders.table import order as order_table
from orders.versions import NothingBefore, earlier_of

_SUMMARY = (buttons.ConfirmTap, buttons.ChangeTap, buttons.CancelTap)
#: Such a draft is not known any more: as good as expired.
_UNKNOWN = Ended(DraftState.EXPIRED)


async def with_past(
    snapshot: Snapshot, understanding: Understanding, runtime: Runtime
) -> Snapshot:
    """Return the snapshot with what its draft was, if that is to come back.

    The turn is saved only at the draft version that it began with, so what is looked up
    now is what was before that one. Raises DatabaseUnavailable.
    """
    if not understanding.says(Intent.UNDO) or not snapshot.draft.version:
        return snapshot
    async with runtime.database.reading() as connection:
        try:
            past = await earlier_of(connection, snapshot.draft)
        except NothingBefore:
            return snapshot
    return replace(snapshot, past=past)


async def with_ends(snapshot: Snapshot, runtime: Runtime) -> Snapshot:
    """Return the snapshot with what became of drafts whose old buttons were tapped.

    Raises DatabaseUnavailable.
    """
    snapshot = await _with_joined(snapshot, runtime)
    taps = [m.content.id for m in snapshot.messages if isinstance(m.content, Tap)]
    keys = (snapshot.signing_key, *snapshot.old_signing_keys)
    old, strange = set(), {}
    for tapped in taps:
        meant = buttons.read(keys[0], snapshot.conversation_id, tapped, old=keys[1:])
        if isinstance(meant, _SUMMARY) and meant.draft_id != snapshot.draft.id:
            old.add(meant.draft_id)
        elif isinstance(meant, buttons.Forged):
            strange[tapped] = buttons.draft_named(tapped)
    if not old and not any(strange.values()):
        return snapshot
    async with runtime.database.reading() as connection:
        rows = await _drafts(
            connection,
            snapshot.tenant.id,
            {*old, *(each for each in strange.values() if each)},
        )
    return replace(
        snapshot,
        ended={
            each: rows[each][0]
            if each in rows and rows[each][1] == snapshot.conversation_id
            else _UNKNOWN
            for each in old
        },
        elsewhere=frozenset(
            tapped
            for tapped, draft_id in strange.items()
            if draft_id in rows and _is_ours(keys, rows[draft_id][1], tapped)
        ),
    )


async def _with_joined(snapshot: Snapshot, runtime: Runtime) -> Snapshot:
    """Let buttons of chats that were joined into this one mean what they meant."""
    keys = (snapshot.signing_key, *snapshot.old_signing_keys)
    here = snapshot.conversation_id
    taps = [m.content.id for m in snapshot.messages if isinstance(m.content, Tap)]
    if all(_is_ours(keys, here, each) for each in taps):
        return snapshot
    async with runtime.database.reading() as connection:
        found = await connection.execute(
            select(contact.c.id).where(contact.c.merged_into == snapshot.contact.id)
        )
        joined = [conversation_of(row.id) for row in found]
    again = {
        each: buttons.made(keys[0], here, meant)
        for each in taps
        for chat in joined
        if not isinstance(
            meant := buttons.read(keys[0], chat, each, old=keys[1:]), buttons.Forged
        )
    }
    return replace(
        snapshot,
        messages=tuple(
            replace(m, content=m.content.model_copy(update={"id": again[m.content.id]}))
            if isinstance(m.content, Tap) and m.content.id in again
            else m
            for m in snapshot.messages
        ),
    )


def _is_ours(keys: tuple[bytes, ...], conversation_id: str, tapped: str) -> bool:
    """Return whether we made a button, for that other conversation."""
    meant = buttons.read(keys[0], conversation_id, tapped, old=keys[1:])
    return not isinstance(meant, buttons.Forged)


async def _drafts(
    connection: AsyncConnection, tenant_id: str, ids: set[str]
) -> dict[str, tuple[Ended, str]]:
    """Return what became of the tenant's drafts, and whose conversation each is of."""
    found = await connection.execute(
        select(
            draft_table.c.id,
            draft_table.c.conversation_id,
            draft_table.c.state,
            order_table.c.number,
        )
        .outerjoin(order_table, order_table.c.draft_id == draft_table.c.id)
        .where(draft_table.c.tenant_id == tenant_id, draft_table.c.id.in_(sorted(ids)))
    )
    return {
        row.id: (Ended(DraftState(row.state), row.number), row.conversation_id)
        for row in found
    }
