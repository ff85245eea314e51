"""What we say about the people of the shop, before it has words."""

from dataclasses import dataclass
from datetime import datetime

from orders import Line

#: What the button that goes on with the bot is about; see `buttons.OfferTap`.
GO_ON = "go_on"


@dataclass(frozen=True, slots=True)
class HandedOverClosed:
    """A person takes over, but the shop is closed; `opens_at` when we know."""

    opens_at: datetime | None


@dataclass(frozen=True, slots=True)
class NobodyYet:
    """Nobody has answered yet; `opens_at`: the shop is closed until then."""

    closed: bool = False
    opens_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TakenUp:
    """The bot goes on after a person; the lines that the order has so far."""

    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class GoOn:
    """Offer to go on with the bot while nobody answers."""

    conversation_id: str


People = HandedOverClosed | NobodyYet | TakenUp
