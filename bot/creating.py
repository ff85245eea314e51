"""An order made by somebody on the strength of a message's analysis.

The call of an operator is the confirmation of the draft that the analysis left. Whoever
else made an order of that draft was first: the draft's lineage has one order unless one
more is wanted. Everything happens in the caller's transaction, with the chat locked.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import JsonValue
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.analysis import AnalysisRecord, AnalysisStatus, Applied
from bot.inbox.analyses import analysis_of, apply
from bot.inbox.chats import lock_chat
from bot.inbox.desk import Desk
from bot.inbox.overview import StoredMessage, find_messages
from bot.ordering import confirm, hold, open_draft
from bot.runtime import Runtime
from bot.wanting import Told, Unfit, WantedItem, WantedOrder, as_wanted
from orders import Draft, DraftState, Evidence, Order, ended
from orders.domain.entity_version import require_version
from orders.domain.order import OrderLine
from orders.drafts import find_draft
from orders.order_rows import StoredOrder, load_order, order_of_draft
from orders.store import DraftWrite, write_drafts

__all__ = [
    "MOST_ATTEMPTS",
    "AlreadyOrdered",
    "Created",
    "DraftMoved",
    "NotCompleted",
    "Unfit",
    "WantedItem",
    "WantedOrder",
    "create_order",
]

#: How often a turn is tried: see `bot.worker.failing`.
MOST_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Created:
    """The order, and the analysis that says so."""

    order: Order
    record: AnalysisRecord
    before: Draft  #: The draft as it was found.
    after: Draft  #: The draft that became the order.


class NotCompleted(Exception):
    """The message has no completed analysis."""

    def __init__(self, status: AnalysisStatus | None) -> None:
        super().__init__(status)
        self.status = status


class AlreadyOrdered(Exception):
    """An order was made of the draft before."""

    def __init__(self, first: StoredOrder) -> None:
        super().__init__(first.order.id)
        self.first = first


class DraftMoved(Exception):
    """The draft is not at the version that the call confirms."""

    def __init__(self, analysed: int | None, current: int) -> None:
        super().__init__(f"the draft is at version {current}, not {analysed}")
        self.analysed = analysed
        self.current = current


async def create_order(
    connection: AsyncConnection,
    runtime: Runtime,
    tenant_id: str,
    message_id: str,
    wanted: WantedOrder,
    *,
    confirmed_by: Evidence,
    now: datetime,
) -> Created:
    """Make the order of a message's analysis, and note it there.

    Raises LookupError when the tenant has no such message, NotCompleted,
    AlreadyOrdered, DraftMoved, VersionConflict, Unfit, and what `bot.ordering.confirm`
    raises: NotOrdered, NeedsPerson, IllegalMove.
    """
    message, record = await _record(connection, tenant_id, message_id, now)
    require_version(
        f"analysis {record.id}", wanted.entity_version, record.entity_version
    )
    first = await _first(connection, tenant_id, record)
    if first is not None and not wanted.allow_duplicate:
        raise AlreadyOrdered(first)
    draft_id = record.draft_id
    if draft_id is None:
        fresh = await open_draft(
            connection,
            runtime,
            tenant_id,
            message.conversation_id,
            actor=confirmed_by.actor or confirmed_by.source.value,
            now=now,
        )
        draft_id = fresh.draft.id
    desk = await _desk(connection, tenant_id, draft_id, record, wanted)
    found = desk.draft
    if first is not None and first.order.draft_id == draft_id:
        desk = await _once_more(connection, runtime, desk, confirmed_by, now)
    else:
        ended(desk.draft, DraftState.ORDERED)  # Raises, whatever the items are.
    desk, told = await as_wanted(connection, desk, wanted, confirmed_by, now)
    order = await confirm(
        connection,
        runtime,
        desk,
        confirmed_by=confirmed_by,
        told=_keeping(wanted, told, record, message_id),
        now=now,
    )
    action = _action(order, wanted, confirmed_by, message_id, now)
    after = await apply(connection, record, action, now=now)
    return Created(order, after, found, desk.draft)


async def _record(
    connection: AsyncConnection, tenant_id: str, message_id: str, now: datetime
) -> tuple[StoredMessage, AnalysisRecord]:
    """Return a message and its completed analysis, with its chat locked."""
    found = await find_messages(connection, tenant_id, [message_id])
    if not found:
        raise LookupError(message_id)
    await lock_chat(connection, tenant_id, found[0].conversation_id)
    # A turn may have ended while we waited.
    (message,) = await find_messages(connection, tenant_id, [message_id])
    record = await analysis_of(
        connection, message, most_attempts=MOST_ATTEMPTS, now=now
    )
    if record is None or record.status is not AnalysisStatus.COMPLETED:
        raise NotCompleted(record.status if record else None)
    return message, record


async def _first(
    connection: AsyncConnection, tenant_id: str, record: AnalysisRecord
) -> StoredOrder | None:
    """Return what was ordered of the analysis' draft first, else at its message."""
    if record.draft_id is not None:
        found = await order_of_draft(connection, tenant_id, record.draft_id)
        if found is not None:
            return found
    if record.order_id is None:
        return None
    return await load_order(connection, tenant_id, record.order_id)


async def _desk(
    connection: AsyncConnection,
    tenant_id: str,
    draft_id: str,
    record: AnalysisRecord,
    wanted: WantedOrder,
) -> Desk:
    """Return the draft at the version that the call confirms, held.

    That is the one that the caller names, else the analysis' own; who names every item
    has no need of the analysis' version. One that has no draft saw nothing of a draft
    with goods.
    """
    stored = await find_draft(connection, tenant_id, draft_id)
    if stored is None:
        raise LookupError(draft_id)
    current = stored.draft.version
    confirmed = wanted.draft_version
    if confirmed is None:
        is_unseen = record.draft_id != draft_id and not stored.draft.lines
        is_free = wanted.items is not None or is_unseen
        confirmed = current if is_free else record.draft_version
    if confirmed != current:
        raise DraftMoved(record.draft_version, current)
    return await hold(connection, tenant_id, draft_id, current)


async def _once_more(
    connection: AsyncConnection,
    runtime: Runtime,
    desk: Desk,
    confirmed_by: Evidence,
    now: datetime,
) -> Desk:
    """Return a draft of its own with the same content, for one more order."""
    again = replace(
        desk.draft,
        id=runtime.new_id("drf"),
        version=1,
        state=DraftState.OPEN,
        shown_version=None,
        shown=None,
        confirmed_by=None,
    )
    write = DraftWrite(
        tenant_id=desk.stored.tenant_id,
        conversation_id=desk.stored.conversation_id,
        draft=again,
        changes=(),
        actor=confirmed_by.actor or confirmed_by.source.value,
        created=True,
    )
    await write_drafts(connection, [write], now=now)
    return await hold(connection, desk.stored.tenant_id, again.id, again.version)


# -- what is kept ---------------------------------------------------------------------


def _keeping(
    wanted: WantedOrder, told: Told, record: AnalysisRecord, message_id: str
) -> Callable[[Order], Order]:
    """Return what adds to an order where it comes from, and what was said besides."""
    source: dict[str, JsonValue] = {"analysis": record.id, "message": message_id}
    contact = dict(told.contact) if told.contact else None
    data: dict[str, JsonValue] = {
        **(wanted.data or {}),
        "source": source,
        "contact": contact,
    }

    def line(each: OrderLine) -> OrderLine:
        return replace(each, data=told.lines.get(each.id, each.data))

    def keep(order: Order) -> Order:
        return replace(
            order,
            tags=wanted.tags,
            data={**order.data, wanted.face: data},
            lines=tuple(line(each) for each in order.lines),
        )

    return keep


def _action(
    order: Order,
    wanted: WantedOrder,
    by: Evidence,
    message_id: str,
    now: datetime,
) -> Applied:
    kind, _, who = (by.actor or by.source.value).partition(":")
    return Applied(
        order_id=order.id,
        order_no=order.given_number or str(order.number),
        actor_type=kind,
        actor_id=who or kind,
        allow_duplicate=wanted.allow_duplicate,
        created_at=now,
        message_id=message_id,
    )
