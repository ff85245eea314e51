"""Products in a few hundred bytes each: packed, and unpacked when one is looked at."""

import pickle
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import fields
from operator import attrgetter

import numpy as np

from catalog.domain.compact import Lookup
from catalog.domain.product import Product

_NAMES = tuple(field.name for field in fields(Product))
_VALUES = attrgetter(*_NAMES)
#: What most products have; such values are not packed.
_USUAL: tuple[object, ...] = tuple(
    {} if field.default_factory is dict else field.default for field in fields(Product)
)


class Shelf(Mapping[str, Product]):
    """Products by id, and by the number of their place. Immutable."""

    def __init__(self, packed: bytes, ends: "array[int]", ids: Lookup) -> None:
        self._packed = packed
        self._ends = np.array(ends, np.int64)
        self._ids = ids

    @property
    def nbytes(self) -> int:
        return len(self._packed) + self._ends.nbytes + self._ids.nbytes

    def number(self, product_id: str) -> int | None:
        """Return the place of the product with that id, or None."""
        found = self._ids.find(product_id)
        # The last one wins, as in a mapping that is filled one by one.
        return next((n for n in reversed(found) if self.at(n).id == product_id), None)

    def at(self, number: int) -> Product:
        """Return the product at a place."""
        return unpack(self._packed[self._ends[number] : self._ends[number + 1]])

    def __getitem__(self, product_id: str) -> Product:
        number = self.number(product_id)
        if number is None:
            raise KeyError(product_id)
        return self.at(number)

    def __iter__(self) -> Iterator[str]:
        for number in range(len(self)):
            yield self.at(number).id

    def __len__(self) -> int:
        return len(self._ends) - 1


class Packer:
    """Gathers the products of a shelf."""

    def __init__(self) -> None:
        self._packed = bytearray()
        self._ends = array("q", [0])
        self._ids, self._numbers = array("q"), array("i")

    def add(self, product: Product) -> int:
        """Put a product on the shelf. Return the number of its place."""
        number = len(self._numbers)
        self._packed += pack(product)
        self._ends.append(len(self._packed))
        self._ids.append(hash(product.id))
        self._numbers.append(number)
        return number

    def shelf(self) -> Shelf:
        ids = Lookup.of_arrays(self._ids, self._numbers)
        return Shelf(bytes(self._packed), self._ends, ids)


def pack(product: Product) -> bytes:
    """Return a product as bytes that `unpack` understands, in this process."""
    pairs = zip(_VALUES(product), _USUAL, strict=True)
    told = [
        (place, value)
        for place, (value, usual) in enumerate(pairs)
        if value is not usual and value != usual
    ]
    return pickle.dumps(told, pickle.HIGHEST_PROTOCOL)


def unpack(packed: bytes) -> Product:
    """Return the product that `pack` made bytes of."""
    values = pickle.loads(packed)  # noqa: S301 - written by `pack`, never left the process
    return Product(**{_NAMES[place]: value for place, value in values})
