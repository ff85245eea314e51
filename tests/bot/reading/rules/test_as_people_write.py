"""What people write to a shop about what stands in their order, in all languages."""

import pytest

from bot.domain.snapshot import Asked
from bot.domain.understanding import Detail, Intent
from bot.reading.rules.reader import understand
from orders.domain.rules import Field
from tests.readings import a_draft_of, a_request, told


@pytest.mark.parametrize(
    ("said", "language", "drafted", "means"),
    [
        ("only the tea", "en", ("latte", "tea"), "remove #1"),
        ("actually only the tea", "en", ("latte", "tea"), "remove #1"),
        ("sadece çay", "tr", ("latte", "tea"), "remove #1"),
        ("na verdade só o latte", "pt", ("latte", "tea"), "remove #2"),
        ("mejor solo el latte", "es", ("latte", "tea"), "remove #2"),
        ("нет, только latte", "ru", ("latte", "tea"), "remove #2"),
        ("double it", "en", ("tea",), "set #1 4"),
        ("double the tea", "en", ("latte", "tea"), "set #2 4"),
        ("double it", "en", ("latte", "tea"), ""),
        ("iki katına çıkar", "tr", ("tea",), "set #1 4"),
        ("o dobro", "pt", ("tea",), "set #1 4"),
        ("el doble", "es", ("tea",), "set #1 4"),
        ("удвойте", "ru", ("tea",), "set #1 4"),
        ("no, el otro", "es", ("tea",), ""),
        ("geçen haftakinin aynısı ama ayransız", "tr", (), "remove ayran"),
        ("2 red L and 1 blue M", "en", (), "add 2 red l; add 1 blue m"),
        ("not the red one, the blue one", "en", ("tea", "t-shirt"), "set +blue"),
        ("la roja no, la azul", "es", ("tea", "t-shirt"), "set +azul"),
    ],
)
def test_what_is_said_of_an_order_is_understood_of_its_lines(
    said: str, language: str, drafted: tuple[str, ...], means: str
) -> None:
    draft = a_draft_of(*drafted) if drafted else None
    reading = understand(a_request(said, draft=draft, language=language))
    assert told(reading.mentions) == means


@pytest.mark.parametrize("said", ["numaram 05321112233", "benim no 0532 111 22 33"])
def test_a_phone_number_is_no_address(said: str) -> None:
    asked = Asked(field=Field.ADDRESS)
    reading = understand(a_request(said, asked=asked, language="tr"))
    assert [each.detail for each in reading.details] == [Detail.PHONE]


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("Bahariye 5, do you deliver there?", "en"),
        ("Bahariye 5, oraya getiriyor musunuz?", "tr"),
        ("Rua Augusta 500, vocês entregam aí?", "pt"),
    ],
)
def test_a_place_that_is_asked_about_is_no_product(said: str, language: str) -> None:
    reading = understand(a_request(said, language=language))
    assert reading.mentions == ()
    assert reading.intents == (Intent.ASK_DELIVERY,)


@pytest.mark.parametrize(
    ("said", "language", "address"),
    [
        ("eve servis Moda Cad. 12/3 Kadıköy", "tr", "Moda Cad. 12/3 Kadıköy"),
        ("a domicilio en Calle Luna 12, Madrid", "es", "Calle Luna 12, Madrid"),
    ],
)
def test_an_address_comes_with_the_wish_for_delivery(
    said: str, language: str, address: str
) -> None:
    reading = understand(a_request(said, language=language))
    told_of = {each.detail: each.value for each in reading.details}
    assert told_of == {Detail.FULFILMENT: "delivery", Detail.ADDRESS: address}
