"""What is advised. Every line and every insight has a reason, with its facts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

#: A fact of a reason: a name, a count, days, an amount in major units.
Fact = str | int | float | Decimal


class Category(StrEnum):
    FREQUENT = "frequent-buy"
    SEASONAL = "seasonal"
    CROSS_SELL = "cross-sell"
    UPSELL = "upsell"
    NEW_PRODUCT = "new-product"


class Kind(StrEnum):
    """Every reason there is; `texts/` has a sentence for each, in each language."""

    BOUGHT_OFTEN = "bought_often"
    BOUGHT_BEFORE = "bought_before"
    DUE = "due"
    GOES_WITH = "goes_with"
    POPULAR = "popular"
    IN_SEASON = "in_season"
    PREFERRED = "preferred"
    TRENDING = "trending"
    BETTER_THAN = "better_than"
    EXPECTED_DEMAND = "expected_demand"
    LIMITED_BY_STOCK = "limited_by_stock"
    LIMITED_BY_BUDGET = "limited_by_budget"
    # Buying patterns.
    BUYS_EVERY = "buys_every"
    BUYS_ON = "buys_on"
    BASKET_SIZE = "basket_size"
    FAVOURITE = "favourite"
    NO_HISTORY = "no_history"
    # Risks.
    MAY_BE_LOST = "may_be_lost"
    LATE_REORDER = "late_reorder"
    SPENDS_LESS = "spends_less"
    # Opportunities.
    SPENDS_MORE = "spends_more"
    DUE_SOON = "due_soon"
    WANTED_BUT_OUT = "wanted_but_out"
    UNUSED_KEY = "unused_key"


@dataclass(frozen=True, slots=True)
class Reason:
    kind: Kind
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A line of advice. `price` is for one, major units; `quantity` is at least 1."""

    product: str
    name: str
    quantity: int
    price: Decimal
    confidence: float  #: 0 to 1: how likely the customer takes it.
    category: Category
    reasons: tuple[Reason, ...]  #: The first is the main one; never empty.
    priority: int = 1  #: 1 comes first, 10 last.


@dataclass(frozen=True, slots=True)
class Insights:
    patterns: tuple[Reason, ...] = ()
    #: Share of what was bought, by month of the year ("01" to "12").
    seasonality: Mapping[str, float] = field(default_factory=dict)
    risks: tuple[Reason, ...] = ()
    opportunities: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Accuracy:
    """0 to 1; None: nothing to measure by."""

    historical: float | None = None  #: Of such advice for this customer until now.
    estimated: float | None = None  #: Of this advice, by its own confidence.


@dataclass(frozen=True, slots=True)
class ProposedOrder:
    """What the advice comes to. It is a proposal: nobody ordered anything."""

    items: tuple[Recommendation, ...]
    total: Decimal  #: Major units; each line rounded once.


@dataclass(frozen=True, slots=True)
class Advice:
    """The answer; which parts are filled is the activity's (see the documentation)."""

    recommendations: tuple[Recommendation, ...]
    insights: Insights
    accuracy: Accuracy
    order: ProposedOrder | None
