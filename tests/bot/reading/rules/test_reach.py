"""Questions whether we deliver, read by the rules: no place in them is a product."""

import pytest

from bot.domain.snapshot import Asked
from bot.domain.understanding import Intent
from bot.reading.rules.reader import understand
from orders.domain.rules import Field
from tests.readings import a_request
from tests.understood import SHOP, in_short

ORDERS = "*order* *ask_delivery*, `add 2 latte`"
ALONE = "*ask_delivery*"
CASES = [
    ("en", "do you deliver to Moda, Kadıköy?", ALONE),
    ("en", "do you deliver to 12 Baker Street?", ALONE),
    ("en", "yes, do you deliver to Moda?", ALONE),
    ("en", "2 lattes and do you deliver to Moda?", ORDERS),
    ("en", "do you deliver to 34710 and can I get 2 latte", ORDERS),
    ("en", "Do you deliver to Moda\n2 latte", ORDERS),
    ("tr", "kadıköye getiriyor musunuz", ALONE),
    ("tr", "2 latte Kadıköy'e teslimat var mı", ORDERS),
    ("tr", "2 latte, Bahariye Caddesi 12'ye teslimat var mı?", ORDERS),
    ("pt", "em Pinheiros vocês entregam?", ALONE),
    ("ru", "привет, есть доставка в Хамовники?", "*ask_delivery* *greet*"),
]


@pytest.mark.parametrize(("code", "text", "means"), CASES)
def test_the_place_is_set_aside_and_what_is_ordered_is_kept(
    code: str, text: str, means: str
) -> None:
    assert in_short(understand(a_request(text, language=code, index=SHOP))) == means


@pytest.mark.parametrize("field", [Field.NAME, Field.FULFILMENT, Field.CONFIRMATION])
def test_it_answers_no_question_of_ours(field: Field) -> None:
    request = a_request("do you deliver to Kadıköy?", asked=Asked(field=field))
    said = understand(request)
    assert said.intents == (Intent.ASK_DELIVERY,)
    assert (said.details, said.mentions, said.pick) == ((), (), None)


def test_an_address_before_the_question_is_the_answer_to_ours() -> None:
    said = understand(
        a_request("Bahariye 5, do you deliver there?", asked=Asked(field=Field.ADDRESS))
    )
    assert [detail.value for detail in said.details] == ["Bahariye 5"]
    assert said.says(Intent.ASK_DELIVERY)
