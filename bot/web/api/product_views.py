"""Products as the API shows them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from pydantic import Field

from bot.web.api.models import Exact, Moment, Money, Shown
from catalog import Candidate, OptionGroup, ProductType, Variant
from catalog.listing import Listed


class OptionValueView(Shown):
    """Something that a customer may choose."""

    id: str
    name: str
    surcharge: Money
    aliases: list[str]


class OptionGroupView(Shown):
    """A question about a product."""

    id: str
    name: str
    values: list[OptionValueView]
    minimum: int
    maximum: int
    default: str | None = Field(description="Id of a value.")


class PackView(Shown):
    """A unit that holds several base units."""

    unit: str
    size: Exact


class VariantView(Shown):
    """One sellable form of a product."""

    id: str
    sku: str
    name: str
    attributes: dict[str, str]
    price: Money | None = Field(description="Null: the product's.")
    stock: Exact | None = Field(description="What there is; null: nobody counts.")
    held: Exact = Field(description="What orders hold of it.")
    gtin: str | None
    external_id: str | None
    image: str | None


class MatchView(Shown):
    """Why a product was found."""

    probability: float = Field(description="That it is the one that was meant.")
    variant_id: str | None = Field(description="Which of its variants was named.")
    why: list[str] = Field(description="What fits.", examples=[["name"]])


class ProductView(Shown):
    """A product."""

    id: str = Field(examples=["prd_01k9wz8qg6f1t0m3v5x7z9b2d4"])
    version: int = Field(description="Raised by every change.")
    sku: str
    name: str
    price: Money | None
    description: str
    url: str | None
    active: bool
    type: ProductType
    unit: str
    step: Exact
    minimum: Exact
    default_quantity: Exact
    packs: list[PackView]
    list_price: Money | None
    tax_rate: Exact = Field(description="Percent.")
    stock: Exact | None = Field(description="What there is; null: nobody counts.")
    held: Exact = Field(description="What orders hold of it.")
    weight_kg: Exact | None
    length_cm: Exact | None
    width_cm: Exact | None
    height_cm: Exact | None
    seller: str | None
    external_id: str | None
    reference: str | None
    gtin: str | None
    brand: str | None
    colour: str | None
    material: str | None
    category: str | None
    image: str | None
    attributes: dict[str, str]
    variants: list[VariantView]
    option_groups: list[OptionGroupView]
    aliases: list[str]
    updated_at: Moment
    match: MatchView | None = Field(description="With `q`: why it was found.")


class ProductPage(Shown):
    """A part of a list, and with `q` what the search came to."""

    data: list[ProductView]
    total: int = Field(description="How many there are in all.", examples=[1])
    outcome: Literal["certain", "ambiguous", "unknown"] | None = Field(
        description="With `q`: whether the bot would take the first one, ask which, or"
        " say that it found nothing."
    )


#: Fields that are shown as they are.
_PLAIN = (
    *("id", "sku", "name", "description", "url", "active", "type", "unit", "step"),
    *("minimum", "default_quantity", "tax_rate", "stock", "weight_kg", "length_cm"),
    *("width_cm", "height_cm", "seller", "external_id", "reference", "gtin", "brand"),
    *("colour", "material", "category", "image"),
)


def product_view(listed: Listed, candidate: Candidate | None = None) -> ProductView:
    """Return a product as it is shown; a candidate says why it was found."""
    product = listed.product
    fields = {name: getattr(product, name) for name in _PLAIN}
    return ProductView(
        **fields,
        version=listed.version,
        price=_money(product.price, product.currency),
        list_price=_money(product.list_price, product.currency),
        packs=[PackView(unit=pack.unit, size=pack.size) for pack in product.packs],
        held=listed.held.get(None, Decimal(0)),
        attributes=dict(product.attributes),
        variants=[
            _variant(each, product.currency, listed.held) for each in product.variants
        ],
        option_groups=[
            _group(each, product.currency) for each in product.option_groups
        ],
        aliases=list(product.aliases),
        updated_at=listed.updated_at,
        match=None if candidate is None else _match(candidate),
    )


def _match(candidate: Candidate) -> MatchView:
    return MatchView(
        probability=round(candidate.probability, 4),
        variant_id=candidate.variant_id,
        why=list(candidate.why),
    )


def _variant(
    variant: Variant, currency: str, held: Mapping[str | None, Decimal]
) -> VariantView:
    return VariantView(
        id=variant.id,
        sku=variant.sku,
        name=variant.name,
        attributes=dict(variant.attributes),
        price=_money(variant.price, currency),
        stock=variant.stock,
        held=held.get(variant.id, Decimal(0)),
        gtin=variant.gtin,
        external_id=variant.external_id,
        image=variant.image,
    )


def _group(group: OptionGroup, currency: str) -> OptionGroupView:
    return OptionGroupView(
        id=group.id,
        name=group.name,
        minimum=group.minimum,
        maximum=group.maximum,
        default=group.default,
        values=[
            OptionValueView(
                id=value.id,
                name=value.name,
                surcharge=Money.of_price(value.surcharge, currency),
                aliases=list(value.aliases),
            )
            for value in group.values
        ],
    )


def _money(price: Decimal | None, currency: str) -> Money | None:
    return None if price is None else Money.of_price(price, currency)
