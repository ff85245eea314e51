"""Products as callers of the API write them."""

from dataclasses import replace
from decimal import Decimal
from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict

from bot.web.api.models import Exact, Given, Money, Paging
from bot.web.api.problems import invalid
from catalog import OptionGroup, OptionValue, Pack, Product, ProductType, Variant
from catalog.domain.notation import BadCell, option_id
from catalog.domain.product import ONE
from catalog.domain.spelling import reread

#: Bounds of a body; what the fields may hold is said by the rules of the feed.
_SHORT, _LONG = 2000, 20_000
_MANY = 1000
Text = Annotated[str, StringConstraints(max_length=_SHORT)]
LongText = Annotated[str, StringConstraints(max_length=_LONG)]
Pairs = Annotated[dict[Text, Text], Field(max_length=_MANY)]
Texts = Annotated[tuple[Text, ...], Field(max_length=_MANY)]

_LATTE: JsonDict = {
    "sku": "LAT",
    "name": "Latte",
    "price": {"amount": "85.50", "currency": "TRY"},
    "tax_rate": "10",
    "category": "Coffee",
    "aliases": ["caffe latte"],
    "option_groups": [
        {
            "name": "Milk",
            "values": [
                {"name": "whole milk"},
                {"name": "oat milk", "surcharge": "12.50", "aliases": ["yulaf"]},
            ],
            "default": "whole milk",
        }
    ],
}
_SHIRT: JsonDict = {
    "sku": "TEE",
    "name": "T-Shirt",
    "price": {"amount": "400", "currency": "TRY"},
    "variants": [
        {"sku": "TEE-RM", "attributes": {"colour": "red", "size": "M"}, "stock": "4"},
        {"sku": "TEE-BM", "attributes": {"colour": "blue", "size": "M"}},
    ],
}


class OptionValueGiven(Given):
    """Something that a customer may choose."""

    name: Text = Field(description="Its id follows from it.", examples=["oat milk"])
    surcharge: Exact = Field(
        Decimal(0), description="Added to the unit price, major units."
    )
    aliases: Texts = Field((), description="What customers call it, too.")


class OptionGroupGiven(Given):
    """A question about a product, such as the milk."""

    name: Text = Field(description="Its id follows from it.", examples=["Milk"])
    values: Annotated[tuple[OptionValueGiven, ...], Field(min_length=1, max_length=100)]
    minimum: int = Field(0, ge=0, le=100, description="0: it may stay open.")
    maximum: int = Field(1, ge=1, le=100)
    default: Text | None = Field(
        None, description="Name or id of the value that applies when nothing is said."
    )


class PackGiven(Given):
    """A unit that holds several base units."""

    unit: Text = Field(examples=["koli"])
    size: Exact = Field(description="How many base units.", examples=["24"])


class VariantGiven(Given):
    """One sellable form of a product. Known SKUs keep their ids."""

    sku: Text = Field(examples=["TEE-RM"])
    attributes: Pairs = Field(examples=[{"colour": "red", "size": "M"}])
    name: Text | None = Field(None, description="Without one: its attributes.")
    price: Money | None = Field(None, description="Null: the product's.")
    stock: Exact | None = Field(None, description="Null: nobody counts.")
    gtin: Text | None = None
    external_id: Text | None = None
    image: Text | None = Field(None, description="Address of a picture.")


class _Fields(Given):
    """What a product may have besides its name and price."""

    description: LongText = ""
    url: Text | None = None
    active: Annotated[bool, Field(description="Whether customers may buy it.")] = True
    type: ProductType = ProductType.GOODS
    unit: Text = Field("piece", description="Base unit.", examples=["kg"])
    step: Exact = Field(ONE, description="A quantity is a multiple of it.")
    minimum: Exact | None = Field(
        None, description="Least quantity of an order; null: one step."
    )
    default_quantity: Exact | None = Field(
        None, description="For who names no quantity; null: the least."
    )
    packs: Annotated[tuple[PackGiven, ...], Field(max_length=100)] = ()
    list_price: Money | None = Field(None, description="Before a discount, for show.")
    tax_rate: Exact = Field(Decimal(0), description="Percent.", examples=["10"])
    stock: Exact | None = Field(
        None, description="What there is, held for orders or not; null: nobody counts."
    )
    weight_kg: Exact | None = None
    length_cm: Exact | None = None
    width_cm: Exact | None = None
    height_cm: Exact | None = None
    seller: Text | None = None
    external_id: Text | None = Field(None, description="Its id in another system.")
    reference: Text | None = None
    gtin: Text | None = Field(None, examples=["4006381333931"])
    brand: Text | None = None
    colour: Text | None = None
    material: Text | None = None
    category: Text | None = Field(None, examples=["Coffee"])
    image: Text | None = Field(None, description="Address of a picture.")
    attributes: Pairs = Field({}, examples=[{"roast": "dark"}])
    variants: Annotated[tuple[VariantGiven, ...], Field(max_length=_MANY)] = Field(
        (), description="Exactly these, in this order."
    )
    option_groups: Annotated[tuple[OptionGroupGiven, ...], Field(max_length=50)] = ()
    aliases: Texts = Field((), description="What customers call it, too.")


class ProductGiven(_Fields):
    """A new product."""

    model_config = ConfigDict(json_schema_extra={"examples": [_LATTE, _SHIRT]})

    sku: Text = Field(description="Unique in the shop; it stays.", examples=["LAT"])
    name: Text = Field(examples=["Latte"])
    price: Money | None = Field(description="Null: customers are told to ask.")


class ProductChangeGiven(_Fields):
    """What to change. What is not sent stays; null empties a field."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"price": {"amount": "95", "currency": "TRY"}, "stock": "12"},
                {"active": False, "version": 3},
            ]
        }
    )

    name: Text | None = Field(None, examples=["Latte"])
    price: Money | None = Field(None, description="Null: customers are told to ask.")
    version: int | None = Field(
        None,
        ge=1,
        le=2**53,
        description="Change this version only: anything newer is a 409.",
    )


class ProductsWanted(Paging):
    """Which products."""

    q: str | None = Field(
        None,
        min_length=1,
        max_length=300,
        pattern=r"\S",
        description="What a customer might write: finds products as the bot does, the"
        " likeliest first, and says how surely and why.",
        examples=["2 choc croissants"],
    )
    sku: str | None = Field(
        None, max_length=100, description="Of the product, or of one of its variants."
    )
    category: str | None = Field(None, max_length=300)
    active: bool | None = None


def changed(
    product: Product, body: ProductGiven | ProductChangeGiven, sent: frozenset[str]
) -> Product:
    """Return a product after the fields that were sent, checked as a feed's.

    Raises Problem that names the field.
    """
    values = {
        name: _value(name, getattr(body, name), product.currency)
        for name in sent & product.__dataclass_fields__.keys()
    }
    if values.get("minimum", ...) is None:
        values["minimum"] = values.get("step", product.step)
    if values.get("default_quantity", ...) is None:
        values["default_quantity"] = values.get("minimum", product.minimum)
    wanted = replace(product, **values)  # type: ignore[arg-type]  # see _value
    _refuse_twice(wanted)
    found = reread(wanted)
    if isinstance(found, Product):
        return found
    place, error = found
    field = error.column if place is None else f"variants.{place}.{error.column}"
    raise invalid(field, error.message)


def _value(name: str, value: object, currency: str) -> object:
    match name, value:
        case "name", None:
            raise invalid(name, "may not be null")
        case _, Money():
            return _price(name, value, currency)
        case "packs", tuple():
            return tuple(Pack(each.unit, each.size) for each in value)
        case "variants", tuple():
            return tuple(_variant(n, each, currency) for n, each in enumerate(value))
        case "option_groups", tuple():
            return tuple(_group(n, each) for n, each in enumerate(value))
    return value


def _price(where: str, money: Money | None, currency: str) -> Decimal | None:
    if money is None:
        return None
    try:
        return money.price(currency)
    except ValueError as error:
        raise invalid(where, str(error)) from None


def _variant(place: int, given: VariantGiven, currency: str) -> Variant:
    return Variant(
        id="",
        sku=given.sku,
        name=given.name or "",
        attributes=given.attributes,
        price=_price(f"variants.{place}.price", given.price, currency),
        stock=given.stock,
        gtin=given.gtin,
        external_id=given.external_id,
        image=given.image,
    )


def _group(place: int, given: OptionGroupGiven) -> OptionGroup:
    """Return a group; its ids are made when it is reread."""
    where = f"option_groups.{place}"
    names = {
        _option_id(f"{where}.values", each.name): each.name for each in given.values
    }
    default = given.default
    if default is not None:
        key = _option_id(f"{where}.default", default)
        if key not in names:
            raise invalid(f"{where}.default", "is none of its values")
        default = names[key]
    return OptionGroup(
        id=given.name,
        name=given.name,
        values=tuple(
            OptionValue(each.name, each.name, each.surcharge, each.aliases)
            for each in given.values
        ),
        minimum=given.minimum,
        maximum=given.maximum,
        default=default,
    )


def _option_id(where: str, name: str) -> str:
    try:
        return option_id(name)
    except BadCell as error:
        raise invalid(where, str(error)) from None


def _refuse_twice(product: Product) -> None:
    seen = {product.sku.strip()}
    for place, form in enumerate(product.variants):
        if form.sku.strip() in seen:
            raise invalid(f"variants.{place}.sku", f"{form.sku!r} is given twice")
        seen.add(form.sku.strip())
