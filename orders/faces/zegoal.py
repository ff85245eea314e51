"""Zegoal's ordering: what callers send.

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
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from orders.faces.json_values import storable
from orders.faces.zegoal_words import (
    MOMENT_PATTERN,
    TYPES,
    moment_of,
    product_type,
)

_MOST_IDS = 2**53
_PLENTY = 500
#: Above these no shop sells: `orders.domain.calling` has the last word.
_MOST, _DEAREST = 10**6, 10**9
_SENT_AT = "2020-07-03 09:19:58"


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
Ordinal = Annotated[int, Field(ge=1, le=_MOST_IDS)]
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

    catalog_position_id: Ordinal | None = Field(
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
    account_id: Ordinal | None = Field(
        None, description="Goes before all else: one that is not found is an error."
    )
    external_customer_id: (
        Annotated[str, Field(max_length=200)]
        | Annotated[int, Field(ge=-_MOST_IDS, le=_MOST_IDS)]
        | None
    ) = Field(None, description="Goes before `customer_name`.", examples=["2"])
    create_account: bool | None = Field(
        None, description="Whether one is made where none is found; true."
    )
    start_date: Moment | None = Field(None, description="Without: now.")
    end_date: Moment | None = None
    order_type: Short | None = None
    account_address_id: Ordinal | None = Field(
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

    @field_validator("end_date")
    @classmethod
    def _ends_after_it_starts(
        cls, ends: str | None, info: ValidationInfo
    ) -> str | None:
        starts = info.data.get("start_date")
        if ends and starts and ends < starts:
            raise ValueError("must not lie before start_date")
        return ends

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


Type = Annotated[
    str,
    AfterValidator(_type),
    WithJsonSchema({"type": "string", "enum": [*TYPES, "товар", "услуга"]}),
]


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
    type: Type
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

    catalog_position_id: Ordinal | None = None
    catalog_position_code: Short | None = None
    catalog_position_ext_code: Annotated[str, Field(max_length=200)] | None = None
    category: Annotated[str, Field(max_length=300)] | None = None
    type: Type | None = None
    is_actual: bool | None = Field(None, description="Without: true.")
    limit: Annotated[int, Field(ge=1, le=1000)] = Field(
        1000, description="Of the products at most; an addition to Zegoal's call."
    )
    offset: Annotated[int, Field(ge=0, le=1_000_000)] = Field(
        0, description="How many products to skip; an addition."
    )
