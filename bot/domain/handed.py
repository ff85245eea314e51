"""That a person has a conversation: since when, why, and whether they answered."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

#: Why words have no answer: a person has the conversation. Stored: never rename it.
AGENT = "agent"

#: Names of timers, stored: never rename one.
UNANSWERED = "unanswered"  #: Nobody answered within the shop's time.
PAUSE_OVER = "pause_over"  #: Nobody wrote from the shop's phone any more.
#: And of what the clock says at once: a person wrote past us; the bot has it again.
HUMAN_WROTE = "human_wrote"
TAKEN_UP = "taken_up"

#: How the bot got it back: `about` of TAKEN_UP.
ASKED = "asked"  #: The customer wants the bot, and gets an answer in any case.
ANSWERED = "answered"  #: A person has answered what was asked meanwhile.
PLAIN = "plain"


class Why(StrEnum):
    """Why a person has a conversation. Stored: never rename one."""

    REQUEST = "request"  #: The customer asked for a person.
    MISUNDERSTOOD = "misunderstood"  #: The bot understood too little, too often.
    COMPLAINT = "complaint"
    ANGER = "anger"
    CANCELLATION = "cancellation"  #: A placed order is to be cancelled.
    VALUE = "value"  #: The order is as large as the shop's rule says.
    POLICY = "policy"  #: The shop's rules leave it to a person.
    PHONE = "phone"  #: Somebody wrote from the shop's phone.
    AGENT = "agent"  #: An agent took it over.


@dataclass(frozen=True, slots=True)
class Handover:
    """A person has the conversation."""

    why: Why | None  #: None: an older version did not keep it.
    at: datetime | None
    by: str | None = None  #: The user or key that took it over; None: nobody yet.
    answered_at: datetime | None = None  #: When a person wrote last.


def why_of(stored: str | None) -> Why | None:
    """Return the stored reason; one that only a newer version knows is none."""
    return Why(stored) if stored in set(Why) else None
