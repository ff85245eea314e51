"""What shops say beside words, choices and pictures; the rest is `bot.domain.message`.

`body` or `caption` is what is read; where a channel cannot show more, it says it all.
They are stored as JSON, so fields are added, never renamed.
"""

from typing import Literal

from bot.domain.value import Value


class OutDocument(Value):
    """A file at a public address, under a name."""

    type: Literal["document"] = "document"
    link: str
    filename: str | None = None
    caption: str | None = None


class OutLink(Value):
    """A text with one button that opens a web page."""

    type: Literal["link"] = "link"
    body: str
    title: str  #: Of the button.
    url: str
    header: str | None = None
    footer: str | None = None


class OutLocationRequest(Value):
    """A text with one button that shares where the customer is."""

    type: Literal["location_request"] = "location_request"
    body: str


class ProductCard(Value):
    """A product by its id in the catalog of a channel, and its name for elsewhere."""

    retailer_id: str
    name: str


class OutProduct(Value):
    """One product of a channel's catalog, to be looked at and put into a cart."""

    type: Literal["product"] = "product"
    body: str
    catalog_id: str
    card: ProductCard
    footer: str | None = None
    link: str | None = None  #: A picture of it, for where there is no catalog.


class ProductSection(Value):
    title: str
    cards: tuple[ProductCard, ...]


class OutProducts(Value):
    """Up to thirty products of a channel's catalog, in sections."""

    type: Literal["products"] = "products"
    header: str
    body: str
    catalog_id: str
    sections: tuple[ProductSection, ...]
    footer: str | None = None


class OutCatalog(Value):
    """A button that opens the catalog of the account itself."""

    type: Literal["catalog"] = "catalog"
    body: str
    thumbnail: str  #: The retailer id of the product whose picture it shows.
    footer: str | None = None


class OutTemplate(Value):
    """A text that the provider approved before: it may begin a conversation.

    `body` is what it says, as far as we know: shown to people, and said instead where
    there are no templates.
    """

    type: Literal["template"] = "template"
    name: str
    language: str  #: As the template has it, such as `pt_BR`.
    parameters: tuple[str, ...] = ()  #: Of its body, in their order.
    header: str | None = None  #: The parameter of its header.
    button: str | None = None  #: What its first button adds to its address.
    body: str = ""


class OutReaction(Value):
    """An emoji on a message. None takes ours off."""

    type: Literal["reaction"] = "reaction"
    target: str  #: Provider id of the message.
    emoji: str | None = None


Rich = (
    OutDocument
    | OutLink
    | OutLocationRequest
    | OutProduct
    | OutProducts
    | OutCatalog
    | OutTemplate
    | OutReaction
)
