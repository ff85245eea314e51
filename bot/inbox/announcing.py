"""What other systems hear of a placed order, and who notices when they stay silent."""

from collections.abc import Iterable
from datetime import datetime

from orders.domain.events import SinkAccount, provisioning_events
from orders.outbox.store import Item, Topic

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
) -> list[Item]:
    """Return the events for the sinks, and the timer that notices their silence."""
    events = provisioning_events(order_id, tenant_id, sinks)
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
