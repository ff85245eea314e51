"""The seam to a merchant's system that placed orders go to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Protocol

from orders.domain.order import Order
from orders.domain.rules import Field
from orders.provisioning.around import Around
from orders.provisioning.memory import ShortMemory, SinkMemory
from orders.provisioning.options import SinkOptions


@dataclass(frozen=True, slots=True)
class SinkTenant:
    """The merchant whose order it is."""

    id: str
    name: str
    timezone: str  #: IANA
    currency: str  #: ISO 4217
    country: str  #: ISO 3166-1 alpha-2


@dataclass(frozen=True, slots=True)
class OrderStep:
    """What moved of an order; `SinkDelivery.order` is as it was right after."""

    kind: str  #: `state`, `payment`, `fulfilment`, `refund` or `contents`.
    value: str  #: What it moved to.
    actor: str
    message: str | None
    at: datetime
    amount: int | None = None  #: Of a refund: minor units.
    parts: Mapping[str, str] = field(default_factory=dict)  #: Of a fulfilment.
    responsible: str | None = None  #: The system that said so, by its own name.


@dataclass(frozen=True, slots=True)
class SinkDelivery:
    """One attempt to deliver one event. `event_id` is the same on every attempt."""

    event_id: str
    url: str
    secret: str  #: Opened; never logged.
    order: Order
    tenant: SinkTenant
    sent_at: datetime  #: The moment of this attempt: it is signed.
    secret_before: str | None = None  #: Signs, too, while the receiver changes over.
    sales_channel: str | None = None  #: Where the order came from, when it is known.
    cancelled_at: datetime | None = None  #: It tells that the order is cancelled.
    #: The sink's own settings, of the form that its kind has.
    options: Mapping[str, object] = field(default_factory=dict)
    #: What the sink made before, of kinds that make things one after the other.
    memory: SinkMemory = field(default_factory=ShortMemory)
    conversation_id: str | None = None  #: Of the chat in which it was ordered.
    step: OrderStep | None = None  #: It tells that the order moved on.
    #: What is stored around the order, for kinds that tell more than the order.
    around: Around = field(default_factory=Around)


class Sink(Protocol):
    """One kind of system that placed orders go to.

    `deliver` may be called more than once with the same event (at least once); the
    receiver tells repeats by `event_id`, which travels as `webhook-id` and
    `Idempotency-Key`. It returns when the receiver has the event: what the order is
    called there, if the receiver answers that and needs no more time, else None. It
    raises only `Refused` or `Unavailable` of `orders.outbox.delivery`.
    """

    kind: ClassVar[str]
    #: What an order needs before such a system can work on it.
    required: ClassVar[frozenset[Field]]
    #: Which settings of its own it takes.
    options: ClassVar[type[SinkOptions]]
    #: Whether its secret is a key of the other system's, and signs nothing.
    keyed: ClassVar[bool]

    async def deliver(self, delivery: SinkDelivery) -> str | None: ...
