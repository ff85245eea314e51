"""Answers to questions for facts, read by rules: alone and several at once."""

import pytest

from bot.domain.snapshot import Asked
from bot.domain.understanding import Detail
from bot.reading.rules.reader import understand
from orders import Field
from tests.readings import a_request

WHO = (Field.ADDRESS, Field.NAME, Field.PHONE)
FIRM = (Field.COMPANY, Field.TAX_ID, Field.TAX_OFFICE)
TAKER = (Field.RECIPIENT, Field.RECIPIENT_PHONE)
PLACE = (Field.CITY, Field.POSTAL_CODE)

#: (what was asked, language, the answer, what it tells)
TOLD: list[tuple[tuple[Field, ...], str, str, dict[str, str]]] = [
    (
        WHO,
        "tr",
        "Ayşe Demir\n0532 123 45 67\nLale Sokak 5, Moda",
        {
            "name": "Ayşe Demir",
            "phone": "+905321234567",
            "address": "Lale Sokak 5, Moda",
        },
    ),
    (
        WHO,
        "tr",
        "Lale Sokak 5 Kadıköy\nAyşe Demir",
        {"name": "Ayşe Demir", "address": "Lale Sokak 5 Kadıköy"},
    ),
    (
        WHO,
        "en",
        "John Smith, 12 Baker Street, London, +44 20 7946 0018",
        {
            "name": "John Smith",
            "phone": "+442079460018",
            "address": "12 Baker Street, London",
        },
    ),
    (
        WHO,
        "ru",
        "Анна Иванова, ул. Ленина 5, Москва",
        {"name": "Анна Иванова", "address": "ул. Ленина 5, Москва"},
    ),
    (WHO, "pt", "Ana Souza", {"name": "Ana Souza"}),
    (WHO, "es", "Calle Mayor 8, Madrid", {"address": "Calle Mayor 8, Madrid"}),
    (
        (*WHO, Field.EMAIL),
        "es",
        "Ana García\nCalle Mayor 8\nana@example.com",
        {"name": "Ana García", "address": "Calle Mayor 8", "email": "ana@example.com"},
    ),
    (
        FIRM,
        "tr",
        "Lale Kahve A.Ş., 1234567890, Kadıköy",
        {"company": "Lale Kahve A.Ş.", "tax_id": "1234567890", "tax_office": "Kadıköy"},
    ),
    (
        FIRM,
        "tr",
        "Lale Kahve A.Ş.\nvergi dairesi: Kadıköy\nVKN 1234567890",
        {"company": "Lale Kahve A.Ş.", "tax_id": "1234567890", "tax_office": "Kadıköy"},
    ),
    (
        TAKER,
        "tr",
        "Fatma Demir 0533 123 45 67",
        {"recipient": "Fatma Demir", "phone": "+905331234567"},
    ),
    (PLACE, "tr", "34710 Kadıköy", {"address": "34710 Kadıköy"}),
    ((Field.NUMBER,), "tr", "5", {"address": "5"}),
    ((Field.CITY,), "pt", "São Paulo", {"address": "São Paulo"}),
    ((Field.TAX_ID,), "pt", "12.345.678/0001-95", {"tax_id": "12.345.678/0001-95"}),
    ((Field.TAX_ID,), "es", "es 12345678Z", {"tax_id": "12345678Z"}),
    ((Field.COMPANY,), "ru", "Кофейня «Роза»", {"company": "Кофейня «Роза»"}),
    ((Field.TAX_OFFICE,), "tr", "Kadıköy", {"tax_office": "Kadıköy"}),
    ((Field.RECIPIENT,), "en", "my mother Grace", {"recipient": "my mother Grace"}),
    ((Field.BUSINESS,), "en", "for my company", {"business": "yes"}),
    ((Field.BUSINESS,), "tr", "şahsım için", {"business": "no"}),
    ((Field.BUSINESS,), "pt", "pessoa física", {"business": "no"}),
    ((Field.BUSINESS,), "es", "para una empresa", {"business": "yes"}),
    ((Field.BUSINESS,), "ru", "для себя", {"business": "no"}),
    ((Field.EXTRA,), "tr", "masa 5", {"extra": "masa 5"}),
    ((Field.EXTRA,), "tr", "yarın", {"extra": "2026-11-23"}),
    (
        (Field.LINES,),
        "tr",
        "Alıcı: Mehmet Demir 0533 123 45 67",
        {"recipient": "Mehmet Demir", "recipient_phone": "+905331234567"},
    ),
    (
        (Field.LINES,),
        "en",
        "company name: Rose Coffee Ltd",
        {"company": "Rose Coffee Ltd"},
    ),
]


@pytest.mark.parametrize(
    ("asked", "language", "answer", "told"), TOLD, ids=[t[2][:40] for t in TOLD]
)
def test_an_answer_tells_what_was_asked(
    asked: tuple[Field, ...], language: str, answer: str, told: dict[str, str]
) -> None:
    question = Asked(field=asked[0], more=asked[1:])
    said = understand(a_request(answer, asked=question, language=language))
    assert {each.detail.value: each.value for each in said.details} == told
    assert said.mentions == ()


@pytest.mark.parametrize("asked", [WHO, FIRM, (Field.COMPANY,), (Field.CITY,)])
def test_who_orders_instead_is_heard(asked: tuple[Field, ...]) -> None:
    question = Asked(field=asked[0], more=asked[1:])
    said = understand(a_request("2 latte", asked=question, language="en"))
    assert [mention.text for mention in said.mentions] == ["latte"]
    assert said.details == ()


@pytest.mark.parametrize("word", ["yes", "no", "thanks"])
def test_a_courtesy_is_no_answer(word: str) -> None:
    said = understand(a_request(word, asked=Asked(field=Field.COMPANY), language="en"))
    assert said.details == ()


def test_a_number_ends_with_its_line() -> None:
    said = understand(a_request("0532 123 45 67\n2 latte", language="tr"))
    assert [d.value for d in said.details if d.detail is Detail.PHONE] == [
        "+905321234567"
    ]
    assert [mention.quantity for mention in said.mentions] == [2]
