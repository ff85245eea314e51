"""What the rules of a shop are made of where merchants write them."""

import re
from typing import Annotated

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    WithJsonSchema,
)

from orders.domain.postal import WRITTEN_FORMAT

_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,3})?")


class Rules(BaseModel):
    """Strict about names: a rule that is misspelt would silently not hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _amount(value: object) -> object:
    if not isinstance(value, str) or not _AMOUNT.fullmatch(value):
        raise ValueError("give an amount as a text in quotes, such as '30.00'")
    return value


def _format(value: object) -> object:
    if not isinstance(value, str) or not WRITTEN_FORMAT.fullmatch(value):
        raise ValueError("write 9 for a digit and A for a letter, such as 'AA-999'")
    return value


def written(pattern: re.Pattern[str], example: str) -> WithJsonSchema:
    """Return how a text of this pattern is described."""
    return WithJsonSchema(
        {"type": "string", "pattern": f"^{pattern.pattern}$", "examples": [example]}
    )


#: Major units of the tenant's currency, exact: never a float.
Amount = Annotated[str, BeforeValidator(_amount), written(_AMOUNT, "30.00")]
Format = Annotated[str, BeforeValidator(_format), written(WRITTEN_FORMAT, "AA-999")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
Words = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)
]
#: As long as the team of a user may be called.
Team = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)
]
Sentence = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)
]
