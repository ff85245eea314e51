"""Columns of shopping feeds: Google's product data specification, Meta's catalog.

Both name their attributes alike; an item of an `item_group_id` is a variant. What has
no field of ours is left out with a warning, but for what shops never miss.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime

from catalog.domain.feed import RowError
from catalog.domain.notation import escape
from catalog.domain.numerals import amount_and_currency
from catalog.formats.measures import centimetres, kilograms
from catalog.formats.rows import Record, Row
from catalog.formats.sale import SPAN, LeftOut, why_not_now
from catalog.formats.shopping_xml import PARTS, SEVERAL

#: Our columns, and where they come from: the first that an item has.
_SOURCES: Mapping[str, tuple[str, ...]] = {
    "sku": ("id",),
    "name": ("title",),
    "description": ("description", "summary", "content"),
    "url": ("link",),
    "image": ("image_link", "image[0].url"),
    "category": ("product_type", "google_product_category", "fb_product_category"),
    "brand": ("brand",),
    "gtin": ("gtin",),
    "reference": ("mpn",),
    "colour": ("color",),
    "material": ("material",),
}
_MEASURES = {
    "weight_kg": ("shipping_weight", kilograms),
    "length_cm": ("product_length", centimetres),
    "width_cm": ("product_width", centimetres),
    "height_cm": ("product_height", centimetres),
}
#: What tells the variants of a group apart, and what we call it.
DISTINCTIONS = {
    "color": "colour",
    "size": "size",
    "material": "material",
    "pattern": "pattern",
    "gender": "gender",
    "age_group": "age group",
}
#: How many there are, in this order; a feed with none only says whether.
_QUANTITIES = ("quantity_to_sell_on_facebook", "inventory", "sell_on_google_quantity")
#: Words of `availability`: may it be ordered?
_AVAILABLE = {
    **dict.fromkeys(("in_stock", "available_for_order", "preorder"), True),
    **dict.fromkeys(("backorder", "available", "limited_availability"), True),
    **dict.fromkeys(("out_of_stock", "discontinued", "pending"), False),
    **dict.fromkeys(("mark_as_sold", "sold_out", "unavailable"), False),
}
_DISCONTINUED = "discontinued"
#: Words of Meta's `status` and `visibility` by which people see an item.
_SHOWN = {
    **dict.fromkeys(("active", "published"), "yes"),
    **dict.fromkeys(("archived", "hidden", "staging", "whitelist_only"), "no"),
}
_SHOWING = ("status", "visibility")
#: Read here, or of no use to a chat: nobody has to be told that they are left out.
_SILENT = frozenset(
    {
        *("availability", "price", "sale_price", "item_group_id", "product_detail"),
        SPAN,
        *("additional_variant_attribute", "condition", "identifier_exists", "adult"),
        *(
            "shipping",
            "shipping_label",
            "tax",
            "tax_category",
            "mobile_link",
            "updated",
        ),
        *("is_bundle", "product_tags[0]", "product_tags[1]", "style[0]", "published"),
        *("custom_label_0", "custom_label_1", "custom_label_2", "custom_label_3"),
        *("custom_label_4", "excluded_destination", "included_destination"),
        *("size_type", "size_system", "guid", "pubdate", "author", "ads_redirect"),
    }
)
#: By which one of these columns a feed is Meta's.
META = frozenset(
    {
        *("quantity_to_sell_on_facebook", "fb_product_category", "inventory"),
        *("additional_variant_attribute", "image[0].url", *_SHOWING),
    }
)
_READ = frozenset(
    {
        *(name for names in _SOURCES.values() for name in names),
        *(name for name, _ in _MEASURES.values()),
        *(*DISTINCTIONS, *_QUANTITIES, *_SHOWING, *_SILENT),
    }
)
_OF_VARIANTS = ("sku", "price", "currency", "stock", "gtin", "image")
_REQUIRED = ("id", "title", "price")


class ShoppingColumns:
    """Reads items of shopping feeds."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._group = ""  #: Whose product was told last.
        self._shown = False  #: By an item that people see.
        self._has_hidden = False
        self._unpaid = LeftOut()

    def check(self, columns: Sequence[str]) -> Iterable[RowError]:
        given = {plain(column) for column in columns}
        for column in _REQUIRED:
            if column not in given:
                yield RowError(1, column, "the column is missing: add it")

    def unread(self, columns: Iterable[str]) -> Iterable[RowError]:
        for column in columns:
            if plain(column) not in _READ:
                message = "it has no field here and is left out"
                yield RowError(1, column or "(empty)", message)
        yield from self._unpaid.told()

    def governs(self, columns: AbstractSet[str]) -> frozenset[str]:
        """Return the fields of products that a feed with these columns sets.

        A price is all that is to pay: it ends a discount that the feed no longer has.
        """
        given = {plain(column) for column in columns}
        fields = {column for column, names in _SOURCES.items() if given & {*names}}
        fields |= {column for column, (name, _) in _MEASURES.items() if name in given}
        fields |= {"sku", "name", "price", "list_price", "currency"}
        if given & {"availability", *_QUANTITIES} or self._has_hidden:
            fields.add("stock")
        if given & {*_SHOWING}:
            fields.add("active")
        if "item_group_id" in given:
            fields |= {"parent_sku", "attributes"}
        return frozenset(fields)

    def rows(self, record: Record) -> Iterator[Row]:
        """Yield an item; the first one of a group brings the product of the group."""
        cells = {plain(name): text for name, text in record.cells.items()}
        if record.wrong is not None:
            sku = cells.get("item_group_id") or cells.get("id", "")
            yield Row(record.line, {"sku": sku}, item=record.item, wrong=record.wrong)
            return
        names = {"sku": "id", "name": "title", "price": "price", "currency": "price"}
        try:
            own = _own(self._paid(record, cells), names)
        except _Unreadable as error:
            own = {"sku": cells.get("item_group_id") or cells.get("id", "")}
            row = Row(record.line, own, item=record.item)
            where = f"{record.item}: " if record.item else ""
            wrong = RowError(record.line, error.column, where + error.message)
            yield Row(row.line, own, item=row.item, wrong=wrong)
            return
        group = cells.get("item_group_id", "").strip()
        if not group:
            yield Row(record.line, own, names, record.item)
            return
        attributes = _distinctions(cells)
        hidden = own.get("active") == "no"
        self._has_hidden = self._has_hidden or hidden
        if group != self._group or not (hidden or self._shown):
            self._group, self._shown = group, not hidden
            yield Row(
                record.line,
                _whole(own, group, attributes),
                {**names, "sku": "item_group_id"},
                record.item,
                made=True,
            )
        name = own.get("name") or own.get("sku", "")
        yield Row(
            record.line,
            {
                **{column: own[column] for column in _OF_VARIANTS if column in own},
                "parent_sku": group,
                "attributes": _pairs(attributes or {"variant": name}),
            },
            {**names, "parent_sku": "item_group_id"},
            record.item,
            hidden=hidden,
        )

    def _paid(self, record: Record, cells: dict[str, str]) -> dict[str, str]:
        """Return an item without a sale price that is not that of today."""
        span = _first(cells.get(SPAN, ""))
        if not span or not _first(cells.get("sale_price", "")):
            return cells
        why = why_not_now(span, self._now)
        if why is None:
            return cells
        where = f"{record.item}: " if record.item else ""
        self._unpaid.note(RowError(record.line, SPAN, where + why))
        return {**cells, "sale_price": ""}


class _Unreadable(Exception):
    """A cell cannot be translated."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column
        self.message = message


def plain(column: str) -> str:
    """Return a column's name as the specifications have it: "g:Image Link"."""
    return column.removeprefix("g:").strip().replace(" ", "_").replace("-", "_")


def _own(cells: Mapping[str, str], names: dict[str, str]) -> dict[str, str]:
    """Return an item in our own columns; note in `names` where they come from."""
    own: dict[str, str] = {}
    for column, sources in _SOURCES.items():
        for source in sources:
            text = _first(cells.get(source, ""))
            if text:
                own[column], names[column] = text, source
                break
    own |= _prices(cells, names)
    for column, (source, measured) in _MEASURES.items():
        if text := _first(cells.get(source, "")):
            names[column] = source
            own[column] = measured(text)
    own |= _availability(cells, names)
    return own


def _prices(cells: Mapping[str, str], names: dict[str, str]) -> dict[str, str]:
    price, currency = amount_and_currency(_first(cells.get("price", "")))
    reduced, other = amount_and_currency(_first(cells.get("sale_price", "")))
    if other and currency and other != currency:
        message = f"{other} is not the currency of the price: write {currency}"
        raise _Unreadable("sale_price", message)
    if not reduced:
        return {"price": price, "currency": currency}
    names |= {"price": "sale_price", "list_price": "price"}
    return {"price": reduced, "list_price": price, "currency": currency or other}


def _availability(cells: Mapping[str, str], names: dict[str, str]) -> dict[str, str]:
    own: dict[str, str] = {}
    word = plain(_first(cells.get("availability", "")).lower())
    if word and word not in _AVAILABLE:
        message = f"{word[:60]!r} is no availability: write in_stock or out_of_stock"
        raise _Unreadable("availability", message)
    counted = next((name for name in _QUANTITIES if cells.get(name, "").strip()), None)
    if word and not _AVAILABLE[word]:
        own["stock"], names["stock"] = "0", "availability"
    elif counted:
        own["stock"], names["stock"] = cells[counted].strip(), counted
    for column in _SHOWING:
        shown = plain(_first(cells.get(column, "")).lower())
        if shown and shown not in _SHOWN:
            raise _Unreadable(column, f"{shown[:60]!r} is no {column}: write active")
        if _SHOWN.get(shown) == "no":
            own["active"] = "no"
    return own


def _whole(
    own: Mapping[str, str], group: str, attributes: Mapping[str, str]
) -> dict[str, str]:
    """Return the product of a group as its first item tells it."""
    kept = {
        column: text
        for column, text in own.items()
        if column not in {"stock", "gtin"} and column not in attributes
    }
    return {**kept, "sku": group, "name": _shared_name(own.get("name", ""), attributes)}


def _shared_name(title: str, attributes: Mapping[str, str]) -> str:
    """Return a title without the variant that it ends with: "Shirt - Red, M"."""
    name = title
    for value in (*reversed(list(attributes.values())), *attributes.values()):
        start = name.removesuffix(")").removesuffix(value).rstrip()
        if start != name.rstrip() and start.endswith(
            ("-", ",", "/", "|", "(", "\u2013")
        ):
            name = start.rstrip("-,/|( \u2013") or name
    return name


def _distinctions(cells: Mapping[str, str]) -> dict[str, str]:
    """Return what tells an item from others of its group."""
    found = {
        name: text
        for column, name in DISTINCTIONS.items()
        if (text := _first(cells.get(column, "")))
    }
    return {**found, **dict(_details(cells))}


def _details(cells: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    """Yield pairs of Google's section:name:value and of Meta's name:value."""
    details = cells.get("product_detail", "")
    if PARTS in details:
        split = [each.split(PARTS) for each in details.split(SEVERAL)]
    else:
        split = [each.split(":") for each in details.split(",")]
    for parts in split:
        if len(parts) == len(("section", "name", "value")):
            yield parts[1].strip(), parts[2].strip()
    for each in cells.get("additional_variant_attribute", "").split(","):
        name, colon, value = each.partition(":")
        if colon and name.strip() and value.strip():
            yield name.strip(), value.strip()


def _pairs(attributes: Mapping[str, str]) -> str:
    return "|".join(f"{escape(key)}={escape(text)}" for key, text in attributes.items())


def _first(text: str) -> str:
    return text.partition(SEVERAL)[0].strip()
