"""What customers and shops say to each other, whatever the channel.

Provider vocabulary stops at the channel's translation; everything inward speaks these
types. They are stored as JSON, so fields are added, never renamed.
"""

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from bot.domain.origin import Origin
from bot.domain.outgoing import Rich
from bot.domain.value import Value as Value  # noqa: PLC0414  # part of the words

# -- people ---------------------------------------------------------------------------


class AliasKind(StrEnum):
    """What an id is; see `bot.domain.identity`."""

    PHONE = "phone"  #: E.164, made of a `wa_id`: people are never answered to it.
    WA_ID = "wa_id"  #: The digits of a number, as the provider wrote them.
    BSUID = "bsuid"  #: Meta's business-scoped user id.
    PARENT_BSUID = "ent_bsuid"  #: The same across a company's portfolios.
    LID = "lid"  #: The hidden id of gateways.
    USERNAME = "username"  #: Chosen by the person, and by another one later.


class Alias(Value):
    kind: AliasKind
    value: str


# -- content --------------------------------------------------------------------------


class Text(Value):
    type: Literal["text"] = "text"
    text: str


class ChoiceSource(StrEnum):
    BUTTON = "button"
    LIST = "list"
    TEMPLATE = "template"


class Tap(Value):
    """A button or a list row that was tapped. `id` is the customer's to forge."""

    type: Literal["tap"] = "tap"
    id: str
    title: str
    source: ChoiceSource = ChoiceSource.BUTTON


class CartItem(Value):
    retailer_id: str
    quantity: Decimal
    claimed_price: Decimal | None = None  #: What the phone showed. Never trusted.
    claimed_currency: str | None = None


class Cart(Value):
    """A catalog cart that the customer sent."""

    type: Literal["cart"] = "cart"
    catalog_id: str | None = None
    items: tuple[CartItem, ...] = ()
    note: str | None = None


class MediaKind(StrEnum):
    IMAGE = "image"
    VOICE = "voice"
    AUDIO = "audio"
    VIDEO = "video"
    DOCUMENT = "document"
    STICKER = "sticker"


class Media(Value):
    """A media message. The bytes are fetched later; `stored` is then their hash."""

    type: Literal["media"] = "media"
    kind: MediaKind
    provider_media_id: str | None = None
    mime: str | None = None  #: As claimed by the sender.
    sha256: str | None = None  #: Hex or base64, as claimed by the provider.
    size: int | None = None
    filename: str | None = None
    caption: str | None = None
    stored: str | None = None  #: Our hash of bytes that came with the message itself.


class Location(Value):
    type: Literal["location"] = "location"
    latitude: float
    longitude: float
    name: str | None = None
    address: str | None = None


class ContactCard(Value):
    name: str | None = None
    phones: tuple[str, ...] = ()


class Contacts(Value):
    type: Literal["contacts"] = "contacts"
    cards: tuple[ContactCard, ...] = ()
    requested: bool = False


class Reaction(Value):
    type: Literal["reaction"] = "reaction"
    target: str
    emoji: str | None = None  #: None: the reaction was taken back.


class Form(Value):
    """A filled form (a WhatsApp flow)."""

    type: Literal["form"] = "form"
    name: str | None = None
    fields: dict[str, str] = Field(default_factory=dict)


class System(Value):
    """The platform speaks: a number changed, an identity changed.

    Or a customer edited a message (`text`: its new words) or deleted it. Or our own
    clock: `event` is then "clock." and the name of a timer that fired.
    """

    type: Literal["system"] = "system"
    event: str
    text: str | None = None
    about: str | None = None  #: Of our clock: what its timer was set for.
    #: Of an `edit` or a `revoke`: provider id of the message that it is about.
    target: str | None = None
    #: Of a changed number or id: what the one who wrote goes by from now on, best alias
    #: first. The platform says so; what else follows is for us to judge.
    now_known_as: tuple[Alias, ...] = ()


class Unsupported(Value):
    """Valid, stored, and nothing that we can read: polls, unknown types ..."""

    type: Literal["unsupported"] = "unsupported"
    original_type: str
    code: int | None = None


Content = Annotated[
    Text
    | Tap
    | Cart
    | Media
    | Location
    | Contacts
    | Reaction
    | Form
    | System
    | Unsupported,
    Field(discriminator="type"),
]

#: Events that are about an earlier message, as System messages say them.
EDIT, REVOKE = "edit", "revoke"
CORRECTIONS = frozenset({EDIT, REVOKE})
#: Of what somebody wrote for the shop, past us, on its phone.
ECHO = "echo"
#: Of platform news: the person behind a number may be another one.
IDENTITY_CHANGED = frozenset({"customer_identity_changed", "user_identity_changed"})
#: Of a message whose content the platform does not have yet.
AWAITED = "awaited"
#: The error that says so, in Meta's numbers.
UNAVAILABLE = 131060

#: Content that never wakes a turn's supersede rule nor asks for an answer.
SILENT_TYPES = frozenset({"reaction", "system"})
#: Content that is a complete act in itself: the turn starts at once.
FLUSH_TYPES = frozenset({"tap", "cart", "form"})


# -- inbound --------------------------------------------------------------------------


class Sender(Value):
    """Who wrote: at least one alias, best one to answer first."""

    aliases: tuple[Alias, ...]
    name: str | None = None
    username: str | None = None
    #: What the platform knows the person's phone by; another one: another phone.
    identity: str | None = None


class ReplyTo(Value):
    """The message or the product that a message refers to."""

    provider_id: str | None = None
    product_retailer_id: str | None = None


class InboundMessage(Value):
    """One message of a customer, after the fan-out of a webhook body."""

    account: str  #: The provider's id of our account: WhatsApp's phone_number_id.
    provider_id: str
    sender: Sender
    sent_at: datetime  #: UTC, second precision at best.
    content: Content
    reply_to: ReplyTo | None = None
    origin: Origin | None = None
    #: Or `edit`, `revoke`, `awaited` (its content may come later under the same id), or
    #: `echo` (then `sender` is to whom the shop wrote): unique with the provider's id.
    event: str = "message"
    #: The bytes of its media, where they came along. Kept aside, never in JSON.
    inline: bytes | None = Field(default=None, exclude=True, repr=False)


#: Where a provider does not say when something happened: when it came to us.
AT_RECEIPT = datetime(1970, 1, 1, tzinfo=UTC)


class DeliveryState(StrEnum):
    """How far an outbound message got. Order matters: it never goes down."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    PLAYED = "played"
    FAILED = "failed"


class StatusUpdate(Value):
    """News about a message that we sent."""

    account: str
    provider_id: str
    state: DeliveryState
    at: datetime
    callback: str | None = None  #: The opaque data that we sent with the message.
    error_code: int | None = None
    error_title: str | None = None
    #: What the provider says that it costs: category, model, conversation ...
    pricing: dict[str, str] | None = None


class ConsentChanged(Value):
    """A customer told the platform whether they want promotional messages of ours."""

    account: str
    aliases: tuple[Alias, ...]
    wants: bool
    at: datetime


class AccountNews(Value):
    """News about an account of ours: kept raw for its owner, counted by its field."""

    field: str  #: One of those that the channel knows.
    account: str | None = None
    about: str | None = None  #: One word of the platform's, such as an event's name.
    serious: bool = False  #: Something of the account may not work any more.
    raw: str = ""


class LinkChanged(Value):
    """A gateway lost, or found again, its connection to WhatsApp."""

    account: str
    connected: bool
    reason: str  #: For people: why, or what is to be done.


class PersonChanged(Value):
    """News about a person's ids that names no number of ours.

    It holds for every number of the app that signed it.
    """

    account: str | None  #: The number of ours that it names.
    previous: tuple[Alias, ...]
    current: tuple[Alias, ...]
    at: datetime


class Quarantined(Value):
    """Signed, and not understood: kept raw, counted, answered with 200."""

    reason: str
    account: str | None = None
    raw: str = ""


class Ignored(Value):
    """Valid, and of no use to us. Counted by reason."""

    reason: str
    #: What was sent through a gateway's API: perhaps by us, who were not told so.
    own: InboundMessage | None = None


Received = (
    InboundMessage
    | StatusUpdate
    | ConsentChanged
    | AccountNews
    | PersonChanged
    | LinkChanged
    | Quarantined
    | Ignored
)


# -- outbound -------------------------------------------------------------------------


class Button(Value):
    id: str
    title: str


class Row(Value):
    id: str
    title: str
    description: str | None = None


class OutText(Value):
    type: Literal["text"] = "text"
    body: str


class OutButtons(Value):
    """A text with one to three reply buttons."""

    type: Literal["buttons"] = "buttons"
    body: str
    buttons: tuple[Button, ...]
    header: str | None = None
    footer: str | None = None


class OutList(Value):
    """A text with a sheet of up to ten rows."""

    type: Literal["list"] = "list"
    body: str
    button: str
    rows: tuple[Row, ...]
    footer: str | None = None


class OutImage(Value):
    type: Literal["image"] = "image"
    link: str
    caption: str | None = None
    #: It only goes along with words: no trouble with it may hold those up.
    beside: bool = False
    product: str | None = None  #: The id of the one that it shows, if it is known.
    variant: str | None = None


def written_for_the_shop(content: Content) -> "Content | OutText":
    """Return an echo's content as what the shop says is stored."""
    return OutText(body=content.text) if isinstance(content, Text) else content


OutContent = Annotated[
    OutText | OutButtons | OutList | OutImage | Rich, Field(discriminator="type")
]


class OutboundMessage(Value):
    """One message to a contact, ready for a channel to send."""

    to: Alias
    content: OutContent
    reply_to: str | None = None  #: Provider id of the message it answers.
