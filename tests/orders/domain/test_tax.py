"""Tax documents: check digits, by country."""

import pytest

from orders.domain.tax import DOCUMENTS, documents_of, tax_number

UNION = (
    *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "FI", "FR", "GR", "HR", "HU"),
    *("IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "RO", "SE", "SI", "SK"),
)


@pytest.mark.parametrize("country", [*DOCUMENTS, *UNION])
def test_the_example_of_a_document_is_one(country: str) -> None:
    for document in documents_of(country):
        found = tax_number(country, f" {document.example} ")
        assert found is not None
        assert found.document is not None
        assert found.document.name == document.name


@pytest.mark.parametrize("country", [*DOCUMENTS, *UNION])
def test_a_wrong_digit_is_found(country: str) -> None:
    """Not every change can be: of the ten last digits at most a few pass."""
    if country in ("MX", "EC"):
        return  # There the last digit is no check digit, or not always.
    example = documents_of(country)[0].example
    place = max(n for n, char in enumerate(example) if char.isdigit())
    passing = [
        digit
        for digit in "0123456789"
        if tax_number(country, example[:place] + digit + example[place + 1 :])
    ]
    assert 1 <= len(passing) <= 5


NUMBERS = [
    ("TR", "12345678950", "12345678950", "TCKN"),
    ("TR", "123 456 789 0", "1234567890", "VKN"),
    ("TR", "12345678951", None, None),
    ("TR", "Kadıköy", None, None),
    ("BR", "12345678909", "12345678909", "CPF"),
    ("BR", "12.345.678/0001-95", "12345678000195", "CNPJ"),
    ("BR", "111.111.111-11", None, None),
    ("AR", "20123456786", "20123456786", "CUIT"),
    ("CL", "12.345.678-5", "123456785", "RUT"),
    ("CO", "123.456.789-6", "1234567896", "NIT"),
    ("PE", "20123456786", "20123456786", "RUC"),
    ("MX", "gode561231gr8", "GODE561231GR8", "RFC"),
    ("ES", "12345678Z", "12345678Z", "NIF"),
    ("ES", "DE123456788", "DE123456788", "VAT"),
    ("PT", "123 456 789", "123456789", "NIF"),
    ("RU", "1234567894", "1234567894", "ИНН"),
    ("DE", "123456788", "DE123456788", "VAT"),
    ("DE", "DE 123 456 788", "DE123456788", "VAT"),
    ("JP", "1234567890123", "1234567890123", None),
    ("JP", "no idea", None, None),
    ("JP", "123", None, None),
]


@pytest.mark.parametrize(("country", "said", "number", "name"), NUMBERS)
def test_a_number_is_read_in_its_country(
    country: str, said: str, number: str | None, name: str | None
) -> None:
    found = tax_number(country, said)
    assert (found.number if found else None) == number
    document = found.document if found else None
    assert (document.name if document else None) == name
