"""What the catalog found for the words of a turn: kept with its analysis, and shown.

It says what a decision was based on: every product that may have been meant, with its
price and stock as they were, what the amount comes to, and what there is instead of
something that is sold out.
"""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, TypeAdapter

from bot.domain.snapshot import Snapshot
from bot.domain.understanding import Mention, Understanding
from catalog import Ambiguous, Candidate, Certain, Index, Match, Product, Unknown
from catalog.domain.alternatives import alternatives, replacements
from catalog.domain.taught import candidates_of
from orders import UnknownUnit, converted
from orders.domain.quantities import at_most
from orders.domain.rules import Available, stock_of


class Found(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Outcome(StrEnum):
    """How sure the catalog is of what some words mean."""

    CERTAIN = "certain"
    AMBIGUOUS = "ambiguous"
    UNKNOWN = "unknown"


class StockStatus(StrEnum):
    """Whether something can be sold now."""

    IN_STOCK = "in_stock"
    OUT_OF_STOCK = "out_of_stock"
    NOT_COUNTED = "not_counted"
    DEPENDS = "depends_on_variant"  #: Some of its variants are there.


class FoundProduct(Found):
    """A product, or a variant, that may be meant or may be bought instead."""

    product_id: str
    variant_id: str | None = None
    sku: str
    name: str
    probability: float  #: That it is meant; of an alternative: how alike it is.
    why: tuple[str, ...] = ()
    price: Decimal | None = None  #: Major units.
    currency: str
    stock_status: StockStatus
    stock: Decimal | None = None  #: What is left; none: nobody counts, or it depends.
    url: str | None = None


class FoundAmount(Found):
    """How much was asked for, and what that is in the product's unit."""

    said: str | None = None  #: In words, when it was converted: "2 koli".
    quantity: Decimal | None = None  #: None: not sold in the unit that was said.
    unit: str
    possible_units: tuple[str, ...] = ()  #: When the unit is none of its.


class FoundMatch(Found):
    """What the catalog said to one mention."""

    mention: int  #: Its place among those of the analysis.
    text: str
    outcome: Outcome
    variant_required: bool = False  #: The product is sure, its variant is still open.
    products: tuple[FoundProduct, ...] = ()  #: The likeliest first.
    amount: FoundAmount | None = None  #: Of a sure product.
    alternatives: tuple[FoundProduct, ...] = ()  #: When the sure product is sold out.


_STORED = TypeAdapter(tuple[FoundMatch, ...])


def found_in(
    snapshot: Snapshot, understanding: Understanding, matches: Mapping[int, Match]
) -> tuple[FoundMatch, ...]:
    """Return what was found for each mention that names something."""
    index, available = snapshot.index, snapshot.available
    return tuple(
        found_for(mention, matches[place], index, available, place=place)
        for place, mention in enumerate(understanding.mentions)
        if place in matches
    )


def found_for(
    mention: Mention,
    match: Match,
    index: Index,
    available: Available,
    *,
    place: int = 0,
) -> FoundMatch:
    """Return what was found for one mention. `available` is fresher than the index."""
    shelf = _Shelf(index, available)
    products = tuple(
        shown
        for each in candidates_of(match)
        if (shown := shelf.shown(each.product_id, each.variant_id, each))
    )
    sure = match.candidate if isinstance(match, Certain) else None
    product = index.product(sure.product_id) if sure else None
    return FoundMatch(
        mention=place,
        text=mention.text,
        outcome=outcome_of(match),
        variant_required=isinstance(match, Certain) and match.variant_required,
        products=products,
        amount=_amount(product, mention, index) if product else None,
        alternatives=shelf.instead(product, sure.variant_id)
        if product and sure
        else (),
    )


def looked_at(match: Match, index: Index) -> frozenset[tuple[str, str | None]]:
    """Return the products and variants whose stock `found_for` looks at."""
    listed = [
        product
        for each in candidates_of(match)
        if (product := index.product(each.product_id))
    ]
    if isinstance(match, Certain) and listed:
        listed += replacements(index, listed[0])
    return frozenset(
        (product.id, form.id if form else None)
        for product in listed
        for form in product.variants or (None,)
    )


def outcome_of(match: Match) -> Outcome:
    match match:
        case Certain():
            return Outcome.CERTAIN
        case Ambiguous():
            return Outcome.AMBIGUOUS
        case Unknown():
            return Outcome.UNKNOWN


def dump_found(found: tuple[FoundMatch, ...]) -> object:
    """Return what was found as JSON."""
    return _STORED.dump_python(found, mode="json")


def load_found(stored: object) -> tuple[FoundMatch, ...]:
    """Return what `dump_found` stored; nothing where nothing was stored."""
    return _STORED.validate_python(stored or ())


class _Shelf:
    """What is sold, and how much of it is left."""

    def __init__(self, index: Index, available: Available) -> None:
        self._index = index
        self._available = available

    def shown(
        self, product_id: str, variant_id: str | None, candidate: Candidate
    ) -> FoundProduct | None:
        product = self._index.product(product_id)
        if product is None:
            return None
        variant = product.variant(variant_id)
        status, stock = self._stock(product, variant_id)
        return FoundProduct(
            product_id=product.id,
            variant_id=variant_id,
            sku=variant.sku if variant else product.sku,
            name=f"{product.name} ({variant.name})" if variant else product.name,
            probability=round(candidate.probability, 4),
            why=candidate.why,
            price=product.price_of(variant_id),
            currency=product.currency,
            stock_status=status,
            stock=stock,
            url=product.url,
        )

    def instead(
        self, product: Product, variant_id: str | None
    ) -> tuple[FoundProduct, ...]:
        """Return what may be bought instead, when it is sold out."""
        if self._stock(product, variant_id)[0] is not StockStatus.OUT_OF_STOCK:
            return ()
        found = alternatives(self._index, product, variant_id, is_left=self._is_left)
        candidates = (
            Candidate(each.product_id, each.variant_id, each.likeness, each.why)
            for each in found
        )
        return tuple(
            shown
            for each in candidates
            if (shown := self.shown(each.product_id, each.variant_id, each))
        )

    def _stock(
        self, product: Product, variant_id: str | None
    ) -> tuple[StockStatus, Decimal | None]:
        if product.variants and variant_id is None:
            left = any(self._is_left(product, form.id) for form in product.variants)
            return (StockStatus.DEPENDS if left else StockStatus.OUT_OF_STOCK), None
        stock = stock_of(product, variant_id, self._available)
        if stock is None:
            return StockStatus.NOT_COUNTED, None
        is_left = at_most(product, stock) > 0
        return (StockStatus.IN_STOCK if is_left else StockStatus.OUT_OF_STOCK), stock

    def _is_left(self, product: Product, variant_id: str | None) -> bool:
        stock = stock_of(product, variant_id, self._available)
        return stock is None or at_most(product, stock) > 0


def _amount(product: Product, mention: Mention, index: Index) -> FoundAmount:
    amount = converted(product, mention.quantity, mention.unit, index.units)
    if isinstance(amount, UnknownUnit):
        return FoundAmount(
            said=amount.said, unit=product.unit, possible_units=amount.possible
        )
    return FoundAmount(
        said=amount.converted_from, quantity=amount.quantity, unit=amount.unit
    )
