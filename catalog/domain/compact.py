"""Maps and lists in a few bytes an entry, for what a catalog has millions of."""

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int32]
T = TypeVar("T", bound=np.generic)
#: A mark is the upper half of a hash; buckets are chosen by the lower one.
_MARK_BITS = 32
#: Millions are moved in pieces of so many: what copies memory or repeats numbers keeps
#: every other thread waiting, the event loop's too, until it is done.
PIECE = 1 << 17


@dataclass(frozen=True, slots=True)
class Lookup:
    """A map from texts to numbers, kept as hashes in buckets: 12 to 16 bytes an entry.

    Two texts may share a hash, however seldom: whoever looks something up compares
    what was found with what was looked for. Plain arrays, because one element of them
    is read several times as fast as one of numpy's.
    """

    starts: "array[int]"  #: Where each bucket starts; the last one ends at the end.
    marks: "array[int]"  #: What of a hash its bucket does not say.
    values: "array[int]"

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
        buckets = 1 << max(0, len(keys) - 1).bit_length()
        hashes = np.frombuffer(keys, np.int64) if keys else np.zeros(0, np.int64)
        numbers = np.frombuffer(values, np.int32) if keys else np.zeros(0, np.int32)
        own = hashes & (buckets - 1)
        order = order_of(own)
        sizes = np.bincount(own, minlength=buckets)
        return cls(
            starts=_plain(ends_of(sizes)),
            marks=_plain((hashes >> _MARK_BITS)[order]),
            values=_plain(numbers[order]),
        )

    @property
    def nbytes(self) -> int:
        return 4 * (len(self.starts) + len(self.marks) + len(self.values))

    def find(self, text: str) -> list[int]:
        """Return the numbers that a text may have."""
        key = hash(text)
        bucket = key & (len(self.starts) - 2)
        start, end = self.starts[bucket], self.starts[bucket + 1]
        if start == end:
            return []
        mark, marks = key >> _MARK_BITS, self.marks
        return [self.values[at] for at in range(start, end) if marks[at] == mark]

    def find_any(self, texts: Iterable[str]) -> set[int]:
        """Return the numbers that any of the texts may have."""
        starts, marks, values = self.starts, self.marks, self.values
        last = len(starts) - 2
        found: set[int] = set()
        for key in map(hash, texts):
            bucket = key & last
            start, end = starts[bucket], starts[bucket + 1]
            if start != end:
                mark = key >> _MARK_BITS
                found.update(
                    values[at] for at in range(start, end) if marks[at] == mark
                )
        return found


@dataclass(frozen=True, slots=True)
class Runs:
    """Lists of numbers, one behind the other; `ends` says where each one starts."""

    ends: NDArray[np.int64]
    values: Numbers

    @classmethod
    def grouped(cls, groups: Numbers, values: Numbers, count: int) -> "Runs":
        """Return for each of `count` groups the values that belong to it, in order."""
        return cls(ends_of(counted(groups, count)), values[order_of(groups)])

    @property
    def nbytes(self) -> int:
        return int(self.ends.nbytes + self.values.nbytes)

    def __len__(self) -> int:
        return len(self.ends) - 1

    def one(self, number: int) -> Numbers:
        """Return one of the lists."""
        return self.values[self.ends[number] : self.ends[number + 1]]

    def all_of(self, numbers: Iterable[int]) -> Numbers:
        """Return the elements of some of the lists, one list behind the other."""
        ends, values = self.ends, self.values
        lists = [values[ends[number] : ends[number + 1]] for number in numbers]
        return np.concatenate(lists) if lists else values[:0].copy()

    def sizes(self, numbers: NDArray[np.int_]) -> NDArray[np.int64]:
        """Return how long some of the lists are."""
        return self.ends[numbers + 1] - self.ends[numbers]

    def places_of(
        self, numbers: NDArray[np.int_]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the same as `places`, and which of the lists each element is in."""
        starts = self.ends[numbers]
        skipped = ends_of(self.ends[numbers + 1] - starts)
        owners = np.repeat(np.arange(len(numbers)), np.diff(skipped))
        return np.arange(skipped[-1]) + (starts - skipped[:-1])[owners], owners

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


def starts_of_runs(ordered: Numbers | NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where each different value starts in sorted numbers."""
    changes = np.empty(len(ordered), np.bool_)
    changes[:1] = True
    np.not_equal(ordered[1:], ordered[:-1], out=changes[1:])
    return np.flatnonzero(changes)


def order_of(groups: Numbers | NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the places of some small numbers, the least first, equals as they came.

    Numbers and places are sorted as one: that takes an eighth of what `argsort` takes.
    """
    both = groups.astype(np.int64)
    both <<= _MARK_BITS
    both |= np.arange(len(groups))
    both.sort()
    both &= (1 << _MARK_BITS) - 1
    return both


def counted(numbers: Numbers, count: int) -> NDArray[np.int64]:
    """Return how often each number below `count` is there."""
    sizes = np.zeros(count, np.int64)
    for piece in _pieces(len(numbers), max(PIECE, count)):
        sizes += np.bincount(numbers[piece], minlength=count)
    return sizes


def spread(values: NDArray[T], ends: NDArray[np.int64]) -> NDArray[T]:
    """Return each value as often as the list of its place is long."""
    long = np.empty(ends[-1], values.dtype)
    for piece in _pieces(len(values), PIECE):
        own = ends[piece.start : piece.stop + 1]
        long[own[0] : own[-1]] = np.repeat(values[piece], np.diff(own))
    return long


def different(numbers: Numbers) -> Numbers:
    """Return the different ones of some small numbers, in order."""
    there = np.zeros(int(numbers.max(initial=-1)) + 1, np.bool_)
    there[numbers] = True
    return np.flatnonzero(there).astype(np.int32)


def _plain(numbers: Numbers | NDArray[np.int64]) -> "array[int]":
    """Return numbers as a plain array of 4 bytes each."""
    plain = array("i")
    for piece in _pieces(len(numbers), PIECE):
        plain.frombytes(numbers[piece].astype(np.int32).tobytes())
    return plain


def _pieces(count: int, size: int) -> Iterator[slice]:
    for start in range(0, count, size):
        yield slice(start, min(start + size, count))
