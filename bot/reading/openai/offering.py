"""Facts of the catalog that a model may point at, each with a number.

Only those of the few products that a question may be about: they cost tokens.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from bot.domain.understanding import Act, FactPointer
from bot.reading.reader import ReadingRequest
from bot.reading.rules.reader import understand
from catalog import Ambiguous, Certain, Product
from catalog.domain.facts import Fact, facts_of

#: Products whose facts are shown, and letters of one fact.
_PRODUCTS, _LETTERS = 4, 200
_QUESTION_MARKS = ("?", "\u061f", "\uff1f")


def facts_for(
    request: ReadingRequest, texts: Sequence[str]
) -> Mapping[str, tuple[FactPointer, Product, Fact]]:
    """Return the facts that a turn may ask for, by the numbers they are shown with."""
    pairs = (
        (product, fact)
        for product in islice(_asked_about(request, texts), _PRODUCTS)
        for fact in facts_of(product)
    )
    return {
        f"f{number}": (FactPointer(product_id=product.id, fact=fact.id), product, fact)
        for number, (product, fact) in enumerate(pairs, start=1)
    }


def shown_fact(number: str, product: Product, fact: Fact) -> Mapping[str, str]:
    """Return a fact as the model sees it: numbers about it stay with the catalog."""
    text = fact.text or fact.kind
    label = fact.label or ("" if fact.kind in ("sentence", text) else fact.kind)
    told = f"{label}: {text}" if label else text
    return {"n": number, "of": product.name, "text": told[:_LETTERS]}


def _asked_about(request: ReadingRequest, texts: Sequence[str]) -> Iterator[Product]:
    """Yield the products that a question may be about; none when nothing is asked."""
    asks = [each for each in understand(request).mentions if each.act is Act.ASK]
    marked = any(mark in text for text in texts for mark in _QUESTION_MARKS)
    if not asks and not marked:
        return
    ids: dict[str, None] = {}
    for mention in asks:
        match = request.index.find(mention.text) if mention.text else None
        if isinstance(match, Certain):
            ids[match.candidate.product_id] = None
        elif isinstance(match, Ambiguous):
            ids |= {each.product_id: None for each in match.candidates[:2]}
    if request.spoken_of is not None:
        ids[request.spoken_of] = None
    for text in texts if marked else ():
        ids |= {each.product_id: None for each in request.index.search(text, limit=2)}
    found = (request.index.product(each) for each in ids)
    yield from (product for product in found if product is not None and product.active)
