"""When a person takes over from the bot, and how long customers wait for one: data."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Assigns(StrEnum):
    """Whose work a conversation becomes that needs a person and is nobody's."""

    NOBODY = "nobody"  #: It waits until somebody takes it.
    NEXT = "next"  #: That of who has the least to do.


@dataclass(frozen=True, slots=True)
class Humans:
    """What a shop leaves to people. Amounts are minor units of its currency."""

    #: After so many turns in a row that the bot could not use.
    misunderstood_at_most: int = 3
    #: An angry customer is answered by a person.
    on_anger: bool = True
    #: From this total on an agent is asked; None: never.
    asked_from: int | None = None
    #: What only a person answers: intents by name, words that customers write, and
    #: categories of what they order.
    intents: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    #: Nobody answers for so long: the customer is told, and people are alerted. None:
    #: they are waited for in silence.
    answer_within: timedelta | None = timedelta(minutes=10)
    #: So long after the last word from the shop's phone the bot goes on. None: it stays
    #: silent until it is handed back.
    phone_pause: timedelta | None = timedelta(minutes=60)
    #: What an agent may give off the goods without a manager, percent.
    discount_percent: int = 10
    assigns: Assigns = Assigns.NOBODY
    assigns_team: str | None = None  #: Only people of that team; None: of all.
