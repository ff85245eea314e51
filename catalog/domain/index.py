"""The frozen in-memory index of one tenant's catalog."""

from collections.abc import Iterable, Mapping

from catalog.domain.matching import Candidate, Match
from catalog.domain.product import Product


class Index:
    """A tenant's products, ready to be found. Immutable; build a new one to change it."""

    def __init__(self, products: Mapping[str, Product]) -> None:
        self.products = products

    @classmethod
    def build(cls, products: Iterable[Product]) -> "Index": ...

    def find(self, text: str) -> Match: ...

    def search(self, text: str, *, limit: int = 10) -> tuple[Candidate, ...]: ...
