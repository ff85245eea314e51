"""What a phone shows: one bubble per message, frozen; change returns a new one."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from bot.simulator import bodies


class Tick(StrEnum):
    """How far a message got. It never goes back."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


_RANK = {Tick.SENT: 0, Tick.FAILED: 1, Tick.DELIVERED: 2, Tick.READ: 3}


def further(now: Tick, news: Tick) -> Tick:
    """Return the later of two ticks."""
    return max(now, news, key=_RANK.__getitem__)


@dataclass(frozen=True, slots=True)
class Choice:
    """A reply button, or a row of a list."""

    id: str
    title: str
    description: str | None = None
    section: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A page that a button opens in the phone's browser."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class CartLine:
    """A product in a cart as the customer's phone claims it."""

    retailer_id: str
    quantity: int
    price: Decimal
    currency: str
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Bubble:
    """A message on a phone. `mine` ones were written by the phone's owner."""

    id: str
    mine: bool
    #: text, image, voice, document, buttons, list, link, location_request, product,
    #: products, catalog, template, choice, cart, location, reaction
    kind: str
    at: datetime
    text: str = ""
    state: Tick = Tick.SENT
    header: str | None = None
    footer: str | None = None
    buttons: tuple[Choice, ...] = ()
    list_button: str | None = None
    rows: tuple[Choice, ...] = ()
    cards: tuple[Choice, ...] = ()  #: Products of the catalog, by their retailer ids.
    cart: tuple[CartLine, ...] = ()
    media_id: str | None = None
    mime: str | None = None
    link: str | None = None
    opens: Page | None = None  #: The page behind its button.
    filename: str | None = None
    quotes: str | None = None  #: Id of the message that it answers.
    chosen: str | None = None  #: Id of the button or row that was tapped last.
    reaction: str | None = None  #: Emoji that the other side put on it.
    error: str | None = None
    #: The body as the shop sent it; empty for the phone's own messages.
    body: Mapping[str, object] = field(default_factory=dict, compare=False)

    @property
    def words(self) -> str:
        """Everything that can be read on the bubble, line by line."""
        choices = (*self.buttons, *self.rows)
        parts = [self.header, self.text, self.footer, self.list_button]
        if self.opens is not None:
            parts += [self.opens.title, self.opens.url]
        for choice in choices:
            parts += [choice.title, choice.description]
        return "\n".join(part for part in parts if part)


def of_message(wamid: str, message: bodies.Message, at: datetime) -> Bubble:
    """Return what a phone shows of a message that the shop sent."""
    common = Bubble(
        id=wamid,
        mine=False,
        kind=message.type,
        at=at,
        quotes=message.context.message_id if message.context else None,
        body=message.model_dump(mode="json", exclude_none=True),
    )
    match message:
        case bodies.TextMessage():
            return replace(common, text=message.text.body)
        case bodies.ImageMessage():
            image = message.image
            return replace(
                common, text=image.caption or "", media_id=image.id, link=image.link
            )
        case bodies.ReactionMessage():
            target = message.reaction.message_id
            return replace(common, text=message.reaction.emoji, quotes=target)
        case bodies.DocumentMessage():
            document = message.document
            return replace(
                common,
                text=document.caption or "",
                filename=document.filename,
                opens=Page(document.filename or "Document", document.link or ""),
            )
        case bodies.TemplateMessage():
            return replace(common, text=message.template.words)
        case bodies.InteractiveMessage():
            return _interactive(common, message.interactive)


def _interactive(common: Bubble, part: bodies.Interactive) -> Bubble:
    common = replace(common, text=part.body.text if part.body else "")
    if not isinstance(part, bodies.AskingPlace) and part.footer is not None:
        common = replace(common, footer=part.footer.text)
    match part:
        case bodies.Buttons() | bodies.Listing():
            return _choices(common, part)
        case bodies.Linking(action=action, header=header):
            shown = action.parameters
            page = Page(shown.display_text, shown.url)
            words = header.text if header else None
            return replace(common, kind="link", header=words, opens=page)
        case bodies.AskingPlace():
            return replace(common, kind="location_request")
        case bodies.ShowingProduct(action=product):
            row = Choice(product.product_retailer_id, product.product_retailer_id)
            return replace(common, kind="product", cards=(row,))
        case bodies.ShowingProducts(header=above, action=listed):
            cards = tuple(
                Choice(
                    item.product_retailer_id, item.product_retailer_id, None, s.title
                )
                for s in listed.sections
                for item in s.product_items
            )
            return replace(common, kind="products", header=above.text, cards=cards)
        case bodies.ShowingCatalog():
            return replace(common, kind="catalog")


def _choices(common: Bubble, part: bodies.Buttons | bodies.Listing) -> Bubble:
    match part.header:
        case bodies.TextHeader(text=text):
            common = replace(common, header=text)
        case bodies.ImageHeader(image=image):
            common = replace(common, media_id=image.id, link=image.link)
        case None:
            pass
    if isinstance(part, bodies.Buttons):
        buttons = tuple(Choice(b.reply.id, b.reply.title) for b in part.action.buttons)
        return replace(common, kind="buttons", buttons=buttons)
    rows = tuple(
        Choice(row.id, row.title, row.description, section.title)
        for section in part.action.sections
        for row in section.rows
    )
    return replace(common, kind="list", list_button=part.action.button, rows=rows)
