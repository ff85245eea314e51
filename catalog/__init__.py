"""What we sell. This face is what `orders` and `bot` may use."""

from catalog.domain.folding import fold, tokens
from catalog.domain.index import Index
from catalog.domain.language import LanguagePack
from catalog.domain.matching import Ambiguous, Candidate, Certain, Match, Unknown
from catalog.domain.product import (
    OptionGroup,
    OptionValue,
    Pack,
    Product,
    ProductType,
    Variant,
)
from catalog.domain.taught import Taught

__all__ = [
    "Ambiguous",
    "Candidate",
    "Certain",
    "Index",
    "LanguagePack",
    "Match",
    "OptionGroup",
    "OptionValue",
    "Pack",
    "Product",
    "ProductType",
    "Taught",
    "Unknown",
    "Variant",
    "fold",
    "tokens",
]
