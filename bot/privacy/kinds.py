"""For how long what is kept, in days: the defaults, and what a tenant wants instead.

Orders are no kind: accounts have to be kept, and no timer ends that.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

#: A hundred years: for ever.
LONGEST: Final = 36_500
#: Of bodies that could not be read, so many of one app are kept; the newest.
QUARANTINED: Final = 1000


@dataclass(frozen=True, slots=True)
class Kind:
    """Something that is not kept for ever."""

    name: str
    days: int  #: Unless the tenant says otherwise.
    what: str
    #: It repeats what the kind `messages` holds: it is never kept for longer.
    quotes: bool = False


#: In the order in which they are removed: what refers goes before what is referred to.
KINDS: Final[tuple[Kind, ...]] = (
    Kind("media", 180, "pictures, voice notes and other files", quotes=True),
    Kind("analyses", 365, "what was understood of messages, with traces", quotes=True),
    Kind("drafts", 365, "drafts that nobody has touched since", quotes=True),
    Kind("learnt", 730, "what customers call things, unless said again", quotes=True),
    Kind("activities", 730, "advice that nobody has touched since"),
    Kind("outbox", 30, "replies that were sent or cancelled, and timers", quotes=True),
    Kind("events", 1095, "what sinks were told of orders, and how it went"),
    Kind("statuses", 90, "sent, delivered, read: news of our messages"),
    Kind("messages", 730, "what customers and the shop wrote, notes beside it too"),
    Kind("quarantine", 30, f"unreadable bodies; at most {QUARANTINED} of an app"),
    Kind("imports", 90, "catalog imports that ended: their reports"),
    Kind("audit", 1095, "who did what"),
)
NAMES: Final = tuple(kind.name for kind in KINDS)


class BadRetention(ValueError):
    """A kind that there is not, or days that cannot be. The message says which."""

    def __init__(self, kind: str, problem: str) -> None:
        super().__init__(f"{kind}: {problem}")
        self.kind = kind
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Keeping:
    """For how long one kind is kept."""

    kind: Kind
    days: int  #: As wanted.
    effective: int  #: As it is: quotes end with what they quote.
    is_default: bool


@dataclass(frozen=True, slots=True)
class Retention:
    """For how long a tenant keeps what."""

    wanted: Mapping[str, int]  #: Only where it differs from the defaults.

    def __iter__(self) -> Iterator[Keeping]:
        messages = self.days("messages")
        for kind in KINDS:
            days = self.days(kind.name)
            yield Keeping(
                kind,
                days,
                min(days, messages) if kind.quotes else days,
                is_default=kind.name not in self.wanted,
            )

    def days(self, name: str) -> int:
        """Return the days that are wanted for a kind."""
        (default,) = (kind.days for kind in KINDS if kind.name == name)
        return self.wanted.get(name, default)

    def limits(self, now: datetime) -> dict[str, datetime]:
        """Return for each kind the moment before which nothing of it is kept."""
        return {each.kind.name: now - timedelta(days=each.effective) for each in self}


def retention_of(wanted: Mapping[str, int | None]) -> Retention:
    """Return a retention; None is the default. Raises BadRetention."""
    for name, days in wanted.items():
        if name not in NAMES:
            raise BadRetention(name, f"is no kind; there are {', '.join(NAMES)}")
        if days is not None and not 1 <= days <= LONGEST:
            raise BadRetention(name, f"give 1 to {LONGEST} days, not {days}")
    return Retention({name: days for name, days in wanted.items() if days is not None})


def stored_retention(stored: Mapping[str, int] | None) -> Retention:
    """Return what was stored; kinds that a newer program knows are left alone."""
    known = {name: days for name, days in (stored or {}).items() if name in NAMES}
    return Retention(known)
