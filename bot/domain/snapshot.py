"""All that was true when a turn began. Loaded once, never refreshed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from pydantic import (
    ValidationError,
    ValidatorFunctionWrapHandler,
    field_validator,
)

from bot.domain.handed import Handover
from bot.domain.message import Alias, Content, ReplyTo, Value
from catalog import Index
from orders import Address, Change, Draft, DraftState, Order
from orders.domain.replaying import Earlier, Step
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
    more: tuple[Field, ...] = ()  #: What was asked for in the same question.

    @property
    def fields(self) -> tuple[Field, ...]:
        """All that was asked for, the first thing first."""
        return (self.field, *self.more)


class Offered(Value):
    """What we offered to do, and waits for a yes."""

    what: str  #: A `bot.domain.courtesies.About`; a newer version may know more.
    about: str  #: Id of a draft, or of an order.


class Loop(Value):
    """How much of the talk looks like another program's; see `bot.domain.looping`."""

    quick: int = 0  #: Turns in a row that came as fast as no person writes.
    idle: int = 0  #: Of these the last ones that brought nothing on.
    same: int = 0  #: Turns in a row in which one of us said the same again.
    heard: str = ""  #: A stand-in for what was heard last.
    said: str = ""  #: A stand-in for what was said last.
    muted: bool = False


class Memory(Value):
    """What a conversation remembers between turns. Stored as JSON; fields are added."""

    welcomed: bool = False
    asked: Asked | None = None
    last_line: str | None = None  #: The line spoken of last: "make it 3".
    last_asked: str | None = None  #: The one product asked about since: "2 of those".
    misunderstood: int = 0  #: Turns in a row that we could not use.
    told_unsupported: tuple[str, ...] = ()  #: Content types answered once already.
    #: Provider ids of messages that were deleted, or edited, before they came.
    deleted_early: tuple[str, ...] = ()
    edited_early: tuple[str, ...] = ()
    language_told: bool = False  #: The customer's own words told their language.
    told_languages: bool = False  #: Which languages we speak was said, once.
    offered: Offered | None = None
    reminded: str | None = None  #: The draft that was asked about, once.
    put_away: str | None = None  #: The draft that ended unfinished, until told.
    owes_sorry: bool = False  #: Old words were taken in without an answer.
    loop: Loop = Loop()
    referred: str | None = None  #: The draft that a person was asked about, once.
    paced_until: datetime | None = None  #: See `bot.domain.pacing`.
    pictured: str | None = None  #: The question whose choices were shown in pictures.

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


class Subject(Value):
    """A product that a message was about; `line` is that of the draft then."""

    product: str
    variant: str | None = None
    line: str | None = None


@dataclass(frozen=True, slots=True)
class Quoted:
    """The earlier message that a message answers."""

    known: bool = False  #: False: we never saw it, or do not have it any more.
    message_id: str | None = None
    text: str = ""
    subjects: tuple[Subject, ...] = ()  #: What it was about, when it was handled.


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
    aside: str | None = None  #: Why it is not heard: it was deleted ...
    #: Id of a handled message that this one edits or deletes: see bot.domain.amending.
    amends: str | None = None
    quoted: Quoted | None = None  #: What it answers; buttons are no such answers.
    #: Of a reaction: the ids of the buttons under the message of ours that it is on.
    reacted_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Caused:
    """What is known of the turn of a message that was handled."""

    ref: str  #: The message.
    said: str  #: Its words so far.
    draft_id: str | None = None  #: The draft that its turn changed, or left as it was.
    created: Draft | None = None  #: That draft, as it began.
    log: tuple[Step, ...] = ()
    order: int | None = None  #: Number of the order that the draft became.
    confirmed: bool = False  #: It was the customer's yes to that order.
    legible: bool = True  #: False: a newer version wrote the log.
    memory: Memory | None = None  #: Of the conversation, when its turn began.


class Fate(StrEnum):
    """What a correction comes to."""

    NOTHING = "nothing"  #: The message caused nothing that stands.
    TAKEN_BACK = "taken_back"
    ORDERED = "ordered"  #: It is part of an order: people decide.
    UNTOLD = "untold"  #: Later words built on it: the customer is asked.


@dataclass(frozen=True, slots=True)
class Correction:
    """An edit or a delete of a handled message, with what follows from it."""

    message_id: str  #: Of the edit or the delete.
    deleted: bool
    fate: Fate
    caused: Caused
    now: str = ""  #: The new words.
    change: Change | None = None  #: Undoes what the message caused.

    @property
    def is_heard(self) -> bool:
        """Return whether the new words are taken like any others."""
        heard = (Fate.NOTHING, Fate.TAKEN_BACK)
        return not self.deleted and self.fate in heard


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of a draft of before; `order`: the number of what it became."""

    state: DraftState
    order: int | None = None


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
    #: Another phone answers to the number since their last order: it may be another
    #: person, of whom we know nothing.
    may_be_another: bool = False


@dataclass(frozen=True, slots=True)
class Buyer:
    """Whom the shop knows the contact as, from orders of before or its own lists."""

    id: str
    name: str | None = None
    phone: str | None = None
    email: str | None = None
    tax_id: str | None = None
    address: Address | None = None  #: Where they have it delivered unless they say.


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
    #: What the draft was before its last change, where that is asked for.
    past: Earlier | None = None
    #: What became of drafts of before whose buttons were tapped, by the drafts' ids.
    ended: Mapping[str, Ended] = field(default_factory=dict)
    elsewhere: frozenset[str] = frozenset()  #: Ids of our buttons of other chats.
    #: Edits and deletes of messages that were handled before, as they were sent.
    corrections: tuple[Correction, ...] = ()
    #: What is remembered now, where `memory` is that of a message that was edited.
    since: Memory | None = None
    #: When our last message went out, and when the customer wrote before this turn.
    spoke_at: datetime | None = None
    heard_at: datetime | None = None
    #: How long after the customer's last word the channel takes free words.
    window: timedelta | None = None
    more: bool = False  #: More of a backlog waits than this turn takes.
    attention: str | None = None  #: What a person is to look at, from before.
    put_away: Draft | None = None  #: The draft that ended unfinished, until told.
    buyer: Buyer | None = None  #: None: the contact is no customer yet.
    handover: Handover | None = None  #: Only while an agent owns the conversation.
    #: The languages that we speak: code -> its name in itself; none: any.
    spoken: Mapping[str, str] = field(default_factory=dict)
    #: The catalog of the channel by which products are shown as cards; None: in words.
    catalog_id: str | None = None

    def answers_in(self, told: str | None) -> str:
        """Return the language to answer in when the words tell that one, or none.

        One that we do not speak leaves the conversation in its own, which is the
        shop's until the customer told another.
        """
        if told is None or (self.spoken and told not in self.spoken):
            return self.language
        return told
