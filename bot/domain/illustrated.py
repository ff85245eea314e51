"""What is shown of the choices of a question, before it has words."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class ChoiceShown:
    """One choice of the question that follows, in a picture by its public link."""

    number: int  #: Its place among the choices, from 1.
    name: str
    price: Decimal | None
    link: str
    product_id: str
    variant_id: str | None = None
