"""The texts of every language: complete, with the same placeholders, and checked."""

from decimal import Decimal
from importlib import resources
from typing import get_args

import pytest

from bot.domain import replies
from bot.domain.message import MediaKind
from bot.domain.saying import key_of
from bot.domain.understanding import Detail
from bot.texts import (
    BadTexts,
    languages,
    load_wording,
    parse_wording,
    placeholders,
    wording_for,
)
from catalog.language import languages as catalog_languages
from orders import Field, Fulfilment, OrderState
from orders.domain.fields import TOGETHER

STATEMENTS = get_args(replies.Statement)
MODEL = resources.files("bot.texts").joinpath("en.toml").read_text(encoding="utf-8")
every_language = pytest.mark.parametrize("code", languages())


def has(code: str, key: str) -> bool:
    """Return whether there is a sentence, or a family of them, with that key."""
    texts = load_wording(code).texts
    return any(k == key or k.startswith(f"{key}.") for k in texts)


def test_five_languages_are_spoken() -> None:
    assert {"en", "es", "pt", "ru", "tr"} <= set(languages())


def test_every_language_that_we_read_is_one_that_we_speak() -> None:
    assert set(catalog_languages()) <= set(languages())


@every_language
@pytest.mark.parametrize("kind", STATEMENTS, ids=lambda kind: kind.__name__)
def test_every_statement_has_its_words(code: str, kind: type) -> None:
    assert has(code, f"say.{key_of(kind)}")


@every_language
@pytest.mark.parametrize("field", Field)
def test_every_field_has_its_question(code: str, field: Field) -> None:
    assert has(code, f"ask.{field.value}")


FAMILIES = [
    ("say.order_news", tuple(OrderState)),
    # What answers a field of the shop's own is said with the name of the field.
    ("say.detail_noted", tuple(d for d in Detail if d is not Detail.EXTRA)),
    ("thing", tuple(dict.fromkeys(f for group in TOGETHER for f in group.fields))),
    ("say.not_offered", tuple(Fulfilment)),
    ("fulfilment", tuple(Fulfilment)),
    ("say.cannot_read", tuple(MediaKind)),
    ("say.cannot_read", ("location", "contacts", "form", "cart", "unsupported")),
    ("buttons", ("confirm", "change", "cancel", "none", "choose")),
]


@every_language
@pytest.mark.parametrize(("family", "members"), FAMILIES, ids=str)
def test_every_member_of_a_family_has_its_words(
    code: str, family: str, members: tuple[str, ...]
) -> None:
    missing = [member for member in members if not has(code, f"{family}.{member}")]
    assert not missing


@every_language
def test_keys_and_placeholders_are_those_of_english(code: str) -> None:
    model, texts = load_wording("en").texts, load_wording(code).texts
    assert texts.keys() == model.keys()
    for key, template in texts.items():
        assert placeholders(template) == placeholders(model[key]), key


@every_language
def test_nobody_is_shouted_at(code: str) -> None:
    for key, template in load_wording(code).texts.items():
        forms = [template] if isinstance(template, str) else list(template.values())
        assert not any("!" in form for form in forms), key


_TITLES = ("buttons.", "fulfilment.", "business.")


@every_language
def test_titles_of_buttons_fit(code: str) -> None:
    texts = load_wording(code).texts
    titles = [v for k, v in texts.items() if k.startswith(_TITLES)]
    assert all(isinstance(title, str) and len(title) <= 20 for title in titles)


BAD = [
    ("a key is missing", ("head = ", "heads = "), "summary.head is missing"),
    ("a key too many", ("[line]", "[line]\nodd = 'x'"), "line.odd is not known"),
    ("another placeholder", ("Also: {names}", "Also: {name}"), "placeholders"),
    ("an empty text", ('"Hello again."', '" "'), "say.greeting is empty"),
    ("no text at all", ('"Hello again."', "3"), "say.greeting must be a text"),
    ("a format", ("{shop}", "{shop:>99}"), "nothing more"),
    ("an attribute", ("{shop}", "{shop.__class__}"), "nothing more"),
    ("a lone brace", ("{shop}", "{shop"), "say.welcome"),
    ("a missing plural", ('other = "pieces"', 'many = "pieces"'), "units.piece"),
    ("no TOML", ("[say]", "[say"), "xx.toml"),
]


@pytest.mark.parametrize(
    ("change", "complaint"), [b[1:] for b in BAD], ids=[b[0] for b in BAD]
)
def test_a_bad_file_is_refused_and_says_where(
    change: tuple[str, str], complaint: str
) -> None:
    assert change[0] in MODEL
    with pytest.raises(BadTexts) as raised:
        parse_wording("de", MODEL.replace(*change, 1), load_wording("en"))
    assert complaint.replace("xx", "de") in str(raised.value)
    assert "de.toml" in str(raised.value)


def test_a_language_without_a_file_is_refused_by_name() -> None:
    with pytest.raises(BadTexts, match=r"no xx\.toml; it has en, es"):
        load_wording("xx")


def test_a_file_for_no_language_is_refused() -> None:
    with pytest.raises(BadTexts):
        parse_wording("zz", MODEL)


@pytest.mark.parametrize(
    ("codes", "spoken"),
    [(("tr",), "tr"), (("tr-TR", "en"), "tr"), (("xx", "tr"), "tr"), ((None,), "en")],
)
def test_the_first_language_that_we_speak_is_taken(
    codes: tuple[str | None, ...], spoken: str
) -> None:
    assert wording_for(*codes).language == spoken


@pytest.mark.parametrize(
    ("code", "currency", "amount", "said"),
    [
        ("en", "TRY", "171", "₺171.00"),
        ("tr", "TRY", "171", "₺171,00"),
        ("en", "TRY", "-1851.75", "-₺1,851.75"),
        ("en", "USD", "5", "$5.00"),
        ("tr", "USD", "5", "$5,00"),
        ("en", "EUR", "5.5", "€5.50"),
        ("en", "JPY", "1200", "¥1,200"),
        ("en", "KWD", "1.25", "KWD\u00a01.250"),
        ("tr", "CHF", "5", "CHF\u00a05,00"),
        ("en", "XYZ", "5", "XYZ\u00a05.00"),
        ("en", "TRY", "0.1234", "₺0.1234"),
    ],
)
def test_money_reads_as_people_write_it(
    code: str, currency: str, amount: str, said: str
) -> None:
    assert load_wording(code).money(Decimal(amount), currency) == said


@pytest.mark.parametrize(
    ("currency", "said"), [("TRY", "171,00\u00a0₺"), ("CHF", "171,00\u00a0CHF")]
)
def test_money_stands_where_the_language_puts_it(currency: str, said: str) -> None:
    german = parse_wording("de", MODEL)
    assert german.money(Decimal(171), currency) == said
