"""Five languages, mixed and transliterated; a sixth is data only."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import bot
import catalog
from bot.domain.snapshot import Asked
from bot.domain.understanding import Intent
from bot.reading.rules.reader import understand
from catalog.language import languages
from orders.domain.rules import Field
from tests.readings import a_request, told
from tests.understood import PAGE, SHOP, in_short, page, understood

EXAMPLES = [
    (code, text, means)
    for code, said in understood().items()
    for text, means in said.items()
]
NEITHER = frozenset({Intent.CONFIRM, Intent.DECLINE})


@pytest.mark.parametrize(("code", "text", "means"), EXAMPLES)
def test_what_the_page_tells_is_what_is_understood(
    code: str, text: str, means: str
) -> None:
    assert in_short(understand(a_request(text, language=code, index=SHOP))) == means


def test_the_page_is_current_and_has_every_language() -> None:
    assert PAGE.read_text("utf-8") == page(), "python -m tests.understood"
    assert set(understood()) == set(languages())


ANSWERS: dict[Intent, dict[str, tuple[str, ...]]] = {
    Intent.CONFIRM: {
        "es": ("sí", "claro que sí", "está bien", "dale", "confirmo el pedido"),
        "pt": ("sim", "isso mesmo", "tá bom", "pode mandar", "fechado", "beleza"),
        "ru": ("да", "всё верно", "оформляйте", "хорошо", "konechno"),
    },
    Intent.DECLINE: {
        "es": ("no", "no gracias", "nada más", "ahora no", "está mal"),
        "pt": ("não", "nao obrigado", "só isso", "agora não", "está errado"),
        "ru": ("нет", "нет, спасибо", "не надо", "больше ничего", "net spasibo"),
    },
    Intent.CANCEL_DRAFT: {
        "es": ("cancelar", "olvídelo", "ya no quiero nada", "me arrepentí"),
        "pt": ("cancelar", "esquece", "deixa pra lá", "desisti"),
        "ru": ("отмена", "забудьте", "я передумал", "otmena"),
    },
    Intent.HUMAN: {
        "es": ("asesor", "quiero hablar con alguien", "¿es un robot?"),
        "pt": ("atendente", "quero falar com alguém", "você é um robô?"),
        "ru": ("оператор", "позовите человека", "вы бот?"),
    },
    Intent.STOP: {
        "es": ("BAJA", "no me escriban más", "stop"),
        "pt": ("PARAR", "não quero mais mensagens", "stop"),
        "ru": ("СТОП", "не пишите мне", "ne pishite mne", "stop"),
    },
    Intent.START: {"es": ("alta",), "pt": ("voltar",), "ru": ("старт",)},
}


@pytest.mark.parametrize(
    ("intent", "code", "text"),
    [
        (intent, code, text)
        for intent, said in ANSWERS.items()
        for code, texts in said.items()
        for text in texts
    ],
)
def test_an_answer_has_many_forms(intent: Intent, code: str, text: str) -> None:
    asked = Asked(field=Field.CONFIRMATION) if intent is Intent.CONFIRM else None
    for language in (code, "en"):
        request = a_request(text, language=language, asked=asked, index=SHOP)
        assert understand(request).intents[0] is intent


@pytest.mark.parametrize(
    "text",
    [
        "yes but no onions",
        "evet ama soğansız",
        "sim mas sem cebola",
        "sim, só que sem cebola",
        "sí pero sin cebolla",
        "да, но без лука",
        "да только без лука",
        "da no bez luka",
    ],
)
def test_a_yes_with_a_but_is_a_change_and_no_yes(text: str) -> None:
    asked = Asked(field=Field.CONFIRMATION)
    said = understand(a_request(text, asked=asked, index=SHOP))
    assert NEITHER.isdisjoint(said.intents)
    (mention,) = said.mentions
    assert [option.negated for option in mention.options] == [True]


@pytest.mark.parametrize(
    ("text", "spoken", "told_language"),
    [
        ("ok", "ru", None),
        ("ok", "pt", None),
        ("super", "ru", None),
        ("no", "es", None),
        ("2 latte", "tr", None),
        ("da", "ru", None),
        ("gracias", "en", "es"),
        ("obrigada", "es", "pt"),
        ("спасибо", "en", "ru"),
        ("spasibo", "en", "ru"),
        ("teşekkürler", "pt", "tr"),
        ("cancela todo", "en", "es"),
        ("cancela tudo", "en", "pt"),
        ("quero 2 lattes por favor", "en", "pt"),
        ("3 latte, 2'si şekersiz", "en", "tr"),
    ],
)
def test_the_language_is_told_by_its_words_and_never_by_an_ok(
    text: str, spoken: str, told_language: str | None
) -> None:
    said = understand(a_request(text, language=spoken, index=SHOP))
    assert said.language in {told_language, spoken if told_language is None else None}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2 latte lütfen and a croissant", "add 2 latte; add 1 croissant"),
        ("quero dois lattes and one tea", "add 2 latte; add 1 tea"),
        ("привет, 2 latte и один croissant", "add 2 latte; add 1 croissant"),
        ("hola, deux no: dos lattes", "add 2 latte"),
    ],
)
def test_languages_are_mixed_in_one_message(text: str, wanted: str) -> None:
    assert told(understand(a_request(text, index=SHOP)).mentions) == wanted


WITHOUT_ACCENTS = {
    "nao, so isso": Intent.DECLINE,
    "cade meu pedido": Intent.ORDER_STATUS,
    "cardapio": Intent.BROWSE,
    "donde esta mi pedido": Intent.ORDER_STATUS,
    "cuanto cuesta el latte": Intent.ASK_PRODUCT,
    "hepsini iptal et": Intent.CANCEL_DRAFT,
    "siparisim nerede": Intent.ORDER_STATUS,
    "gde moy zakaz": Intent.ORDER_STATUS,
    "gde moj zakaz": Intent.ORDER_STATUS,
    "kak obychno": Intent.REPEAT,
}


@pytest.mark.parametrize("text", WITHOUT_ACCENTS)
def test_accents_and_alphabets_may_be_left_out(text: str) -> None:
    said = understand(a_request(text, index=SHOP))
    assert said.intents[0] is WITHOUT_ACCENTS[text]


DETAILS = {
    "NIF 12345678Z": ("tax_id", "12345678Z"),
    "mi rut es 12.345.678-K": ("tax_id", "12345678K"),
    "CNPJ 11.222.333/0001-81": ("tax_id", "11222333000181"),
    "deliver at 19.30 please": ("date", "2026-11-22T19:30+03:00"),
    "доставьте в пятницу": ("date", "2026-11-27"),
    "at 5": ("date", "at 5"),
    "next friday at 5pm": ("date", "next friday at 5pm"),
    "today at 10:00": ("date", "2026-11-22T10:00+03:00"),
    "sunday at 10:00": ("date", "2026-11-29T10:00+03:00"),
    "amanhã 17h30": ("date", "2026-11-23T17:30+03:00"),
}


@pytest.mark.parametrize("text", DETAILS)
def test_numbers_and_times_are_read_as_their_countries_write_them(text: str) -> None:
    details = understand(a_request(text, index=SHOP)).details
    assert [(d.detail.value, d.value) for d in details if d.detail != "fulfilment"] == [
        DETAILS[text]
    ]


def test_three_days_are_no_hour() -> None:
    assert understand(a_request("через 3 дня", language="ru", index=SHOP)).details == ()


_WORD = re.compile(r"[^\W\d_]{2,}")
_TEXT = re.compile(r'"([^"]*)"')
_ASK = """
import json, sys
sys.path.insert(0, {root!r})
from bot.reading.rules.reader import understand
from bot.texts import languages, wording_for
from tests.readings import a_request, told
said = [understand(a_request(text)) for text in json.loads(sys.argv[1])]
rows = [[s.language, [str(i) for i in s.intents], told(s.mentions)] for s in said]
print(json.dumps(rows))
print(json.dumps([languages(), wording_for("eo").texts["buttons.confirm"]]))
"""


def invented(text: str) -> str:
    """Return a text with every word in a language that nobody speaks."""
    return _WORD.sub(lambda word: f"{word[0]}ux", text)


def a_sixth_language(folder: Path) -> None:
    """Lay out our packages in a folder, with two files more: Esperanto, invented."""
    for package in (catalog, bot):
        home = Path(package.__file__ or "").parent
        (folder / home.name).mkdir()
        for entry in home.iterdir():
            inside = "languages" if package is catalog else "texts"
            if entry.name != inside:
                (folder / home.name / entry.name).symlink_to(entry)
                continue
            copy = folder / home.name / inside
            copy.mkdir()
            for file in entry.glob("*.*"):
                (copy / file.name).symlink_to(file)
    root = Path(bot.__file__ or "").parent.parent
    for name in ("orders", "prompts", "tests"):
        (folder / name).symlink_to(root / name)
    words = (root / "catalog/languages/en.toml").read_text("utf-8")
    spoken = _TEXT.sub(lambda said: f'"{invented(said[1])}"', words)
    keyed = re.sub(r"^(two|first|half) = ", r"\1ux = ", spoken, flags=re.MULTILINE)
    (folder / "catalog/languages/eo.toml").write_text(keyed, "utf-8")
    texts = (root / "bot/texts/en.toml").read_text("utf-8")
    sentences = texts.replace('confirm = "Confirm"', 'confirm = "Konfirmi"')
    (folder / "bot/texts/eo.toml").write_text(sentences, "utf-8")


def test_a_sixth_language_is_two_files_and_no_code(tmp_path: Path) -> None:
    a_sixth_language(tmp_path)
    said = [f"{invented('we want')} twoux latte", invented("yes please")]
    done = subprocess.run(
        [sys.executable, "-c", _ASK.format(root=str(tmp_path)), json.dumps(said)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    read, spoken = map(json.loads, done.stdout.splitlines())
    assert read == [["eo", ["order"], "add 2 latte"], ["eo", ["confirm"], ""]]
    assert spoken == [[*sorted((*languages(), "eo"))], "Konfirmi"]


STOPS = [
    *(
        "STOP",
        "stop.",
        " Stop! ",
        "¡STOP!",
        "*stop* 🙏",
        "stop please",
        "no more messages",
    ),
    *("dur", "Dur!", "DUR.", "dur lütfen", "artık yazmayın"),
    *("Parar", "pare por favor", "¡Alto!", "no me escriba más"),
    *("Стоп", "стоп.", "хватит сообщений", "ОТПИСАТЬСЯ"),
]
NO_STOPS = [
    *(
        "don't stop by tomorrow",
        "stop the delivery",
        "stop by at 5",
        "non-stop pizza",
        "stop 🍕",
    ),
    *("kapıda dur", "durakta bekliyorum", "dur bakalım 2 latte"),
    *("não quero parar de comprar", "para amanhã", "baja en calorías"),
    *("стоп-кран 2 штуки", "не пишите на коробке имя"),
]


@pytest.mark.parametrize("said", STOPS)
def test_stop_in_any_language_stops_whatever_was_spoken(said: str) -> None:
    for language in ("en", "tr", "ru"):
        heard = understand(a_request(said, language=language))
        assert heard.intents == (Intent.STOP,), language


@pytest.mark.parametrize("said", NO_STOPS)
def test_words_with_a_stop_in_them_are_none(said: str) -> None:
    assert not understand(a_request(said)).says(Intent.STOP)
