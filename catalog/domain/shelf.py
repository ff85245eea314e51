"""Products in a few hundred bytes each: packed, and unpacked when one is looked at."""

import pickle
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import fields
from itertools import compress
from operator import attrgetter, is_not

from catalog.domain.compact import Lookup
from catalog.domain.product import Product

_NAMES = tuple(field.name for field in fields(Product))
_VALUES = attrgetter(*_NAMES)
#: What most products have; such values are not packed.
_USUAL: tuple[object, ...] = tuple(
    {} if field.default_factory is dict else field.default for field in fields(Product)
)


#: A packed product starts with the length of its id and whether it has variants.
_HEAD, _LONGEST_ID = 2, 1_000
#: So many products stay unpacked: a turn looks at the same few again and again.
_UNPACKED = 512


class Shelf(Mapping[str, Product]):
    """Products by id, and by the number of their place. What it holds never changes."""

    def __init__(self, packed: bytearray, ends: "array[int]", ids: Lookup) -> None:
        # As it was gathered: a copy of hundreds of megabytes would stop everybody.
        self._packed = packed
        self._ends = ends
        self._ids = ids
        self._unpacked: dict[int, Product] = {}

    @property
    def nbytes(self) -> int:
        return (
            len(self._packed) + self._ends.itemsize * len(self._ends) + self._ids.nbytes
        )

    def number(self, product_id: str) -> int | None:
        """Return the place of the product with that id, or None."""
        found = self._ids.find(product_id)
        # The last one wins, as in a mapping that is filled one by one.
        return next(
            (n for n in reversed(found) if self.label(n)[0] == product_id), None
        )

    def at(self, number: int) -> Product:
        """Return the product at a place."""
        found = self._unpacked.get(number)
        if found is None:
            found = unpack(self._packed[self._ends[number] : self._ends[number + 1]])
            if len(self._unpacked) >= _UNPACKED:
                self._unpacked.clear()
            self._unpacked[number] = found
        return found

    def label(self, number: int) -> tuple[str, bool]:
        """Return the id of the product at a place, and whether it has variants.

        Much faster than unpacking the product to see.
        """
        start = self._ends[number]
        return _label(self._packed[start : start + _HEAD + _LONGEST_ID])

    def __getitem__(self, product_id: str) -> Product:
        number = self.number(product_id)
        if number is None:
            raise KeyError(product_id)
        return self.at(number)

    def __iter__(self) -> Iterator[str]:
        for number in range(len(self)):
            yield self.label(number)[0]

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
        return Shelf(self._packed, self._ends, ids)


def pack(product: Product) -> bytes:
    """Return a product as bytes that `unpack` understands, in this process."""
    values = _VALUES(product)
    unusual = compress(enumerate(values), map(is_not, values, _USUAL))
    told = [each for each in unusual if each[1] != _USUAL[each[0]]]
    name = product.id.encode()
    if len(name) > _LONGEST_ID:
        raise ValueError(f"an id of {len(name)} bytes is longer than {_LONGEST_ID}")
    head = (len(name) << 1 | bool(product.variants)).to_bytes(_HEAD, "little")
    return head + name + pickle.dumps(told, pickle.HIGHEST_PROTOCOL)


def unpack(packed: bytes | bytearray) -> Product:
    """Return the product that `pack` made bytes of."""
    head = int.from_bytes(packed[:_HEAD], "little")
    values = pickle.loads(packed[_HEAD + (head >> 1) :])  # noqa: S301 - written by `pack`, never left the process
    return Product(**{_NAMES[place]: value for place, value in values})


def _label(packed: bytearray) -> tuple[str, bool]:
    head = int.from_bytes(packed[:_HEAD], "little")
    return packed[_HEAD : _HEAD + (head >> 1)].decode(), bool(head & 1)
