"""Every type of event that leaves the process: what it holds, and when it is sent.

One registry: what is sent is tested against these models, and docs/events.md is made
from them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from orders.domain import event_names as names
from orders.domain.order import Order


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Tenant(_Part):
    """The merchant."""

    id: str
    name: str
    timezone: str = Field(description="IANA")
    currency: str = Field(description="ISO 4217")
    country: str = Field(description="ISO 3166-1 alpha-2")


class TenantName(_Part):
    """The merchant, in events that are about no order."""

    id: str
    name: str


class OrderData(_Part):
    """An order with all of it."""

    tenant: Tenant
    order: Order = Field(description="as it is when the event is sent")


class Change(_Part):
    """What moved of an order."""

    kind: Literal["state", "payment", "fulfilment", "refund", "contents"]
    value: str = Field(
        description="the new state, payment or fulfilment status; of `contents`:"
        " `checkout`"
    )
    actor: str = Field(description="who moved it: a user, a key, a sink, a contact")
    message: str | None = Field(description="in the words of whoever did")
    at: datetime
    amount: int | None = Field(description="of a refund: minor units")
    parts: dict[str, str] = Field(
        description="of a fulfilment: how much of which line left"
    )


class OrderUpdated(_Part):
    """An order that moved on, as it stood right after, and what moved."""

    tenant: Tenant
    order: Order = Field(
        description="`state`, `payment_status`, `fulfilment_status`,"
        " `refunded_total`, `external_id` and `entity_version` are those right after"
    )
    change: Change


class OrderName(_Part):
    """An order by its names."""

    id: str
    number: int | None


class OrderOverdue(_Part):
    """An order that no system answers for."""

    tenant: TenantName
    order: OrderName
    waited_seconds: int


class DraftPart(_Part):
    """A draft at the version that its customer confirmed."""

    id: str
    version: int
    conversation_id: str


class DraftAwaiting(_Part):
    """A draft that an agent is to approve."""

    tenant: TenantName
    draft: DraftPart


class ConversationPart(_Part):
    """A conversation, and why a person is to look at it."""

    id: str
    channel_id: str | None
    why: str = Field(
        description="the reason of the handover (`request`, `complaint` ...), or what"
        " is to be looked at (`image`, `question`, `provisioning` ...)"
    )


class NeedsPerson(_Part):
    """A conversation in which a person's work begins."""

    tenant: TenantName
    conversation: ConversationPart


class AlarmPart(_Part):
    """Something that is wrong, or was. It names no person."""

    id: str
    kind: str
    subject: str = Field(description="id of the channel, conversation or draft")
    words: str
    raised_at: datetime
    cleared_at: datetime | None


class AlarmData(_Part):
    """An alarm that began, or ended."""

    tenant: TenantName
    alarm: AlarmPart


@dataclass(frozen=True, slots=True)
class EventType:
    """A type of event."""

    name: str
    model: type[BaseModel]
    trigger: str
    subject: str  #: What `subject` is the id of.
    partition: str  #: Of what events come one after the other.


def _alarm(about: str, word: str) -> EventType:
    began = "begins" if word == "raised" else "is over"
    return EventType(
        f"{about}.alarm.{word}",
        AlarmData,
        f"Something that is wrong with a {about} {began}; once.",
        f"the {about}, or the app of a channel",
        "the subject",
    )


_TYPES: Final = (
    EventType(
        names.ORDER_PLACED,
        OrderData,
        "An order was placed: confirmed in a chat, by an agent, or by a program.",
        "the order",
        "the order",
    ),
    EventType(
        names.ORDER_UPDATED,
        OrderUpdated,
        "An order's state, payment, fulfilment, refund or contents moved. Its own"
        " acceptance and its cancellation are not told so.",
        "the order",
        "the order",
    ),
    EventType(
        names.ORDER_CANCELLED,
        OrderData,
        "An order was cancelled: by its customer, the shop, or a merchant's system.",
        "the order",
        "the order",
    ),
    EventType(
        names.PROVISIONING_OVERDUE,
        OrderOverdue,
        "No system has said within CHATORDER_PROVISIONING_OVERDUE_SECONDS what became"
        " of an order.",
        "the order",
        "the order, apart from its other events",
    ),
    EventType(
        names.DRAFT_AWAITING,
        DraftAwaiting,
        "A customer confirmed, and the shop wants an agent to approve.",
        "the draft",
        "the draft",
    ),
    EventType(
        names.NEEDS_PERSON,
        NeedsPerson,
        "The bot handed a conversation over, or there is something to look at.",
        "the conversation",
        "the conversation",
    ),
    *(
        _alarm(about, word)
        for about in ("channel", "conversation", "draft")
        for word in ("raised", "cleared")
    ),
)

EVENT_TYPES: Final[Mapping[str, EventType]] = {each.name: each for each in _TYPES}
