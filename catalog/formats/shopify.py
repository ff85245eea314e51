"""Columns of Shopify's product CSV: rows with one handle are one product.

Its first row tells the product; every row that has options, a SKU or a price is a
variant, others only bring pictures. Both of Shopify's sets of names are read: those of
its exports since 2025 ("URL handle") and those before ("Handle").
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from catalog.domain.feed import GTIN_DIGITS, RowError
from catalog.domain.notation import escape
from catalog.formats.hypertext import from_html
from catalog.formats.measures import kilograms
from catalog.formats.rows import Record, Row

#: Newer names of columns, and those that we know them by.
_RENAMED = {
    "url handle": "handle",
    "description": "body (html)",
    "published on online store": "published",
    "sku": "variant sku",
    "barcode": "variant barcode",
    "price": "variant price",
    "compare-at price": "variant compare at price",
    "inventory tracker": "variant inventory tracker",
    "inventory quantity": "variant inventory qty",
    "continue selling when out of stock": "variant inventory policy",
    "weight value (grams)": "variant grams",
    "product image url": "image src",
    "variant image url": "variant image",
}
_OPTIONS = (1, 2, 3)
#: Our columns, and Shopify's.
_SOURCES = {
    "name": "title",
    "description": "body (html)",
    "brand": "vendor",
    "price": "variant price",
    "list_price": "variant compare at price",
    "stock": "variant inventory qty",
    "gtin": "variant barcode",
    "weight_kg": "variant grams",
    "image": "image src",
}
_CATEGORIES = ("type", "product category")
_SHOWING = ("status", "published")
_HIDDEN = frozenset({"draft", "archived", "false"})
_MORE = frozenset(
    {
        *("handle", "tags", "gift card", "image position", "image alt text"),
        *("variant sku", "variant image", "variant inventory tracker"),
        *("variant inventory policy", "variant fulfillment service", "cost per item"),
        *("fulfillment service", "variant requires shipping", "requires shipping"),
        *("variant taxable", "charge tax", "variant weight unit", "variant tax code"),
        *("tax code", "weight unit for display", "seo title", "seo description"),
        *("template suffix", *_CATEGORIES, *_SHOWING, *_SOURCES.values()),
        *(f"option{n} {part}" for n in _OPTIONS for part in ("name", "value")),
        *(f"option{n} linked{space}to" for n in _OPTIONS for space in ("", " ")),
    }
)
#: Begins of columns of other services, of markets, and of fields that a shop adds.
_OTHERS = ("google shopping", "included /", "price /", "compare at price /")
_ADDED = ("unit price ", "metafield", "(product.metafields", "variant metafield")
_REQUIRED = ("title", "variant price")
#: What Shopify writes where a product has no options.
_NO_OPTION = "default title"
#: Stands before codes that have digits only.
_GUARD = "'"


def canonical(column: str) -> str:
    """Return the older name of a column."""
    return _RENAMED.get(column, column)


class ShopifyColumns:
    """Reads the rows of products, one after the other."""

    def __init__(self) -> None:
        self._handle = ""
        self._sku = ""  #: By which the product of that handle is known.
        self._options: tuple[str, ...] = ()  #: Names; none: it has no variants.

    def check(self, columns: Sequence[str]) -> Iterable[RowError]:
        given = {canonical(column) for column in columns}
        for column in _REQUIRED:
            if column not in given:
                yield RowError(1, column, "the column is missing: add it")

    def unread(self, columns: Iterable[str]) -> Iterable[RowError]:
        for column in columns:
            added = column.startswith(_OTHERS) or any(x in column for x in _ADDED)
            if canonical(column) not in _MORE and not added:
                message = "it has no field here and is left out"
                yield RowError(1, column or "(empty)", message)

    def governs(self, columns: AbstractSet[str]) -> frozenset[str]:
        """Return the fields that a file sets; a price ends a discount before it."""
        given = {canonical(column) for column in columns}
        fields = {column for column, source in _SOURCES.items() if source in given}
        if given & {*_CATEGORIES}:
            fields.add("category")
        if given & {*_SHOWING}:
            fields.add("active")
        if "option1 value" in given:
            fields |= {"parent_sku", "attributes"}
        return frozenset(fields | {"sku", "currency", "list_price"})

    def rows(self, record: Record) -> Iterator[Row]:
        cells = {canonical(name): text.strip() for name, text in record.cells.items()}
        handle = cells.get("handle", "")
        if record.wrong is not None or not handle:
            empty = RowError(record.line, "handle", "it is empty: write one")
            sku = self._sku if handle == self._handle else handle
            yield Row(record.line, {"sku": sku}, wrong=record.wrong or empty)
            return
        is_new = handle != self._handle
        if is_new:
            self._handle = handle
            self._options = _options(cells)
            yield self._product(record.line, cells)
        elif self._options and _is_variant(cells):
            yield self._variant(record.line, cells)
            return
        elif _is_variant(cells):
            message = "a second variant needs options: write Option1 Name on the first"
            wrong = RowError(record.line, "option1 name", message)
            yield Row(record.line, {"sku": self._sku}, wrong=wrong)
        if is_new and self._options:
            yield self._variant(record.line, cells)

    def _product(self, line: int, cells: Mapping[str, str]) -> Row:
        own = {
            "sku": self._handle,
            "name": cells.get("title", ""),
            "description": from_html(cells.get("body (html)", "")),
            "brand": cells.get("vendor", ""),
            "category": next((cells[c] for c in _CATEGORIES if cells.get(c)), ""),
            "image": cells.get("image src", ""),
            "price": cells.get("variant price", ""),
            "list_price": cells.get("variant compare at price", ""),
            "active": "yes",
        }
        if any(cells.get(column, "").lower() in _HIDDEN for column in _SHOWING):
            own["active"] = "no"
        if grams := cells.get("variant grams"):
            own["weight_kg"] = kilograms(f"{grams} g")
        if not self._options:
            own |= {"stock": _stock(cells), "gtin": _gtin(cells)}
            own["sku"] = _bare(cells.get("variant sku", "")) or self._handle
        self._sku = own["sku"]
        names = {**_SOURCES, "sku": "variant sku"}
        return Row(line, own, names, made=bool(self._options))

    def _variant(self, line: int, cells: Mapping[str, str]) -> Row:
        chosen = {
            name: value
            for n, name in zip(_OPTIONS, self._options, strict=False)
            if (value := cells.get(f"option{n} value", ""))
        }
        own = {
            "sku": _bare(cells.get("variant sku", ""))
            or "/".join((self._handle, *chosen.values())),
            "parent_sku": self._handle,
            "price": cells.get("variant price", ""),
            "stock": _stock(cells),
            "gtin": _gtin(cells),
            "image": cells.get("variant image", ""),
            "attributes": "|".join(
                f"{escape(k)}={escape(v)}" for k, v in chosen.items()
            ),
        }
        names = {**_SOURCES, "sku": "variant sku", "image": "variant image"}
        return Row(line, own, {**names, "attributes": "option1 value"})


def _options(cells: Mapping[str, str]) -> tuple[str, ...]:
    if cells.get("option1 value", "").lower() in {"", _NO_OPTION}:
        return ()
    last = max(n for n in _OPTIONS if _names_option(cells, n))
    names = (cells.get(f"option{n} name", "") for n in _OPTIONS[:last])
    return tuple(name or f"option {n}" for n, name in enumerate(names, 1))


def _names_option(cells: Mapping[str, str], n: int) -> bool:
    return any(cells.get(f"option{n} {part}") for part in ("name", "value"))


def _is_variant(cells: Mapping[str, str]) -> bool:
    told = ("option1 value", "variant sku", "variant price")
    return any(cells.get(column) for column in told)


def _stock(cells: Mapping[str, str]) -> str:
    """Return how many there are; empty when nobody counts or all may be sold."""
    counted = cells.get("variant inventory tracker", "shopify")
    sells_on = cells.get("variant inventory policy", "").lower() in {"continue", "true"}
    if not counted or sells_on:
        return ""
    stock = cells.get("variant inventory qty", "")
    return "0" if stock.startswith("-") else stock


def _gtin(cells: Mapping[str, str]) -> str:
    """Return a barcode that is a GTIN; shops write codes of their own there, too."""
    code = _bare(cells.get("variant barcode", ""))
    is_one = code.isascii() and code.isdigit() and len(code) in GTIN_DIGITS
    return code if is_one else ""


def kept(code: str) -> str:
    """Return a code as Shopify writes it; `_bare` undoes it."""
    return _GUARD + code if _is_guarded(code) else code


def _bare(code: str) -> str:
    """Return a code without the apostrophe that keeps spreadsheets from counting."""
    return code[1:] if _is_guarded(code) else code


def _is_guarded(code: str) -> bool:
    return code.startswith(_GUARD) and code.lstrip(_GUARD).isdecimal()
