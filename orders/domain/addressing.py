"""The parts of an address in the customer's own words, as far as they are clear.

Nothing is guessed that a parcel could be lost by: a part that is not clear stays open,
and is asked for where somebody needs it.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from catalog.domain.folding import fold
from orders.domain.draft import Address
from orders.domain.fields import ADDRESS_PARTS, Field
from orders.domain.postal import code_span

_SEGMENTS = re.compile(r"[,;\n]+")
#: A house number: 5, 5A, 5/3, 12-14.
_NUMBER = r"\d{1,5}(?:\s?[^\W\d_](?![\w:.]))?(?:\s?[/-]\s?\d{1,4}[A-Za-z]?)?"
#: What announces one: "No:5", "nº 5", "дом 5".
_MARKED = re.compile(
    rf"(?<!\w)(?:no|nr|num|number|n[uú]mero|n[º°o]|#|д|дом)\s?[.:]?\s?({_NUMBER})(?!\w)",
    re.IGNORECASE,
)
_ALONE = re.compile(rf"{_NUMBER}\s*")
_FIRST = re.compile(rf"({_NUMBER})\s+(?=[^\W\d])(.+)")
#: The last one of a segment; "5. Sokak" and "8th" only order streets.
_LAST = re.compile(rf"(.*[^\W\d].*?)\s+({_NUMBER})(?![\w.º°ª])(.*)")
_LABELS = frozenset({"cep", "cp", "pk", "plz", "zip", "postcode", "index", "индекс"})
#: What countries are called where our customers live, folded.
_COUNTRIES = {
    "TR": "turkiye turkey turkei turquia турция",
    "BR": "brasil brazil бразилия brezilya",
    "PT": "portugal portekiz португалия",
    "ES": "espana spain espanha ispanya испания",
    "MX": "mexico meksika мексика",
    "AR": "argentina arjantin аргентина",
    "CL": "chile sili чили",
    "CO": "colombia kolombiya колумбия",
    "PE": "peru перу",
    "RU": "россия russia rusya russia rusia",
    "BY": "беларусь belarus bielorrusia",
    "UA": "украина ukraine ukrayna украіна ucrania",
    "KZ": "казахстан kazakhstan kazakistan",
    "DE": "deutschland germany almanya alemania alemanha германия",
    "FR": "france fransa francia franca франция",
    "IT": "italia italy italya италия",
    "US": "usa сша abd eua",
    "GB": "uk england ingiltere inglaterra англия",
}
_COUNTRY_OF = {
    fold(name): code for code, names in _COUNTRIES.items() for name in names.split()
}
_LONGEST_PLACE = 4  #: Words of a city's name.
#: A state as it stands beside a city or a code: "São Paulo - SP", "CA 94043".
_STATE = re.compile(r"[A-Z]{2}")
_IN_STATE = re.compile(r"(.*[^\W\d].*?)\s*[-/]\s*([A-Z]{2})")


@dataclass(frozen=True, slots=True)
class _Parts:
    """What was read so far, and the segments that are left."""

    address: Address
    left: tuple[str, ...]


def structured(address: Address, formats: Sequence[str], country: str) -> Address:
    """Return the address with every part that its words make clear.

    Parts that are told already stay. Without a country of its own it is taken to lie
    in `country`, where the shop is.
    """
    parts = _Parts(address, _segments(address.text))
    if address.latitude is not None and not any(map(str.isalpha, address.text)):
        parts = _Parts(address, ())  # Nothing but the coordinates of a place.
    parts = _with_number(_with_city(_with_code(_with_country(parts), formats)))
    found = parts.address
    return found if found.country else replace(found, country=country or None)


def lacking_parts(address: Address, needed: Collection[Field]) -> tuple[Field, ...]:
    """Return which of the needed parts a structured address does not have."""
    return tuple(
        part
        for part in ADDRESS_PARTS
        if part in needed and not getattr(address, part.value)
    )


def answered(
    known: Address,
    answer: str,
    asked: Sequence[Field],
    formats: Sequence[str],
) -> Address | None:
    """Return the address with the parts that an answer tells.

    None when it tells none of those that were `asked` for. A whole new address, with a
    street and a number that nobody asked for, takes the place of the known one.
    """
    words = answer.strip()
    told = structured(Address(text=words), formats, "")
    known_now = structured(known, formats, "")
    if told.street and told.number and not {Field.STREET, Field.NUMBER} & set(asked):
        return replace(told, text=words)
    (only, *more) = asked
    if not more:
        told = _only(only, words, told, formats)
    elif Field.CITY in asked and _is_a_place(words):
        told = Address(words, city=words)
    filled = known_now
    for part in asked:
        filled = _with_part(filled, part, getattr(told, part.value))
    if filled == known_now:
        return None
    text = ", ".join(part for part in (_words_of(known), words) if part)
    return replace(filled, text=text)


def _is_a_place(words: str) -> bool:
    """Return whether words are a name and nothing else."""
    letters = any(map(str.isalpha, words)) and not any(map(str.isdigit, words))
    return letters and len(_segments(words)) == 1


def _only(part: Field, words: str, told: Address, formats: Sequence[str]) -> Address:
    """Return the answer to a question for one part: it is that part and no other."""
    match part:
        case Field.POSTAL_CODE:
            span = code_span(words, formats)
            return Address(words, postal_code=words[slice(*span)] if span else None)
        case Field.NUMBER:
            found = re.search(_NUMBER, words)
            return Address(words, number=found[0].strip() if found else None)
        case Field.STREET if told.street:
            return told
        case _:
            plain = words if any(map(str.isalpha, words)) else None
            return _with_part(Address(words), part, plain)


def _with_part(address: Address, part: Field, value: str | None) -> Address:
    return replace(address, **{part.value: value}) if value else address  # type: ignore[arg-type]  # one of ADDRESS_PARTS


def _words_of(address: Address) -> str:
    """Return the words of an address; coordinates are none."""
    return address.text if any(map(str.isalpha, address.text)) else ""


def _segments(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in _SEGMENTS.split(text) if part.strip())


def _with_country(parts: _Parts) -> _Parts:
    if not parts.left or len(parts.left) == 1:
        return parts
    code = _COUNTRY_OF.get(fold(parts.left[-1]))
    if code is None:
        return parts
    address = parts.address
    known = address if address.country else replace(address, country=code)
    return _Parts(known, parts.left[:-1])


def _with_code(parts: _Parts, formats: Sequence[str]) -> _Parts:
    """Take the postal code, the last that there is, and the city beside it."""
    for place in reversed(range(len(parts.left))):
        segment = parts.left[place]
        span = code_span(segment, formats)
        if span is None:
            continue
        address = parts.address
        if not address.postal_code:
            address = replace(address, postal_code=segment[slice(*span)])
        before, after = segment[: span[0]].strip(" -"), segment[span[1] :].strip(" -")
        rest = "" if fold(before) in _LABELS else before
        if _STATE.fullmatch(rest):
            address, rest = replace(address, state=address.state or rest), ""
        left = [*parts.left]
        if after and not any(map(str.isdigit, after)):
            address, after = _settled(address, after), ""
            left[place] = rest
        else:
            left[place] = " ".join(part for part in (rest, after) if part)
        return _Parts(address, tuple(each for each in left if each))
    return parts


def _with_city(parts: _Parts) -> _Parts:
    """Take the last segment as the city, where a street with a number precedes it."""
    address, left = parts.address, parts.left
    if address.city or not left:
        return parts
    last = left[-1]
    is_place = (
        not any(map(str.isdigit, last)) and 0 < len(last.split()) <= _LONGEST_PLACE
    )
    numbered = any(any(map(str.isdigit, each)) for each in left[:-1])
    if is_place and numbered:
        return _Parts(_settled(address, last), left[:-1])
    return parts


def _settled(address: Address, place: str) -> Address:
    """Return the address in a place: "Kadıköy/İstanbul" is a suburb and its city."""
    if address.city:
        return address
    if in_state := _IN_STATE.fullmatch(place):
        state = address.state or in_state[2]
        return replace(address, city=in_state[1], state=state)
    suburb, _, city = place.rpartition("/")
    inner = suburb.strip() or None
    return replace(address, city=city.strip(), suburb=address.suburb or inner)


def _with_number(parts: _Parts) -> _Parts:
    """Take the street and the house number; what follows them is the complement."""
    address, left = parts.address, parts.left
    if not left or (address.street and address.number):
        return parts
    street, number, rest = _street_and_number(left)
    if number is None:
        return parts
    return _Parts(
        replace(
            address,
            street=address.street or street,
            number=address.number or number,
            complement=address.complement or rest,
        ),
        (),
    )


def _street_and_number(
    left: tuple[str, ...],
) -> tuple[str | None, str | None, str | None]:
    first, *others = left
    if marked := _MARKED.search(first):
        street = first[: marked.start()].strip(" .-")
        return street or None, marked[1].strip(), _joined(first[marked.end() :], others)
    if begins := _FIRST.fullmatch(first):
        return begins[2].strip(), begins[1].strip(), _joined("", others)
    if others:
        second = _MARKED.fullmatch(others[0]) or _ALONE.fullmatch(others[0])
        if second is not None and not _LAST.fullmatch(first):
            number = second[1] if second.re is _MARKED else second[0]
            return first, number.strip(), _joined("", others[1:])
    if ends := _LAST.fullmatch(first):
        return ends[1].strip(), ends[2].strip(), _joined(ends[3], others)
    return None, None, None


def _joined(rest: str, others: Sequence[str]) -> str | None:
    parts = (rest.strip(" .-"), *others)
    return ", ".join(part for part in parts if part) or None
