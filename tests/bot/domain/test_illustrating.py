"""Pictures of choices: few, once, only where they help, and never in the way."""

from dataclasses import replace
from decimal import Decimal

import pytest

from bot.domain.answers import QuestionPassedOn
from bot.domain.decision import Decision
from bot.domain.message import OutButtons, OutImage, OutList, OutText
from bot.domain.snapshot import Memory
from bot.domain.understanding import Act, Asks, Intent, Mention, Pick, Topic
from catalog import Index, Product, Variant
from orders.domain.style import Style
from tests.factories import a_product, a_shirt, a_shop
from tests.turns import Chat, a_snapshot, rendered, says, wants

SHOWN = "https://pics.example/{}.jpg"


def a_tart(name: str, *, price: int = 40, image: str | None = "own") -> Product:
    link = SHOWN.format(name) if image == "own" else image
    return a_product(
        id=name, sku=name.upper(), name=f"{name} tart", price=Decimal(price), image=link
    )


def a_chat(*products: Product, **changes: object) -> Chat:
    index = Index.build(products)
    return Chat(replace(a_snapshot(), index=index, **changes))  # type: ignore[arg-type]  # fields of a snapshot


FRUIT = ("apple", "banana", "cherry", "grape", "lemon", "mango")
TARTS = (a_tart("apple"), a_tart("plum", price=45), a_tart("pear"))


def pictures(chat: Chat, decision: Decision) -> list[OutImage]:
    return [c for c in rendered(chat.snapshot, decision) if isinstance(c, OutImage)]


def test_two_or_three_products_are_shown_with_number_name_and_price() -> None:
    chat = a_chat(*TARTS)
    decision = chat.orders(wants("tart", 2))
    *shown, question = rendered(chat.snapshot, decision)
    assert isinstance(question, OutList)
    told = [(s.link, s.caption) for s in shown if isinstance(s, OutImage)]
    names = [row.title for row in question.rows[:3]]
    prices = {"apple": "₺40.00", "plum": "₺45.00", "pear": "₺40.00"}
    assert told == [
        (SHOWN.format(n.split()[0]), f"{at}. {n}, {prices[n.split()[0]]}")
        for at, n in enumerate(names, start=1)
    ]


def test_pictures_come_right_before_the_question_and_after_what_else_is_said() -> None:
    chat = a_chat(*TARTS[:2], memory=Memory())
    decision = chat.orders(wants("tart"))
    hello, *shown, question = rendered(chat.snapshot, decision)
    assert isinstance(hello, OutText)
    assert "Mavi" in hello.body
    assert [type(each) for each in shown] == [OutImage, OutImage]
    assert isinstance(question, OutButtons)


def test_the_same_question_is_illustrated_once() -> None:
    chat = a_chat(*TARTS, a_product())
    assert len(pictures(chat, chat.orders(wants("tart")))) == 3
    assert pictures(chat, chat.turn(says(Intent.OTHER))) == []
    assert pictures(chat, chat.orders(wants("latte"))) == []
    narrowed = chat.turn(says(Intent.CHOOSE, pick=Pick(text="apple", refused=True)))
    assert isinstance(rendered(chat.snapshot, narrowed)[-1], OutButtons)
    assert pictures(chat, narrowed) == []


def test_another_question_is_illustrated_again() -> None:
    rolls = [a_product(id=n, name=f"{n} roll", image=SHOWN.format(n)) for n in "xyz"]
    chat = a_chat(*TARTS, *rolls)
    assert len(pictures(chat, chat.orders(wants("tart"), wants("roll")))) == 3
    following = chat.turn(says(Intent.CHOOSE, pick=Pick(number=1)))
    assert {p.product for p in pictures(chat, following)} == {"x", "y", "z"}


NO_HELP = {
    "one has none": (*TARTS[:2], a_tart("lime", image=None)),
    "two look the same": (*TARTS[:2], a_tart("lime", image=SHOWN.format("plum"))),
    "no public address": (*TARTS[:2], a_tart("lime", image="http://10.0.0.5/x.jpg")),
    "too many": (*TARTS, a_tart("lime")),
}


@pytest.mark.parametrize("name", NO_HELP)
def test_pictures_that_do_not_help_are_left_out(name: str) -> None:
    chat = a_chat(*NO_HELP[name])
    assert pictures(chat, chat.orders(wants("tart"))) == []


def test_a_shop_may_do_without_pictures() -> None:
    quiet = a_shop(style=Style(pictures=False))
    chat = a_chat(*TARTS, shop=quiet)
    assert pictures(chat, chat.orders(wants("tart"))) == []


def test_variants_are_shown_where_each_has_its_own() -> None:
    def shirt(*images: str | None) -> Product:
        named = zip(("red", "blue"), images, strict=True)
        variants = tuple(Variant(id=n, sku=n, name=n, image=i) for n, i in named)
        return a_shirt(id="shirt", variants=variants, image=SHOWN.format("both"))

    chat = a_chat(shirt(SHOWN.format("red"), SHOWN.format("blue")))
    shown = pictures(chat, chat.orders(wants("shirt")))
    assert [s.caption for s in shown] == ["1. red, ₺400.00", "2. blue, ₺400.00"]
    chat = a_chat(shirt(None, None))
    assert pictures(chat, chat.orders(wants("shirt"))) == []


def test_a_name_from_right_to_left_keeps_its_direction() -> None:
    hebrew = [replace(t, name=f"tart עוגה {t.id}") for t in TARTS]
    chat = a_chat(*hebrew)
    (first, *_) = pictures(chat, chat.orders(wants("tart")))
    assert first.caption is not None
    assert first.caption.startswith("1. \u2068")
    assert "\u2069, " in first.caption


def test_a_picture_tells_which_product_it_shows() -> None:
    chat = a_chat(*TARTS)
    shown = pictures(chat, chat.orders(wants("tart")))
    assert {(s.product, s.beside) for s in shown} == {(t.id, True) for t in TARTS}


def test_as_many_pictures_are_sent_at_once_as_somebody_looks_at() -> None:
    cards = [a_product(id=n, name=n, image=SHOWN.format(n)) for n in FRUIT]
    chat = a_chat(*cards)
    asks = Asks(topic=Topic.PICTURE)
    mentions = tuple(Mention(act=Act.ASK, text=n, asks=asks) for n in FRUIT)
    decision = chat.turn(says(mentions=mentions))
    assert [p.link for p in pictures(chat, decision)] == [
        SHOWN.format(n) for n in FRUIT[:5]
    ]
    assert decision.attention == "question"
    assert QuestionPassedOn((FRUIT[5],)) in decision.replies


def test_a_picture_that_was_asked_for_is_no_picture_of_a_choice() -> None:
    chat = a_chat(*TARTS)
    chat.turn(says(mentions=(Mention(act=Act.ASK, text="apple tart"),)))
    assert chat.snapshot.memory.pictured is None
