"""Products as items of shopping feeds: XML for Google, CSV for Meta.

What may not be offered is left out: products without a price and, for Google, those
off the shelf.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from html import escape

from catalog.domain.numerals import unmistakable
from catalog.domain.product import Product, Variant
from catalog.formats.shopping import DISTINCTIONS
from catalog.formats.writing import (
    TextWriter,
    attributes_of,
    forms_of,
    has_prices,
    price_of,
)

_BEGIN = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel>
<title>Products</title><link></link><description>Products of the shop</description>
"""
_END = "</channel></rss>\n"
_UNHELD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_COLUMNS = {name: column for column, name in DISTINCTIONS.items()}
_SECTION = "Variant"
_META = (
    *("id", "title", "description", "availability", "condition", "price", "link"),
    *("image_link", "brand", "sale_price", "item_group_id", "gtin", "mpn", "status"),
    *("quantity_to_sell_on_facebook", "product_type", *DISTINCTIONS),
    *("additional_variant_attribute", "shipping_weight"),
)
_MARKS = str.maketrans({",": " ", ":": " "})


class GoogleWriter:
    """Writes RSS 2.0."""

    def __init__(self) -> None:
        self.left_out = 0

    def head(self) -> bytes:
        return _BEGIN.encode()

    def write(self, products: Sequence[Product]) -> bytes:
        offered = [each for each in products if each.active and has_prices(each)]
        self.left_out += len(products) - len(offered)
        items = (
            f"<item>\n{_item(each, form)}</item>\n"
            for each in offered
            for form in forms_of(each)
        )
        return "".join(items).encode()

    def tail(self) -> bytes:
        return _END.encode()


class MetaWriter(TextWriter):
    """Writes a CSV whose columns Meta's catalog knows."""

    header = _META

    def write(self, products: Sequence[Product]) -> bytes:
        offered = [each for each in products if has_prices(each)]
        self.left_out += len(products) - len(offered)
        return super().write(offered)

    def rows(self, product: Product) -> Iterator[Sequence[str]]:
        for form in forms_of(product):
            cells = _cells(product, form)
            told, other = _distinctions(form)
            pairs = (f"{_free(key)}:{_free(value)}" for key, value in other.items())
            cells |= told
            cells |= {
                "status": "active" if product.active else "archived",
                "quantity_to_sell_on_facebook": _whole(_stock(product, form)),
                "additional_variant_attribute": ",".join(pairs),
            }
            yield [cells.get(column, "") for column in _META]


def _item(product: Product, form: Variant | None) -> str:
    told, other = _distinctions(form)
    cells = _cells(product, form) | told | _lengths(product)
    lines = [
        f"<g:{name}>{_text(text)}</g:{name}>" for name, text in cells.items() if text
    ]
    lines += [
        f"<g:product_detail><g:section_name>{_SECTION}</g:section_name>"
        f"<g:attribute_name>{_text(key)}</g:attribute_name>"
        f"<g:attribute_value>{_text(value)}</g:attribute_value></g:product_detail>"
        for key, value in other.items()
    ]
    return "".join(f"{line}\n" for line in lines)


def _cells(product: Product, form: Variant | None) -> dict[str, str]:
    """Return what both name alike."""
    image = form.image if form and form.image else product.image
    cells = {
        "id": form.sku if form else product.sku,
        "title": product.name,
        "description": product.description,
        "link": product.url or "",
        "image_link": image or "",
        "availability": _availability(_stock(product, form)),
        "condition": "new",
        **_prices(product, form),
        "brand": product.brand or "",
        "gtin": (form.gtin if form else product.gtin) or "",
        "mpn": product.reference or "",
        "product_type": product.category or "",
    }
    if product.weight_kg is not None:
        cells["shipping_weight"] = f"{product.weight_kg:f} kg"
    if form:
        cells["item_group_id"] = product.sku
    else:
        cells |= {"color": product.colour or "", "material": product.material or ""}
    return cells


def _prices(product: Product, form: Variant | None) -> Mapping[str, str]:
    price = price_of(product, form)
    if price is None:
        return {}
    before = product.list_price
    if before is None or before <= price:
        return {"price": f"{unmistakable(price)} {product.currency}"}
    return {
        "price": f"{unmistakable(before)} {product.currency}",
        "sale_price": f"{unmistakable(price)} {product.currency}",
    }


def _distinctions(form: Variant | None) -> tuple[dict[str, str], dict[str, str]]:
    """Return the attributes of a variant that have columns, and the others."""
    told: dict[str, str] = {}
    other: dict[str, str] = {}
    for key, value in (attributes_of(form) if form else {}).items():
        if key in _COLUMNS:
            told[_COLUMNS[key]] = value
        else:
            other[key] = value
    return told, other


def _lengths(product: Product) -> dict[str, str]:
    lengths = {
        "product_length": product.length_cm,
        "product_width": product.width_cm,
        "product_height": product.height_cm,
    }
    return {name: f"{x:f} cm" for name, x in lengths.items() if x is not None}


def _stock(product: Product, form: Variant | None) -> Decimal | None:
    return form.stock if form else product.stock


def _availability(stock: Decimal | None) -> str:
    return "out_of_stock" if stock == 0 else "in_stock"


def _whole(stock: Decimal | None) -> str:
    """Return how many whole ones there are."""
    return "" if stock is None or stock < 1 else str(int(stock))


def _text(text: str) -> str:
    return escape(_UNHELD.sub("", text), quote=False).replace("\r", "&#13;")


def _free(text: str) -> str:
    return text.translate(_MARKS)
