"""What other systems hear of a placed order, and who notices when they stay silent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from orders.domain.event_names import DRAFT_AWAITING, NEEDS_PERSON, ORDER_PLACED
from orders.domain.events import SinkAccount, provisioning_events
from orders.domain.routing import Facts, routed
from orders.outbox.store import Item, Topic

_NOTHING = Facts()

#: The kind of the timer that notices that no sink answers.
PROVISIONING_OVERDUE = "provisioning_overdue"


def overdue_key(order_id: str) -> str:
    """Return the name of that timer for one order."""
    return f"provisioning-overdue:{order_id}"


def provisioning_items(
    order_id: str,
    *,
    tenant_id: str,
    shard: int,
    sinks: Iterable[SinkAccount],
    now: datetime,
    overdue_at: datetime,
    facts: Facts = _NOTHING,
) -> list[Item]:
    """Return the events for the sinks, and the timer that notices their silence.

    `facts` say which of the sinks take it.
    """
    chosen = routed(sinks, ORDER_PLACED, facts)
    events = provisioning_events(order_id, tenant_id, chosen)
    items = [
        Item(
            tenant_id=tenant_id,
            shard=shard,
            topic=Topic.EVENT,
            lane=event.lane,
            unique_key=event.unique_key,
            payload=event.payload,
            due_at=now,
        )
        for event in events
    ]
    if events:
        timer = Item(
            tenant_id=tenant_id,
            shard=shard,
            topic=Topic.TIMER,
            unique_key=overdue_key(order_id),
            payload={"kind": PROVISIONING_OVERDUE, "order_id": order_id},
            due_at=overdue_at,
        )
        items.append(timer)
    return items


@dataclass(frozen=True, slots=True)
class Note:
    """Something that the merchant's own systems may want to know. It names nobody."""

    type: str
    subject: str  #: Id of what it is about.
    mark: str  #: Tells one occasion of the subject from the next, for ever.
    data: Mapping[str, object]


def note_items(
    note: Note,
    *,
    tenant_id: str,
    shard: int,
    sinks: Iterable[SinkAccount],
    facts: Facts = _NOTHING,
    now: datetime,
) -> list[Item]:
    """Return the events of a note for the sinks that hear of it."""
    return [
        Item(
            tenant_id=tenant_id,
            shard=shard,
            topic=Topic.EVENT,
            lane=f"note:{note.subject}:sink:{sink.id}",
            unique_key=f"{note.type}:{note.subject}:{note.mark}:sink:{sink.id}",
            payload={
                "type": note.type,
                "tenant_id": tenant_id,
                "sink_id": sink.id,
                "subject": note.subject,
                "at": now.isoformat(),
                "data": dict(note.data),
            },
            due_at=now,
        )
        for sink in routed(sinks, note.type, facts)
        if sink.tenant_id == tenant_id
    ]


def draft_awaits(draft_id: str, version: int, conversation_id: str) -> Note:
    """Return that an agent is to approve what a customer confirmed."""
    about = {"id": draft_id, "version": version, "conversation_id": conversation_id}
    return Note(DRAFT_AWAITING, draft_id, f"v{version}", {"draft": about})


def person_needed(
    conversation_id: str, why: str, *, mark: str, channel_id: str | None = None
) -> Note:
    """Return that a person is to look at a conversation, and why."""
    about = {"id": conversation_id, "channel_id": channel_id, "why": why}
    return Note(NEEDS_PERSON, conversation_id, mark, {"conversation": about})
