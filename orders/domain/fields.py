"""What an order may lack, by name: the words of rules, sinks, questions and the API."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from orders.domain.areas import Unserved


class Field(StrEnum):
    """Something an order may lack, or a question may be about."""

    LINES = "lines"
    PRODUCT = "product"
    VARIANT = "variant"
    OPTIONS = "options"
    QUANTITY = "quantity"
    STOCK = "stock"
    PRICE = "price"
    FULFILMENT = "fulfilment"
    ADDRESS = "address"
    STREET = "street"  #: A part of the address, as all down to the country.
    NUMBER = "number"
    SUBURB = "suburb"
    CITY = "city"
    STATE = "state"
    POSTAL_CODE = "postal_code"
    COUNTRY = "country"
    DATE = "date"  #: When it is wanted.
    NAME = "name"
    PHONE = "phone"
    EMAIL = "email"
    RECIPIENT = "recipient"  #: Who takes it in, where that is not who buys.
    RECIPIENT_PHONE = "recipient_phone"
    BUSINESS = "business"  #: Whether a company buys.
    COMPANY = "company"
    TAX_ID = "tax_id"
    TAX_OFFICE = "tax_office"
    EXTRA = "extra"  #: A field of the shop's own.
    MINIMUM = "minimum"
    PAYMENT = "payment"
    HOURS = "hours"  #: The shop is closed and takes no orders until it opens.
    CONFIRMATION = "confirmation"  #: Never missing; asked with the summary.


#: The parts of an address, each with the name that it has in `Address`.
ADDRESS_PARTS = (
    Field.STREET,
    Field.NUMBER,
    Field.SUBURB,
    Field.CITY,
    Field.STATE,
    Field.POSTAL_CODE,
    Field.COUNTRY,
)

#: What a shop or a sink may or may not ask for; without the others there is no order.
REQUIRABLE = (
    Field.FULFILMENT,
    Field.ADDRESS,
    *ADDRESS_PARTS,
    Field.DATE,
    Field.NAME,
    Field.PHONE,
    Field.EMAIL,
    Field.RECIPIENT,
    Field.RECIPIENT_PHONE,
    Field.BUSINESS,
    Field.COMPANY,
    Field.TAX_ID,
    Field.TAX_OFFICE,
    Field.PAYMENT,
)


@dataclass(frozen=True, slots=True)
class Together:
    """Fields that are asked for in one question when at least `fewest` are open.

    Two short questions are answered without thinking; a form of three is no worse
    than three questions.
    """

    fields: tuple[Field, ...]
    fewest: int


#: What belongs together, so that one message answers it.
TOGETHER = (
    Together((Field.ADDRESS, Field.NAME, Field.PHONE, Field.EMAIL), 3),
    Together(ADDRESS_PARTS, 2),
    Together((Field.RECIPIENT, Field.RECIPIENT_PHONE), 2),
    Together((Field.COMPANY, Field.TAX_ID, Field.TAX_OFFICE), 2),
)


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that an order still lacks.

    `about` is the id of the line, of the open mention, or of the shop's own field that
    it is about.
    """

    field: Field
    about: str | None = None
    group_id: str | None = None  #: OPTIONS: the group that is open.
    nearest: Decimal | None = None  #: QUANTITY: the nearest that can be sold.
    available: Decimal | None = None  #: STOCK: what there is for all such lines.
    short_by: int | None = None  #: MINIMUM: minor units that are still to come.
    area: str | None = None  #: MINIMUM: the delivery area that asks for it.
    reason: Unserved | None = None  #: ADDRESS: why the one there is will not do.
    opens_at: datetime | None = None  #: HOURS: in the shop's zone; None: not known.


def together(lacking: tuple[Missing, ...]) -> tuple[Field, ...]:
    """Return what the next question asks for: the first that lacks, and its like.

    An address that will not do is asked about alone: the question says why.
    """
    if not lacking:
        return ()
    first = lacking[0].field
    plain = {each.field for each in lacking if each.reason is None}
    for group in TOGETHER:
        asked = tuple(field for field in group.fields if field in plain)
        if first in asked and len(asked) >= group.fewest:
            return (first, *(field for field in asked if field is not first))
    return (first,)
