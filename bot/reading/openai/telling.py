"""What a model points at of the facts it was shown.

It answers with numbers: one that was not shown, or that is of another product, points
at nothing. So no word of a model gets into an answer.
"""

from collections.abc import Iterator

from bot.domain.understanding import Act, Asks, FactPointer, Topic
from bot.reading.openai.answer import SaidMention
from bot.reading.openai.ground import Ground
from catalog import Product

#: What code answers without any fact.
_BY_CODE = frozenset({Topic.FORMS, Topic.PICTURE, Topic.RESTOCK, Topic.CHEAPER})


def asked_in(
    ground: Ground, claim: SaidMention, product: Product | None
) -> Asks | None:
    """Return what a claim asks about a product, as far as it may be believed."""
    if claim.act is not Act.ASK or claim.asks is None:
        return None
    if claim.asks in _BY_CODE:
        return Asks(topic=claim.asks)
    shown = {pointer.product_id for pointer in ground.shown.facts.values()}
    if product is not None and product.id not in shown:
        return None
    facts = tuple(_pointed(ground, claim, product))
    return Asks(topic=claim.asks, facts=facts)


def _pointed(
    ground: Ground, claim: SaidMention, product: Product | None
) -> Iterator[FactPointer]:
    for number in dict.fromkeys(claim.facts):
        pointer = ground.shown.facts.get(number)
        if pointer is None or (product and pointer.product_id != product.id):
            ground.warn("a fact that the catalog does not have was left out")
        else:
            yield pointer
