"""The seam to a merchant's system that placed orders go to."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Protocol

from orders.domain.order import Order
from orders.domain.rules import Field


@dataclass(frozen=True, slots=True)
class SinkTenant:
    """The merchant whose order it is."""

    id: str
    name: str
    timezone: str  #: IANA
    currency: str  #: ISO 4217
    country: str  #: ISO 3166-1 alpha-2


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


class Sink(Protocol):
    """One kind of system that placed orders go to.

    `deliver` may be called more than once with the same event (at least once); the
    receiver tells repeats by `event_id`, which travels as `webhook-id` and
    `Idempotency-Key`. It returns when the receiver has the event, and raises only
    `Refused` or `Unavailable` of `orders.outbox.delivery`.
    """

    kind: ClassVar[str]
    #: What an order needs before such a system can work on it.
    required: ClassVar[frozenset[Field]]

    async def deliver(self, delivery: SinkDelivery) -> None: ...
