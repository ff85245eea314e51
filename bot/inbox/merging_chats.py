"""Two conversations with one person become one: its messages in the order they came.

The caller holds both rows. Nothing here commits.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from heapq import merge
from typing import Any, Final

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.snapshot import Memory, Owner
from bot.domain.ticking import key_of
from bot.inbox.merging_marks import merge_marks
from bot.inbox.ownership import hush, lane_of
from bot.inbox.pausing import awaits_window
from bot.inbox.table import analysis, conversation, message
from orders import Draft, DraftState
from orders.codec import load_draft
from orders.domain.editing import ended
from orders.domain.lifecycle import is_ended
from orders.outbox.store import Item, State, Topic, put
from orders.store import DraftWrite, write_drafts
from orders.table import draft, order, outbox

#: The address of nobody: nothing is sent to it.
NOBODY: Final[Mapping[str, str]] = {"kind": "lid", "value": "merged"}
#: What an agent reads beside a draft that was put away.
_REASON = "two chats of one person were joined; their other draft goes on"


@dataclass(frozen=True, slots=True)
class MovedChat:
    """What came over from the other conversation."""

    messages: int
    put_away: str | None  #: The draft that was open, too.


async def merge_chats(
    connection: AsyncConnection,
    kept: Row[Any],
    other: Row[Any],
    *,
    actor: str,
    now: datetime,
) -> MovedChat:
    """Move everything of one conversation into another one; the first is a shell then.

    Turns that run in either are thrown away and begin again with everything.
    """
    moved, last = await _messages(connection, kept.id, other.id)
    going, away = await _drafts(connection, kept, other, actor=actor, now=now)
    await connection.execute(
        update(order)
        .where(order.c.conversation_id == other.id)
        .values(conversation_id=kept.id)
    )
    await _replies(connection, kept.id, other.id)
    await _timers(connection, kept, other, going, now=now)
    told = await _one(connection, kept, other, going, away, last=last)
    await merge_marks(connection, kept, other)
    await _shell(connection, kept, other, now)
    if told is Owner.AGENT:
        await hush(connection, kept.id, now=now)
    return MovedChat(moved, away.id if away else None)


# -- messages -------------------------------------------------------------------------


async def _messages(
    connection: AsyncConnection, kept_id: str, other_id: str
) -> tuple[int, int]:
    """Give all messages new numbers; return how many moved, and the last number."""
    ours, theirs = [await _numbers(connection, each) for each in (kept_id, other_id)]
    places: dict[str, list[tuple[int, int]]] = {kept_id: [], other_id: []}
    rows = []
    in_order = merge(
        [(row.received_at, row.seq, row.id, kept_id) for row in ours],
        [(row.received_at, row.seq, row.id, other_id) for row in theirs],
        key=lambda each: each[0],
    )
    for seq, (_, before, message_id, chat_id) in enumerate(in_order, start=1):
        rows.append({"row_id": message_id, "new_seq": -seq})
        places[chat_id].append((before, seq))
    if rows:
        # First below zero: a number that is still taken would be refused.
        await connection.execute(
            update(message)
            .where(message.c.id == bindparam("row_id"))
            .values(seq=bindparam("new_seq"), conversation_id=kept_id),
            rows,
        )
        await connection.execute(
            update(message)
            .where(message.c.conversation_id == kept_id, message.c.seq < 0)
            .values(seq=-message.c.seq)
        )
    for chat_id, numbers in places.items():
        await _analyses(connection, chat_id, kept_id, numbers)
    return len(theirs), len(rows)


async def _numbers(
    connection: AsyncConnection, chat_id: str
) -> Sequence[Row[str, int, datetime]]:
    rows = await connection.execute(
        select(message.c.id, message.c.seq, message.c.received_at)
        .where(message.c.conversation_id == chat_id)
        .order_by(message.c.seq)
    )
    return rows.all()


async def _analyses(
    connection: AsyncConnection,
    chat_id: str,
    kept_id: str,
    numbers: Sequence[tuple[int, int]],
) -> None:
    before = [each[0] for each in numbers]

    def place(seq: int) -> int:
        found = bisect_right(before, seq)
        return numbers[found - 1][1] if found else 1

    read = await connection.execute(
        select(analysis.c.id, analysis.c.from_seq, analysis.c.to_seq)
        .where(analysis.c.conversation_id == chat_id)
        .order_by(analysis.c.id)
    )
    rows = [
        {
            "row_id": row.id,
            "new_from": place(row.from_seq),
            "new_to": place(row.to_seq),
        }
        for row in read
    ]
    if rows:
        await connection.execute(
            update(analysis)
            .where(analysis.c.id == bindparam("row_id"))
            .values(
                conversation_id=kept_id,
                from_seq=bindparam("new_from"),
                to_seq=bindparam("new_to"),
            ),
            rows,
        )


# -- drafts ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Open:
    """A draft that has not ended."""

    draft: Draft
    tenant_id: str
    chat_id: str
    updated_at: datetime

    @property
    def worth(self) -> tuple[bool, bool, datetime, str]:
        """What the customer confirmed goes on; then what has something in it."""
        has = bool(self.draft.lines or self.draft.unresolved)
        awaits = self.draft.state is DraftState.AWAITING
        return (awaits, has, self.updated_at, self.draft.id)


async def _drafts(
    connection: AsyncConnection,
    kept: Row[Any],
    other: Row[Any],
    *,
    actor: str,
    now: datetime,
) -> tuple[_Open | None, Draft | None]:
    """Return the draft that goes on, and one that was put away with something in it."""
    both = [kept.id, other.id]
    rows = await connection.execute(
        select(draft)
        .where(draft.c.conversation_id.in_(both))
        .order_by(draft.c.id)
        .with_for_update()
    )
    live = [
        _Open(load_draft(row.body), row.tenant_id, row.conversation_id, row.updated_at)
        for row in rows
        if not is_ended(DraftState(row.state))
    ]
    await connection.execute(
        update(draft)
        .where(draft.c.conversation_id == other.id)
        .values(conversation_id=kept.id)
    )
    live.sort(key=lambda each: each.worth)
    closed = [
        replace(
            ended(each.draft, DraftState.EXPIRED),
            version=each.draft.version + 1,
            end_reason=_REASON,
        )
        for each in live[:-1]
    ]
    writes = [
        DraftWrite(kept.tenant_id, kept.id, each, (), actor, created=False)
        for each in closed
    ]
    await write_drafts(connection, writes, now=now)
    full = [each for each in closed if each.lines]
    return (live[-1] if live else None), (full[-1] if full else None)


# -- what is to be sent, and to happen ------------------------------------------------


async def _replies(connection: AsyncConnection, kept_id: str, other_id: str) -> None:
    """Let replies, sent or not, belong to the conversation that goes on."""
    rows = await connection.execute(
        select(outbox.c.id, outbox.c.payload, outbox.c.waits_for)
        .where(outbox.c.lane == lane_of(other_id))
        .order_by(outbox.c.id)
        .with_for_update()
    )
    for row in rows.all():
        waits = row.waits_for
        await connection.execute(
            update(outbox)
            .where(outbox.c.id == row.id)
            .values(
                lane=lane_of(kept_id),
                payload={**row.payload, "conversation_id": kept_id},
                # The customer may have written in the other one: it is judged anew.
                waits_for=None if waits == awaits_window(other_id) else waits,
            )
        )


async def _timers(
    connection: AsyncConnection,
    kept: Row[Any],
    other: Row[Any],
    going: _Open | None,
    *,
    now: datetime,
) -> None:
    """Take along the timers; of two with one name, that of the draft that goes on."""
    theirs = await _due(connection, kept.tenant_id, other.id)
    ours = await _due(connection, kept.tenant_id, kept.id)
    wins = going is not None and going.chat_id == other.id
    items = []
    for row in theirs:
        name = row.payload.get("name", "")
        key = key_of(kept.id, name)
        if wins or key not in {each.unique_key for each in ours}:
            payload: Mapping[str, Any] = {**row.payload, "conversation_id": kept.id}
            items.append(
                Item(kept.tenant_id, row.shard, Topic.TIMER, key, payload, row.due_at)
            )
    await put(connection, items, now=now)
    if theirs:
        await connection.execute(
            update(outbox)
            .where(outbox.c.id.in_([row.id for row in theirs]))
            .values(state=State.CANCELLED, done_at=now)
        )


async def _due(
    connection: AsyncConnection, tenant_id: str, chat_id: str
) -> Sequence[Row[Any]]:
    rows = await connection.execute(
        select(outbox)
        .where(
            outbox.c.tenant_id == tenant_id,
            outbox.c.unique_key.startswith(key_of(chat_id, ""), autoescape=True),
            outbox.c.state == State.DUE,
        )
        .order_by(outbox.c.id)
        .with_for_update()
    )
    return rows.all()


# -- the conversations themselves -----------------------------------------------------


async def _one(  # one caller
    connection: AsyncConnection,
    kept: Row[Any],
    other: Row[Any],
    going: _Open | None,
    away: Draft | None,
    *,
    last: int,
) -> Owner:
    """Let the conversation be what both were: a person who has one of them has it."""
    held = next((each for each in (kept, other) if each.owner == Owner.AGENT), None)
    latest = max((kept, other), key=lambda row: _moment_of(row.last_inbound_at))
    speaks = latest if going is None else other if going.chat_id == other.id else kept
    silent = other if speaks is kept else kept
    memory = _remembered(speaks, silent, away)
    owned = held or kept
    owner = Owner(owned.owner)
    attention = kept if kept.attention else other
    ready = [row.ready_at for row in (kept, other) if row.ready_at]
    waits = [row.waiting_since for row in (kept, other) if row.waiting_since]
    await connection.execute(
        update(conversation)
        .where(conversation.c.id == kept.id)
        .values(
            address=_reached(latest, kept, other),
            owner=owner,
            owner_id=owned.owner_id,
            handover_reason=owned.handover_reason,
            handover_at=owned.handover_at,
            answered_at=owned.answered_at,
            attention=attention.attention,
            attention_at=attention.attention_at,
            language=speaks.language or silent.language,
            memory=memory.model_dump(mode="json", exclude_defaults=True),
            last_inbound_at=latest.last_inbound_at,
            created_at=min(kept.created_at, other.created_at),
            ready_at=min(ready, default=None),
            waiting_since=min(waits, default=None),
            seq=last,
            rev=kept.rev + other.rev + 1,
            lease_until=None,
            # A turn that runs has the old fence: it can save nothing any more.
            fence=conversation.c.fence + 1,
            attempts=0,
            supersedes=0,
        )
    )
    return owner


def _reached(*chats: Row[Any]) -> Mapping[str, str]:
    """Return the first address of somebody."""
    found = (each.address for each in chats if each.address != dict(NOBODY))
    return next(found, dict(NOBODY))


def _remembered(speaks: Row[Any], silent: Row[Any], away: Draft | None) -> Memory:
    """Return what is remembered: what belongs to the draft that goes on."""
    memory = Memory.model_validate(speaks.memory)
    welcomed = memory.welcomed or bool(silent.memory.get("welcomed"))
    told = away.id if away else memory.put_away
    return memory.model_copy(update={"welcomed": welcomed, "put_away": told})


async def _shell(
    connection: AsyncConnection, kept: Row[Any], other: Row[Any], now: datetime
) -> None:
    await connection.execute(
        update(conversation)
        .where(conversation.c.id == other.id)
        .values(
            address=NOBODY,
            owner=Owner.BOT,
            owner_id=None,
            handover_reason=None,
            handover_at=None,
            answered_at=None,
            attention=None,
            attention_at=None,
            memory={},
            last_inbound_at=None,
            ready_at=None,
            waiting_since=None,
            lease_until=None,
            fence=conversation.c.fence + 1,
            rev=conversation.c.rev + 1,
            attempts=0,
            supersedes=0,
            error=None,
            erased_at=now,
            merged_into=kept.id,
        )
    )
    await connection.execute(
        update(conversation)
        .where(conversation.c.merged_into == other.id)
        .values(merged_into=kept.id)
    )


def _moment_of(moment: datetime | None) -> float:
    return moment.timestamp() if moment else 0.0
