"""Forgetting a contact: contents go, orders stay under a pseudonym.

What remains is what keeps a message from being stored twice (hashes), the empty shells
of contact and conversation, and orders as bought by nobody in particular. Whoever
writes again afterwards is somebody new.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    bindparam,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.forgetting import SENT, forgotten_key
from bot.inbox.assigning import ASSIGNMENT
from bot.inbox.audit import audited
from bot.inbox.clock import stop_clocks
from bot.inbox.ownership import lane_of
from bot.inbox.table import (
    contact,
    conversation,
    forgotten_message,
    media,
    message,
)
from bot.privacy.media import drop_later
from bot.privacy.pseudonyms import pseudonym_of, pseudonymised
from bot.privacy.rooms import ROOMS, Fate, Room, is_event, is_reply
from bot.privacy.subject import Subject, load_subject
from catalog.table import tenant
from orders import OrderState
from orders.codec import dump_order, load_order
from orders.outbox.store import State
from orders.table import (
    customer,
    order,
    order_call,
    order_move,
    outbox,
    outbox_attempt,
)

#: What a shell's messages would be answered to: nobody.
_NOBODY = {"kind": "lid", "value": "erased"}
_AT_ONCE = 1000

#: Of a customer only ids and dates of ours stay.
_UNKNOWN: dict[str, None] = dict.fromkeys(
    each.name
    for each in customer.c
    if each.name
    not in {
        *("id", "tenant_id", "contact_id", "created_at", "entity_version"),
        "updated_at",
    }
)

#: Nothing more is to be done about these.
_OVER = (OrderState.DELIVERED, OrderState.CANCELLED, OrderState.REFUNDED)


@dataclass(frozen=True, slots=True)
class Told:
    """An order that a system of the merchant was told of: it has to erase there."""

    sink_id: str
    order_id: str
    event_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Erased:
    """What was done about a contact, in ids and numbers."""

    contact_id: str
    erased_at: datetime  #: The first time.
    removed: dict[str, int]  #: Rows by room.
    pseudonym: str
    orders: int  #: Kept under the pseudonym.
    open_orders: tuple[str, ...]  #: Of these, those that are not finished.
    files: int  #: Taken away by a worker within minutes, unless others share them.
    told: tuple[Told, ...]


async def erase_contact(
    connection: AsyncConnection,
    tenant_id: str,
    contact_id: str,
    *,
    actor: str,
    audit: bool = True,
    new_id: Callable[[str], str],
    now: datetime,
) -> Erased | None:
    """Forget a contact in the caller's transaction; None: the tenant has none.

    A turn that runs is thrown away, and nothing more is sent. Doing it twice is fine.
    `audit`: write it down here (the API does that by itself).
    """
    await _lock(connection, tenant_id, contact_id)
    subject = await load_subject(connection, tenant_id, contact_id)
    if subject is None:
        return None
    erased_at = await _empty_shells(connection, subject, now)
    await stop_clocks(connection, tenant_id, subject.conversation_ids, now=now)
    await _remember_messages(connection, subject)
    files = await _files(connection, subject)
    contact_id = subject.contact_id
    name = pseudonym_of(contact_id)
    await _rename_orders(connection, subject, name)
    await _forget_answers(connection, subject)
    removed = {room.name: await _remove(connection, subject, room) for room in _GOING}
    await _let_go(connection, subject, files, new_id=new_id, now=now)
    report = Erased(
        contact_id=contact_id,
        erased_at=erased_at,
        removed={room: count for room, count in removed.items() if count},
        pseudonym=name,
        orders=len(subject.order_ids),
        open_orders=await _open_orders(connection, subject),
        files=len(files),
        told=await _told(connection, subject),
    )
    if audit:
        await audited(
            connection,
            id=new_id("audit"),
            tenant_id=tenant_id,
            actor=actor,
            action="erase_contact",
            target=contact_id,
            details={"orders": report.orders, "files": report.files},
            now=now,
        )
    return report


#: Children before their parents.
_GOING: tuple[Room, ...] = tuple(
    room for room in reversed(ROOMS) if room.fate is Fate.REMOVED
)


async def _remove(connection: AsyncConnection, subject: Subject, room: Room) -> int:
    gone = await connection.execute(delete(room.table).where(room.whose(subject)))
    return gone.rowcount


def _is_person(contact_id: str) -> ColumnElement[bool]:
    """Return the condition of a contact, and of all that are the same person."""
    kept = select(contact.c.merged_into).where(contact.c.id == contact_id)
    known = func.coalesce(kept.scalar_subquery(), contact_id)
    return or_(contact.c.id == known, contact.c.merged_into == known)


async def _lock(connection: AsyncConnection, tenant_id: str, contact_id: str) -> None:
    """Make turns, intake, agents and senders wait: afterwards they see the shell.

    A sender locks the reply that it begins: without our waiting for it, its attempt
    would appear between the removal of the attempts and that of the reply.
    """
    ids = await connection.execute(
        select(conversation.c.id)
        .where(
            conversation.c.tenant_id == tenant_id,
            conversation.c.contact_id.in_(
                select(contact.c.id).where(_is_person(contact_id))
            ),
        )
        .order_by(conversation.c.id)
        .with_for_update()
    )
    await connection.execute(
        select(outbox.c.id)
        .where(
            outbox.c.tenant_id == tenant_id,
            outbox.c.lane.in_([lane_of(each) for each in ids.scalars()]),
        )
        .order_by(outbox.c.id)
        .with_for_update()
    )


async def _empty_shells(
    connection: AsyncConnection, subject: Subject, now: datetime
) -> datetime:
    """Leave nothing in contact and conversation; return when it was done first."""
    await connection.execute(
        update(conversation)
        .where(conversation.c.id.in_(subject.conversation_ids))
        .values(
            address=_NOBODY,
            owner="bot",
            owner_id=None,
            language=None,
            memory={},
            attention=None,
            attention_at=None,
            handover_reason=None,
            handover_at=None,
            answered_at=None,
            **dict.fromkeys(ASSIGNMENT),
            last_inbound_at=None,
            ready_at=None,
            waiting_since=None,
            lease_until=None,
            # A turn that runs has the old fence: it can save nothing any more.
            fence=conversation.c.fence + 1,
            rev=conversation.c.rev + 1,
            attempts=0,
            supersedes=0,
            error=None,
            erased_at=func.coalesce(conversation.c.erased_at, _moment(now)),
        )
    )
    done = await connection.execute(
        update(contact)
        .where(contact.c.id.in_(subject.contact_ids))
        .values(
            name=None,
            identity_hash=None,
            identity_changed_at=None,
            # Nothing is ever sent to a shell.
            opted_out=True,
            opted_in_at=None,
            opted_in_how=None,
            erased_at=func.coalesce(contact.c.erased_at, _moment(now)),
        )
        .returning(contact.c.erased_at)
    )
    first: datetime = min(done.scalars())
    return first


def _moment(now: datetime) -> Any:  # noqa: ANN401  # SQLAlchemy's bind is untyped
    return bindparam(None, now, type_=contact.c.erased_at.type)


# -- messages -------------------------------------------------------------------------


async def _remember_messages(connection: AsyncConnection, subject: Subject) -> None:
    """Keep the hashes by which repetitions are known, and reports on what we sent."""
    place = (subject.tenant_id, subject.channel_id)
    rows = await connection.execute(
        select(message.c.event, message.c.provider_id).where(
            message.c.conversation_id.in_(subject.conversation_ids),
            message.c.provider_id.is_not(None),
        )
    )
    keys = [forgotten_key(*place, row.event, row.provider_id) for row in rows]
    called = await connection.execute(
        select(outbox.c.unique_key).where(is_reply(subject))
    )
    keys += [forgotten_key(*place, SENT, each) for each in called.scalars()]
    await remember(connection, subject.tenant_id, keys)


async def remember(
    connection: AsyncConnection, tenant_id: str, keys: Sequence[str]
) -> None:
    """Store hashes of messages that are about to be removed; known ones stay."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    put = dialect.insert(forgotten_message).on_conflict_do_nothing()
    rows = [{"hash": key, "tenant_id": tenant_id} for key in sorted(set(keys))]
    for start in range(0, len(rows), _AT_ONCE):
        await connection.execute(put, rows[start : start + _AT_ONCE])


async def _files(connection: AsyncConnection, subject: Subject) -> tuple[str, ...]:
    found = await connection.execute(
        select(media.c.sha256)
        .join(message, message.c.id == media.c.message_id)
        .where(
            message.c.conversation_id.in_(subject.conversation_ids),
            media.c.sha256.is_not(None),
        )
        .distinct()
    )
    return tuple(each for each in found.scalars() if each is not None)


async def _let_go(
    connection: AsyncConnection,
    subject: Subject,
    files: Sequence[str],
    *,
    new_id: Callable[[str], str],
    now: datetime,
) -> None:
    shard = await connection.execute(
        select(tenant.c.shard).where(tenant.c.id == subject.tenant_id)
    )
    await drop_later(
        connection,
        files,
        tenant_id=subject.tenant_id,
        shard=shard.scalar_one(),
        new_id=new_id,
        now=now,
    )


# -- orders ---------------------------------------------------------------------------


async def _rename_orders(
    connection: AsyncConnection, subject: Subject, name: str
) -> None:
    """Keep the orders, as those of nobody in particular."""
    rows = await connection.execute(
        select(order.c.id, order.c.body)
        .where(order.c.id.in_(subject.order_ids))
        .order_by(order.c.id)
        .with_for_update()
    )
    bodies = [
        {
            "row_id": row.id,
            "emptied": dump_order(pseudonymised(load_order(row.body), name)),
        }
        for row in rows
    ]
    if bodies:
        await connection.execute(
            update(order)
            .where(order.c.id == bindparam("row_id"))
            .values(body=bindparam("emptied"), checkout_url=None),
            bodies,
        )
    await connection.execute(
        update(order_move)
        .where(order_move.c.order_id.in_(subject.order_ids))
        .values(message=None)
    )
    await connection.execute(
        update(customer)
        .where(customer.c.id.in_(subject.customer_ids))
        .values({**_UNKNOWN, "name": name})
    )
    await connection.execute(
        update(order_call)
        .where(order_call.c.order_id.in_(subject.order_ids))
        .values(raw=None)
    )


async def _forget_answers(connection: AsyncConnection, subject: Subject) -> None:
    """Drop what sinks answered to news of the orders: it may repeat what they got."""
    await connection.execute(update(outbox).where(is_event(subject)).values(error=None))
    told = select(outbox.c.id).where(is_event(subject))
    await connection.execute(
        update(outbox_attempt)
        .where(outbox_attempt.c.outbox_id.in_(told))
        .values(error=None, exchanges=None)
    )


async def _open_orders(
    connection: AsyncConnection, subject: Subject
) -> tuple[str, ...]:
    found = await connection.execute(
        select(order.c.id)
        .where(order.c.id.in_(subject.order_ids), order.c.state.not_in(_OVER))
        .order_by(order.c.number)
    )
    return tuple(found.scalars())


async def _told(connection: AsyncConnection, subject: Subject) -> tuple[Told, ...]:
    """Return what sinks were told of the person, oldest first."""
    found = await connection.execute(
        select(outbox.c.payload, outbox.c.unique_key, outbox.c.done_at)
        .where(is_event(subject), outbox.c.state == State.DONE)
        .order_by(outbox.c.id)
    )
    return tuple(
        Told(
            row.payload["sink_id"], row.payload["order_id"], row.unique_key, row.done_at
        )
        for row in found
    )
