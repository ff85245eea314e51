"""Orders as plain signed JSON, for a system that has no shape of its own."""

from typing import ClassVar

import aiohttp

from orders.codec import dump_order
from orders.domain.events import ORDER_PLACED
from orders.domain.order import Order
from orders.domain.rules import Field
from orders.provisioning.post import post
from orders.provisioning.sink import SinkDelivery, SinkTenant


class WebhookSink:
    """Any URL that takes a signed JSON event."""

    kind: ClassVar[str] = "webhook"
    required: ClassVar[frozenset[Field]] = frozenset()

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def deliver(self, delivery: SinkDelivery) -> None:
        """Send the order. Raises Refused or Unavailable."""
        shape = body(delivery.order, delivery.tenant)
        await post(self._session, delivery, shape)


def body(order: Order, tenant: SinkTenant) -> dict[str, object]:
    """Return the event `order.placed` with the whole order.

    Decimals are texts, amounts integers of minor units. The timestamp is the order's,
    so that every attempt sends the same bytes.
    """
    return {
        "type": ORDER_PLACED,
        "timestamp": order.placed_at.isoformat(),
        "data": {
            "tenant": {
                "id": tenant.id,
                "name": tenant.name,
                "timezone": tenant.timezone,
                "currency": tenant.currency,
                "country": tenant.country,
            },
            "order": dump_order(order),
        },
    }
