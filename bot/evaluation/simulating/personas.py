"""Kinds of customers. What each does differently is one row."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Persona(StrEnum):
    """Who writes."""

    PLAIN = "plain"
    CLUMSY = "clumsy"  #: Typos, no accents, abbreviations, any case.
    BURSTS = "bursts"  #: Says one thing per message, several at once.
    FICKLE = "fickle"  #: Changes their mind before the yes.
    ASTRAY = "astray"  #: Answers with something else.
    PHOTOS = "photos"  #: Sends photos that show nothing of the shop.
    RETURNS = "returns"  #: Goes away in the middle, and is back days later.
    OLD_TAPS = "old taps"  #: Taps buttons that are no longer current, and twice.
    TWO = "two people"  #: Two people on one phone, one after the other.


class Whim(StrEnum):
    """What somebody does instead of answering, once."""

    CHANGE_AMOUNT = "change an amount"
    DROP = "drop a thing"
    ADD = "add a thing"
    ASIDE = "ask or say something else"
    PHOTO = "send a photo"
    LEAVE = "come back days later"
    TAP_OLD = "tap an old button"


@dataclass(frozen=True, slots=True)
class Manner:
    """How somebody writes, and what they do besides."""

    typos: float = 0.0  #: How likely a longer word is mistyped.
    is_sloppy: bool = False  #: No accents, abbreviations, any case.
    in_bursts: bool = False
    taps: float = 0.5  #: How likely they tap where there is something to tap.
    whims: tuple[Whim, ...] = ()
    waits: bool = False  #: With their whims for the summary.
    taps_twice: bool = False  #: The last button.
    people: int = 1


MANNERS: Mapping[Persona, Manner] = {
    Persona.PLAIN: Manner(),
    Persona.CLUMSY: Manner(typos=0.25, is_sloppy=True, taps=0.3),
    Persona.BURSTS: Manner(in_bursts=True),
    Persona.FICKLE: Manner(whims=(Whim.CHANGE_AMOUNT, Whim.ADD, Whim.DROP)),
    Persona.ASTRAY: Manner(whims=(Whim.ASIDE, Whim.ADD, Whim.ASIDE)),
    Persona.PHOTOS: Manner(whims=(Whim.PHOTO,), taps=0.7),
    Persona.RETURNS: Manner(whims=(Whim.LEAVE,)),
    Persona.OLD_TAPS: Manner(
        whims=(Whim.ADD, Whim.TAP_OLD), waits=True, taps=1.0, taps_twice=True
    ),
    Persona.TWO: Manner(people=2),
}
