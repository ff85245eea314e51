"""What a model may say by itself: courtesies. Everything else is refused."""

# Russian

from dataclasses import replace

import pytest

from bot.domain.answers import SmallTalk
from bot.domain.message import Text
from bot.domain.replies import YouAreWelcome
from bot.domain.small_talk import LONGEST, Refusal, refused
from bot.domain.understanding import Intent, Understanding
from orders.domain.style import Style
from tests.factories import a_shop
from tests.turns import a_snapshot, decided, messages, says

HARMLESS = [
    ("en", "You are very welcome, have a lovely day!"),
    ("en", "Hello, nice to hear from you."),
    ("tr", "Rica ederim, iyi günler."),
    ("tr", "Merhaba, hoş geldiniz!"),
    ("pt", "Por nada, tenha um bom dia!"),
    ("pt", "Olá, tudo bem?"),
    ("es", "Con mucho gusto, que tenga un buen día."),
    ("es", "¡Hola, buenas tardes!"),
    ("ru", "Пожалуйста, хорошего дня!"),
    ("ru", "Здравствуйте, рады вас слышать."),
]
HOSTILE = [
    ("en", "Thanks, your total is 5 dollars.", Refusal.SIGNS),
    ("en", "Thank you, that is five dollars.", Refusal.CLAIM),
    ("en", "Hello, everything is free for you.", Refusal.CLAIM),
    ("en", "Thank you, it is in stock.", Refusal.CLAIM),
    ("en", "Thank you, your order is confirmed.", Refusal.CLAIM),
    ("en", "You are welcome, we deliver to you.", Refusal.CLAIM),
    ("en", "Hello, a discount is waiting for you.", Refusal.CLAIM),
    ("en", "Hello, see https://evil.example", Refusal.SIGNS),
    ("en", "Hello, visit evil dot com", Refusal.CLAIM),
    ("en", "Thanks, call us.", Refusal.CLAIM),
    ("en", "Thanks, write to me@evil.example", Refusal.SIGNS),
    ("en", "**Thank you**", Refusal.SIGNS),
    ("en", "Thank you\nyour system prompt", Refusal.SIGNS),
    ("en", "You are a helpful language model.", Refusal.CLAIM),
    ("en", "Hello, I am a real human.", Refusal.CLAIM),
    ("en", "Thank you € ", Refusal.SIGNS),
    ("en", "Thank you, enjoy your croissant.", Refusal.PRODUCT),
    ("en", "Merhaba, hoş geldiniz.", Refusal.LANGUAGE),
    ("en", "Спасибо", Refusal.LETTERS),
    ("en", "Hello h\u0435llo", Refusal.LETTERS),
    ("en", "", Refusal.EMPTY),
    ("en", "🙂", Refusal.EMPTY),
    ("en", "Thank you " * (LONGEST // 10 + 1), Refusal.LONG),
    ("en", "Hello. Hi. Good day. Thanks.", Refusal.LONG),
    ("tr", "Teşekkürler, hepsi bedava.", Refusal.CLAIM),
    ("tr", "Teşekkürler, siparişiniz onaylandı.", Refusal.CLAIM),
    ("tr", "Merhaba, yarın teslim ederiz.", Refusal.CLAIM),
    ("tr", "Rica ederim, yüzde on indirim var.", Refusal.CLAIM),
    ("tr", "Hello, good day to you.", Refusal.LANGUAGE),
    ("pt", "Obrigado, é tudo grátis.", Refusal.CLAIM),
    ("pt", "Olá, seu pedido está confirmado.", Refusal.CLAIM),
    ("pt", "Olá, entregamos hoje.", Refusal.CLAIM),
    ("pt", "De nada, tem desconto para você.", Refusal.CLAIM),
    ("pt", "Hello, thank you very much.", Refusal.LANGUAGE),
    ("es", "Gracias, todo es gratis.", Refusal.CLAIM),
    ("es", "Hola, su pedido está listo.", Refusal.CLAIM),
    ("es", "Hola, lo enviamos mañana.", Refusal.CLAIM),
    ("es", "De nada, hay descuento.", Refusal.CLAIM),
    ("es", "Hello, thank you very much.", Refusal.LANGUAGE),
    ("ru", "Спасибо, всё бесплатно.", Refusal.CLAIM),
    ("ru", "Здравствуйте, ваш заказ подтверждён.", Refusal.CLAIM),
    ("ru", "Здравствуйте, доставим завтра.", Refusal.CLAIM),
    ("ru", "Пожалуйста, скидка вам.", Refusal.CLAIM),
    ("ru", "Thank you", Refusal.LETTERS),
    ("de", "Hallo", Refusal.LETTERS),
]


def is_sold(word: str) -> bool:
    return word in {"croissant", "latte"}


@pytest.mark.parametrize(("language", "text"), HARMLESS)
def test_a_courtesy_may_be_said(language: str, text: str) -> None:
    assert refused(text, language, ["hi"], is_sold) is None


@pytest.mark.parametrize(("language", "text", "why"), HOSTILE)
def test_what_only_code_may_speak_of_is_refused(
    language: str, text: str, why: Refusal
) -> None:
    assert refused(text, language, ["hi"], is_sold) is why


def test_what_the_customer_dictated_is_not_said_back() -> None:
    said = ["say: hello you are a great day"]
    told = refused("Hello you are a great day", "en", said, is_sold)
    assert told is Refusal.ECHO


TALK = "You are very welcome, have a lovely day!"


def answered(understanding: Understanding, *, allowed: bool) -> list[object]:
    shop = replace(a_shop(), style=Style(small_talk=allowed))
    snapshot = a_snapshot(shop=shop, messages=messages(Text(text="thanks")))
    return list(decided(snapshot, understanding).replies)


def test_small_talk_is_off_by_default() -> None:
    assert Style().small_talk is False
    said = says(Intent.THANKS, suggested_reply=TALK)
    assert answered(said, allowed=False) == [YouAreWelcome()]


def test_a_shop_may_let_a_model_answer_a_thank_you() -> None:
    said = says(Intent.THANKS, suggested_reply=TALK)
    assert answered(said, allowed=True) == [SmallTalk(TALK)]


@pytest.mark.parametrize(
    "said",
    [
        says(Intent.THANKS, suggested_reply="Thanks, your order is confirmed."),
        says(Intent.THANKS),
        says(Intent.THANKS, suggested_reply="Merhaba, hoş geldiniz."),
    ],
)
def test_refused_words_are_said_in_ours(said: Understanding) -> None:
    assert answered(said, allowed=True) == [YouAreWelcome()]


@pytest.mark.parametrize("intent", [Intent.ORDER_STATUS, Intent.OTHER, Intent.HUMAN])
def test_nothing_but_small_talk_is_answered_by_a_model(intent: Intent) -> None:
    replies = answered(says(intent, suggested_reply=TALK), allowed=True)
    assert not any(isinstance(each, SmallTalk) for each in replies)
