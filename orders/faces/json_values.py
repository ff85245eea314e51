"""JSON that callers may fill as they like, and that both databases can keep."""

from collections.abc import Iterator
from math import isfinite
from typing import Annotated

from pydantic import AfterValidator, JsonValue

_DEEPEST = 20
_MOST_PARTS = 20_000
_LARGEST = 2**63


def storable(value: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Return free JSON as it is. Raises ValueError for what nothing can keep."""
    for count, (part, depth) in enumerate(_parts(value, 0)):
        if depth > _DEEPEST:
            raise ValueError(f"is nested deeper than {_DEEPEST} levels")
        if count > _MOST_PARTS:
            raise ValueError(f"has more than {_MOST_PARTS} parts")
        if isinstance(part, float) and not isfinite(part):
            raise ValueError("has a number that is too large")
        if isinstance(part, int) and not -_LARGEST <= part < _LARGEST:
            raise ValueError("has a whole number of more than 64 bits")
    return value


def _parts(value: JsonValue, depth: int) -> Iterator[tuple[JsonValue, int]]:
    yield value, depth
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        for part in value.values():
            yield from _parts(part, depth + 1)
    elif isinstance(value, list):
        for part in value:
            yield from _parts(part, depth + 1)


#: An object whose members are the caller's own business.
Loose = Annotated[dict[str, JsonValue], AfterValidator(storable)]
