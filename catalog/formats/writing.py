"""What every format writes products with, and the text tables of our own columns."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Protocol

from catalog.domain.product import Product, Variant
from catalog.domain.spelling import HEADER, rows_of
from catalog.formats.formulas import guarded


class Writer(Protocol):
    """Writes one file, part by part."""

    left_out: int  #: Products that the format cannot carry.

    def head(self) -> bytes:
        """Return what stands before the products."""

    def write(self, products: Sequence[Product]) -> bytes:
        """Return some products."""

    def tail(self) -> bytes:
        """Return what stands after the products."""


class TextWriter:
    """Writes rows as text; a subclass says which."""

    delimiter = ","
    header: Sequence[str] = HEADER

    def __init__(self) -> None:
        self.left_out = 0

    def head(self) -> bytes:
        return self._text([self.header])

    def write(self, products: Sequence[Product]) -> bytes:
        return self._text(row for each in products for row in self.rows(each))

    def tail(self) -> bytes:
        return b""

    def rows(self, product: Product) -> Iterable[Sequence[str]]:
        """Return the rows of a product."""
        return rows_of(product)

    def _text(self, rows: Iterable[Sequence[str]]) -> bytes:
        text = io.StringIO(newline="")
        writer = csv.writer(text, delimiter=self.delimiter)
        writer.writerows([*map(guarded, row)] for row in rows)
        return text.getvalue().encode()


class TabWriter(TextWriter):
    delimiter = "\t"


def forms_of(product: Product) -> Iterator[Variant | None]:
    """Yield the variants of a product, or None once when it has none."""
    yield from product.variants or (None,)


def price_of(product: Product, form: Variant | None) -> Decimal | None:
    """Return what a variant costs, or a product without any."""
    return form.price if form and form.price is not None else product.price


def has_prices(product: Product) -> bool:
    """Return whether everything that may be bought of a product has a price."""
    return all(price_of(product, form) is not None for form in forms_of(product))


def attributes_of(form: Variant) -> dict[str, str]:
    """Return what a variant is; one that does not say so is what it is called."""
    return dict(form.attributes) or {"variant": form.name}
