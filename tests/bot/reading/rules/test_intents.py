"""What a turn wants when it names no product to put on the draft."""

import pytest

from bot.domain.snapshot import Asked
from bot.domain.understanding import Intent, Priority, Sentiment
from bot.reading.rules.reader import understand
from orders.domain.rules import Field
from tests.readings import a_draft_of, a_request, told

SAID: dict[Intent, tuple[str, ...]] = {
    Intent.CONFIRM: (
        "yes",
        "Yes.",
        "ok",
        "yep that's right",
        "yes please",
        "tamam",
        "evet",
        "evet doğru",
        "olur",
        "onaylıyorum",
        "siparişi onaylıyorum",
        "👍",
        "👍🏽",
    ),
    Intent.DECLINE: (
        "no",
        "no thanks",
        "nope",
        "hayır",
        "yok",
        "that's all",
        "nothing else thanks",
        "hepsi bu",
        "👎",
    ),
    Intent.CANCEL_DRAFT: (
        "cancel",
        "cancel everything",
        "never mind",
        "iptal",
        "iptal et",
        "İPTAL",
        "vazgeçtim",
        "hepsini iptal et",
    ),
    Intent.HUMAN: (
        "talk to a person",
        "I want to talk to a human please",
        "are you a bot?",
        "temsilci",
        "müşteri hizmetleri",
    ),
    Intent.STOP: ("stop", "STOP!", "unsubscribe", "dur", "durdur"),
    Intent.START: ("start", "başlat"),
    Intent.ORDER_STATUS: (
        "where is my order",
        "hi there, where is my order?",
        "siparişim nerede",
    ),
    Intent.CANCEL_ORDER: ("cancel my order", "siparişimi iptal et"),
    Intent.COMPLAINT: ("my latte was cold", "sipariş bozuk geldi", "terrible service"),
    Intent.BROWSE: (
        "menu",
        "what do you have?",
        "neler var",
        "menü var mı",
        "menüyü alabilir miyim",
    ),
    Intent.REPEAT: ("same as last time", "the usual", "her zamanki"),
    Intent.GREET: ("hello", "günaydın", "good morning!"),
    Intent.THANKS: ("thanks", "teşekkürler", "ok thanks", "tamam teşekkürler"),
    Intent.CHANGE: ("I want to change my order", "yes but"),
    Intent.ORDER: ("I want to order", "sipariş vermek istiyorum"),
    Intent.ASK_PRODUCT: ("ne kadar", "how much is it?"),
    Intent.OTHER: ("asdf qwer", "???", "yes?", "tamam mı", "got to stop this", "what"),
}
QUESTIONS = {
    "how much is the latte": "ask latte",
    "do you have oat milk": "ask oat milk",
    "is the latte hot?": "ask latte hot",
    "latte?": "ask latte",
    "what's in the ham and cheese toast": "ask ham and cheese toast",
    "latte ne kadar": "ask latte",
    "çay var mı?": "ask çay",
    "simit var mı": "ask simit",
    "croissant yok mu": "ask croissant",
}


@pytest.mark.parametrize(
    ("said", "intent"),
    [(said, intent) for intent, texts in SAID.items() for said in texts],
)
def test_the_leading_intent_is_heard(said: str, intent: Intent) -> None:
    draft = a_draft_of("latte")
    understanding = understand(a_request(said, draft=draft))
    assert understanding.intent is intent
    assert understanding.mentions == ()


@pytest.mark.parametrize("said", QUESTIONS)
def test_a_question_about_a_product_orders_nothing(said: str) -> None:
    understanding = understand(a_request(said))
    assert understanding.intent is Intent.ASK_PRODUCT
    assert told(understanding.mentions) == QUESTIONS[said]


@pytest.mark.parametrize(
    "said",
    [
        "yes but no onions",
        "yes, and a tea",
        "yes deliver it",
        "evet ama latte olmasın",
        "yes?",
        "yes when my husband is home",
        "evet mi",
        "ok 2 latte",
        "how much is it? ok",
    ],
)
def test_a_yes_that_says_more_confirms_nothing(said: str) -> None:
    asked = Asked(field=Field.CONFIRMATION)
    request = a_request(said, draft=a_draft_of("latte"), asked=asked)
    assert not understand(request).says(Intent.CONFIRM)


@pytest.mark.parametrize(
    "said", ["yes", "ok", "ok thanks", "yes please, thank you", "Evet, teşekkürler 🙏"]
)
def test_a_plain_yes_confirms(said: str) -> None:
    asked = Asked(field=Field.CONFIRMATION)
    request = a_request(said, draft=a_draft_of("latte"), asked=asked)
    assert understand(request).intent is Intent.CONFIRM


def test_that_is_all_is_no_confirmation_of_a_summary() -> None:
    asked = Asked(field=Field.CONFIRMATION)
    understanding = understand(a_request("that's all", asked=asked))
    assert not understanding.says(Intent.CONFIRM)


def test_a_yes_taken_back_in_the_same_turn_is_a_no() -> None:
    understanding = understand(a_request("yes", "wait, no"))
    assert understanding.intent is Intent.DECLINE
    assert not understanding.says(Intent.CONFIRM)


@pytest.mark.parametrize(
    "said", ["got to stop this", "please don't stop", "bus stop 2 latte", "durdurma"]
)
def test_stop_counts_only_as_the_whole_message(said: str) -> None:
    assert not understand(a_request(said)).says(Intent.STOP)


@pytest.mark.parametrize("language", ["en", "tr"])
@pytest.mark.parametrize("said", ["stop", "durdur"])
def test_stop_is_heard_in_every_language_whatever_is_spoken(
    said: str, language: str
) -> None:
    understanding = understand(a_request("hi", said, language=language))
    assert understanding.intent is Intent.STOP


def test_the_last_of_stop_and_start_counts() -> None:
    assert understand(a_request("stop", "start")).intents == (Intent.START,)


def test_the_leading_intent_comes_first_and_the_others_stay() -> None:
    understanding = understand(a_request("hi, 2 latte, thanks"))
    assert understanding.intents == (Intent.ORDER, Intent.THANKS, Intent.GREET)


@pytest.mark.parametrize("said", ["my latte was cold", "temsilci"])
def test_what_a_person_should_see_is_urgent(said: str) -> None:
    assert understand(a_request(said)).priority is Priority.HIGH
    assert understand(a_request("2 latte")).priority is Priority.NORMAL


@pytest.mark.parametrize(
    ("said", "sentiment"),
    [
        ("terrible service", Sentiment.NEGATIVE),
        ("çok kötü", Sentiment.NEGATIVE),
        ("thanks, but it was disgusting", Sentiment.NEGATIVE),
        ("delicious, thank you", Sentiment.POSITIVE),
        ("harika", Sentiment.POSITIVE),
        ("2 latte", Sentiment.NEUTRAL),
    ],
)
def test_simple_words_tell_the_sentiment(said: str, sentiment: Sentiment) -> None:
    assert understand(a_request(said)).sentiment is sentiment


@pytest.mark.parametrize(
    ("said", "spoken", "language"),
    [
        ("can I get 2 latte", "tr", "en"),
        ("2 latte alabilir miyim", "en", "tr"),
        ("2 çay lütfen", "en", "tr"),
        ("yumuşak", "en", "tr"),
        ("ok", "tr", None),
        ("ok", "en", None),
        ("2 latte", "tr", None),
        ("👍", "tr", None),
        ("7 Grain Bread", "tr", None),
    ],
)
def test_the_language_is_told_by_words_that_only_it_has(
    said: str, spoken: str, language: str | None
) -> None:
    assert understand(a_request(said, language=spoken)).language == language


def test_a_word_of_two_languages_is_read_in_the_one_that_is_spoken() -> None:
    assert told(understand(a_request("on latte", language="tr")).mentions) == (
        "add 10 latte"
    )
    assert told(understand(a_request("on latte", language="en")).mentions) == (
        "add latte"
    )
