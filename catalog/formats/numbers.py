"""The numbers of one file: read as they are meant, or refused when nobody can know."""

from catalog.domain.feed import NUMBERS
from catalog.domain.notation import BadCell
from catalog.domain.numerals import Mark, Numeral, amount_and_currency, spelt
from catalog.formats.rows import BadFeed, Row

_PRICES = ("price", "list_price")
_PERCENT = "%"
#: Characters of a number with its currency; others refuse what is longer.
_LONGEST = 60


class Numbers:
    """Rewrites the numbers of rows with a point, and remembers how they were written.

    A file that writes 12,50 somewhere may mean a thousand by 1.250 elsewhere: then it
    is refused as a whole.
    """

    def __init__(self, name: str, told: Mark | None) -> None:
        self._name = name
        self._told = told
        self._comma = ""  #: Where a comma started decimals first, and the number.
        self._doubtful = ""  #: Where a number was first that may be a thousand.

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

    def _read(self, row: Row, column: str, text: str) -> str:
        percent = column == "tax_rate" and text.endswith(_PERCENT)
        text = text.removesuffix(_PERCENT).strip() if percent else text
        number = spelt(text, self._told)
        place = f"line {row.line}, {row.names.get(column, column)}: {text[:60]!r}"
        if number.mark is Mark.COMMA and not self._comma:
            self._comma = place
        if number.doubtful and not self._doubtful:
            self._doubtful = place
        if self._comma and self._doubtful:
            raise BadFeed(
                f"{self._name}: decimals begin with a comma ({self._comma}), so that"
                f" nobody knows which number is meant elsewhere ({self._doubtful}):"
                " say whether the file's decimals begin with a point or with a comma"
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
