"""What an order's life tells the outside: one event per sink, with a stable key."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from orders.domain.event_names import (
    ORDER_CANCELLED as ORDER_CANCELLED,  # noqa: PLC0414  # its old home
)
from orders.domain.event_names import (
    ORDER_PLACED as ORDER_PLACED,  # noqa: PLC0414  # its old home
)


class SinkState(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class SinkAccount:
    """A tenant's sink as stored. `secret` is sealed; only its owner can open it."""

    id: str
    tenant_id: str
    kind: str  #: A name of `orders.provisioning.registry.SINKS`.
    url: str
    secret: str
    state: SinkState = SinkState.ACTIVE
    secret_before: str | None = None  #: Sealed; signs, too, until then:
    secret_before_until: datetime | None = None
    public_only: bool = False  #: Its host must be one of the public internet.
    #: Settings of its kind: see `orders.provisioning.options`.
    options: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Something for the outbox. Events of one lane are delivered one by one.

    `unique_key` never changes: it is the receiver's idempotency key.
    """

    unique_key: str
    lane: str
    payload: Mapping[str, str]


def placed_key(order_id: str, sink_id: str) -> str:
    """Return the name for ever of a placed order's event for a sink, and its lane."""
    return f"order:{order_id}:sink:{sink_id}"


def provisioning_events(
    order_id: str, tenant_id: str, sinks: Iterable[SinkAccount]
) -> tuple[Outgoing, ...]:
    """Return the event of a placed order for each of the tenant's sinks.

    Those of a paused sink wait until somebody activates it.
    """
    return tuple(
        Outgoing(
            unique_key=placed_key(order_id, sink.id),
            # Of one sink: a system that fails holds up no other.
            lane=placed_key(order_id, sink.id),
            payload={
                "type": ORDER_PLACED,
                "tenant_id": tenant_id,
                "order_id": order_id,
                "sink_id": sink.id,
            },
        )
        for sink in sinks
        if sink.tenant_id == tenant_id
    )


def cancelled_event(placed: Outgoing) -> Outgoing:
    """Return the event that follows when a placed order's event was not in vain.

    It goes in the same lane: nobody hears of the end before the beginning.
    """
    return Outgoing(
        unique_key=f"{placed.unique_key}:cancelled",
        lane=placed.lane,
        payload={**placed.payload, "type": ORDER_CANCELLED, "of": placed.unique_key},
    )
