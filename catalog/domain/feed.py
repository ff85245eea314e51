"""A row of a CSV feed as a product, or as an error that says what to write instead.

Columns are the fields of `Product`; `sku`, `name` and `price` are required. A variant
is a row of its own: `parent_sku` names its product, `attributes` say what it is. How
cells with several parts are written is told in `catalog.domain.notation`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from rapidfuzz import fuzz, process

from catalog.domain.notation import (
    BadCell,
    parse_decimal,
    parse_flag,
    parse_list,
    parse_option_groups,
    parse_packs,
    parse_pairs,
    parse_positive,
    parse_text,
    quoted,
)
from catalog.domain.product import ONE, Product, ProductType, Variant

#: Texts and how long they may be; the database holds no more.
_TEXTS = {
    "sku": 100,
    "name": 500,
    "description": 20_000,
    "url": 2_000,
    "unit": 20,
    "seller": 200,
    "external_id": 200,
    "reference": 200,
    "brand": 200,
    "colour": 100,
    "material": 200,
    "category": 300,
    "image": 2_000,
}
#: How long a cell of several parts may be.
_LONGEST = 20_000
#: How long the name of a column is told.
_LONGEST_NAME = 100
#: More than anybody can choose from.
MOST_VARIANTS = 1000
REQUIRED = ("sku", "name", "price")
#: In the column price: customers cannot see one and are told to ask.
NO_PRICE = "none"
_QUANTITIES = ("step", "minimum", "default_quantity")
_MEASURES = ("weight_kg", "length_cm", "width_cm", "height_cm")
#: Columns that hold one number.
NUMBERS = frozenset(
    {"price", "list_price", "stock", "tax_rate", *_QUANTITIES, *_MEASURES}
)
_OF_VARIANTS = frozenset(
    {
        "sku",
        "name",
        "attributes",
        "price",
        "stock",
        "gtin",
        "external_id",
        "image",
        "currency",
    }
)
GTIN_DIGITS = frozenset({8, 12, 13, 14})
_ALL_PERCENT = 100
#: A column more alike than this is what was meant.
_ALIKE = 60


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with a row. Line 1 is the header.

    A column is called as the file calls it, but as short, readable text.
    """

    line: int
    column: str
    message: str

    def __post_init__(self) -> None:
        if len(self.column) > _LONGEST_NAME or not self.column.isprintable():
            shown = quoted(self.column[:_LONGEST_NAME])[1:-1]
            object.__setattr__(self, "column", shown)

    def __str__(self) -> str:
        return f"line {self.line}, {self.column}: {self.message}"


@dataclass(frozen=True, slots=True)
class VariantRow:
    """A variant whose product is another row."""

    parent_sku: str
    variant: Variant

    @property
    def sku(self) -> str:
        """The variant's own SKU."""
        return self.variant.sku


def check_header(columns: Sequence[str]) -> tuple[RowError, ...]:
    """Return what is wrong with a header."""
    errors = [
        RowError(1, column, "the column is missing: add it")
        for column in REQUIRED
        if column not in columns
    ]
    for place, column in enumerate(columns):
        if column == "variants":
            errors.append(
                RowError(1, column, "write each variant as a row with parent_sku")
            )
        elif column in COLUMNS and column in columns[:place]:
            errors.append(RowError(1, column, "the column is there twice: keep one"))
    return tuple(errors)


def unknown_columns(columns: Sequence[str]) -> tuple[RowError, ...]:
    """Return a warning for each column that nobody reads."""
    return tuple(
        RowError(1, column or "(empty)", _unknown(column))
        for column in dict.fromkeys(columns)
        if column not in COLUMNS and column != "variants"
    )


def governed(columns: Sequence[str]) -> frozenset[str]:
    """Return the fields of stored products that a feed with this header sets.

    What a feed has no column for stays as it is; an empty cell empties the field. The
    quantities follow from each other: a feed sets all of them or none. Without
    `parent_sku` it says nothing about variants.
    """
    given = COLUMNS.keys() & set(columns)
    if given & set(_QUANTITIES):
        given |= set(_QUANTITIES)
    return frozenset(given | {"currency"})


def parse_row(
    row: Mapping[str, str], *, currency: str, line: int
) -> Product | VariantRow | RowError:
    """Return what a row says, or the first thing that is wrong with it.

    `currency` is the tenant's; a row may repeat it and cannot change it.
    """
    values: dict[str, object] = {}
    for column, cell in row.items():
        text = cell.strip()
        if not text or column not in COLUMNS:
            continue
        try:
            values[column] = COLUMNS[column](text)
        except BadCell as error:
            return RowError(line, column, str(error))
    parent_sku = str(values.pop("parent_sku", ""))
    wrong = _contradiction(values, currency, is_variant=bool(parent_sku))
    if wrong is not None:
        return RowError(line, *wrong)
    values.pop("currency", None)
    if parent_sku:
        return VariantRow(parent_sku, _variant(values))
    fields = {**_with_quantities(values), "id": "", "currency": currency}
    return Product(**fields)  # type: ignore[arg-type]  # see COLUMNS


def _contradiction(
    values: Mapping[str, object], currency: str, *, is_variant: bool
) -> tuple[str, str] | None:
    """Return the column and what is wrong with the cells taken together."""
    for column in ("sku", "attributes") if is_variant else REQUIRED:
        if column not in values:
            return column, "it is empty: write one"
    if values.get("currency", currency) != currency:
        given = quoted(str(values["currency"]))
        return "currency", f"{given} is not the shop's: write {currency} or nothing"
    if is_variant:
        strange = [column for column in values if column not in _OF_VARIANTS]
        if strange:
            return strange[0], "a variant has none: write it in its product's row"
        return _long_name(values)
    return _odd_quantity(_with_quantities(values))


def _long_name(values: Mapping[str, object]) -> tuple[str, str] | None:
    """Return what is wrong with the name that a variant gets from its attributes."""
    try:
        parse_text(_variant_name(values), longest=_TEXTS["name"])
    except BadCell as error:
        return "attributes", str(error)
    return None


def _variant_name(values: Mapping[str, object]) -> str:
    attributes = values["attributes"]
    named = attributes.values() if isinstance(attributes, Mapping) else ()
    return str(values.get("name") or ", ".join(named))


def _odd_quantity(values: Mapping[str, object]) -> tuple[str, str] | None:
    step, minimum, default = (values[column] for column in _QUANTITIES)
    if not (
        isinstance(step, Decimal)
        and isinstance(minimum, Decimal)
        and isinstance(default, Decimal)
    ):
        return None
    if minimum % step:
        return "minimum", f"{minimum} is not a multiple of the step {step}"
    if default % step:
        return "default_quantity", f"{default} is not a multiple of the step {step}"
    if default < minimum:
        return "default_quantity", f"{default} is less than the minimum {minimum}"
    return None


def _with_quantities(values: Mapping[str, object]) -> dict[str, object]:
    """Fill in what follows: the least is one step, the usual is the least."""
    step = values.get("step", ONE)
    minimum = values.get("minimum", step)
    default = values.get("default_quantity", minimum)
    return {
        **values,
        "step": step,
        "minimum": minimum,
        "default_quantity": default,
    }


def _variant(values: Mapping[str, object]) -> Variant:
    fields = {**values, "name": _variant_name(values), "id": ""}
    return Variant(**fields)  # type: ignore[arg-type]  # see COLUMNS


def _unknown(column: str) -> str:
    near = process.extractOne(
        column.lower(), tuple(COLUMNS), scorer=fuzz.ratio, score_cutoff=_ALIKE
    )
    advice = f"did you mean {near[0]}?" if near else "remove it or rename it"
    return f"no such column, it is left out: {advice}"


def _text(longest: int) -> Callable[[str], str]:
    return partial(parse_text, longest=longest)


def _within(parse: Callable[[str], object]) -> Callable[[str], object]:
    return lambda text: parse(parse_text(text, longest=_LONGEST))


def _price(text: str) -> Decimal | None:
    return None if text.lower() == NO_PRICE else parse_decimal(text)


def _gtin(text: str) -> str:
    if not (text.isascii() and text.isdigit() and len(text) in GTIN_DIGITS):
        raise BadCell(f"{quoted(text)} is not a GTIN: write its 8, 12, 13 or 14 digits")
    return text


def _tax_rate(text: str) -> Decimal:
    rate = parse_decimal(text.removesuffix("%").strip())
    if rate > _ALL_PERCENT:
        raise BadCell(f"{quoted(text)} is not a tax rate: write percent, from 0 to 100")
    return rate


def _type(text: str) -> ProductType:
    try:
        return ProductType(text.lower())
    except ValueError:
        raise BadCell(f"{quoted(text)} is no type: write goods or service") from None


#: Every column and how its cells are read.
COLUMNS: Mapping[str, Callable[[str], object]] = {
    **{column: _text(longest) for column, longest in _TEXTS.items()},
    "parent_sku": _text(_TEXTS["sku"]),
    "price": _price,
    "list_price": parse_decimal,
    "currency": str.upper,
    "active": parse_flag,
    "type": _type,
    **dict.fromkeys(_QUANTITIES, parse_positive),
    "packs": _within(parse_packs),
    "tax_rate": _tax_rate,
    "stock": parse_decimal,
    **dict.fromkeys(_MEASURES, parse_decimal),
    "gtin": _gtin,
    "attributes": _within(parse_pairs),
    "option_groups": _within(parse_option_groups),
    "aliases": _within(parse_list),
}
