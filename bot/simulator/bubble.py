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
    kind: str  #: text, image, voice, buttons, list, choice, cart, location, reaction
    at: datetime
    text: str = ""
    state: Tick = Tick.SENT
    header: str | None = None
    footer: str | None = None
    buttons: tuple[Choice, ...] = ()
    list_button: str | None = None
    rows: tuple[Choice, ...] = ()
    cart: tuple[CartLine, ...] = ()
    media_id: str | None = None
    mime: str | None = None
    link: str | None = None
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
        case bodies.InteractiveMessage():
            return _interactive(common, message.interactive)


def _interactive(common: Bubble, part: bodies.Buttons | bodies.Listing) -> Bubble:
    common = replace(
        common,
        text=part.body.text,
        footer=part.footer.text if part.footer else None,
    )
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
