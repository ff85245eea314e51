"""Products as Shopify's product CSV, under the names that all its imports know."""

from collections.abc import Iterator, Sequence

from catalog.domain.numerals import unmistakable
from catalog.domain.product import Product, Variant
from catalog.formats.hypertext import to_html
from catalog.formats.shopify import kept
from catalog.formats.writing import (
    TextWriter,
    attributes_of,
    forms_of,
    has_prices,
    price_of,
)

_PRODUCT = (
    *("Title", "Body (HTML)", "Vendor", "Type", "Published", "Status", "Image Src"),
)
_NAMES = ("Option1 Name", "Option2 Name", "Option3 Name")
_VALUES = ("Option1 Value", "Option2 Value", "Option3 Value")
_HEADER = (
    *("Handle", *_PRODUCT),
    *(column for pair in zip(_NAMES, _VALUES, strict=True) for column in pair),
    *("Variant SKU", "Variant Grams", "Variant Inventory Tracker"),
    *("Variant Inventory Qty", "Variant Inventory Policy"),
    *("Variant Fulfillment Service", "Variant Price", "Variant Compare At Price"),
    *("Variant Requires Shipping", "Variant Taxable", "Variant Barcode"),
    *("Variant Image",),
)
_GRAMS = 1000


class ShopifyWriter(TextWriter):
    """Writes a row for each product, and for each further variant."""

    header = _HEADER

    def write(self, products: Sequence[Product]) -> bytes:
        priced = [each for each in products if has_prices(each)]
        self.left_out += len(products) - len(priced)
        return super().write(priced)

    def rows(self, product: Product) -> Iterator[Sequence[str]]:
        names = _option_names(product)
        for place, form in enumerate(forms_of(product)):
            cells = {"Handle": product.sku, **_variant_cells(product, form)}
            if place == 0:
                cells |= _product_cells(product)
                cells |= dict(zip(_NAMES, names, strict=False))
            cells |= dict(zip(_VALUES, _option_values(form, names), strict=False))
            yield [cells.get(column, "") for column in _HEADER]


def _product_cells(product: Product) -> dict[str, str]:
    return {
        "Title": product.name,
        "Body (HTML)": to_html(product.description),
        "Vendor": product.brand or "",
        "Type": product.category or "",
        "Published": "TRUE" if product.active else "FALSE",
        "Status": "active" if product.active else "archived",
        "Image Src": product.image or "",
    }


def _variant_cells(product: Product, form: Variant | None) -> dict[str, str]:
    price = price_of(product, form)
    stock = form.stock if form else product.stock
    weight = product.weight_kg
    before = product.list_price
    return {
        "Variant SKU": kept(form.sku if form else product.sku),
        "Variant Grams": "" if weight is None else f"{(weight * _GRAMS).normalize():f}",
        "Variant Inventory Tracker": "" if stock is None else "shopify",
        "Variant Inventory Qty": "" if stock is None else f"{stock:f}",
        "Variant Inventory Policy": "deny",
        "Variant Fulfillment Service": "manual",
        "Variant Price": "" if price is None else unmistakable(price),
        "Variant Compare At Price": "" if before is None else unmistakable(before),
        "Variant Requires Shipping": "TRUE" if product.type == "goods" else "FALSE",
        "Variant Taxable": "TRUE",
        "Variant Barcode": (form.gtin if form else product.gtin) or "",
        "Variant Image": (form.image if form else None) or "",
    }


def _option_names(product: Product) -> list[str]:
    """Return at most three names; what is beyond the second shares the third."""
    if not product.variants:
        return ["Title"]
    keys = dict.fromkeys(key for v in product.variants for key in attributes_of(v))
    first, others = list(keys)[: len(_NAMES) - 1], list(keys)[len(_NAMES) - 1 :]
    return [*first, " / ".join(others)] if others else first


def _option_values(form: Variant | None, names: list[str]) -> list[str]:
    if form is None:
        return ["Default Title"]
    attributes = attributes_of(form)
    first = [attributes.pop(name, "") for name in names[: len(_NAMES) - 1]]
    return [*first, " / ".join(attributes.values())]
