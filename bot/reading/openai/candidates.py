"""Which products a model is shown: found in the tenant's index before the call."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, zip_longest

from bot.reading.reader import ReadingRequest
from catalog import Index, Product

#: A catalog of up to so many products is shown whole, in an order that never changes:
#: the provider then finds it in its cache, turn after turn.
WHOLE = 50
#: Of a larger one so many products are shown ...
MOST = 40
#: ... the best few for each piece of what was said.
_EACH = 6
_PIECES = 16
_SEPARATORS = re.compile(r"[\n\r,;•+]+|\s[-\u2013\u2014]\s|(?<=\D)\.(?=\s)|\s(?=\d)")


def candidates_for(request: ReadingRequest, texts: Sequence[str]) -> list[Product]:
    """Return the products that the words of a turn may mean, without repetition.

    What the draft holds, and what our open question offers, comes first.
    """
    index = request.index
    if len(index.products) <= WHOLE:
        sold = (product for product in index.products.values() if product.active)
        return sorted(sold, key=lambda product: (product.name, product.id))
    ids = dict.fromkeys((*_at_hand(request), *_searched(index, texts)))
    found = (index.product(product_id) for product_id in ids)
    return list(islice((p for p in found if p is not None and p.active), MOST))


def _at_hand(request: ReadingRequest) -> Iterator[str]:
    """Yield the ids of products that may be meant without being named."""
    yield from (line.product_id for line in request.draft.lines)
    for unresolved in request.draft.unresolved:
        yield from (choice.product_id for choice in unresolved.choices)
    for message in request.messages:
        card = message.reply_to.product_retailer_id if message.reply_to else None
        found = request.index.by_retailer_id(card) if card else None
        if found is not None:
            yield found[0].id
        for thing in message.sighting.things if message.sighting else ():
            yield from (seen.product_id for seen in thing.sight.products)


def _searched(index: Index, texts: Sequence[str]) -> Iterator[str]:
    """Yield what was found for each piece, the best of every piece first."""
    found = [
        [candidate.product_id for candidate in index.search(piece, limit=_EACH)]
        for piece in islice(_pieces(texts), _PIECES)
    ]
    for rank in zip_longest(*found):
        yield from (product_id for product_id in rank if product_id is not None)


def _pieces(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        parts = [part.strip() for part in _SEPARATORS.split(text)]
        yield from (part for part in parts if part)
        if len(parts) > 1:
            yield text
