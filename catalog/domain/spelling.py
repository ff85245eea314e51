"""A product as the cells of a feed: what this writes, `feed` reads as the same.

Cells that begin with = + - or @ stay as they are: a spreadsheet may take them for
formulas, an import needs them letter by letter.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from catalog.domain.feed import COLUMNS, NO_PRICE, RowError, parse_row
from catalog.domain.notation import escape
from catalog.domain.numerals import unmistakable
from catalog.domain.product import OptionGroup, OptionValue, Pack, Product, Variant

#: The columns of an export: the required ones first, then as the feed knows them.
HEADER = tuple(
    dict.fromkeys(("sku", "parent_sku", "name", "price", "stock", "active", *COLUMNS))
)


def rows_of(product: Product) -> Iterator[list[str]]:
    """Yield the rows of a product and its variants, their cells as in `HEADER`.

    `stock` is written as it stands in the value: an export that is to be read again
    gives what the merchant has, not what may still be sold.
    """
    price = {"price": NO_PRICE} if product.price is None else {}
    yield _cells(product, price)
    for variant in product.variants:
        yield _cells(variant, {"parent_sku": product.sku})


def reread(product: Product) -> Product | tuple[int | None, RowError]:
    """Return a product as a feed would have it, or what a feed would refuse.

    So that what comes by other ways is held to the same rules, and can be exported
    and imported. With an error comes the place of the variant that it is about.
    """
    variants: list[Variant] = []
    found: Product | None = None
    for line, cells in enumerate(rows_of(product)):
        row = dict(zip(HEADER, cells, strict=True))
        value = parse_row(row, currency=product.currency, line=line)
        if isinstance(value, RowError):
            return (line - 1 if line else None), value
        if isinstance(value, Product):
            found = replace(value, id=product.id)
        else:
            form = product.variants[line - 1]
            variants.append(replace(value.variant, id=form.id))
    # The first row is the product's.
    return replace(found or product, variants=tuple(variants))


def _cells(value: Product | Variant, extra: Mapping[str, str]) -> list[str]:
    return [
        extra[column] if column in extra else _cell(getattr(value, column, None))
        for column in HEADER
    ]


def _cell(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return unmistakable(value)
        case Mapping():
            return "|".join(_pair(str(key), str(each)) for key, each in value.items())
        case tuple():
            groups = all(isinstance(each, OptionGroup) for each in value)
            return ("; " if groups else "|").join(_part(each) for each in value)
        case _:
            return "" if value is None else str(value)


def _part(value: object) -> str:
    match value:
        case Pack():
            return _pair(value.unit, f"{value.size:f}")
        case OptionGroup():
            return _group(value)
        case _:
            return escape(str(value))


def _pair(key: str, value: str) -> str:
    return f"{escape(key)}={escape(value)}"


def _group(group: OptionGroup) -> str:
    values = ", ".join(_option(value, group.default) for value in group.values)
    return f"{escape(group.name)}({group.minimum}-{group.maximum}): {values}"


def _option(value: OptionValue, default: str | None) -> str:
    names = "/".join(escape(name) for name in (value.name, *value.aliases))
    mark = "*" if value.id == default else ""
    surcharge = "" if str(value.surcharge) == "0" else f"+{value.surcharge:f}"
    return names + mark + surcharge
