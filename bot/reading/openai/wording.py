"""The words under which the catalog finds the product that a model chose.

The catalog has the last word on names: words that it knows as one product are that
product, whatever a model made of them. Where it is in doubt, or knows nothing, the
model's choice among the products it was shown settles the matter.
"""

from collections.abc import Iterator

from catalog import Certain, Index, Product

#: A model less sure than this settles nothing: the customer is asked.
SURE = 0.7


def searchable(
    text: str, product: Product, index: Index, confidence: float
) -> tuple[str, bool]:
    """Return the words to look up, and whether the catalog agrees with the choice."""
    own = index.find(text)
    if isinstance(own, Certain):
        return text, own.candidate.product_id == product.id
    if confidence < SURE:
        return text, True
    return next(_found_by(text, product, index), text), True


def _found_by(text: str, product: Product, index: Index) -> Iterator[str]:
    """Yield words that mean that product and no other, those with its form first."""
    with_form = (f"{product.name} {text}",) if product.variants else ()
    for words in (*with_form, product.name, product.sku):
        match = index.find(words)
        if not isinstance(match, Certain) or match.candidate.product_id != product.id:
            continue
        if words not in with_form or not match.variant_required:
            yield words
