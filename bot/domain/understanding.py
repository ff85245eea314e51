"""The understanding: a reader's typed, validated proposal of what a turn says.

It describes and never decides. It holds no price, no stock and no total; products are
named in the customer's words (`Mention.text`) or, by a reader that was given numbered
candidates, by `Mention.candidate`. Every claim points at the words it came from.
"""

from decimal import Decimal
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from bot.domain.regions import Region


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Intent(StrEnum):
    """What the customer wants, in the words of docs/glossary.md."""

    GREET = "greet"
    BROWSE = "browse"
    ASK_PRODUCT = "ask_product"
    ORDER = "order"
    CHANGE = "change"
    REMOVE = "remove"
    REPEAT = "repeat"
    UNDO = "undo"  #: Back to how the order was before the last change.
    CHOOSE = "choose"
    CONFIRM = "confirm"
    DECLINE = "decline"
    CANCEL_DRAFT = "cancel_draft"
    ASK_DELIVERY = "ask_delivery"  #: Whether, where or for how much we deliver.
    ORDER_STATUS = "order_status"
    CANCEL_ORDER = "cancel_order"
    COMPLAINT = "complaint"
    HUMAN = "human"
    STOP = "stop"
    START = "start"
    THANKS = "thanks"
    OTHER = "other"


class Act(StrEnum):
    """What is said about a product."""

    ADD = "add"  #: "2 latte", "and a croissant"
    SET = "set"  #: "make it 3", "make the latte 3"
    REMOVE = "remove"  #: "no croissant", "remove the latte"
    REPLACE = "replace"  #: "croissant instead of the bagel"
    ASK = "ask"  #: "do you have ...?", "how much is ...?"


class Sentiment(StrEnum):
    POSITIVE = "positive"
    NEUTRAL = "neutral"
    NEGATIVE = "negative"


class Priority(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class Quote(Part):
    """Verbatim words of one of the turn's messages (0 is the oldest)."""

    message: int = Field(ge=0)
    text: str


class OptionMention(Part):
    """Something said about an item: "oat milk", "no sugar", "extra cheese"."""

    text: str
    negated: bool = False
    qualifier: str | None = None
    #: Ids of the option group and its value, when the reader knows which are meant.
    group: str | None = None
    value: str | None = None
    count: int | None = Field(default=None, ge=1, le=100)  #: "two shots"


class SeenProduct(Part):
    """A product that a picture shows."""

    product_id: str
    variant_id: str | None = None
    probability: float = Field(ge=0, le=1)
    why: str  #: `code`: by a bar code or QR code; `picture`: by the catalog's picture.


class Sight(Part):
    """What one thing in a picture may be. Told by code, never by a model."""

    products: tuple[SeenProduct, ...] = Field(min_length=1)
    sure: bool  #: It is the first; else it may be any of them.
    message: int | None = None  #: The message of the turn that it was seen in.


class Spot(Part):
    """The picture that shows something, and where in it."""

    message_id: str  #: Of the message that the picture came with.
    region: Region | None = None  #: None: nobody knows, or all of it.


class Topic(StrEnum):
    """What a question about a product is about, beside its price and its stock."""

    FACT = "fact"  #: Something that its record may say: "is it gluten free?"
    FORMS = "forms"  #: What it comes in: "which sizes are there?"
    PICTURE = "picture"  #: "can I see a photo?"
    RESTOCK = "restock"  #: "when will it be back?"
    CHEAPER = "cheaper"  #: "which is cheaper, A or B?"


class FactPointer(Part):
    """A fact of the catalog that answers: an id of `catalog.domain.facts`."""

    product_id: str
    fact: str


class Asks(Part):
    """What is asked about a product. Facts are pointed at, and quoted by code."""

    topic: Topic = Topic.FACT
    facts: tuple[FactPointer, ...] = ()  #: The best first; none: nothing answers it.


#: What stands for the name of a thing in a picture that is still to be told.
PICTURED = "\N{CAMERA}"


class Mention(Part):
    """A piece of text (or image) that names a product, or points at a line.

    `text` is empty when the words only point ("make it 3"): then the last line spoken
    of is meant, or `ordinal` (1 is the first line, -1 the last) when it was said.
    """

    act: Act = Act.ADD
    text: str = ""
    candidate: str | None = None  #: "c1" ... when the reader was given candidates.
    quantity: Decimal | None = Field(default=None, gt=0, le=1_000_000)
    unit: str | None = None  #: As said: "kg", "koli".
    options: tuple[OptionMention, ...] = ()
    ordinal: int | None = None
    replaces: str | None = None  #: The words for what goes, with `Act.REPLACE`.
    note: str | None = None
    quote: Quote | None = None
    confidence: float = Field(default=1.0, ge=0, le=1)
    sight: Sight | None = None  #: It is what a picture shows, whatever `text` says.
    spot: Spot | None = None  #: Where it was seen; it may be beside `quote`'s message.
    #: With `Act.ASK`: what is asked beside price and stock; None: what is told anyway.
    asks: Asks | None = None


class Detail(StrEnum):
    """A fact about the order that is not a product."""

    NAME = "name"
    PHONE = "phone"
    EMAIL = "email"
    TAX_ID = "tax_id"
    FULFILMENT = "fulfilment"  #: value `delivery` or `pickup`
    ADDRESS = "address"
    DATE = "date"
    PAYMENT = "payment"
    COUPON = "coupon"
    GIFT_NOTE = "gift_note"
    NOTE = "note"
    COMPANY = "company"
    TAX_OFFICE = "tax_office"
    BUSINESS = "business"  #: value `yes` or `no`: whether a company buys
    RECIPIENT = "recipient"  #: who receives it, where that is somebody else
    RECIPIENT_PHONE = "recipient_phone"
    EXTRA = "extra"  #: the answer to the shop's own question


class DetailMention(Part):
    detail: Detail
    value: str
    quote: Quote | None = None


class Rank(StrEnum):
    CHEAPEST = "cheapest"
    DEAREST = "dearest"


class Pick(Part):
    """An answer to a question that offered choices: by number or by words."""

    number: int | None = None  #: 1 is the first; -1 the last.
    text: str | None = None
    #: "2 of the second one"; counted in the unit that the product is sold in.
    quantity: Decimal | None = Field(default=None, gt=0, le=1_000_000)
    refused: bool = False  #: "not the red one": any but what it names.
    rank: Rank | None = None  #: "the cheaper one".
    #: "the 85 one": what it costs, where that is no place in a list.
    price: Decimal | None = Field(default=None, ge=0, le=1_000_000)


class Entities(Part):
    """Ticaret.pro's `entities`: the first mention, in the customer's words."""

    product_name: str | None = None
    color: str | None = None
    size: str | None = None
    amount: str | None = None
    date: str | None = None


class VisualAttributes(Part):
    """What a picture shows of a product: Ticaret.pro's `visualSearch.attributes`."""

    product_type: str | None = None
    color: str | None = None
    model: str | None = None
    pattern: str | None = None
    material: str | None = None
    brand: str | None = None
    visible_text: str | None = None
    style: str | None = None
    shape: str | None = None
    other_features: str | None = None


class VisualStatus(StrEnum):
    """What the catalog says to a picture: Ticaret.pro's `visualSearch.matchStatus`."""

    NOT_SEARCHED = "not_searched"
    HIGH_CONFIDENCE = "high_confidence"
    AMBIGUOUS = "ambiguous"
    LOW_CONFIDENCE = "low_confidence"
    NO_MATCH = "no_match"
    FAILED = "failed"


class Visual(Part):
    """What was seen in the picture of one of the turn's messages."""

    message: int = Field(ge=0)
    description: str = ""
    query: str = ""  #: Words to look the product up with.
    attributes: VisualAttributes = VisualAttributes()
    status: VisualStatus = VisualStatus.NOT_SEARCHED
    candidate_count: int = 0
    warnings: tuple[str, ...] = ()


class Understanding(Part):
    """What one turn says. `intents` lists every intent, the leading one first."""

    intents: tuple[Intent, ...] = Field(default=(Intent.OTHER,), min_length=1)
    mentions: tuple[Mention, ...] = ()
    details: tuple[DetailMention, ...] = ()
    pick: Pick | None = None
    language: str | None = None  #: ISO 639-1, None when the words do not tell.
    confidence: float = Field(default=1.0, ge=0, le=1)
    sentiment: Sentiment = Sentiment.NEUTRAL
    priority: Priority = Priority.NORMAL
    summary: str = ""
    suggested_reply: str | None = None  #: For the agent; never sent by itself.
    entities: Entities = Entities()
    visual: tuple[Visual, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def intent(self) -> Intent:
        """The leading intent."""
        return self.intents[0]

    def says(self, intent: Intent) -> bool:
        """Return whether the turn says that among other things."""
        return intent in self.intents
