"""All products of an index by id, wherever they stand."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from catalog.domain.product import Product
from catalog.domain.shelf import Shelf


@dataclass(frozen=True, slots=True, eq=False)
class Goods(Mapping[str, Product]):
    """The products of some shelves, without those that were taken off."""

    shelves: Sequence[Shelf]
    #: By shelf: the places of the products that were changed or removed.
    gone: Sequence[AbstractSet[int]]

    def __getitem__(self, product_id: str) -> Product:
        for shelf, gone in zip(self.shelves, self.gone, strict=True):
            number = shelf.number(product_id)
            if number is not None and number not in gone:
                return shelf.at(number)
        raise KeyError(product_id)

    def __iter__(self) -> Iterator[str]:
        return (product.id for product in self.each())

    def __len__(self) -> int:
        taken = sum(map(len, self.gone))
        return sum(map(len, self.shelves)) - taken

    def each(self) -> Iterator[Product]:
        """Yield every product once, without looking each of them up."""
        for shelf, gone in zip(self.shelves, self.gone, strict=True):
            for number in range(len(shelf)):
                if number not in gone:
                    yield shelf.at(number)
