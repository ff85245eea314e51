"""What a draft costs: every amount an integer of minor units, and all of them add up."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LineAmounts:
    """One line's amounts. `total` = subtotal − discount + tax when tax is added."""

    line_id: str
    subtotal: int
    discount: int
    tax: int
    total: int


@dataclass(frozen=True, slots=True)
class Totals:
    """A draft's amounts. With included tax, `tax` is part of the other amounts."""

    currency: str
    lines: tuple[LineAmounts, ...]
    subtotal: int
    discount: int
    tax: int
    shipping: int
    grand_total: int
    tax_included: bool
