"""Zegoal's ordering: what callers send, and what they are answered.

Fields and defaults are those of Zegoal's page on `CreateOrder`, and of its ordering API
map for `AddCatalogPosition` and `GetOrderingCatalog`. An empty text is one that was not
sent; so is null.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    PrivateAttr,
    WithJsonSchema,
    model_validator,
)

from orders.faces.json_values import storable
from orders.faces.zegoal_words import MOMENT_PATTERN, moment_of, product_type

_MOST_IDS = 2**53
_PLENTY = 500
#: Above these no shop sells: `orders.domain.calling` has the last word.
_MOST, _DEAREST = 10**6, 10**9
_SENT_AT = "2020-07-03 09:19:58"


# -- what is sent ---------------------------------------------------------------------


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Echoed(_Given):
    """A body that is told back as it came."""

    _sent: dict[str, JsonValue] = PrivateAttr(default_factory=dict)

    tenant: str = Field(
        min_length=1,
        max_length=200,
        description="Name or id of the key's shop; letter case does not count.",
        examples=["orderingtenant885"],
    )

    @model_validator(mode="wrap")
    @classmethod
    def _keep(cls, data: Any, read: Callable[[Any], Self]) -> Self:  # noqa: ANN401  # whatever JSON holds
        made = read(data)
        if isinstance(data, dict):
            made._sent = data  # noqa: SLF001  # its own class
        return made

    @property
    def sent(self) -> dict[str, JsonValue]:
        """Return the body as it came."""
        return self._sent


def _number(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError("must be a number")  # noqa: TRY004  # pydantic reads it
    return Decimal(str(value))


def _numbers(most: int, sample: float) -> WithJsonSchema:
    return WithJsonSchema(
        {"type": "number", "minimum": 0, "maximum": most, "examples": [sample]}
    )


def _moment(value: str) -> str:
    return value and f"{moment_of(value):%Y-%m-%d %H:%M:%S}"


def _listed(value: list[JsonValue]) -> list[JsonValue]:
    storable({"list": value})
    return value


Number = Annotated[Decimal, BeforeValidator(_number)]
Quantity = Annotated[Number, _numbers(_MOST, 2)]
Price = Annotated[Number, _numbers(_DEAREST, 200.5)]
Number_ = Annotated[int, Field(ge=1, le=_MOST_IDS)]
#: A moment in the shop's time zone, or an empty text.
Moment = Annotated[
    str,
    AfterValidator(_moment),
    WithJsonSchema(
        {"type": "string", "pattern": MOMENT_PATTERN, "examples": [_SENT_AT]}
    ),
]
Short = Annotated[str, Field(max_length=100)]
Name = Annotated[str, Field(max_length=300)]
Long = Annotated[str, Field(max_length=4000)]
Unit = Annotated[str, Field(max_length=20)]


class PositionGiven(_Given):
    """A position of the catalog, or one by hand with `product_name` and `price`."""

    catalog_position_id: Number_ | None = Field(
        None, description="What is not sent beside it is the catalog's.", examples=[4]
    )
    position_type: Short | None = Field(None, examples=["Goods"])
    product_name: Annotated[str, Field(max_length=500)] | None = Field(
        None, examples=["position #2"]
    )
    product_code: Short | None = Field(None, examples=["6205"])
    quantity: Quantity | None = Field(
        None, description="Without: the catalog position's default; by hand 1."
    )
    unit: Unit | None = Field(None, description="By hand: `шт`.", examples=["кг"])
    price: Price | None = Field(None, description="Of one unit; 0 is allowed.")
    description: Long | None = None
    implementation_comments: (
        Annotated[list[JsonValue], Field(max_length=_PLENTY), AfterValidator(_listed)]
        | None
    ) = None


_FIRST: dict[str, JsonValue] = {
    "tenant": "orderingtenant885",
    "account_id": 1,
    "account_address_id": 1,
    "tel_num": "11122233344455",
    "email": "ada@example.com",
}
_WHOLE: dict[str, JsonValue] = {
    "tenant": "orderingtenant885",
    "customer_name": "NewClient_2",
    "external_customer_id": "2",
    "start_date": _SENT_AT,
    "address_text": "a big white building",
    "order_type": "OnSite",
    "order_positions": [
        {"catalog_position_id": 4},
        {"product_name": "position #2", "price": 200.5, "unit": "кг"},
    ],
}


class CreateOrderGiven(_Echoed):
    """An order, and whose it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [_FIRST, _WHOLE]})

    customer_name: Name | None = None
    account_id: Number_ | None = Field(
        None, description="Goes before all else: one that is not found is an error."
    )
    external_customer_id: Annotated[str, Field(max_length=200)] | int | None = Field(
        None, description="Goes before `customer_name`.", examples=["2"]
    )
    create_account: bool | None = Field(
        None, description="Whether one is made where none is found; true."
    )
    start_date: Moment | None = Field(None, description="Without: now.")
    end_date: Moment | None = None
    order_type: Short | None = None
    account_address_id: Number_ | None = Field(
        None, description="Without: the account's default or only address."
    )
    tel_num: Annotated[str, Field(max_length=40)] | None = Field(
        None, description="Of this order; the account keeps its own."
    )
    email: Annotated[str, Field(max_length=320)] | None = None
    address_text: Annotated[str, Field(max_length=1000)] | None = Field(
        None, description="Of this order; a new account's first address, too."
    )
    order_description: Long | None = None
    order_status: Short | None = Field(None, description="Without: `Draft`.")
    order_positions: (
        Annotated[list[PositionGiven], Field(max_length=_PLENTY)] | None
    ) = None

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.start_date and self.end_date and self.end_date < self.start_date:
            raise ValueError("end_date must not lie before start_date")
        return self

    @property
    def external_id(self) -> str | None:
        given = self.external_customer_id
        return None if given is None else str(given).strip() or None

    @property
    def name(self) -> str | None:
        return (self.customer_name or "").strip() or None

    @property
    def positions(self) -> list[PositionGiven]:
        return self.order_positions or []


class DefaultsGiven(_Given):
    """What an order's position takes from the catalog."""

    unit: Unit | None = Field(None, description="Without: `шт`.")
    default_quantity: Quantity | None = Field(None, description="Without: 1.")
    price: Price | None = Field(None, description="Without: 0.")


def _type(value: str) -> str:
    product_type(value)
    return value


class AddCatalogPositionGiven(_Echoed):
    """A new position of the catalog."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "tenant": "orderingtenant885",
                    "name": "position #612",
                    "type": "Goods",
                    "default_parameters": {"default_quantity": 2, "price": 30},
                }
            ]
        }
    )

    name: Annotated[str, Field(min_length=1, max_length=500, pattern=r"\S")]
    type: Annotated[str, Field(max_length=20), AfterValidator(_type)] = Field(
        description="`Goods` or `Service`."
    )
    code: Short | None = Field(None, description="Unique in the shop; the SKU.")
    category: Annotated[str, Field(max_length=300)] | None = None
    external_code: Annotated[str, Field(max_length=200)] | None = None
    description: Annotated[str, Field(max_length=20_000)] | None = None
    default_parameters: DefaultsGiven | None = None
    is_actual: bool | None = Field(None, description="Whether it is sold; true.")


class GetOrderingCatalogGiven(_Echoed):
    """Which positions; without any filter all that are sold."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"tenant": "orderingtenant885"}]}
    )

    catalog_position_id: Number_ | None = None
    catalog_position_code: Short | None = None
    catalog_position_ext_code: Annotated[str, Field(max_length=200)] | None = None
    category: Annotated[str, Field(max_length=300)] | None = None
    type: Annotated[str, Field(max_length=20), AfterValidator(_type)] | None = None
    is_actual: bool | None = Field(None, description="Without: true.")
    limit: Annotated[int, Field(ge=1, le=1000)] = Field(
        1000, description="Of the products at most; an addition to Zegoal's call."
    )
    offset: Annotated[int, Field(ge=0, le=1_000_000)] = Field(
        0, description="How many products to skip; an addition."
    )


# -- what is answered -----------------------------------------------------------------


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True)


class ProcessingResult(_Told):
    """How the call went. `code` 0 is well."""

    text: str = Field(examples=["Order is created."])
    status: str = Field(examples=["ok"])
    ctx_id: str = Field(
        description="This call's alone; it stands in the audit.",
        examples=["37GMTPLL:0-dP"],
    )
    code: int = Field(examples=[0])
    error: str | None = Field(None, description="The code's name, of an error.")


class FailureAnswer(_Told):
    """What an error says. Nothing of its call has happened."""

    processing_result: ProcessingResult
    processing_date: str = Field(examples=[_SENT_AT])
    TZ: str = Field(description="Of `processing_date`.", examples=["UTC"])


class PositionTold(_Told):
    """A position of an order. What was not said is absent."""

    position_id: int
    order_id: int
    catalog_position_id: int | None = None
    position_type: str
    product_name: str
    product_code: str | None = None
    quantity: int | float
    unit: str
    price: int | float
    description: str | None = None
    implementation_comments: list[JsonValue] | None = None


class OrderTold(_Told):
    """The order as it was made."""

    order_id: int
    order_num: int
    order_status: str
    order_type: str
    order_total: int | float
    order_description: str
    order_positions: list[PositionTold]
    start_date: str
    end_date: str
    account_id: int
    account_address_id: int | None = None
    customer_name: str
    address_text: str


class OrderResponse(_Told):
    """The order, and where it was made."""

    tenant: str
    order: OrderTold
    create_account: bool
    TZ: str = Field(description="IANA, of the shop.", examples=["Europe/Minsk"])


class _Call(_Told):
    #: What was sent, and the same with its defaults.
    request: dict[str, JsonValue]
    extra_logic: str = ""
    enriched_request: dict[str, JsonValue]


class CreateOrderTold(_Call):
    response: OrderResponse


class _Answer(_Told):
    processing_result: ProcessingResult
    processing_date: str = Field(examples=[_SENT_AT])


class CreateOrderAnswer(_Answer):
    CreateOrder: CreateOrderTold
    warnings: list[str] | None = Field(
        None, description="What the call contradicts itself in, if anything."
    )


class DefaultsTold(_Told):
    unit: str
    default_quantity: int | float
    price: int | float | None = Field(None, description="Absent: only on request.")


class CatalogPositionTold(_Told):
    """A position of the catalog: a product, or one of its forms."""

    catalog_position_id: int
    name: str
    code: str
    type: str
    category: str
    external_code: str
    description: str
    default_parameters: DefaultsTold
    is_actual: bool


class PositionResponse(_Told):
    tenant: str
    catalog_position: CatalogPositionTold
    TZ: str


class AddCatalogPositionTold(_Call):
    response: PositionResponse


class AddCatalogPositionAnswer(_Answer):
    AddCatalogPosition: AddCatalogPositionTold


class DictionariesTold(_Told):
    """The words that a catalog is written in."""

    OrderingCatalogType: list[str]
    OrderingCatalogCategory: list[str]
    Units: list[str]


class CatalogResponse(_Told):
    tenant: str
    catalog_positions: list[CatalogPositionTold]
    total: int = Field(description="How many products there are in all.")
    dictionaries: DictionariesTold
    TZ: str


class GetOrderingCatalogTold(_Call):
    response: CatalogResponse


class GetOrderingCatalogAnswer(_Answer):
    GetOrderingCatalog: GetOrderingCatalogTold
