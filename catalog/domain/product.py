"""The product: every field that a system we speak with names, as frozen values.

Prices are decimals of the tenant's major currency unit (at most six decimals, never
float), weights are kilograms, lengths are centimetres, tax rates are percent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

ONE = Decimal(1)


class ProductType(StrEnum):
    GOODS = "goods"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Pack:
    """A unit that holds several base units: `Pack("koli", Decimal(24))`."""

    unit: str
    size: Decimal


@dataclass(frozen=True, slots=True)
class OptionValue:
    """One thing a customer may choose in a group, such as "oat milk"."""

    id: str
    name: str
    surcharge: Decimal = Decimal(0)  #: Added to the unit price, major units.
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OptionGroup:
    """A question about an item, such as "milk". `minimum` 0 means it may stay open."""

    id: str
    name: str
    values: tuple[OptionValue, ...]
    minimum: int = 0
    maximum: int = 1
    default: str | None = None  #: Value id that applies when nothing is said.


@dataclass(frozen=True, slots=True)
class Variant:
    """One sellable form of a product, such as "red, M"."""

    id: str
    sku: str
    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    price: Decimal | None = None  #: None: the product's price.
    stock: Decimal | None = None  #: What may still be sold; None: not counted.
    gtin: str | None = None
    external_id: str | None = None
    image: str | None = None


@dataclass(frozen=True, slots=True)
class Product:
    """A product as the merchant sells it. `sku` is unique within a tenant."""

    id: str
    sku: str
    name: str
    price: Decimal | None
    currency: str
    description: str = ""
    url: str | None = None
    active: bool = True
    type: ProductType = ProductType.GOODS
    unit: str = "piece"  #: Base unit: piece, kg, l, m ...
    step: Decimal = ONE  #: A quantity is a multiple of it.
    minimum: Decimal = ONE
    default_quantity: Decimal = ONE
    packs: tuple[Pack, ...] = ()
    list_price: Decimal | None = None  #: The price before a discount, for show.
    tax_rate: Decimal = Decimal(0)  #: Percent.
    stock: Decimal | None = None  #: What may still be sold; None: not counted.
    weight_kg: Decimal | None = None
    length_cm: Decimal | None = None
    width_cm: Decimal | None = None
    height_cm: Decimal | None = None
    seller: str | None = None
    external_id: str | None = None
    reference: str | None = None
    gtin: str | None = None
    brand: str | None = None
    colour: str | None = None
    material: str | None = None
    category: str | None = None
    image: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    variants: tuple[Variant, ...] = ()
    option_groups: tuple[OptionGroup, ...] = ()
    aliases: tuple[str, ...] = ()

    def variant(self, variant_id: str | None) -> Variant | None:
        """Return the variant with that id, or None."""
        return next((v for v in self.variants if v.id == variant_id), None)

    def price_of(self, variant_id: str | None) -> Decimal | None:
        """Return the unit price of the product or of one of its variants."""
        variant = self.variant(variant_id)
        return variant.price if variant and variant.price is not None else self.price

    def stock_of(self, variant_id: str | None) -> Decimal | None:
        """Return what may still be sold of it, or None when nobody counts."""
        variant = self.variant(variant_id)
        return variant.stock if variant else self.stock
