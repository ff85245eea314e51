"""Products as lines of JSON, in the form that `catalog.formats.json_lines` reads."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal

from catalog.domain.feed import NO_PRICE
from catalog.domain.numerals import unmistakable
from catalog.domain.product import OptionGroup, Product, Variant
from catalog.domain.spelling import HEADER

_FIELDS = tuple(column for column in HEADER if column != "parent_sku")
_VARIANT_FIELDS = (
    *("sku", "name", "price", "stock", "attributes", "gtin", "external_id", "image"),
)


class JsonWriter:
    """Writes one product on each line, its variants in it."""

    def __init__(self) -> None:
        self.left_out = 0

    def head(self) -> bytes:
        return b""

    def write(self, products: Sequence[Product]) -> bytes:
        lines = (json.dumps(_values(each), ensure_ascii=False) for each in products)
        return "".join(f"{line}\n" for line in lines).encode()

    def tail(self) -> bytes:
        return b""


def _values(product: Product) -> dict[str, object]:
    values = {column: _value(getattr(product, column)) for column in _FIELDS}
    if product.price is None:
        values["price"] = NO_PRICE
    values["packs"] = {pack.unit: f"{pack.size:f}" for pack in product.packs}
    values["option_groups"] = [_group(each) for each in product.option_groups]
    values["variants"] = [_variant_values(each) for each in product.variants]
    return values


def _variant_values(variant: Variant) -> dict[str, object]:
    return {column: _value(getattr(variant, column)) for column in _VARIANT_FIELDS}


def _value(value: object) -> object:
    match value:
        case Decimal():
            return unmistakable(value)
        case Mapping():
            return dict(value)
        case tuple():
            return list(value)
        case _:
            return value


def _group(group: OptionGroup) -> dict[str, object]:
    names = {value.id: value.name for value in group.values}
    return {
        "name": group.name,
        "minimum": group.minimum,
        "maximum": group.maximum,
        "default": names.get(group.default or ""),
        "values": [
            {
                "name": value.name,
                "surcharge": f"{value.surcharge:f}",
                "aliases": list(value.aliases),
            }
            for value in group.values
        ],
    }
