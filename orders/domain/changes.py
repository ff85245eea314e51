"""Typed changes of a draft. `orders.domain.editing.apply` is the only way it changes.

They are stored and replayed: fields are added with a default, never renamed.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from orders.domain.draft import (
    Address,
    Discount,
    Draft,
    Evidence,
    Fulfilment,
    Line,
    LineOption,
    Unresolved,
)


class ChangeRefused(Exception):
    """The change does not fit the draft. The message says why and what would."""


@dataclass(frozen=True, slots=True)
class PutLine:
    """Add a line; a line of the same product, variant, options and note grows.

    `line.id` is given by the draft, whatever the caller set.
    """

    line: Line
    #: The id of the line that this one is again, where that was taken back: the words
    #: that it came from were edited.
    again: str | None = None


@dataclass(frozen=True, slots=True)
class SetQuantity:
    line_id: str
    quantity: Decimal
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class ChooseVariant:
    line_id: str
    variant_id: str
    variant_name: str
    sku: str
    unit_price: Decimal | None
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class SetOptions:
    line_id: str
    options: tuple[LineOption, ...]
    unit_price: Decimal | None
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class ReplaceLine:
    """Put another product in the place of a line; the line keeps its id."""

    line_id: str
    line: Line


@dataclass(frozen=True, slots=True)
class DropLine:
    line_id: str
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Reprice:
    """Take over a price that the catalog changed since the line was put."""

    line_id: str
    unit_price: Decimal | None


@dataclass(frozen=True, slots=True)
class PutUnresolved:
    """Keep a mention that still needs an answer; its id is given by the draft."""

    unresolved: Unresolved


@dataclass(frozen=True, slots=True)
class DropUnresolved:
    unresolved_id: str
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Clear:
    """Drop every line and every open mention; names and addresses stay."""

    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Reopen:
    """Take back what was shown or confirmed: the summary is shown, and asked, again."""

    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Undo what one message caused: who sent it edited or deleted it.

    Lines and open mentions that it alone brought go; those that it changed or took out,
    and the fields that it set, are again as `before` has them.
    """

    ref: str  #: The message.
    gone: tuple[str, ...]  #: Ids of lines and of open mentions.
    before: Draft  #: Its lines and its open mentions come back as they are.
    fields: tuple[str, ...] = ()  #: Names of the fields that do, too.


@dataclass(frozen=True, slots=True)
class SetName:
    name: str
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class SetPhone:
    phone: str
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class SetEmail:
    email: str
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class SetTaxId:
    tax_id: str
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class SetBusiness:
    """Say whether a company buys, or a person."""

    business: bool
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class SetCompany:
    """Set the name of the company that buys; it also says that one does."""

    company: str
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class SetTaxOffice:
    tax_office: str
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class SetRecipient:
    """Set who takes the order in, where that is not who buys."""

    recipient: str
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class SetRecipientPhone:
    recipient_phone: str
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class SetExtra:
    """Set the answer to a field of the shop's own; None takes it back."""

    field_id: str
    value: str | None
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class SetCustomer:
    customer_id: str
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class SetFulfilment:
    fulfilment: Fulfilment
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class SetAddress:
    """Set where to deliver; it also says that the order is to be delivered."""

    address: Address
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class SetDue:
    due_at: datetime
    evidence: Evidence | None = None
    day_only: bool = False  #: Only its day was said, in the zone of `due_at`.


@dataclass(frozen=True, slots=True)
class SetPayment:
    payment: str
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class SetCoupon:
    coupon: str
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class SetGiftNote:
    gift_note: str
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class SetNote:
    note: str
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class SetDiscount:
    discount: Discount | None
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class SetShipping:
    shipping: int  #: Minor units.
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Unset:
    """Take a fact back, so that nobody said it. Its reason is who took it back."""

    field: str  #: A name of `orders.domain.details.CLEARABLE`.
    evidence: Evidence | None = None


Change = (
    PutLine
    | SetQuantity
    | ChooseVariant
    | SetOptions
    | ReplaceLine
    | DropLine
    | Reprice
    | PutUnresolved
    | DropUnresolved
    | Clear
    | Reopen
    | TakeBack
    | SetName
    | SetPhone
    | SetEmail
    | SetTaxId
    | SetBusiness
    | SetCompany
    | SetTaxOffice
    | SetRecipient
    | SetRecipientPhone
    | SetExtra
    | SetCustomer
    | SetFulfilment
    | SetAddress
    | SetDue
    | SetPayment
    | SetCoupon
    | SetGiftNote
    | SetNote
    | SetDiscount
    | SetShipping
    | Unset
)
