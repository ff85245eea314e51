"""Zegoal's ordering: what callers are answered. What is not known is absent."""

from typing import Final

from pydantic import BaseModel, ConfigDict, Field, JsonValue

_SENT_AT: Final = "2020-07-03 09:19:58"


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
