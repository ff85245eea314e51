"""What words mean to the shop: the same answer that a turn would get, with reasons."""

from decimal import Decimal

from pydantic import Field

from bot.domain.explaining import Explanation, explained
from bot.domain.found import FoundProduct, Outcome, StockStatus, looked_at
from bot.domain.product_matches import MatchStatus, status_of
from bot.domain.understanding import Mention
from bot.web.api.call import Call
from bot.web.api.endpoint import Endpoints
from bot.web.api.finding import index_of
from bot.web.api.models import Exact, Given, Id, Money, Shown
from bot.web.api.roles import PRODUCTS_READ
from catalog.stock import available

endpoints = Endpoints(
    "matches",
    "What a customer's words mean: the products that the bot would take them for, how"
    " surely, and why.",
)


class WordsGiven(Given):
    """Words for one product, as a customer might write them."""

    text: str = Field(
        min_length=1, max_length=300, pattern=r"\S", examples=["choc croissants"]
    )
    quantity: Exact | None = Field(None, gt=0, le=1_000_000, examples=["2"])
    unit: str | None = Field(
        None, max_length=40, description="As it was said.", examples=["koli"]
    )
    contact_id: Id | None = Field(
        None, description="As the bot understands this customer."
    )


class FoundProductView(Shown):
    """A product, or one of its variants."""

    product_id: str
    variant_id: str | None
    sku: str
    name: str
    probability: float = Field(
        description="That it is meant; of an alternative: how alike it is."
    )
    why: list[str] = Field(
        description="What fits, word by word, and what was learnt.",
        examples=[["learnt: this customer's orders (3)", "name: choc ~ chocolate"]],
    )
    price: Money | None
    stock_status: StockStatus
    stock: Exact | None = Field(description="What is left; null: nobody counts.")


class AmountView(Shown):
    """How much it is, in the product's own unit."""

    said: str | None = Field(
        description="The words that were converted: `2 koli` of 24 are 48 pieces.",
        examples=["2 koli"],
    )
    quantity: Exact | None = Field(description="Null: it is not sold in that unit.")
    unit: str = Field(examples=["piece"])
    possible_units: list[str] = Field(description="When the unit is none of its.")


class LearntView(Shown):
    """Something that was learnt about the words."""

    words: str
    product_id: str
    variant_id: str | None
    why: str
    strength: float = Field(description="What it counts for by now.")


class MatchesView(Shown):
    """What the words mean."""

    outcome: Outcome = Field(
        description="certain: the bot takes it; ambiguous: it asks which; unknown: it"
        " says that it found nothing, or asks."
    )
    match_status: MatchStatus
    variant_required: bool = Field(
        description="The product is sure, and which of its variants is still open."
    )
    sure_from: float = Field(
        description="The chance from which the shop takes a product without asking."
    )
    outcome_without_learnt: Outcome
    lead: float | None = Field(
        description="By how much the first product leads the second."
    )
    products: list[FoundProductView] = Field(description="The likeliest first.")
    amount: AmountView | None = Field(description="Of a sure product.")
    alternatives: list[FoundProductView] = Field(
        description="When the sure product is sold out: what is most like it."
    )
    learnt: list[LearntView]


@endpoints.get("/v1/matches", roles=PRODUCTS_READ)
async def match_words(call: Call, query: WordsGiven) -> MatchesView:
    """Say what words mean, and why.

    Stock is what may be sold now: without what orders hold. Nothing is ordered, and
    nothing is learnt from it.
    """
    index = await index_of(call, query.contact_id)
    mention = Mention(text=query.text, quantity=query.quantity, unit=query.unit)
    pairs = looked_at(index.find(query.text), index)
    return _view(explained(mention, index, await available(call.connection, pairs)))


def _view(explanation: Explanation) -> MatchesView:
    found = explanation.found
    amount = found.amount
    return MatchesView(
        outcome=found.outcome,
        match_status=status_of(found),
        variant_required=found.variant_required,
        sure_from=explanation.sure,
        outcome_without_learnt=explanation.alone,
        lead=explanation.lead,
        products=[_product(each) for each in found.products],
        amount=amount
        and AmountView(
            said=amount.said,
            quantity=amount.quantity,
            unit=amount.unit,
            possible_units=list(amount.possible_units),
        ),
        alternatives=[_product(each) for each in found.alternatives],
        learnt=[
            LearntView(
                words=each.alias.words,
                product_id=each.alias.meaning.product_id,
                variant_id=each.alias.meaning.variant_id,
                why=each.why,
                strength=round(each.strength, 4),
            )
            for each in explanation.learnt
        ],
    )


def _product(found: FoundProduct) -> FoundProductView:
    return FoundProductView(
        product_id=found.product_id,
        variant_id=found.variant_id,
        sku=found.sku,
        name=found.name,
        probability=found.probability,
        why=list(found.why),
        price=_money(found.price, found.currency),
        stock_status=found.stock_status,
        stock=found.stock,
    )


def _money(price: Decimal | None, currency: str) -> Money | None:
    return None if price is None else Money.of_price(price, currency)
