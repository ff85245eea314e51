"""Which products take a value of an option group, and which values exclude others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog import OptionGroup

#: A value of an option group: the numbers of both.
Value = tuple[int, int]
_REMEMBERED = 5_000


@dataclass(frozen=True, slots=True)
class Taking:
    """What it means to choose any of some values."""

    products: frozenset[str]  #: Those that take at least one of them.
    #: Whether one of them may be the only one of its group.
    is_single: bool
    only: frozenset[int]  #: The group of which they would be the only value, if any.


class Takers:
    """Answers for the values of one menu, each set of values looked up once."""

    def __init__(
        self, groups: Sequence[OptionGroup], groups_of: Mapping[str, Sequence[int]]
    ) -> None:
        self._single = [group.maximum == 1 for group in groups]
        products: list[set[str]] = [set() for _ in groups]
        for product, numbers in groups_of.items():
            for number in numbers:
                products[number].add(product)
        self._products = products
        self._known: dict[frozenset[Value], Taking] = {}

    def of(self, values: frozenset[Value]) -> Taking:
        """Return what it means to choose one of these."""
        if (known := self._known.get(values)) is not None:
            return known
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        groups = {group for group, _ in values}
        single = any(self._single[group] for group in groups)
        found = Taking(
            frozenset().union(*(self._products[group] for group in groups)),
            single,
            frozenset(groups) if single and len(groups) == 1 else frozenset(),
        )
        self._known[values] = found
        return found
