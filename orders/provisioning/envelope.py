"""An event as JSON: in the form of CloudEvents 1.0, or plain as it was before.

CloudEvents' structured mode: https://cloudevents.io. `partitionkey` is its documented
extension for what must stay in order.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from orders.provisioning.sink import SinkTenant

JSON: Final = "application/json"
CLOUD_EVENTS: Final = "application/cloudevents+json; charset=utf-8"
#: Of the forms of data. A new number is a form that old receivers cannot read.
VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, for those outside."""

    id: str  #: The same on every attempt; also `webhook-id`.
    type: str
    subject: str  #: Id of what it is about.
    at: datetime
    tenant_id: str
    data: Mapping[str, object]
    partition: str  #: Events of one are delivered one after the other.


def enveloped(
    event: Event, options: Mapping[str, object]
) -> tuple[dict[str, object], str]:
    """Return the body that a sink with these options gets, and its content type."""
    if options.get("format") == "cloudevents":
        return cloud_event(event), CLOUD_EVENTS
    return plain(event), JSON


def plain(event: Event) -> dict[str, object]:
    """Return the form of 0.1: the type, the moment and the data."""
    return {
        "type": event.type,
        "timestamp": event.at.isoformat(),
        "data": dict(event.data),
    }


def cloud_event(event: Event) -> dict[str, object]:
    """Return the event in CloudEvents' structured mode."""
    return {
        "specversion": "1.0",
        "id": event.id,
        "source": f"/tenants/{event.tenant_id}",
        "type": event.type,
        "subject": event.subject,
        "time": event.at.isoformat(),
        "datacontenttype": JSON,
        "dataschema": schema_of(event.type),
        "partitionkey": event.partition,
        "data": dict(event.data),
    }


def schema_of(event_type: str) -> str:
    """Return the name of the form of an event's data."""
    return f"urn:chatorder:event:{event_type}:{VERSION}"


def tenant_part(tenant: "SinkTenant") -> dict[str, object]:
    """Return the merchant as events of orders name them."""
    return {
        "id": tenant.id,
        "name": tenant.name,
        "timezone": tenant.timezone,
        "currency": tenant.currency,
        "country": tenant.country,
    }
