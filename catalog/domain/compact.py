"""Maps and lists in a few bytes an entry, for what a catalog has millions of."""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Lookup:
    """A map from texts to numbers, kept as sorted hashes: 12 bytes an entry.

    Two texts may share a hash, however seldom: whoever looks something up compares
    what was found with what was looked for.
    """

    keys: NDArray[np.int64]
    values: Numbers

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, int]]) -> "Lookup":
        """Return a map of the pairs; those of one text keep their order."""
        keys, values = array("q"), array("i")
        for text, value in pairs:
            keys.append(hash(text))
            values.append(value)
        return cls.of_arrays(keys, values)

    @classmethod
    def of_arrays(cls, keys: "array[int]", values: "array[int]") -> "Lookup":
        """Return a map of hashes that were gathered one by one."""
        hashes = np.array(keys, np.int64)
        order = np.argsort(hashes, kind="stable")
        return cls(hashes[order], np.array(values, np.int32)[order])

    @property
    def nbytes(self) -> int:
        return int(self.keys.nbytes + self.values.nbytes)

    def find(self, text: str) -> list[int]:
        """Return the numbers that a text may have."""
        key = hash(text)
        at = int(self.keys.searchsorted(key))
        found = []
        while at < len(self.keys) and self.keys[at] == key:
            found.append(int(self.values[at]))
            at += 1
        return found

    def find_any(self, texts: Iterable[str]) -> set[int]:
        """Return the numbers that any of the texts may have."""
        wanted = np.fromiter(map(hash, texts), np.int64)
        starts = self.keys.searchsorted(wanted)
        ends = self.keys.searchsorted(wanted, "right")
        found: set[int] = set()
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            if start < end:
                found.update(self.values[start:end].tolist())
        return found


@dataclass(frozen=True, slots=True)
class Runs:
    """Lists of numbers, one behind the other; `ends` says where each one starts."""

    ends: NDArray[np.int64]
    values: Numbers

    @classmethod
    def grouped(cls, groups: Numbers, values: Numbers, count: int) -> "Runs":
        """Return for each of `count` groups the values that belong to it, in order."""
        order = np.argsort(groups, kind="stable")
        sizes = np.bincount(groups, minlength=count)
        return cls(ends_of(sizes), values[order])

    @property
    def nbytes(self) -> int:
        return int(self.ends.nbytes + self.values.nbytes)

    def __len__(self) -> int:
        return len(self.ends) - 1

    def one(self, number: int) -> Numbers:
        """Return one of the lists."""
        return self.values[self.ends[number] : self.ends[number + 1]]

    def sizes(self, numbers: NDArray[np.int_]) -> NDArray[np.int64]:
        """Return how long some of the lists are."""
        return self.ends[numbers + 1] - self.ends[numbers]

    def places(self, numbers: NDArray[np.int_]) -> NDArray[np.int64]:
        """Return the places in `values` of all elements of some of the lists."""
        sizes = self.sizes(numbers)
        skipped = ends_of(sizes)
        shift = np.repeat(self.ends[numbers] - skipped[:-1], sizes)
        return np.arange(skipped[-1]) + shift


def ends_of(sizes: NDArray[np.int_]) -> NDArray[np.int64]:
    """Return where lists of these sizes start, and where the last one ends."""
    ends = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=ends[1:])
    return ends


def starts_of_runs(ordered: Numbers) -> NDArray[np.int64]:
    """Return where each different value starts in sorted numbers."""
    changes = np.empty(len(ordered), np.bool_)
    changes[:1] = True
    np.not_equal(ordered[1:], ordered[:-1], out=changes[1:])
    return np.flatnonzero(changes)
