"""Where a shop delivers: areas by postal prefix or city, and the one of an address.

An address is what a customer wrote. Areas are looked for in it by their own words,
whole and folded, so that "KADIKOY" is in "Kadıköy".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from catalog.domain.folding import tokens
from orders.domain.draft import Address
from orders.domain.postal import code_in, squeezed, without_code


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the world with its own terms. Amounts are minor units."""

    name: str
    postal_prefixes: tuple[str, ...] = ()
    cities: tuple[str, ...] = ()  #: Cities, districts, villages: as people write them.
    fee: int = 0
    minimum_order: int = 0  #: Goods before discount; 0: none.
    free_from: int | None = None  #: Goods after discount; None: never free.
    lead_minutes: int | None = None  #: From the order to the door; None: not said.


#: A shop's areas are looked through several times in every turn.
_city_words = lru_cache(maxsize=10_000)(tokens)
_squeezed = lru_cache(maxsize=10_000)(squeezed)


class Unserved(StrEnum):
    """Why an address is in no area."""

    OUTSIDE = "outside"  #: It is known where it is, and that is nowhere we go.
    UNCLEAR = "unclear"  #: It does not say where it is: a code or a city is wanting.


def area_of(
    address: Address, areas: Sequence[Area], formats: Sequence[str]
) -> Area | Unserved:
    """Return the area that an address is in, or why it is in none.

    The longest postal prefix wins, then a city; of equals the first in the order given.
    """
    code = postal_code_of(address, formats)
    if code is not None:
        matching = [(_longest(area, code), -place) for place, area in enumerate(areas)]
        length, place = max(matching, default=(0, 0))
        if length:
            return areas[-place]
    words = _words(address)
    for area in areas:
        if any(_names(_city_words(city), words) for city in area.cities):
            return area
    told_by_code = code is not None and all(area.postal_prefixes for area in areas)
    is_known = told_by_code or bool(address.city)
    return Unserved.OUTSIDE if is_known else Unserved.UNCLEAR


def postal_code_of(address: Address, formats: Sequence[str]) -> str | None:
    """Return an address's postal code, squeezed, when it has or names one."""
    if address.postal_code:
        return squeezed(address.postal_code)
    return None if _is_only_a_point(address) else code_in(address.text, formats)


def completed(address: Address, answer: str, formats: Sequence[str]) -> Address | None:
    """Return the address with the city or postal code that somebody added to it.

    None when the answer has a house number of its own: then it is another address.
    """
    rest = without_code(answer, formats)
    if any(character.isdigit() for character in rest):
        return None
    return Address(
        text=answer if _is_only_a_point(address) else f"{address.text}, {answer}",
        city=answer.strip() if rest else address.city,
        latitude=address.latitude,
        longitude=address.longitude,
    )


def _longest(area: Area, code: str) -> int:
    """Return how many characters of the code the area names; 0: it is not in it."""
    prefixes = map(_squeezed, area.postal_prefixes)
    return max((len(p) for p in prefixes if code.startswith(p)), default=0)


def _words(address: Address) -> tuple[str, ...]:
    parts = (address.text, address.suburb, address.city, address.state)
    # An empty word between the parts: no name reaches over two of them.
    return tuple(word for part in parts if part for word in (*tokens(part), ""))


def _names(city: Sequence[str], words: Sequence[str]) -> bool:
    """Return whether a text has these words, one after the other."""
    width = len(city)
    return bool(width) and any(
        tuple(words[start : start + width]) == tuple(city)
        for start in range(len(words) - width + 1)
    )


def _is_only_a_point(address: Address) -> bool:
    """Return whether the text is nothing but the coordinates of a shared place."""
    has_words = any(character.isalpha() for character in address.text)
    return address.latitude is not None and not has_words
