"""Events as signed JSON, for a system that has no shape of its own."""

from datetime import datetime
from typing import ClassVar, Literal

import aiohttp

from orders.codec import dump_order
from orders.domain.event_names import ORDER_CANCELLED, ORDER_PLACED, ORDER_UPDATED
from orders.domain.order import Order
from orders.domain.rules import Field
from orders.provisioning.envelope import Event, enveloped, plain, tenant_part
from orders.provisioning.options import SinkOptions
from orders.provisioning.post import post
from orders.provisioning.sink import OrderStep, SinkDelivery, SinkTenant


class WebhookOptions(SinkOptions):
    """How events look. A sink without it is one of before: it gets `plain`."""

    always: ClassVar[frozenset[str]] = frozenset({"format"})

    format: Literal["cloudevents", "plain"] = "cloudevents"


class WebhookSink:
    """Any URL that takes a signed JSON event."""

    kind: ClassVar[str] = "webhook"
    required: ClassVar[frozenset[Field]] = frozenset()
    options: ClassVar[type[SinkOptions]] = WebhookOptions
    keyed: ClassVar[bool] = False

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def deliver(self, delivery: SinkDelivery) -> None:
        """Send the order. Raises Refused or Unavailable."""
        shape, content_type = enveloped(event_of(delivery), delivery.options)
        await post(self._session, delivery, shape, content_type=content_type)


def event_of(delivery: SinkDelivery) -> Event:
    """Return the event of an order with all of the order.

    Decimals are texts, amounts integers of minor units. Its time is the order's, or
    that of its step, so that every attempt sends the same bytes.
    """
    order, step = delivery.order, delivery.step
    name, at = ORDER_PLACED, order.placed_at
    data: dict[str, object] = {
        "tenant": tenant_part(delivery.tenant),
        "order": dump_order(order),
    }
    if delivery.cancelled_at is not None:
        name, at = ORDER_CANCELLED, delivery.cancelled_at
    elif step is not None:
        name, at = ORDER_UPDATED, step.at
        data["change"] = _change(step)
    return Event(
        id=delivery.event_id,
        type=name,
        subject=order.id,
        at=at,
        tenant_id=delivery.tenant.id,
        data=data,
        partition=order.id,
    )


def _change(step: OrderStep) -> dict[str, object]:
    return {
        "kind": step.kind,
        "value": step.value,
        "actor": step.actor,
        "message": step.message,
        "at": step.at.isoformat(),
        "amount": step.amount,
        "parts": dict(step.parts),
    }


def body(
    order: Order, tenant: SinkTenant, cancelled_at: datetime | None = None
) -> dict[str, object]:
    """Return the plain body of `order.placed`, or `order.cancelled`."""
    return plain(
        event_of(
            SinkDelivery(
                event_id="",
                url="",
                secret="",
                order=order,
                tenant=tenant,
                sent_at=order.placed_at,
                cancelled_at=cancelled_at,
            )
        )
    )
