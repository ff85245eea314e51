"""What Akinon's orders refer to: customers, addresses, products, options and lists.

The names of fields follow Akinon's; the addresses under which they are listed and made
are ours, because the page "SalesChannelCreateOrder" names none.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from catalog.domain.product import Product
from orders.domain.draft import Address
from orders.faces.akinon_types import AkinonTold, Amount, Ref
from orders.faces.json_values import Loose

T = TypeVar("T", bound=BaseModel)


class RefKind(StrEnum):
    """References that only this face knows, by the field of an order that names one."""

    PAYMENT_OPTION = "payment_option"
    CARGO_COMPANY = "cargo_company"
    PRICE_LIST = "price_list"
    STOCK_LIST = "stock_list"


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class CustomerGiven(_Given):
    """Who buys in a channel."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "channel_code": "C-7",
                    "first_name": "Ada",
                    "last_name": "Yılmaz",
                    "phone_number": "+905321112233",
                }
            ]
        }
    )

    channel_code: str = Field(
        min_length=1,
        max_length=100,
        pattern=r"^\S+$",
        description="The caller's id of the customer: unique in the channel.",
    )
    first_name: str = Field(min_length=1, max_length=150, pattern=r"\S")
    last_name: str = Field("", max_length=149)
    email: str | None = Field(None, max_length=320)
    phone_number: str | None = Field(None, max_length=40)
    identity_number: str | None = Field(None, max_length=40)
    extra_field: Loose = Field(default_factory=dict)


class AddressGiven(_Given):
    """Where a customer's orders go, or their invoices."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "customer": 1,
                    "remote_id": "A-9",
                    "line": "Moda Cad. 5",
                    "city": "İstanbul",
                    "township": "Kadıköy",
                }
            ]
        }
    )

    customer: Ref
    remote_id: str = Field(
        min_length=1,
        max_length=100,
        pattern=r"^\S+$",
        description="The caller's id of the address: unique for the customer.",
    )
    line: str = Field(min_length=1, max_length=1_000, pattern=r"\S")
    title: str | None = Field(None, max_length=200)
    first_name: str | None = Field(None, max_length=150)
    last_name: str | None = Field(None, max_length=149)
    phone_number: str | None = Field(None, max_length=40)
    email: str | None = Field(None, max_length=320)
    country: str | None = Field(None, max_length=100)
    city: str | None = Field(None, max_length=100)
    township: str | None = Field(None, max_length=100)
    district: str | None = Field(None, max_length=100)
    postcode: str | None = Field(None, max_length=20)
    company_name: str | None = Field(None, max_length=300)
    tax_office: str | None = Field(None, max_length=100)
    tax_no: str | None = Field(None, max_length=40)
    notes: str | None = Field(None, max_length=1_000)
    extra_field: Loose = Field(default_factory=dict)


class ReferenceGiven(_Given):
    """A payment option, a cargo company, a price list or a stock list."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"slug": "credit_card", "name": "Credit card"}]}
    )

    slug: str = Field(
        min_length=1,
        max_length=100,
        pattern=r"^\S+$",
        description="Unique in its kind.",
    )
    name: str = Field(min_length=1, max_length=200, pattern=r"\S")
    first_refund_strategy: str | None = Field(
        None, max_length=100, description="Of a payment option: orders tell it."
    )
    extra_field: Loose = Field(default_factory=dict)


class ChannelTold(AkinonTold):
    """A channel of the shop, and its number."""

    pk: int = Field(examples=[5])
    name: str
    kind: str


class CustomerTold(AkinonTold):
    """A customer."""

    pk: int
    channel: int | None = Field(None, description="Absent: of every channel.")
    channel_code: str | None = None
    first_name: str
    last_name: str
    email: str | None = None
    phone_number: str | None = None
    identity_number: str | None = None
    extra_field: dict[str, JsonValue] = Field(default_factory=dict)


class AddressTold(AkinonTold):
    """An address."""

    pk: int
    customer: int
    remote_id: str | None = None
    title: str | None = None
    line: str
    first_name: str | None = None
    last_name: str | None = None
    phone_number: str | None = None
    email: str | None = None
    country: str | None = None
    city: str | None = None
    township: str | None = None
    district: str | None = None
    postcode: str | None = None
    company_name: str | None = None
    tax_office: str | None = None
    tax_no: str | None = None
    notes: str | None = None
    extra_field: dict[str, JsonValue] = Field(default_factory=dict)


class ProductTold(AkinonTold):
    """Something that can be ordered: a product, or one of its variants."""

    pk: int
    sku: str
    base_code: str = Field(description="The product's SKU, of a variant, too.")
    name: str
    price: Amount | None = None
    currency: str = Field(examples=["try"])
    tax_rate: Amount
    stock: Amount | None = Field(None, description="Absent: nobody counts it.")
    is_active: bool


class ReferenceTold(AkinonTold):
    """A payment option, a cargo company, a price list or a stock list."""

    pk: int
    channel: int
    slug: str
    name: str
    first_refund_strategy: str | None = None
    extra_field: dict[str, JsonValue] = Field(default_factory=dict)


class Listed(AkinonTold, Generic[T]):
    """A part of a list."""

    count: int = Field(description="How many there are in all.")
    next: int | None = Field(None, description="The next `page`; absent at the end.")
    results: list[T]


# -- between these and what is stored -------------------------------------------------


def address_of(given: AddressGiven) -> Address:
    """Return an address as we keep it.

    Akinon's city is a province, its township the town; without a township the city is
    the town.
    """
    town = given.township or given.city
    return Address(
        text=given.line,
        street=given.line,
        suburb=given.district,
        city=town,
        state=given.city if given.township else None,
        postal_code=given.postcode,
        country=given.country,
    )


def address_told(
    number: str,
    customer: str,
    address: Address,
    kept: Mapping[str, object] | None,
) -> AddressTold:
    """Return an address; `kept` is how the caller gave it, None if it was another."""
    if kept is not None:
        return AddressTold.model_validate(
            {**kept, "pk": int(number), "customer": int(customer)}
        )
    return AddressTold(
        pk=int(number),
        customer=int(customer),
        line=address.text or address.street or "",
        country=address.country,
        city=address.state or address.city,
        township=address.city if address.state else None,
        district=address.suburb,
        postcode=address.postal_code,
    )


def number_of(value: Decimal | None) -> int | float | None:
    """Return a JSON number: whole when it is whole."""
    if value is None:
        return None
    return int(value) if value == int(value) else float(value)


#: The variant's id follows the product's in our name of something to order.
_SEPARATOR = "/"


def sellable(product_id: str, variant_id: str | None) -> str:
    """Return our name of something that can be ordered."""
    return product_id if variant_id is None else f"{product_id}{_SEPARATOR}{variant_id}"


def sellable_parts(name: str) -> tuple[str, str | None]:
    """Return the product and the variant that such a name means."""
    product_id, _, variant_id = name.partition(_SEPARATOR)
    return product_id, variant_id or None


def sellables(product: Product) -> Sequence[str]:
    """Return our names of what can be ordered of a product."""
    if not product.variants:
        return [sellable(product.id, None)]
    return [sellable(product.id, each.id) for each in product.variants]


def product_told(
    number: str,
    product: Product,
    name: str,
    held: Mapping[str | None, Decimal],
) -> ProductTold:
    """Return one of a product's sellables; `held` is what orders hold of its stock."""
    variant_id = sellable_parts(name)[1]
    variant, stock = product.variant(variant_id), product.stock_of(variant_id)
    return ProductTold(
        pk=int(number),
        sku=variant.sku if variant else product.sku,
        base_code=product.sku,
        name=f"{product.name} ({variant.name})" if variant else product.name,
        price=number_of(product.price_of(variant_id)),
        currency=product.currency.lower(),
        tax_rate=number_of(product.tax_rate) or 0,
        stock=number_of(None if stock is None else stock - held.get(variant_id, 0)),
        is_active=product.active,
    )
