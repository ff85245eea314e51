"""Products as rows of the database, and back."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import RowMapping

from catalog.column import to_scaled
from catalog.domain.product import (
    OptionGroup,
    OptionValue,
    Pack,
    Product,
    ProductType,
    Variant,
)

#: Fields that are stored as they are, under their own names.
_PRODUCT_FIELDS = (
    "sku",
    "name",
    "description",
    "url",
    "currency",
    "active",
    "unit",
    "step",
    "minimum",
    "default_quantity",
    "price",
    "list_price",
    "tax_rate",
    "stock",
    "weight_kg",
    "length_cm",
    "width_cm",
    "height_cm",
    "seller",
    "external_id",
    "reference",
    "gtin",
    "brand",
    "colour",
    "material",
    "category",
    "image",
)
_VARIANT_FIELDS = ("sku", "name", "price", "stock", "gtin", "external_id", "image")

_EXACT_FIELDS = (
    "step",
    "minimum",
    "default_quantity",
    "price",
    "list_price",
    "tax_rate",
    "stock",
    "weight_kg",
    "length_cm",
    "width_cm",
    "height_cm",
)

#: A row's values by column name.
Values = dict[str, Any]


def product_values(product: Product) -> Values:
    """Return a product's columns, but for ids, `reserved` and `updated_at`."""
    return {
        **{field: getattr(product, field) for field in _PRODUCT_FIELDS},
        "type": product.type.value,
        "packs": [{"unit": p.unit, "size": str(p.size)} for p in product.packs],
        "attributes": dict(product.attributes),
        "option_groups": [_group_values(group) for group in product.option_groups],
        "aliases": list(product.aliases),
    }


def variant_values(variant: Variant, position: int) -> Values:
    """Return a variant's columns, but for ids and `reserved`."""
    return {
        **{field: getattr(variant, field) for field in _VARIANT_FIELDS},
        "position": position,
        "attributes": dict(variant.attributes),
    }


def stored_form(values: Values) -> Values:
    """Return columns as the database holds them: exact decimals as integers."""
    stored = dict(values)
    for column in _EXACT_FIELDS:
        value = values.get(column)
        if value is not None:
            stored[column] = to_scaled(value)
    return stored


def product_of(row: RowMapping, variants: Iterable[Variant]) -> Product:
    """Return the product of a row; its stock is what may still be sold."""
    fields: Values = {field: row[field] for field in _PRODUCT_FIELDS}
    fields |= {
        "id": row["id"],
        "type": ProductType(row["type"]),
        "stock": _sellable(row),
        "packs": tuple(Pack(p["unit"], Decimal(p["size"])) for p in row["packs"]),
        "attributes": row["attributes"],
        "variants": tuple(variants),
        "option_groups": tuple(_group_of(group) for group in row["option_groups"]),
        "aliases": tuple(row["aliases"]),
    }
    return Product(**fields)


def variant_of(row: RowMapping) -> Variant:
    """Return the variant of a row; its stock is what may still be sold."""
    fields: Values = {field: row[field] for field in _VARIANT_FIELDS}
    fields |= {
        "id": row["id"],
        "stock": _sellable(row),
        "attributes": row["attributes"],
    }
    return Variant(**fields)


def differs(values: Values, row: RowMapping) -> bool:
    """Return whether a row would change if it got these values."""
    return any(row[column] != value for column, value in values.items())


def _sellable(row: RowMapping) -> Decimal | None:
    stock: Decimal | None = row["stock"]
    return None if stock is None else stock - row["reserved"]


def _group_values(group: OptionGroup) -> Values:
    return {
        "id": group.id,
        "name": group.name,
        "minimum": group.minimum,
        "maximum": group.maximum,
        "default": group.default,
        "values": [
            {
                "id": value.id,
                "name": value.name,
                "surcharge": str(value.surcharge),
                "aliases": list(value.aliases),
            }
            for value in group.values
        ],
    }


def _group_of(stored: Mapping[str, Any]) -> OptionGroup:
    values: Sequence[Mapping[str, Any]] = stored["values"]
    return OptionGroup(
        id=stored["id"],
        name=stored["name"],
        minimum=stored["minimum"],
        maximum=stored["maximum"],
        default=stored["default"],
        values=tuple(
            OptionValue(
                id=value["id"],
                name=value["name"],
                surcharge=Decimal(value["surcharge"]),
                aliases=tuple(value["aliases"]),
            )
            for value in values
        ),
    )
