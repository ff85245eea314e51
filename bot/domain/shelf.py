"""What the catalog said of an order's lines when a turn ended: kept with its analysis.

A draft keeps the prices that were observed. What there was of each thing, and whether
its variant was still open, is true for that moment only; whoever acts on the turn later
sees it beside what is true then.
"""

from collections.abc import Mapping
from decimal import Decimal

from pydantic import BaseModel, ConfigDict, TypeAdapter

from bot.domain.found import StockStatus
from catalog import Product
from orders import Draft, Line
from orders.domain.quantities import at_most
from orders.domain.rules import Available, stock_of


class LineSeen(BaseModel):
    """One line, as the catalog had its product. Stored as JSON: fields are added."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    line_id: str
    stock_status: StockStatus
    stock: Decimal | None = None  #: What was left; none: nobody counts, or it depends.
    url: str | None = None
    variant_required: bool = False  #: It has variants, and none was chosen yet.


_STORED = TypeAdapter(tuple[LineSeen, ...])


def lines_seen(
    draft: Draft, products: Mapping[str, Product], available: Available
) -> tuple[LineSeen, ...]:
    """Return what the catalog says of each line; one that it lost is left out."""
    return tuple(
        _seen(line, products[line.product_id], available)
        for line in draft.lines
        if line.product_id in products
    )


def dump_seen(seen: tuple[LineSeen, ...]) -> object:
    """Return it as JSON."""
    return _STORED.dump_python(seen, mode="json")


def load_seen(stored: object) -> Mapping[str, LineSeen]:
    """Return what `dump_seen` stored, by line; nothing where nothing was stored."""
    return {each.line_id: each for each in _STORED.validate_python(stored or ())}


def _seen(line: Line, product: Product, available: Available) -> LineSeen:
    is_open = bool(product.variants) and line.variant_id is None
    stock = None if is_open else stock_of(product, line.variant_id, available)
    if is_open:
        status = StockStatus.DEPENDS
    elif stock is None:
        status = StockStatus.NOT_COUNTED
    else:
        is_left = at_most(product, stock) > 0
        status = StockStatus.IN_STOCK if is_left else StockStatus.OUT_OF_STOCK
    return LineSeen(
        line_id=line.id,
        stock_status=status,
        stock=stock,
        url=product.url,
        variant_required=is_open,
    )
