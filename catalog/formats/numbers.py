"""The numbers of one file: read as they are meant, or refused when nobody can know."""

from catalog.domain.feed import NUMBERS
from catalog.domain.money import exponent
from catalog.domain.notation import BadCell
from catalog.domain.numerals import (
    SAY_WHICH,
    Mark,
    Numeral,
    amount_and_currency,
    spelt,
)
from catalog.formats.rows import BadFeed, Row

_PRICES = ("price", "list_price")
_PERCENT = "%"
#: Decimals of a currency whose prices are written like thousands of others.
_THOUSANDTHS = 3
#: Characters of a number with its currency; others refuse what is longer.
_LONGEST = 60


class Numbers:
    """Rewrites the numbers of rows with a point, and remembers how they were written.

    A file that writes 12,50 somewhere may mean a thousand by 1.250 elsewhere: then it
    is refused as a whole. So is one with a price of 1.250, unless another number shows
    that a point starts its decimals, or prices in its currency have three of them.
    """

    def __init__(self, name: str, told: Mark | None, currency: str = "") -> None:
        self._name = name
        self._told = told
        self._has_thousandths = exponent(currency) == _THOUSANDTHS
        self._comma = ""  #: Where a comma started decimals first, and the number.
        self._pointed = False  #: A point started decimals for sure.
        self._doubtful = ""  #: Where a number was first that may be a thousand.
        self._doubtful_price = ""  #: The same, of prices.

    def rewrite(self, row: Row) -> None:
        """Rewrite a row's numbers. Raises WrongNumber, and BadFeed."""
        cells = row.cells
        for column in NUMBERS & cells.keys():
            cell = cells[column]
            is_plain = isinstance(cell, Numeral) or not cell or cell.isdecimal()
            if is_plain or len(cell) > _LONGEST:
                continue
            text = cell.strip()
            try:
                if column in _PRICES:
                    text = _without_currency(row, text)
                cells[column] = self._read(row, column, text)
            except BadCell as error:
                raise WrongNumber(column, str(error)) from None

    def close(self) -> None:
        """Look back at a whole file. Raises BadFeed when a price may be two."""
        if self._doubtful_price and not self._pointed and not self._has_thousandths:
            raise BadFeed(
                f"{self._name}: {self._doubtful_price} may be thousands or a number"
                f" with three decimals, and no other number shows which: {SAY_WHICH}"
            )

    def _read(self, row: Row, column: str, text: str) -> str:
        percent = column == "tax_rate" and text.endswith(_PERCENT)
        text = text.removesuffix(_PERCENT).strip() if percent else text
        number = spelt(text, self._told)
        place = f"line {row.line}, {row.names.get(column, column)}: {text[:60]!r}"
        if number.mark is Mark.COMMA and not self._comma:
            self._comma = place
        self._pointed = self._pointed or number.mark is Mark.POINT
        if number.doubtful and not self._doubtful:
            self._doubtful = place
        if number.doubtful and column in _PRICES and not self._doubtful_price:
            self._doubtful_price = place
        if self._comma and self._doubtful:
            raise BadFeed(
                f"{self._name}: decimals begin with a comma ({self._comma}), so that"
                f" nobody knows which number is meant elsewhere ({self._doubtful}):"
                f" {SAY_WHICH}"
            )
        return number.text


class WrongNumber(Exception):
    """A number can mean two things, or is not written as told."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


def _without_currency(row: Row, text: str) -> str:
    """Return a price without its currency, which the row has then."""
    amount, currency = amount_and_currency(text)
    known = row.cells.get("currency", "").strip().upper()
    if currency and known not in {"", currency}:
        raise BadCell(f"{currency} is not the currency of the row: write {known}")
    if currency:
        row.cells["currency"] = currency
    return amount
