"""What is asked, and what the one who asks knows besides our own history.

The names of the blocks and of their keys are those of Repzo's sales activities.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from orders.advice.domain.basket import Basket

#: More lines than this nobody reads.
MOST_LINES = 50


class Activity(StrEnum):
    RECOMMENDATION = "recommendation"
    ORDER_ANALYSIS = "order-analysis"
    DEMAND_FORECASTING = "demand-forecasting"
    CROSS_SELL = "cross-sell"
    UPSELL = "upsell"


class Status(StrEnum):
    """How far an activity's advice is."""

    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class _Block(BaseModel):
    """A block of a request: known keys are used, others are named as unused."""

    model_config = ConfigDict(
        frozen=True, extra="allow", alias_generator=to_camel, validate_by_name=True
    )

    @property
    def unused(self) -> tuple[str, ...]:
        """Return the keys that play no part."""
        return tuple(sorted(self.model_extra or {}))


class Preferences(_Block):
    """What the customer wants. Products are named by id or SKU."""

    preferred_products: frozenset[str] = frozenset()
    preferred_categories: frozenset[str] = frozenset()
    preferred_brands: frozenset[str] = frozenset()
    excluded_products: frozenset[str] = frozenset()
    excluded_categories: frozenset[str] = frozenset()
    excluded_brands: frozenset[str] = frozenset()
    budget: Decimal | None = Field(default=None, ge=0)  #: Major units, for the order.
    max_items: int = Field(default=10, ge=1, le=MOST_LINES)


Factor = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]


class MarketData(_Block):
    """What is known of the market. A factor of 1.2 means a fifth more than usual."""

    demand_factor: Factor = 1.0
    category_factors: Mapping[str, Factor] = Field(default_factory=dict)
    product_factors: Mapping[str, Factor] = Field(default_factory=dict)
    trending_products: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Feedback:
    """What became of earlier advice for this customer: product ids."""

    accepted: tuple[str, ...] = ()
    rejected: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """Advice is asked for a customer and a moment."""

    activity: Activity
    at: datetime
    #: Baskets that the caller knows; they join those that we know, once each.
    historical_orders: tuple[Basket, ...] = ()
    preferences: Preferences = field(default_factory=Preferences)
    market_data: MarketData = field(default_factory=MarketData)
    #: What can be sold, by product id or SKU; others: what the catalog says.
    inventory_levels: Mapping[str, Decimal] = field(default_factory=dict)
    feedback: Feedback = field(default_factory=Feedback)
    #: Weeks for which demand is forecast.
    horizon: int = 4
