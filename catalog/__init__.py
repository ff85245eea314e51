"""What we sell. This face is what `orders` and `bot` may use."""

from catalog.domain.index import Index
from catalog.domain.matching import Ambiguous, Candidate, Certain, Match, Unknown
from catalog.domain.product import (
    OptionGroup,
    OptionValue,
    Pack,
    Product,
    ProductType,
    Variant,
)

__all__ = [
    "Ambiguous",
    "Candidate",
    "Certain",
    "Index",
    "Match",
    "OptionGroup",
    "OptionValue",
    "Pack",
    "Product",
    "ProductType",
    "Unknown",
    "Variant",
]
