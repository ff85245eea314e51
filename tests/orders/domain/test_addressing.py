"""The parts of an address that its words make clear, and answers about them."""

from dataclasses import astuple

import pytest

from orders import Address, Field
from orders.domain.addressing import answered, structured
from orders.domain.postal import formats_of

#: (country, words, street, number, complement, suburb, city, state, postal code)
WORDS = [
    (
        "TR",
        "Lale Sokak 5, Kadıköy, İstanbul",
        "Lale Sokak",
        "5",
        "Kadıköy",
        None,
        "İstanbul",
        None,
        None,
    ),
    (
        "TR",
        "Lale Sokak No:5 D:3, 34710 Kadıköy/İstanbul",
        "Lale Sokak",
        "5",
        "D:3",
        "Kadıköy",
        "İstanbul",
        None,
        "34710",
    ),
    (
        "TR",
        "1453. Sokak No 7 Kat 2",
        "1453. Sokak",
        "7",
        "Kat 2",
        None,
        None,
        None,
        None,
    ),
    (
        "BR",
        "Rua Augusta, 500, apto 12, São Paulo - SP, 01310-100",
        "Rua Augusta",
        "500",
        "apto 12",
        None,
        "São Paulo",
        "SP",
        "01310-100",
    ),
    (
        "ES",
        "Calle Mayor 8, 28013 Madrid, España",
        "Calle Mayor",
        "8",
        None,
        None,
        "Madrid",
        None,
        "28013",
    ),
    (
        "GB",
        "12 Baker Street, London NW1 6XE",
        "Baker Street",
        "12",
        None,
        None,
        "London",
        None,
        "NW1 6XE",
    ),
    (
        "RU",
        "ул. Ленина, д. 5, кв. 7, Москва, 101000",
        "ул. Ленина",
        "5",
        "кв. 7",
        None,
        "Москва",
        None,
        "101000",
    ),
    (
        "DE",
        "Hauptstr. 12a, 10115 Berlin",
        "Hauptstr.",
        "12a",
        None,
        None,
        "Berlin",
        None,
        "10115",
    ),
    (
        "US",
        "1600 Rose Avenue, Springfield, IL 62701, USA",
        "Rose Avenue",
        "1600",
        None,
        None,
        "Springfield",
        "IL",
        "62701",
    ),
    ("TR", "Lale Sokak", None, None, None, None, None, None, None),
    ("TR", "Kadıköy", None, None, None, None, None, None, None),
]


@pytest.mark.parametrize("case", WORDS, ids=[case[1] for case in WORDS])
def test_what_is_clear_is_told_apart(case: tuple[str | None, ...]) -> None:
    country, text, *parts = case
    assert country is not None
    assert text is not None
    found = structured(Address(text), formats_of(country), country)
    assert list(astuple(found)[1:8]) == parts
    assert (found.text, found.country) == (text, country)


def test_what_is_told_already_stays() -> None:
    known = Address("Lale Sokak 5, Istanbul", city="Ankara", number="7")
    found = structured(known, formats_of("TR"), "TR")
    assert (found.city, found.number, found.street) == ("Ankara", "7", "Lale Sokak")


def test_a_point_on_the_map_has_no_street() -> None:
    point = Address("41.00000, 29.50000", latitude=41.0, longitude=29.5)
    found = structured(point, formats_of("TR"), "TR")
    assert (found.street, found.number, found.city) == (None, None, None)


KNOWN = Address("Lale Sokak")
ANSWERS = [
    ("34710", (Field.POSTAL_CODE,), {"postal_code": "34710"}),
    ("it is 34710 here", (Field.POSTAL_CODE,), {"postal_code": "34710"}),
    ("5/3", (Field.NUMBER,), {"number": "5/3"}),
    ("İstanbul", (Field.CITY,), {"city": "İstanbul"}),
    (
        "5, 34710 İstanbul",
        (Field.CITY, Field.POSTAL_CODE),
        {"city": "İstanbul", "postal_code": "34710"},
    ),
    (
        "Gül Sokak 8, 34710 İstanbul",
        (Field.STREET, Field.NUMBER, Field.CITY),
        {"street": "Gül Sokak", "number": "8", "city": "İstanbul"},
    ),
]


@pytest.mark.parametrize(("answer", "asked", "parts"), ANSWERS)
def test_an_answer_fills_the_parts_that_were_asked_for(
    answer: str, asked: tuple[Field, ...], parts: dict[str, str]
) -> None:
    found = answered(KNOWN, answer, asked, formats_of("TR"))
    assert found is not None
    assert {name: getattr(found, name) for name in parts} == parts
    assert found.text == f"Lale Sokak, {answer}"


def test_a_whole_new_address_takes_the_place_of_the_old_one() -> None:
    known = Address("Lale Sokak 5")
    found = answered(known, "Gül Sokak 8, İzmir", (Field.CITY,), formats_of("TR"))
    assert found is not None
    assert (found.text, found.street, found.city) == (
        "Gül Sokak 8, İzmir",
        "Gül Sokak",
        "İzmir",
    )


@pytest.mark.parametrize(
    ("answer", "asked"), [("soon", Field.POSTAL_CODE), ("none", Field.NUMBER)]
)
def test_an_answer_without_the_part_is_none(answer: str, asked: Field) -> None:
    assert answered(KNOWN, answer, (asked,), formats_of("TR")) is None
