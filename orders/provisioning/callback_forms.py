"""OmniChat's callbacks: what a merchant's system sends, and what it is answered.

The forms tell what may be sent. `callbacks` and `checkout` read it, and name the field
that cannot be as it is.
"""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field, JsonValue, RootModel
from pydantic.config import JsonDict

from orders.domain.order import OrderState
from orders.provisioning.callbacks import STATUSES

_RESPONSIBLE: JsonDict = {
    "type": "string",
    "minLength": 1,
    "maxLength": 100,
    "description": "Who says so: it stands in the order's history.",
}


def _text(longest: int, description: str) -> JsonDict:
    return {
        "type": ["string", "null"],
        "maxLength": longest,
        "description": description,
    }


def _object(description: str, required: Sequence[str], **parts: JsonDict) -> JsonDict:
    return {
        "type": ["object", "null"],
        "description": description,
        "properties": {**parts},
        "required": [*required],
    }


def _amount(description: str, *, may_be_null: bool) -> JsonDict:
    return {
        "type": ["number", "null"] if may_be_null else "number",
        "minimum": 0,
        "maximum": 10**12,
        "description": f"{description} At most six decimals.",
    }


class _Given(RootModel[dict[str, JsonValue]]):
    """A body whose unknown fields are ignored."""

    model_config = ConfigDict(frozen=True)


class StatusChangeGiven(_Given):
    """The order has a new status."""

    model_config = ConfigDict(
        json_schema_extra={
            "properties": {
                "responsible": _RESPONSIBLE,
                "status": {"type": "string", "enum": [*STATUSES]},
                "message": _text(2000, "For people: it stands in the history."),
                "orderGwId": _text(200, "The order's id in the merchant's system."),
            },
            "required": ["responsible", "status"],
            "examples": [
                {
                    "responsible": "ERP",
                    "status": "ORDER_GATEWAY_PROVISIONED",
                    "message": "Order created",
                    "orderGwId": "4711",
                }
            ],
        }
    )


class ProvisionsGiven(_Given):
    """The order was provisioned, or failed to be."""

    model_config = ConfigDict(
        json_schema_extra={
            "properties": {
                "responsible": _RESPONSIBLE,
                "code": {
                    "type": "integer",
                    "enum": [200, 400],
                    "description": "200: provisioned. 400: failed.",
                },
                "message": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 2000,
                    "description": "For people; the reason where it failed.",
                },
                "checkoutUrl": _text(2000, "Where the customer pays: http(s)."),
                "unavailableItems": {
                    "type": ["array", "null"],
                    "maxItems": 1000,
                    "description": "What of the order cannot be delivered; ours.",
                    "items": {
                        "type": "object",
                        "description": "Named by `objectId` or `productReference`.",
                        "properties": {
                            "objectId": {"description": "As it was sent."},
                            "productReference": {"description": "As it was sent."},
                            "available": {
                                "type": "number",
                                "minimum": 0,
                                "default": 0,
                                "description": "How many there are.",
                            },
                        },
                    },
                },
            },
            "required": ["responsible", "code", "message"],
            "examples": [
                {
                    "responsible": "ERP",
                    "code": 400,
                    "message": "SKU 77 is not in stock",
                    "unavailableItems": [{"objectId": "L1", "available": 0}],
                },
                {"responsible": "ERP", "code": 200, "message": "order 4711"},
            ],
        }
    )


class CheckoutDataGiven(_Given):
    """Where the order goes, how, and what is off its price: at least one of them."""

    model_config = ConfigDict(
        json_schema_extra={
            "properties": {
                "responsible": _RESPONSIBLE,
                "selectedShippingAddress": _object(
                    "Where it goes.",
                    ["addressLine1"],
                    recipient=_text(300, "Who takes it."),
                    addressLine1={
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 300,
                        "description": "The street.",
                    },
                    addressLine2=_text(300, "More of it."),
                    number=_text(300, "Of the house."),
                    suburb=_text(300, "The part of the city."),
                    zip=_text(300, "The postal code."),
                    city=_text(300, "The city."),
                    addressState=_text(300, "The state."),
                    country=_text(300, "Two or three letters (ISO 3166-1)."),
                ),
                "selectedFreight": _object(
                    "How it goes.",
                    [],
                    freightCost=_amount("In major units.", may_be_null=True),
                    deliveryTime=_text(100, "How long it takes: `1bd`."),
                    shippingMethod=_text(100, "The carrier's word."),
                ),
                "discount": _object(
                    "What is off.",
                    ["value", "mode"],
                    value=_amount("Major units, or percent.", may_be_null=False),
                    mode={"type": "string", "enum": ["ABSOLUTE", "PERCENTAGE"]},
                ),
            },
            "required": ["responsible"],
            "examples": [
                {
                    "responsible": "checkout",
                    "selectedFreight": {"freightCost": 5, "deliveryTime": "1bd"},
                    "discount": {"value": 10, "mode": "PERCENTAGE"},
                }
            ],
        }
    )


class OrderStatusTold(BaseModel):
    """The order as it is now, late news included."""

    model_config = ConfigDict(frozen=True)

    id: str
    number: int = Field(description="The shop's number of the order.", examples=[1])
    status: OrderState = Field(examples=[OrderState.PREPARING])


class CallbackProblem(BaseModel):
    """An error, as RFC 9457 writes it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "about:blank",
                    "title": "Bad Request",
                    "status": 400,
                    "detail": "must be the number 200 (provisioned) or 400 (failed)",
                    "field": "code",
                }
            ]
        }
    )

    type: str = Field(description="Always `about:blank`: the status says which kind.")
    title: str = Field(description="The status in words.")
    status: int = Field(description="The HTTP status, again.")
    detail: str = Field(description="What is wrong, and what to do.")
    field: str = Field("", description="Which field of the body is wrong, if one is.")
