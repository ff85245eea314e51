"""Fields of what a merchant's system sends back, read strictly."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from pydantic_core import from_json

#: A body as it came, or what was parsed of it.
Body = bytes | Mapping[str, object]
#: No order costs more, in major units.
_MOST = 10**12
_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Problem:
    """The body cannot be used: the field at fault, and what it must be."""

    field: str
    message: str


class Unfit(Exception):
    """A field cannot be as it is."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.problem = Problem(field, message)


def object_of(body: Body) -> Mapping[str, object]:
    """Return the body, which may be parsed already. Raises Unfit."""
    if not isinstance(body, bytes):
        return body
    try:
        # Unlike the standard library's, this parser has a limit of depth.
        data = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise Unfit("body", f"must be JSON in UTF-8: {error}") from None
    if not isinstance(data, dict):
        raise Unfit("body", "must be a JSON object")
    return data


def part(data: Mapping[str, object], field: str) -> Mapping[str, object] | None:
    """Return an object within, None where there is none. Raises Unfit."""
    value = data.get(field)
    if value is None:
        return None
    if not isinstance(value, dict):
        raise Unfit(field, "must be a JSON object")
    return value


def text(data: Mapping[str, object], field: str, limit: int, within: str = "") -> str:
    """Return a text that must be there. Raises Unfit."""
    value = optional(data, field, limit, within)
    if value is None:
        raise Unfit(within + field, "is required and must be a text that is not empty")
    return value


def optional(
    data: Mapping[str, object], field: str, limit: int, within: str = ""
) -> str | None:
    """Return a text, None where there is none. Raises Unfit."""
    value = data.get(field)
    if value is None:
        return None
    if not isinstance(value, str):
        raise Unfit(within + field, "must be a text")
    if len(value) > limit:
        raise Unfit(within + field, f"must have at most {limit} characters")
    if "\0" in value:
        raise Unfit(within + field, "must not hold the character NUL")
    return value.strip() or None


def amount(data: Mapping[str, object], field: str, within: str) -> Decimal | None:
    """Return a number that is not negative, None where there is none. Raises Unfit."""
    value = data.get(field)
    if value is None:
        return None
    # True is an int to Python, and no amount.
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unfit(within + field, "must be a number")
    if not 0 <= value <= _MOST:
        raise Unfit(within + field, f"must be between 0 and {_MOST}")
    exact = Decimal(str(value))
    if exact != round(exact, _DECIMALS):
        raise Unfit(within + field, f"must have at most {_DECIMALS} decimals")
    return exact
