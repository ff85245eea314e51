"""What we say about answers to questions for facts, before it has words."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from bot.domain.understanding import Detail
from orders import OwnField


@dataclass(frozen=True, slots=True)
class DetailNoted:
    """A name, an address ... that was understood. `value` as it will be used."""

    field: Detail
    value: str


@dataclass(frozen=True, slots=True)
class DetailUnclear:
    """Words that were meant as a phone number, an e-mail ... and cannot be one."""

    field: Detail
    value: str


@dataclass(frozen=True, slots=True)
class PaymentNotOffered:
    """It cannot be paid that way; the names of the ways there are."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TaxIdInvalid:
    """Its check digits do not fit; what such numbers are called, and one of them."""

    value: str
    names: tuple[str, ...]
    example: str


class NotThen(StrEnum):
    """Why it cannot be at that time."""

    CLOSED = "closed"
    SOON = "soon"  #: It takes longer to get there.


@dataclass(frozen=True, slots=True)
class DateRefused:
    """It cannot be at that time, but from `earliest` on; None: nobody knows."""

    value: datetime
    why: NotThen
    earliest: datetime | None


@dataclass(frozen=True, slots=True)
class DayRefused:
    """It cannot be on that day, but from `earliest` on; None: nobody knows."""

    value: date
    why: NotThen
    earliest: date | None


@dataclass(frozen=True, slots=True)
class OwnNoted:
    """An answer to a field of the shop's own, as it is kept."""

    own: OwnField
    value: str


@dataclass(frozen=True, slots=True)
class AnswerInvalid:
    """Words that cannot answer a field of the shop's own."""

    own: OwnField
    value: str


@dataclass(frozen=True, slots=True)
class PartUnclear:
    """Words in which the part of the address that was asked for is not found."""

    value: str


@dataclass(frozen=True, slots=True)
class CardEmpty:
    """A contact card without a name and without a number."""


@dataclass(frozen=True, slots=True)
class CardNotYours:
    """A contact card of somebody else, where the customer's own was asked for."""


#: All of these.
Particular = (
    DetailNoted
    | DetailUnclear
    | PaymentNotOffered
    | TaxIdInvalid
    | DateRefused
    | DayRefused
    | OwnNoted
    | AnswerInvalid
    | PartUnclear
    | CardEmpty
    | CardNotYours
)
