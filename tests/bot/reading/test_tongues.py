"""Which language a turn tells: a sentence does, a word beside names does not."""

import subprocess
import sys
from dataclasses import replace

import pytest

from bot.domain.message import Location
from bot.domain.snapshot import Asked
from bot.domain.understanding import Understanding
from bot.reading.reader import Reading
from bot.reading.rules.reader import understand
from bot.reading.tongues import in_language
from orders.domain.rules import Field
from tests.readings import a_request

#: A conversation in a language that the customer's own words told; what they say, what
#: is told by it: None keeps the conversation's.
TOLD = [
    ("en", "ok", None),
    ("tr", "ok", None),
    ("tr", "👍", None),
    ("es", "2", None),
    ("tr", "2 latte", None),
    ("tr", "latte croissant", None),
    ("ru", "Chocolate Croissant", None),
    ("tr", "ok 2 brownie", None),
    ("en", "gracias", None),
    ("en", "merhaba", None),
    ("tr", "https://shop.example/latte", None),
    ("tr", "maria@example.com", None),
    ("en", "iki latte ve bir su lütfen", "tr"),
    ("en", "bana uygun bir şey önerebilir misiniz", "tr"),
    ("tr", "can I have two croissants please", "en"),
    ("tr", "I would love something that goes well with fish", "en"),
    ("es", "gostaria de saber se vocês têm algo para um aniversário", "pt"),
    ("pt", "quisiera saber si tienen algo para un cumpleaños", "es"),
    ("en", "подскажите пожалуйста что взять на день рождения", "ru"),
    ("en", "ich möchte gerne zwei Brote bestellen", "de"),
    ("en", "das verstehe ich leider nicht, können sie mir bitte helfen", "de"),
    ("en", "أريد أن أطلب قهوة من فضلك", "ar"),
]
#: The first words of a customer: one of them may begin in another language.
FIRST = [
    ("en", "merhaba", "tr"),
    ("en", "gracias", "es"),
    ("tr", "ok", None),
    ("tr", "2 latte", None),
    ("en", "спасибо", "ru"),
    ("en", "3 miel de pino por favor", "es"),
    ("en", "3 mel de pinho por favor", "pt"),
    ("pt", "3 miel de pino por favor", None),
    ("en", "kilo de tomates", None),
]


async def told(
    language: str, text: str, *, first: bool, asked: Asked | None = None
) -> str | None:
    request = a_request(text, language=language, asked=asked)
    request = replace(request, language_told=not first)
    reading = await in_language(Reading(understand(request), "rules", "x"), request)
    found = reading.understanding.language
    return None if found == language else found


@pytest.mark.parametrize(("language", "text", "expected"), TOLD)
async def test_a_clear_sentence_turns_a_conversation_and_nothing_else_does(
    language: str, text: str, expected: str | None
) -> None:
    assert await told(language, text, first=False) == expected


@pytest.mark.parametrize(("language", "text", "expected"), FIRST)
async def test_a_conversation_begins_in_the_language_of_its_first_words(
    language: str, text: str, expected: str | None
) -> None:
    assert await told(language, text, first=True) == expected


@pytest.mark.parametrize(
    ("field", "text"),
    [
        (Field.NAME, "Maria Fernanda Oliveira Santos"),
        (Field.NAME, "Ahmet Yılmaz"),
        (Field.ADDRESS, "Caferağa Mahallesi Moda Caddesi 12 Kadıköy"),
        (Field.ADDRESS, "Calle Mayor 12, segundo piso, Madrid"),
    ],
)
async def test_names_and_addresses_tell_no_language(field: Field, text: str) -> None:
    assert await told("en", text, first=False, asked=Asked(field=field)) is None


async def test_a_model_that_hears_a_language_in_a_name_is_not_believed() -> None:
    request = replace(a_request("2 croissant, ok"), language_told=True)
    reading = Reading(Understanding(language="fr"), "openai", "x")
    settled = await in_language(reading, request)
    assert settled.understanding.language is None


async def test_a_place_that_was_shared_tells_no_language() -> None:
    place = Location(latitude=1, longitude=2, name="Café do Porto", address="Rua 5")
    request = a_request(place)
    settled = await in_language(Reading(Understanding(), "rules", "x"), request)
    assert settled.understanding.language is None


def test_the_models_of_languages_are_not_loaded_before_they_are_needed() -> None:
    program = (
        "import sys, bot.reading.tongues, bot.reading.guessing;"
        "sys.exit('lingua' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
