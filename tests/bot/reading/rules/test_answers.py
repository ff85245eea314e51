"""Answers to what was asked, and customers who answer with something else."""

from decimal import Decimal

import pytest

from bot.domain.snapshot import Asked
from bot.domain.understanding import Detail, Intent, Pick, Understanding
from bot.reading.rules.reader import understand
from orders import Unserved
from orders.domain.rules import Field
from tests.readings import a_draft_of, a_request, told

TOASTS = ("cheese_toast", "ham_and_cheese_toast")
SHIRTS = ("tshirt_red_m", "tshirt_red_l")
MILKS = ("oat", "soy")


def answered(
    said: str, field: Field, choices: tuple[str, ...] = (), about: str | None = None
) -> Understanding:
    asked = Asked(field=field, choices=choices, about=about)
    draft = a_draft_of("t-shirt", "latte")
    return understand(a_request(said, draft=draft, asked=asked))


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("2", 2),
        ("two", 2),
        ("the second", 2),
        ("second one please", 2),
        ("2nd", 2),
        ("number 2", 2),
        ("option 1", 1),
        ("the last one", -1),
        ("ikincisi", 2),
        ("iki", 2),
        ("2 numara", 2),
        ("2. seçenek", 2),
        ("sonuncusu", -1),
        ("5", 5),
    ],
)
def test_a_choice_is_picked_by_number(said: str, number: int) -> None:
    understanding = answered(said, Field.PRODUCT, TOASTS)
    assert understanding.pick == Pick(number=number)
    assert understanding.intent is Intent.CHOOSE
    assert understanding.mentions == ()


@pytest.mark.parametrize(
    ("said", "field", "choices", "text"),
    [
        ("cheese", Field.PRODUCT, TOASTS, "cheese"),
        ("the ham one", Field.PRODUCT, TOASTS, "ham"),
        ("red M", Field.VARIANT, SHIRTS, "red M"),
        ("M", Field.VARIANT, SHIRTS, "M"),
        ("large please", Field.VARIANT, SHIRTS, "large"),
        ("kırmızı", Field.VARIANT, SHIRTS, "kırmızı"),
        ("oat milk", Field.OPTIONS, MILKS, "oat milk"),
        ("oat please", Field.OPTIONS, MILKS, "oat"),
        ("yulaf sütü olsun", Field.OPTIONS, MILKS, "yulaf sütü"),
    ],
)
def test_a_choice_is_picked_by_words(
    said: str, field: Field, choices: tuple[str, ...], text: str
) -> None:
    understanding = answered(said, field, choices, about="L1")
    assert understanding.pick == Pick(text=text)
    assert understanding.mentions == ()


@pytest.mark.parametrize(
    ("said", "pick"),
    [
        ("the red one, 2 of them", Pick(text="red", quantity=Decimal(2))),
        ("2 red ones", Pick(text="red", quantity=Decimal(2))),
        ("red M, 4 please", Pick(text="red M", quantity=Decimal(4))),
        ("kırmızı olsun 2 tane", Pick(text="kırmızı", quantity=Decimal(2))),
        ("ikincisinden 3 tane", Pick(number=2, quantity=Decimal(3))),
        ("2 of the second one", Pick(number=2, quantity=Decimal(2))),
        ("second one x3", Pick(number=2, quantity=Decimal(3))),
        ("a red one", Pick(text="red")),
    ],
)
def test_a_choice_is_picked_with_how_much_of_it(said: str, pick: Pick) -> None:
    understanding = answered(said, Field.VARIANT, SHIRTS, about="L1")
    assert understanding.pick == pick
    assert understanding.mentions == ()


@pytest.mark.parametrize("said", ["ok 2 of those", "2 of them please"])
def test_an_amount_of_those_is_no_place_in_a_list(said: str) -> None:
    understanding = answered(said, Field.FULFILMENT, ("delivery", "pickup"))
    assert understanding.pick is None
    assert told(understanding.mentions) == "set 2"


@pytest.mark.parametrize(
    ("said", "field", "choices", "heard"),
    [
        ("bagel", Field.PRODUCT, TOASTS, "add bagel"),
        ("2 latte", Field.PRODUCT, TOASTS, "add 2 latte"),
        ("croissant", Field.VARIANT, SHIRTS, "add croissant"),
        ("2 latte", Field.NAME, (), "add 2 latte"),
        ("latte", Field.NAME, (), "add latte"),
        ("2 latte", Field.ADDRESS, (), "add 2 latte"),
        ("remove the latte", Field.ADDRESS, (), "remove latte"),
        ("7 Grain Bread", Field.NAME, (), "add 7 grain bread"),
    ],
)
def test_an_item_is_an_item_whatever_was_asked(
    said: str, field: Field, choices: tuple[str, ...], heard: str
) -> None:
    understanding = answered(said, field, choices, about="L1")
    assert told(understanding.mentions) == heard
    assert understanding.pick is None
    assert understanding.details == ()


@pytest.mark.parametrize("field", [Field.PRODUCT, Field.NAME, Field.ADDRESS])
@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("cancel", Intent.CANCEL_DRAFT),
        ("iptal", Intent.CANCEL_DRAFT),
        ("human", Intent.HUMAN),
        ("temsilci", Intent.HUMAN),
        ("stop", Intent.STOP),
        ("where is my order", Intent.ORDER_STATUS),
        ("how much is the latte", Intent.ASK_PRODUCT),
        ("what?", Intent.OTHER),
        ("none of them", Intent.DECLINE),
    ],
)
def test_a_customer_may_say_something_else(
    said: str, intent: Intent, field: Field
) -> None:
    understanding = answered(said, field, TOASTS if field is Field.PRODUCT else ())
    assert understanding.intent is intent
    assert understanding.pick is None
    assert understanding.details == ()


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Ayşe Yılmaz", "Ayşe Yılmaz"),
        ("ayşe yılmaz", "ayşe yılmaz"),
        ("my name is john", "john"),
        ("it's Can", "Can"),
        ("Can", "Can"),
        ("ben mehmet", "mehmet"),
        ("adım Ali", "Ali"),
        ("ok John", "John"),
        ("hi I'm john", "john"),
        ("John, deliver to 5 King Road", "John"),
    ],
)
def test_a_bare_name_is_a_name_when_it_was_asked_for(said: str, name: str) -> None:
    details = answered(said, Field.NAME).details
    assert ("name", name) in [(each.detail.value, each.value) for each in details]


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("12 Rose Street, flat 3", "12 Rose Street, flat 3"),
        ("Lale Sokak No 5\nDaire 3 Kadıköy", "Lale Sokak No 5\nDaire 3 Kadıköy"),
        ("Kadıköy", "Kadıköy"),
        ("adresim Moda Caddesi 12", "Moda Caddesi 12"),
        ("deliver to 3 King Road", "3 King Road"),
    ],
)
def test_an_address_is_kept_whole_when_it_was_asked_for(
    said: str, address: str
) -> None:
    details = answered(said, Field.ADDRESS).details
    (told,) = (each.value for each in details if each.detail is Detail.ADDRESS)
    assert told == address


@pytest.mark.parametrize("said", ["Moda", "in Moda please", "34710 Moda"])
def test_a_single_word_completes_an_address_that_does_not_say_where(said: str) -> None:
    (detail,) = answered(said, Field.ADDRESS, about=Unserved.UNCLEAR).details
    assert (detail.detail.value, detail.value) == ("address", said)


def test_a_postal_code_is_no_choice_by_number() -> None:
    said = answered("34710", Field.ADDRESS, ("pickup",), about=Unserved.OUTSIDE)
    assert said.pick is None


@pytest.mark.parametrize(
    ("said", "text"), [("Papara", "Papara"), ("papara please", "papara")]
)
def test_a_way_to_pay_is_picked_by_its_name(said: str, text: str) -> None:
    assert answered(said, Field.PAYMENT, ("cash", "papara")).pick == Pick(text=text)


@pytest.mark.parametrize(
    ("said", "kind"), [("cash", "cash"), ("kartla öderim", "card")]
)
def test_what_everybody_calls_a_way_to_pay_is_a_detail(said: str, kind: str) -> None:
    (detail,) = answered(said, Field.PAYMENT, ("cash", "papara")).details
    assert (detail.detail.value, detail.value) == ("payment", kind)


@pytest.mark.parametrize("said", ["pickup", "gel al olsun"])
def test_pickup_answers_the_question_for_an_address(said: str) -> None:
    (detail,) = answered(said, Field.ADDRESS).details
    assert (detail.detail.value, detail.value) == ("fulfilment", "pickup")


@pytest.mark.parametrize(
    ("said", "heard"), [("3", "set 3"), ("iki", "set 2"), ("2 kg", "set 2 [kg]")]
)
def test_a_number_is_the_quantity_that_was_asked_for(said: str, heard: str) -> None:
    assert told(answered(said, Field.QUANTITY).mentions) == heard


def test_a_short_phone_number_counts_when_it_was_asked_for() -> None:
    (detail,) = answered("532 123 45 67", Field.PHONE).details
    assert detail.value == "+905321234567"


def test_a_name_tells_no_language() -> None:
    assert answered("Can Güneş", Field.NAME).language is None


def test_a_place_in_no_list_is_still_a_pick() -> None:
    draft = a_draft_of("latte")
    understanding = understand(a_request("the second one", draft=draft))
    assert understanding.pick == Pick(number=2)
