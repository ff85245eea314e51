"""How a shop speaks: its name, its tone, its own words, and names kept in place."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest

from bot.domain.message import OutText, Text
from bot.domain.snapshot import Memory
from bot.domain.understanding import Detail, Intent
from bot.domain.voice import Voice, in_a_sentence, voice_of
from bot.inbox.shop_rules import InvalidRules, parse_rules, rules_of, shop_of
from bot.texts import languages, load_wording, wording_for
from orders.codec import dump_shop, load_shop
from orders.domain.style import OWN_WORDS, Style, Tone
from tests.factories import a_shop
from tests.turns import a_snapshot, decided, is_told, rendered, says

every_language = pytest.mark.parametrize("code", languages())
every_tone = pytest.mark.parametrize("tone", Tone)
#: How to get a person, and no more messages: by language.
WAYS_OUT = {
    "en": ("human", "stop"),
    "tr": ("temsilci", "dur"),
    "pt": ("atendente", "parar"),
    "es": ("asesor", "baja"),
    "ru": ("оператор", "стоп"),
}
ASSISTANT = ("assistant", "asistan", "assistente", "asistente", "помощник")


def first_words(code: str, style: Style) -> str:
    """Return what a customer reads first."""
    shop = replace(a_shop(), style=style)
    snapshot = a_snapshot((Text(text="hi"),), shop=shop, memory=Memory(), language=code)
    first = rendered(snapshot, decided(snapshot, says(Intent.GREET)))[0]
    assert isinstance(first, OutText)
    return first.body


@every_language
@every_tone
def test_first_contact_names_the_shop_the_assistant_and_the_ways_out(
    code: str, tone: Tone
) -> None:
    said = first_words(code, Style(name="Köşe Kahve", tone=tone))
    assert "Köşe Kahve" in said
    assert any(word in said for word in ASSISTANT)
    assert all(f"*{word}*" in said for word in WAYS_OUT[code])


@every_language
def test_own_words_of_welcome_never_leave_the_ways_out_away(code: str) -> None:
    own = {"welcome": {code: "{shop}!"}}
    said = first_words(code, Style(own=own))
    assert said.startswith("Mavi!")
    assert all(f"*{word}*" in said for word in WAYS_OUT[code])


@every_language
def test_every_tone_words_the_same_sentences(code: str) -> None:
    texts = load_wording(code).texts
    for tone in (Tone.WARM, Tone.FORMAL):
        head = f"tones.{tone.value}."
        toned = {
            k.removeprefix(head): t for k, t in texts.items() if k.startswith(head)
        }
        assert toned.keys() <= texts.keys()
        assert all(texts[key] != text for key, text in toned.items())
        assert "say.welcome_hello" in toned


def a_voice(code: str = "en", **style: object) -> Voice:
    return voice_of(wording_for(code), "Mavi", "TRY", Style(**style))  # type: ignore[arg-type]  # a table of keyword arguments


def test_a_tone_words_what_it_knows_and_leaves_the_rest() -> None:
    formal = a_voice(tone=Tone.FORMAL)
    assert formal.text("say.greeting") == "Good day."
    assert formal.text("say.no_order_yet") == a_voice().text("say.no_order_yet")


def test_own_words_are_said_in_their_language_and_nowhere_else() -> None:
    own = {"order_placed": {"tr": "Tamamdır, {number} numara bizde."}}
    key = "say.order_placed.numbered"
    assert a_voice("tr", own=own).text(key, number="7") == ("Tamamdır, 7 numara bizde.")
    assert a_voice("en", own=own).text(key, number="7") == (
        "Thank you, your order 7 is placed."
    )


@pytest.mark.parametrize("words", ["{odd}", "{number.x.y}", "{", "{0}"])
def test_own_words_that_cannot_be_filled_in_are_said_in_ours(words: str) -> None:
    voice = a_voice(own={"order_placed": {"en": words}})
    assert "order 7" in voice.text("say.order_placed.numbered", number="7")


# -- as merchants write it ------------------------------------------------------------

BAD = [
    ({"tone": "rude"}, "style.tone"),
    ({"own_words": {"hello": {"en": "x"}}}, "there is no hello"),
    ({"own_words": {"welcome": {"en": "Hi."}}}, "{shop} is missing"),
    ({"own_words": {"order_placed": {"en": "Done."}}}, "{number} is missing"),
    ({"own_words": {"closed": {"tr": "{moment} {when}"}}}, "{when} is not known"),
    ({"own_words": {"handed_over": {"en": "A {"}}}, "own_words.handed_over.en"),
    ({"own_words": {"welcome": {"en": "{shop!r}"}}}, "nothing more"),
    ({"own_words": {"welcome": {"english": "{shop}"}}}, "own_words"),
    ({"names": "x"}, "style.names"),
]


@pytest.mark.parametrize(("style", "why"), BAD)
def test_words_that_cannot_be_filled_in_are_refused_and_named(
    style: dict[str, object], why: str
) -> None:
    with pytest.raises(InvalidRules) as refusal:
        parse_rules({"style": style})
    assert why in str(refusal.value)


def test_a_style_is_stored_and_written_back_as_it_was_given() -> None:
    given = {
        "name": "Köşe",
        "tone": "warm",
        "own_words": {"closed": {"en": "Back from {moment}."}},
        "small_talk": True,
        "pictures": False,
    }
    shop = shop_of(parse_rules({"style": given}), "TRY")
    again = load_shop(dump_shop(shop))
    assert again.style == shop.style
    assert rules_of(again, "TRY").style.model_dump(mode="json") == given


def test_a_tone_that_only_a_newer_version_knows_is_plain() -> None:
    stored = {**dump_shop(a_shop()), "style": {"tone": "baroque"}}
    assert load_shop(stored).style.tone is Tone.PLAIN


def test_every_own_sentence_has_the_placeholders_of_ours() -> None:
    keys = {
        "welcome": "say.welcome_hello",
        "handed_over": "say.handed_over",
        "closed": "ask.hours",
        "order_placed": "say.order_placed.numbered",
    }
    assert keys.keys() == OWN_WORDS.keys()
    for sentence, key in keys.items():
        template = load_wording("en").texts[key]
        assert all(f"{{{name}}}" in template for name in OWN_WORDS[sentence][0])


# -- names from right to left, and numbers by country ---------------------------------

_ISOLATED = "\N{FIRST STRONG ISOLATE}%s\N{POP DIRECTIONAL ISOLATE}"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("Ayşe\nYılmaz", "Ayşe Yılmaz"),
        ("محمد", _ISOLATED % "محمد"),
        ("שלום 5", _ISOLATED % "שלום 5"),
        ("\N{RIGHT-TO-LEFT OVERRIDE}abc", "abc"),
        ("محمد\N{RIGHT-TO-LEFT OVERRIDE}", _ISOLATED % "محمد"),
    ],
)
def test_a_name_keeps_its_direction_to_itself(value: str, shown: str) -> None:
    assert in_a_sentence(value) == shown


def test_a_name_from_right_to_left_is_isolated_in_every_sentence() -> None:
    snapshot = a_snapshot((Text(text="x"),))
    said = says(Intent.CHANGE, details=(is_told(Detail.NAME, "محمد"),))
    body = rendered(snapshot, decided(snapshot, said))[0]
    assert isinstance(body, OutText)
    assert _ISOLATED % "محمد" in body.body


COUNTRIES = [
    ("pt", "BR", "€\N{NO-BREAK SPACE}1.234,50", "1.234,5"),
    (
        "pt",
        "PT",
        "1\N{NO-BREAK SPACE}234,50\N{NO-BREAK SPACE}€",
        "1\N{NO-BREAK SPACE}234,5",
    ),
    ("es", "ES", "1.234,50\N{NO-BREAK SPACE}€", "1.234,5"),
    ("es", "MX", "€1,234.50", "1,234.5"),
    ("en", "TR", "€1,234.50", "1,234.5"),
    ("tr", "TR", "€1.234,50", "1.234,5"),
    (
        "ru",
        "ZZ",
        "1\N{NO-BREAK SPACE}234,50\N{NO-BREAK SPACE}€",
        "1\N{NO-BREAK SPACE}234,5",
    ),
]


@pytest.mark.parametrize(("code", "country", "money", "number"), COUNTRIES)
def test_amounts_are_written_as_in_the_shops_country(
    code: str, country: str, money: str, number: str
) -> None:
    wording = wording_for(code, country=country)
    amount = Decimal("1234.50")
    assert (wording.money(amount, "EUR"), wording.number(amount)) == (money, number)


def test_times_are_written_as_in_the_shops_country() -> None:
    at = datetime(2026, 11, 22, 15, 4)  # noqa: DTZ001  # as the shop's clock shows it
    assert "15:04" in wording_for("es", country="ES").moment(at)
    assert "3:04" in wording_for("es", country="MX").moment(at)
