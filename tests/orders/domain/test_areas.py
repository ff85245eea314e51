"""Which area an address is in, what its postal code is, and what is not known."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.folding import fold
from orders import Address, Area, Unserved
from orders.domain.areas import area_of, completed
from orders.domain.postal import (
    FORMATS,
    WRITTEN_FORMAT,
    code_in,
    formats_of,
    without_code,
)

TR = formats_of("TR")
GB = formats_of("GB")
MODA = Area("Moda", postal_prefixes=("34710", "347 1"))
KADIKOY = Area("Kadıköy", postal_prefixes=("347",), cities=("Kadıköy",))
BEYKOZ = Area("Beykoz", cities=("Beykoz", "Anadolu Hisarı"))
ISTANBUL = Area("Istanbul", postal_prefixes=("34",))
EAST = Area("East End", postal_prefixes=("E1",))
TWICE = Area("Kadıköy again", postal_prefixes=("347",), cities=("Kadıköy",))
OUTSIDE, UNCLEAR = Unserved.OUTSIDE, Unserved.UNCLEAR


@dataclass(frozen=True)
class Case:
    id: str
    address: Address | str
    areas: tuple[Area, ...]
    found: Area | Unserved
    formats: tuple[str, ...] = TR


CASES = [
    Case("by the code's beginning", "Lale Sk. 5, 34722", (KADIKOY,), KADIKOY),
    Case("the longest wins", "Lale 5 34710", (ISTANBUL, KADIKOY, MODA), MODA),
    Case("spaces in prefixes say nothing", "Lale 5 34718", (KADIKOY, MODA), MODA),
    Case(
        "shorter where it is alone", "Lale 5 34100", (MODA, KADIKOY, ISTANBUL), ISTANBUL
    ),
    Case("of equals the first", "Lale 5 34722", (KADIKOY, TWICE), KADIKOY),
    Case("of equals the first, again", "Lale 5 34722", (TWICE, KADIKOY), TWICE),
    Case("by city, however it is written", "Moda Cad. 5 KADIKOY", (KADIKOY,), KADIKOY),
    Case("a city of two words", "Gül Sk 3 anadolu hisari", (BEYKOZ,), BEYKOZ),
    Case("half of a city's name is not it", "Hisarı Cad. 3", (BEYKOZ,), UNCLEAR),
    Case("nor is a word that begins like it", "Kadıköylü Sk. 3", (KADIKOY,), UNCLEAR),
    Case(
        "a code is surer than a city", "Kadıköy, 34100", (KADIKOY, ISTANBUL), ISTANBUL
    ),
    Case("a code that nobody names", "Lale Sk. 5, 06500 Ankara", (KADIKOY,), OUTSIDE),
    Case("the city decides when no code does", "Kadıköy 06500", (KADIKOY,), KADIKOY),
    Case("a code says nothing about cities", "Lale 5, 06500", (BEYKOZ,), UNCLEAR),
    Case(
        "nor when one area has only cities", "Lale 5, 06500", (KADIKOY, BEYKOZ), UNCLEAR
    ),
    Case("neither code nor city", "Lale Sokak 5", (KADIKOY,), UNCLEAR),
    Case("a house number is no code", "Lale Sokak 347", (KADIKOY,), UNCLEAR),
    Case("a telephone number is no code", "Lale 5, 05343471011", (KADIKOY,), UNCLEAR),
    Case("the last code counts", "Blok 34722, 06500", (KADIKOY,), OUTSIDE),
    Case(
        "the parts of an address that has any",
        Address("Lale 5", postal_code="34 710"),
        (MODA,),
        MODA,
    ),
    Case("its suburb", Address("Lale 5", suburb="Beykoz"), (BEYKOZ,), BEYKOZ),
    Case(
        "a known city elsewhere", Address("Lale 5", city="Ankara"), (BEYKOZ,), OUTSIDE
    ),
    Case(
        "two parts are not one name",
        Address("Anadolu", suburb="Hisarı"),
        (BEYKOZ,),
        UNCLEAR,
    ),
    Case(
        "the coordinates of a shared place hold no code",
        Address("41.34710, 29.34710", latitude=41.3471, longitude=29.3471),
        (KADIKOY,),
        UNCLEAR,
    ),
    Case(
        "a shared place with words",
        Address("Office, 34710 Moda", latitude=41.0, longitude=29.0),
        (KADIKOY,),
        KADIKOY,
    ),
    Case("codes with letters", "1 Brick Lane, London e1 6rf", (EAST,), EAST, GB),
    Case("codes without their space", "1 Brick Lane e16rf", (EAST,), EAST, GB),
    Case("codes elsewhere", "1 High Street, N1 9GU", (EAST,), OUTSIDE, GB),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_area_of_an_address(case: Case) -> None:
    address = Address(case.address) if isinstance(case.address, str) else case.address
    assert area_of(address, case.areas, case.formats) == case.found


CODES = [
    ("TR", "Lale Sk. 5, 34710 Kadıköy", "34710"),
    ("TR", "Lale Sk. ٣٤٧١٠", "34710"),
    ("TR", "Lale Sk. 347100", None),
    ("DE", "Hauptstr. 5, 10115 Berlin", "10115"),
    ("US", "12345 Main St, Albany, NY 12207-1234", "122071234"),
    ("CA", "10 Elgin St, Ottawa k1a0b1", "k1a0b1"),
    ("NL", "Damrak 1, 1012 LG Amsterdam", "1012lg"),
    ("SE", "Storgatan 1, 114 55 Stockholm", "11455"),
    ("PL", "ul. Prosta 1, 00-950 Warszawa", "00950"),
    ("BR", "Av. Paulista 1000, 01310-100", "01310100"),
    ("JP", "100-0001 東京都千代田区", "1000001"),
    ("IE", "1 Main St, Dublin D02 X285", "d02x285"),
    ("XX", "somewhere 12345", "12345"),
    ("TR", "no code here", None),
]


@pytest.mark.parametrize(("country", "text", "code"), CODES)
def test_the_postal_code_of_a_country(
    country: str, text: str, code: str | None
) -> None:
    assert code_in(text, formats_of(country)) == code


def test_every_format_could_have_been_written_by_a_merchant() -> None:
    for formats in FORMATS.values():
        assert all(WRITTEN_FORMAT.fullmatch(form) for form in formats)


ADDED = [
    ("a city", "Lale Sk. 5", "Kadıköy", "Lale Sk. 5, Kadıköy", "Kadıköy"),
    ("a code", "Lale Sk. 5", "34710", "Lale Sk. 5, 34710", None),
    ("both", "Lale Sk. 5", "34710 Moda", "Lale Sk. 5, 34710 Moda", "34710 Moda"),
]


@pytest.mark.parametrize(
    ("text", "answer", "whole", "city"),
    [a[1:] for a in ADDED],
    ids=[a[0] for a in ADDED],
)
def test_an_address_is_completed(
    text: str, answer: str, whole: str, city: str | None
) -> None:
    found = completed(Address(text), answer, TR)
    assert found is not None
    assert (found.text, found.city) == (whole, city)


def test_an_answer_with_a_house_number_is_another_address() -> None:
    assert completed(Address("Lale Sk. 5"), "Gül Sk. 3, Kadıköy", TR) is None


def test_a_shared_place_is_completed_by_words_and_stays_where_it_is() -> None:
    place = Address("41.00000, 29.00000", latitude=41.0, longitude=29.0)
    found = completed(place, "Kadıköy", TR)
    assert found == Address("Kadıköy", city="Kadıköy", latitude=41.0, longitude=29.0)


@given(st.text(), st.sampled_from(sorted(FORMATS)))
def test_a_text_without_its_code_has_none(text: str, country: str) -> None:
    formats = formats_of(country)
    code = code_in(text, formats)
    assert code is None or code in fold(text).replace(" ", "")
    if code is None:
        assert without_code(text, formats) == fold(text)


@given(st.permutations([MODA, KADIKOY, ISTANBUL]), st.integers(34000, 34999))
def test_the_order_of_areas_never_beats_a_longer_prefix(
    areas: list[Area], code: int
) -> None:
    found = area_of(Address(f"Lale Sk. 5, {code}"), areas, TR)
    wanted = MODA if code // 10 == 3471 else KADIKOY if code // 100 == 347 else ISTANBUL
    assert found is wanted
