"""The catalog's honest answer to a piece of text: certain, ambiguous or unknown."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """A product (and variant, when the words name one) that the text may mean."""

    product_id: str
    variant_id: str | None
    probability: float  #: 0..1: how likely this is what was meant.
    why: tuple[str, ...] = ()  #: Reasons in words, such as `sku` or `name`.
    exact: bool = False  #: The text is its code, its name or one of its aliases.


@dataclass(frozen=True, slots=True)
class Certain:
    """One product, sure enough to act on without asking."""

    candidate: Candidate
    variant_required: bool = False  #: The product is sure, its variant is still open.
    others: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Several products are likely; best first, at least two."""

    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing is likely; the near misses are for a person to look at."""

    text: str
    near: tuple[Candidate, ...] = ()


Match = Certain | Ambiguous | Unknown
