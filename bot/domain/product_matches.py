"""What was found, in Ticaret.pro's words: `productMatches` and `visualSearch`.

Source: Ticaret.pro's API reference, "create an order from an AI analysis". A field that
nobody knows is left out when these are printed (`exclude_none`), and never invented.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, PlainSerializer
from pydantic.alias_generators import to_camel

from bot.domain.found import FoundMatch, FoundProduct, Outcome, StockStatus
from bot.domain.understanding import Visual, VisualStatus


class MatchStatus(StrEnum):
    """How sure a product match is: `productMatches[].matchStatus`."""

    HIGH_CONFIDENCE = "high_confidence"
    AMBIGUOUS = "ambiguous"
    LOW_CONFIDENCE = "low_confidence"
    NO_MATCH = "no_match"


#: What the likeliest product of a mention is, by what the catalog said; and the others.
_STATUS: Mapping[Outcome, tuple[MatchStatus, MatchStatus]] = {
    Outcome.CERTAIN: (MatchStatus.HIGH_CONFIDENCE, MatchStatus.LOW_CONFIDENCE),
    Outcome.AMBIGUOUS: (MatchStatus.AMBIGUOUS, MatchStatus.AMBIGUOUS),
    Outcome.UNKNOWN: (MatchStatus.LOW_CONFIDENCE, MatchStatus.LOW_CONFIDENCE),
}
#: The same for a picture, by the status of the best match of its query.
VISUAL_STATUS: Mapping[MatchStatus, VisualStatus] = {
    status: VisualStatus(status.value) for status in MatchStatus
}
#: The surest first: a product that was found twice keeps its better match.
_SUREST = tuple(MatchStatus)


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


#: An exact number inside, a plain JSON number outside.
Number = Annotated[Decimal, PlainSerializer(_number, when_used="json")]


class Printed(BaseModel):
    model_config = ConfigDict(
        frozen=True, alias_generator=to_camel, populate_by_name=True
    )


class ProductMatch(Printed):
    """One product that may have been meant; without one, that nothing was found."""

    product_id: str | None = None
    sku: str | None = None
    name: str | None = None
    confidence: float = 0.0
    price: Number | None = None
    currency: str | None = None
    stock_status: StockStatus | None = None
    stock_quantity: Number | None = None
    product_url: str | None = None
    match_status: MatchStatus


class VisualAttributesPrinted(Printed):
    """What a picture shows of a product."""

    product_type: str | None = None
    color: str | None = None
    model: str | None = None
    pattern: str | None = None
    material: str | None = None
    brand: str | None = None
    visible_text: str | None = None
    style: str | None = None
    shape: str | None = None
    other_features: str | None = None


class VisualSearch(Printed):
    """What was seen in a picture, and what the catalog said to it."""

    query: str | None = None
    visual_description: str | None = None
    attributes: VisualAttributesPrinted = VisualAttributesPrinted()
    warnings: tuple[str, ...] = ()
    candidate_count: int = 0
    match_status: VisualStatus = VisualStatus.NOT_SEARCHED
    response_id: str | None = None
    usage: Mapping[str, object] = {}


def product_matches(found: Sequence[FoundMatch]) -> tuple[ProductMatch, ...]:
    """Return every product that a turn may have meant, the surest matches first.

    A mention for which nothing at all was found is one entry with `no_match`.
    """
    best: dict[tuple[str | None, str | None], ProductMatch] = {}
    missed = []
    for match in found:
        if not match.products:
            missed.append(ProductMatch(match_status=MatchStatus.NO_MATCH))
        for each in _matches(match):
            key = (each.product_id, each.sku)
            if key not in best or _rank(each) < _rank(best[key]):
                best[key] = each
    return (*sorted(best.values(), key=_rank), *missed)


def status_of(match: FoundMatch) -> MatchStatus:
    """Return how sure the best match of a mention is."""
    return _STATUS[match.outcome][0] if match.products else MatchStatus.NO_MATCH


def visual_search(
    seen: Sequence[Visual],
    *,
    response_id: str | None = None,
    usage: Mapping[str, object] | None = None,
) -> VisualSearch:
    """Return what the pictures of a turn came to: the one that tells the most.

    `response_id` and `usage` are those of the call that looked at them.
    """
    if not seen:
        return VisualSearch()
    told = min(seen, key=lambda each: _TELLING.index(each.status))
    return VisualSearch(
        query=told.query or None,
        visual_description=told.description or None,
        attributes=VisualAttributesPrinted(**told.attributes.model_dump()),
        warnings=tuple(w for each in seen for w in each.warnings),
        candidate_count=told.candidate_count,
        match_status=told.status,
        response_id=response_id,
        usage=usage or {},
    )


#: The statuses of a picture, those that tell more of it first.
_TELLING = (
    VisualStatus.HIGH_CONFIDENCE,
    VisualStatus.AMBIGUOUS,
    VisualStatus.LOW_CONFIDENCE,
    VisualStatus.NO_MATCH,
    VisualStatus.NOT_SEARCHED,
    VisualStatus.FAILED,
)


def _matches(match: FoundMatch) -> Iterator[ProductMatch]:
    first, others = _STATUS[match.outcome]
    for place, product in enumerate(match.products):
        yield _match(product, others if place else first)


def _match(product: FoundProduct, status: MatchStatus) -> ProductMatch:
    return ProductMatch(
        product_id=product.product_id,
        sku=product.sku,
        name=product.name,
        confidence=product.probability,
        price=product.price,
        currency=product.currency,
        stock_status=product.stock_status,
        stock_quantity=product.stock,
        product_url=product.url,
        match_status=status,
    )


def _rank(match: ProductMatch) -> tuple[int, float]:
    return _SUREST.index(match.match_status), -match.confidence
