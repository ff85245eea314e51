"""What is ordered: the words for each product, its quantity, unit and options."""

import asyncio
from decimal import Decimal

import pytest

from bot.domain.understanding import Intent
from bot.reading.rules.reader import RulesReader, understand
from tests.readings import a_draft_of, a_request, told

ORDERS = {
    # -- amounts that are none; decimals that are no clocks --
    "-1 latte": "add [-1] latte",
    "1e5 tea": "add [1e5] tea",
    "99999999999 latte": "add [99999999999] latte",
    "1.000.000.000 tea": "add [1.000.000.000] tea",
    "-2 latte\n-1 tea": "add 2 latte; add 1 tea",
    "1.25 kg feta": "add 1.25 [kg] feta",
    "0.15 kg feta": "add 0.15 [kg] feta",
    # -- English --
    "hi, 2 latte and a choc croissant pls": "add 2 latte; add 1 choc croissant",
    "2x latte, 1 x tea": "add 2 latte; add 1 tea",
    "latte x2": "add 2 latte",
    "x3 latte": "add 3 latte",
    "latte 2": "add 2 latte",
    "latte 2 tea 3": "add 2 latte; add 3 tea",
    "a dozen eggs": "add 12 eggs",
    "2 dozen eggs": "add 24 eggs",
    "half dozen eggs": "add 6 eggs",
    "a couple of bagels": "add 2 bagel",
    "half a kilo of feta": "add 0.5 [kg] feta",
    "one and a half kilo tomato": "add 1.5 [kg] tomato",
    "500gr feta": "add 500 [g] feta",
    "½ kg feta": "add 0.5 [kg] feta",
    "500 gr domates 1 kg feta": "add 500 [g] domates; add 1 [kg] feta",
    "2 latte 1 croissant": "add 2 latte; add 1 croissant",
    "latte croissant": "add latte; add croissant",
    "latte, tea, croissant": "add latte; add tea; add croissant",
    "a latte, a tea and a bagel": "add 1 latte; add 1 tea; add 1 bagel",
    "one latte one tea": "add 1 latte; add 1 tea",
    "- 2 latte\n- 1 tea\n- croissant": "add 2 latte; add 1 tea; add croissant",
    "• 2 latte\n• 1 tea": "add 2 latte; add 1 tea",
    "2 latte, 1 tea; 3 bagel": "add 2 latte; add 1 tea; add 3 bagel",
    "I'd like 3 bagels & 2 teas": "add 3 bagel; add 2 tea",
    "2 latte plus a tea": "add 2 latte; add 1 tea",
    "2 lattes and also a brownie": "add 2 latte; add 1 brownie",
    "can I get two lattes please?": "add 2 latte",
    "I'm looking for a bagel": "add 1 bagel",
    "just 2 latte": "add 2 latte",
    "croissants 4 please": "add 4 croissant",
    "Ham and Cheese Toast": "add ham and cheese toast",
    "2 ham and cheese toast and a tea": "add 2 ham and cheese toast; add 1 tea",
    "2 ham & cheese toast": "add 2 ham & cheese toast",
    "7 grain bread": "add 7 grain bread",
    "2 7 Grain Bread": "add 2 7 grain bread",
    "3 7 grain bread and 2 tea": "add 3 7 grain bread; add 2 tea",
    "2 latte oat milk no sugar": "add 2 latte +oat milk -sugar",
    "latte with oat milk": "add latte +oat milk",
    "latte, oat milk": "add latte +oat milk",
    "2 oat latte": "add 2 latte +oat",
    "2 latte without sugar and a tea": "add 2 latte -sugar; add 1 tea",
    "latte, no sugar": "add latte -sugar",
    "latte extra sugar": "add latte +extra:sugar",
    "extra sugar latte": "add latte +extra:sugar",
    "sugar free tea": "add tea -sugar",
    "oat milk latte x2 and 3 bagels pls": "add 2 latte +oat milk; add 3 bagel",
    "2 red t-shirt M": "add 2 red t shirt m",
    "late and croisant": "add late; add croisant",
    "2 unicorn steaks": "add 2 unicorn steaks",
    "i want a spaceship": "add 1 spaceship",
    "2 lattes not 3": "add 2 latte",
    # -- Turkish --
    "merhaba 3 adet simit ve yarım kilo beyaz peynir alabilir miyim": (
        "add 3 [piece] simit; add 0.5 [kg] beyaz peynir"
    ),
    "iki latte bir de su": "add 2 latte; add su",
    "1,5 kg domates": "add 1.5 [kg] domates",
    "iki buçuk kilo domates": "add 2.5 [kg] domates",
    "250 gr beyaz peynir": "add 250 [g] beyaz peynir",
    "2 koli su": "add 2 [koli] su",
    "yirmi beş simit": "add 25 simit",
    "bir düzine yumurta": "add 12 yumurta",
    "bir latte bir çay": "add 1 latte; add 1 çay",
    "bi latte": "add 1 latte",
    "2 su 1 ekmek 3 ayran": "add 2 su; add 1 ekmek; add 3 ayran",
    "3 tane latte'den alabilir miyim": "add 3 [piece] latte",
    "bana 2 latte gönderir misiniz": "add 2 latte",
    "iki tane latte ve bir tane de kruvasan": (
        "add 2 [piece] latte; add 1 [piece] kruvasan"
    ),
    "şekersiz 2 çay": "add 2 çay -şeker",
    "2 çay şekersiz": "add 2 çay -şeker",
    "latte şeker olmadan": "add latte -şeker",
    "az şekerli çay": "add çay +az:şekerli",
    "bol şekerli 2 çay": "add 2 çay +bol:şekerli",
    "yulaf sütlü latte": "add latte +yulaf sütlü",
    "1 büyük latte": "add 1 latte +büyük",
    "kırmızı tişört M beden": "add kırmızı tişört m",
    "LATTE İKİ TANE": "add 2 [piece] latte",
    "Çay alıcam 2 tane": "add 2 [piece] çay",
    "Latte 2 adet, çay 3 adet": "add 2 [piece] latte; add 3 [piece] çay",
    "latte alabilir miyim?": "add latte",
    "iyi akşamlar 2 çay lütfen": "add 2 çay",
    "tamam 2 latte ekle": "add 2 latte",
    "evet bir de çay": "add çay",
}
#: Talk that names nothing to sell, or not to be sold.
SMALL_TALK = (
    "hello",
    "my wife loves milk and we had a great time",
    "asdf qwer",
    "what time do you close",
    "açık mısınız",
    "thank you, bye",
    "i love it thanks",
    "can you help me",
    "my latte was cold",
    "got to stop this",
)


@pytest.mark.parametrize("said", ORDERS)
def test_products_are_heard_with_quantity_unit_and_options(said: str) -> None:
    understanding = understand(a_request(said))
    assert told(understanding.mentions) == ORDERS[said]
    assert understanding.intent is Intent.ORDER


@pytest.mark.parametrize("said", SMALL_TALK)
def test_small_talk_is_not_taken_for_a_product(said: str) -> None:
    assert understand(a_request(said)).mentions == ()


def test_messages_of_a_turn_are_read_together_and_in_order() -> None:
    understanding = understand(a_request("hi", "2 latte", "no sugar", "and a tea"))
    assert told(understanding.mentions) == "add 2 latte -sugar; add 1 tea"
    quotes = [mention.quote for mention in understanding.mentions]
    assert [(q.message, q.text) for q in quotes if q] == [(1, "2 latte"), (3, "a tea")]
    assert understanding.intents == (Intent.ORDER, Intent.GREET)


def test_a_quote_is_what_was_written_and_not_what_was_understood() -> None:
    draft = a_draft_of("latte")
    (mention,) = understand(a_request("Tamam, Latte'yi 3 yap!", draft=draft)).mentions
    assert mention.quote is not None
    assert mention.quote.text == "Latte'yi 3 yap"
    assert mention.text == "Latte"


def test_a_wish_after_a_question_is_for_what_was_asked_about() -> None:
    said = "Do you have brownies? I'd like 2 please"
    understanding = understand(a_request(said))
    assert told(understanding.mentions) == "ask brownie; add 2 brownie"


def test_the_surest_words_are_believed_more_than_guesses() -> None:
    sure = understand(a_request("2 latte")).confidence
    strange = understand(a_request("2 unicorn steaks")).confidence
    silent = understand(a_request("asdf qwer")).confidence
    assert sure > strange > silent


def test_the_summary_names_products_and_never_personal_data() -> None:
    said = "2 latte and a choc croissant, my name is Ada, 0532 123 45 67"
    summary = understand(a_request(said)).summary
    assert summary == "order: 2 latte, 1 choc croissant; gives name, phone"


def test_entities_are_the_first_mention_in_the_customers_words() -> None:
    entities = understand(a_request("2 kg red t-shirt large, tomorrow")).entities
    assert entities.product_name == "red t shirt large"
    assert (entities.color, entities.size) == ("red", "large")
    assert (entities.amount, entities.date) == ("2 kg", "tomorrow")


def test_a_third_is_rounded_as_scales_are() -> None:
    (mention,) = understand(a_request("1/3 kg feta")).mentions
    assert mention.quantity == Decimal("0.333")


def test_a_text_without_end_is_read_in_bounded_work() -> None:
    for said in ("latte, " * 800, "İ" * 5000, "05" * 2500, "no " * 1500):
        assert understand(a_request(said)).intents


async def test_much_text_lets_other_conversations_go_on() -> None:
    others: list[str] = []
    asyncio.get_running_loop().call_soon(others.append, "went on")
    await RulesReader().read(a_request("2 latte"))
    assert not others
    request = a_request("2 latte, " + "please " * 100)
    reading = await RulesReader().read(request)
    assert others == ["went on"]
    assert reading.understanding == understand(request)
