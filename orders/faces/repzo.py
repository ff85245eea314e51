"""Repzo's sales activities: what callers send, and what they are answered.

Fields, enumerations and ranges are those of Repzo's public description "Activity AI
Sales Order API". What the server owns (recommendations, insights, status, processing
time, accuracy, the generated order, the model's confidence) is ignored in a request.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
    model_validator,
)
from pydantic.alias_generators import to_camel

from orders.advice.domain.answer import Category
from orders.advice.domain.request import (
    Activity,
    MarketData,
    Preferences,
    Status,
)
from orders.faces.json_values import Loose, storable

_SAMPLE_ID = "60f7b1b3e4b0e8b3f8b3f8b4"
_SINCE = datetime(1970, 1, 1, tzinfo=UTC)
#: Weeks for which demand may be forecast.
_FURTHEST = 26
#: The one key of `aiModel.parameters` that plays a part.
HORIZON = "horizonWeeks"


# -- what is sent ---------------------------------------------------------------------


class _Given(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, extra="ignore", frozen=True, strict=True
    )


def _since_1970(moment: datetime) -> datetime:
    try:
        inside = moment.astimezone(UTC) >= _SINCE
    except OverflowError:
        inside = False
    if not inside:
        raise ValueError("give a moment since 1970")
    return moment.astimezone(UTC)


Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"\S")]
Amount = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
Moment = Annotated[AwareDatetime, AfterValidator(_since_1970)]


class ItemGiven(_Given):
    """What was bought. A product is named by its id or its SKU."""

    product: Name
    quantity: int = Field(ge=1, le=1_000_000)
    price: Amount | None = None


class OrderGiven(_Given):
    """An order that the caller knows of."""

    order_id: Name
    date: Moment
    items: list[ItemGiven] = Field(default_factory=list, max_length=500)


def _checked(
    block: type[BaseModel], given: dict[str, JsonValue]
) -> dict[str, JsonValue]:
    """Return a block as it is. Raises ValueError naming the known key that is wrong."""
    try:
        block.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{where}: {first['msg']}") from None
    return given


def _preferences(given: dict[str, JsonValue]) -> dict[str, JsonValue]:
    return _checked(Preferences, given)


def _market_data(given: dict[str, JsonValue]) -> dict[str, JsonValue]:
    return _checked(MarketData, given)


class InputGiven(_Given):
    """What the caller knows besides the shop's own history."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, JsonValue]

    historical_orders: list[OrderGiven] = Field(default_factory=list, max_length=2_000)
    client_preferences: Annotated[Loose, AfterValidator(_preferences)] = Field(
        default_factory=dict
    )
    market_data: Annotated[Loose, AfterValidator(_market_data)] = Field(
        default_factory=dict
    )
    inventory_levels: dict[Name, Amount] = Field(
        default_factory=dict, max_length=20_000
    )

    @model_validator(mode="after")
    def _storable(self) -> Self:
        storable(self.__pydantic_extra__)
        return self


def _parameters(given: dict[str, JsonValue]) -> dict[str, JsonValue]:
    weeks = given.get(HORIZON, 1)
    if type(weeks) is not int or not 1 <= weeks <= _FURTHEST:
        raise ValueError(f"{HORIZON}: give a whole number from 1 to {_FURTHEST}")
    return given


class ModelGiven(_Given):
    """Whose advice is asked for. It is kept; `parameters.horizonWeeks` is used."""

    name: Name | None = None
    version: str | None = Field(None, max_length=50)
    parameters: Annotated[Loose, AfterValidator(_parameters)] | None = None


class FeedbackGiven(_Given):
    """What became of the recommendations: ids of their products."""

    user_rating: int | None = Field(None, ge=1, le=5)
    accepted_recommendations: list[Name] = Field(default_factory=list, max_length=200)
    rejected_recommendations: list[Name] = Field(default_factory=list, max_length=200)
    comments: str | None = Field(None, max_length=5_000)

    @model_validator(mode="after")
    def _disjoint(self) -> Self:
        both = set(self.accepted_recommendations) & set(self.rejected_recommendations)
        if both:
            named = ", ".join(sorted(both))
            raise ValueError(
                f"{named}: a recommendation is accepted or rejected, not both"
            )
        return self

    @property
    def named(self) -> frozenset[str]:
        """Return every recommendation that is judged."""
        return frozenset(
            (*self.accepted_recommendations, *self.rejected_recommendations)
        )


class ActivityGiven(_Given):
    """A sales activity, all of it: what is not sent is empty afterwards."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "client": _SAMPLE_ID,
                    "rep": "60f7b1b3e4b0e8b3f8b3f8b5",
                    "activityType": "recommendation",
                    "inputData": {
                        "historicalOrders": [
                            {
                                "orderId": "A-4711",
                                "date": "2026-08-24T14:15:22Z",
                                "items": [
                                    {"product": "TEA-01", "quantity": 2, "price": 30}
                                ],
                            }
                        ],
                        "clientPreferences": {"budget": 500},
                        "marketData": {"demandFactor": 1.2},
                        "inventoryLevels": {"TEA-01": 40},
                    },
                    "metadata": {"visit": "2026-11-22"},
                }
            ]
        }
    )

    client: Name = Field(description="The customer, by Repzo's or our id.")
    rep: Name = Field(description="The user who visits them, by Repzo's or our id.")
    activity_type: Activity
    input_data: InputGiven | None = None
    ai_model: ModelGiven | None = None
    feedback: FeedbackGiven | None = None
    metadata: Loose | None = None

    @property
    def kept(self) -> Mapping[str, object]:
        """Return what is stored of it besides client, rep and type."""
        return self.model_dump(
            mode="json",
            by_alias=True,
            exclude_unset=True,
            exclude={"client", "rep", "activity_type"},
        )


# -- what is answered -----------------------------------------------------------------


class _Told(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, frozen=True, validate_by_name=True
    )


class RecommendationTold(_Told):
    product: str = Field(examples=["60f7b1b3e4b0e8b3f8b3f8b6"])
    product_name: str = Field(examples=["Tea"])
    quantity: int = Field(ge=1, examples=[2])
    price: float = Field(ge=0, examples=[30.0])
    confidence: float = Field(ge=0, le=1, examples=[0.82])
    reason: str = Field(examples=["Bought in 9 of 11 orders."])
    category: Category
    priority: int = Field(ge=1, le=10, examples=[1])


class InsightsTold(_Told):
    """Lists are empty rather than absent."""

    buying_patterns: list[str] = []
    seasonality: dict[str, float] = {}
    risk_factors: list[str] = []
    opportunities: list[str] = []


class AccuracyTold(_Told):
    """0 to 1. What nothing can be measured by is absent."""

    historical: float | None = Field(None, ge=0, le=1)
    estimated: float | None = Field(None, ge=0, le=1)


class ProposedItemTold(_Told):
    product: str
    quantity: int = Field(ge=1)
    price: float = Field(ge=0)


class GeneratedOrderTold(_Told):
    """A proposal; `orderId` is there once it was ordered."""

    order_id: str | None = None
    items: list[ProposedItemTold]
    total_amount: float = Field(ge=0)


class ModelTold(_Told):
    name: str | None = None
    version: str | None = None
    confidence: float | None = Field(None, ge=0, le=1)
    parameters: dict[str, JsonValue] | None = None


class ActivityTold(_Told):
    """A sales activity. What is not known is absent."""

    id: str = Field(alias="_id", examples=["60f7b1b3e4b0e8b3f8b3f8b3"])
    client: str = Field(examples=[_SAMPLE_ID])
    rep: str = Field(examples=["60f7b1b3e4b0e8b3f8b3f8b5"])
    activity_type: Activity
    input_data: dict[str, JsonValue] | None = None
    ai_model: ModelTold | None = None
    recommendations: list[RecommendationTold] = []
    insights: InsightsTold = InsightsTold()
    status: Status
    processing_time: float | None = Field(None, ge=0, description="Seconds.")
    accuracy: AccuracyTold = AccuracyTold()
    feedback: dict[str, JsonValue] | None = None
    generated_order: GeneratedOrderTold | None = None
    metadata: dict[str, JsonValue] | None = None
    created_at: datetime
    updated_at: datetime


# -- what is stored of it -------------------------------------------------------------


class KeptFeedback(_Told):
    """What was said of recommendations, as it was named then."""

    accepted_recommendations: list[str] = []
    rejected_recommendations: list[str] = []
    comments: str | None = None

    @property
    def named(self) -> tuple[str, ...]:
        return (*self.accepted_recommendations, *self.rejected_recommendations)


class KeptGiven(_Told):
    """What the caller said: free JSON as it came; client and rep by Repzo's ids."""

    client: str = ""
    rep: str = ""
    input_data: dict[str, JsonValue] | None = None
    ai_model: dict[str, JsonValue] | None = None
    feedback: dict[str, JsonValue] | None = None
    metadata: dict[str, JsonValue] | None = None

    @property
    def model(self) -> ModelTold:
        return ModelTold.model_validate(self.ai_model or {})

    @property
    def judgement(self) -> KeptFeedback:
        return KeptFeedback.model_validate(self.feedback or {})


class KeptResult(_Told):
    """What was advised, in the words of the answer."""

    recommendations: list[RecommendationTold]
    insights: InsightsTold
    accuracy: AccuracyTold
    generated_order: GeneratedOrderTold | None = None
    products: list[str]  #: Our own ids of the recommendations, in their order.

    @classmethod
    def of(cls, stored: Mapping[str, object] | None) -> Self | None:
        """Return what is stored, read; None: nothing was advised yet."""
        return None if stored is None else cls.model_validate(stored)

    @property
    def stored(self) -> Mapping[str, object]:
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


# -- envelopes ------------------------------------------------------------------------


class ActivityAnswer(_Told):
    success: bool = True
    data: ActivityTold


class ActivitiesAnswer(_Told):
    success: bool = True
    data: list[ActivityTold]
    total: int = Field(ge=0, description="How many there are in all.", examples=[1])


class DeletedAnswer(_Told):
    success: bool = True
    message: str = "AI sales order activity deleted successfully"


class ShortRecommendation(_Told):
    """A recommendation as `generate` answers it; reading shows all of it."""

    product: str
    quantity: int = Field(ge=1)
    confidence: float = Field(ge=0, le=1)
    reason: str


class Recommended(_Told):
    recommendations: list[ShortRecommendation]


class GeneratedAnswer(_Told):
    success: bool = True
    data: Recommended


class ErrorTold(_Told):
    """What went wrong: compare `code`; `message` is for people."""

    code: str = Field(examples=["NOT_FOUND"])
    message: str = Field(examples=["there is no activity 'x'"])
    details: dict[str, JsonValue] = {}


class FailureAnswer(_Told):
    success: bool = False
    error: ErrorTold
