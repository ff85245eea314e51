"""All that was true when a turn began. Loaded once, never refreshed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from pydantic import (
    ValidationError,
    ValidatorFunctionWrapHandler,
    field_validator,
)

from bot.domain.message import Alias, Content, ReplyTo, Value
from catalog import Index
from orders import Draft, Order
from orders.domain.rules import Field
from orders.domain.shop import Shop


class Owner(StrEnum):
    BOT = "bot"
    AGENT = "agent"


class Asked(Value):
    """The question we asked last, so that a bare "2" or "yes" can be understood.

    `field` is what was asked for; with `choices` (ids, in the order shown) an answer
    may be a number. `about` is a line id or an unresolved id of the draft; of an
    address, why the one there is will not do (`orders.Unserved`).
    """

    field: Field
    choices: tuple[str, ...] = ()
    about: str | None = None


class Memory(Value):
    """What a conversation remembers between turns. Stored as JSON; fields are added."""

    welcomed: bool = False
    asked: Asked | None = None
    last_line: str | None = None  #: The line spoken of last: "make it 3".
    last_asked: str | None = None  #: The one product asked about since: "2 of those".
    misunderstood: int = 0  #: Turns in a row that we could not use.
    told_unsupported: tuple[str, ...] = ()  #: Content types answered once already.

    @field_validator("asked", mode="wrap")
    @classmethod
    def _asked_by_us(
        cls, stored: object, read: ValidatorFunctionWrapHandler
    ) -> Asked | None:
        """Forget a question that only a newer version asks; all else is remembered."""
        try:
            asked: Asked | None = read(stored)
        except ValidationError:
            return None
        return asked


@dataclass(frozen=True, slots=True)
class TurnMessage:
    """A message that the turn owns."""

    id: str
    seq: int
    content: Content
    sent_at: datetime
    received_at: datetime
    provider_id: str
    reply_to: ReplyTo | None = None
    late: bool = False  #: Sent before one that was already handled.


@dataclass(frozen=True, slots=True)
class Tenant:
    id: str
    name: str
    language: str
    timezone: str
    currency: str
    country: str


@dataclass(frozen=True, slots=True)
class Contact:
    id: str
    name: str | None
    phone: str | None
    address: Alias  #: What to answer to.
    opted_out: bool = False


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that `decide` may look at."""

    tenant: Tenant
    shop: Shop
    contact: Contact
    conversation_id: str
    owner: Owner
    memory: Memory
    language: str
    messages: tuple[TurnMessage, ...]
    draft: Draft
    index: Index
    #: What may be sold right now of the products in the draft: (product id, variant id)
    #: -> quantity, None when nobody counts. Fresher than the index; it wins.
    available: Mapping[tuple[str, str | None], Decimal | None]
    last_order: Order | None
    now: datetime
    order_id: str  #: Used only if this turn places the order.
    next_draft_id: str  #: Used only if this turn ends the draft.
    signing_key: bytes  #: Of confirmation buttons.
    old_signing_keys: tuple[bytes, ...] = ()  #: Of those that phones still show.
    media: Mapping[str, str] = field(default_factory=dict)  #: message id -> outcome
