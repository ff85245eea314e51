"""What a draft can hold at all: checked on every change, whoever asks for it."""

from datetime import datetime
from decimal import Decimal
from math import isfinite

from catalog.domain.money import line_total
from orders.domain.changes import ChangeRefused
from orders.domain.draft import Address, Discount, Line

#: Beyond these, a number is a slip of the finger, and totals would not fit a column.
LARGEST_QUANTITY = Decimal(1_000_000)
LARGEST_PRICE = Decimal(10**12)  #: Major units.
LARGEST_AMOUNT = 10**15  #: Minor units: a line, a discount, a fee.
#: Quantities and unit prices are kept exactly to this many decimals.
DECIMALS = 6
LONGEST_TEXT = 4096  #: As long as a message may be.
#: Far from where calendars end: every zone knows such a moment.
YEARS = range(2000, 2200)
_HUNDRED = Decimal(100)


def check_line(line: Line, currency: str) -> None:
    """Raise ChangeRefused when a line cannot stand in a draft of that currency."""
    if not line.evidence:
        raise ChangeRefused(
            f"the line of {line.name!r} has no evidence: say where it came from"
        )
    _check_decimal(line.tax_rate, "tax rate")
    if not 0 <= line.tax_rate <= _HUNDRED:
        raise ChangeRefused(f"the tax rate {line.tax_rate} is not from 0 to 100")
    _check_quantity(line.quantity)
    if line.unit_price is None:
        return
    _check_price(line.unit_price)
    if line_total(line.unit_price, line.quantity, currency) > LARGEST_AMOUNT:
        raise ChangeRefused(
            f"{line.quantity} of {line.name!r} cost more than an order can hold"
        )


def _check_quantity(quantity: Decimal) -> None:
    _check_decimal(quantity, "quantity")
    if quantity <= 0:
        raise ChangeRefused(f"the quantity {quantity} is not above 0: drop the line")
    if quantity > LARGEST_QUANTITY:
        raise ChangeRefused(f"the quantity {quantity} is above {LARGEST_QUANTITY}")


def _check_price(unit_price: Decimal) -> None:
    _check_decimal(unit_price, "unit price")
    if not 0 <= unit_price <= LARGEST_PRICE:
        raise ChangeRefused(
            f"the unit price {unit_price} is not from 0 to {LARGEST_PRICE}"
        )


def _check_decimal(value: Decimal, name: str) -> None:
    _, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        raise ChangeRefused(f"the {name} {value} is not a number")
    surplus = -exponent - DECIMALS
    if surplus > 0 and any(digits[-surplus:]):
        raise ChangeRefused(f"the {name} {value} has more than {DECIMALS} decimals")


def check_amount(amount: int, name: str) -> int:
    """Return an amount of minor units. Raises ChangeRefused when it cannot be one."""
    if not 0 <= amount <= LARGEST_AMOUNT:
        raise ChangeRefused(f"the {name} {amount} is not from 0 to {LARGEST_AMOUNT}")
    return amount


def check_discount(discount: Discount | None) -> Discount | None:
    """Return the discount. Raises ChangeRefused when it would take more than all."""
    if discount is None:
        return None
    check_amount(discount.amount, "discount")
    _check_decimal(discount.percent, "discount")
    if not 0 <= discount.percent <= _HUNDRED:
        raise ChangeRefused(
            f"the discount of {discount.percent} % is not from 0 to 100"
        )
    return discount


def check_address(address: Address) -> Address:
    """Return the address. Raises ChangeRefused when nobody could find it."""
    check_words(address.text, "address")
    for name, value, limit in (
        ("latitude", address.latitude, 90),
        ("longitude", address.longitude, 180),
    ):
        if value is not None and not (isfinite(value) and abs(value) <= limit):
            raise ChangeRefused(f"the {name} {value} is not within ±{limit} degrees")
    return address


def check_moment(moment: datetime) -> datetime:
    """Return when it is wanted. Raises ChangeRefused without a zone, or far away."""
    if moment.tzinfo is None:
        raise ChangeRefused(f"the date {moment} needs a time zone")
    if moment.year not in YEARS:
        first, last = YEARS[0], YEARS[-1]
        raise ChangeRefused(f"the date {moment} is not from {first} to {last}")
    return moment


def check_words(text: str, name: str, longest: int = LONGEST_TEXT) -> str:
    """Return the text. Raises ChangeRefused when it says nothing, or far too much."""
    if not text.strip():
        raise ChangeRefused(f"the {name} is empty")
    if len(text) > longest:
        raise ChangeRefused(f"the {name} has more than {longest} characters")
    return text
