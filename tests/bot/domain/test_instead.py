"""What is sold out is found and said, and something else is offered in its place."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from bot.domain.buttons import PickTap, mark_of
from bot.domain.message import OutButtons, OutText
from bot.domain.replies import AskWhich, OutOfStock, ProductFacts, Summary
from bot.domain.understanding import Act, Intent, Pick
from catalog import Index, Product, Variant
from catalog.domain.alternatives import alternatives
from orders import Field
from tests.factories import a_product, a_shop
from tests.turns import Chat, a_snapshot, button, kinds, rendered, reply, says, wants

TEN = Decimal(10)


def a_cake(name: str, *, stock: Any = TEN, **more: Any) -> Product:
    key = name.split(maxsplit=1)[0].lower()
    return a_product(
        **{
            "id": key,
            "sku": key.upper(),
            "name": name,
            "category": "Cakes",
            "price": Decimal(90),
            "stock": stock,
            **more,
        }
    )


SHOP = (
    a_cake("Lemon cake", stock=Decimal(0), brand="Mavi"),
    a_cake("Carrot cake", brand="Mavi"),
    a_cake("Cheese cake", price=Decimal(95)),
    a_cake("Apple cake", stock=Decimal(0)),
    a_cake("Plum cake", unit="kg"),
    a_cake("Secret cake", price=None),
    a_cake("Old cake", active=False),
    a_cake("Lemonade", category="Drinks"),
    a_product(
        id="tee",
        sku="TEE",
        name="T-Shirt",
        category="Clothes",
        variants=tuple(
            Variant(
                f"{colour}-{size}",
                f"TEE-{colour}-{size}",
                f"{colour}, {size}",
                {"colour": colour, "size": size},
                stock=Decimal(0) if (colour, size) == ("red", "M") else TEN,
            )
            for colour in ("red", "blue")
            for size in ("M", "L")
        ),
    ),
)
INDEX = Index.build(SHOP)


def a_chat() -> Chat:
    shop = a_shop(required=())
    return Chat(replace(a_snapshot(), index=INDEX, shop=shop))


def offered(chat: Chat) -> list[str]:
    (mention,) = chat.snapshot.draft.unresolved
    return [choice.name for choice in mention.choices]


# -- what is offered ------------------------------------------------------------------


def there(product: Product, variant_id: str | None) -> bool:
    stock = product.stock_of(variant_id)
    return stock is None or stock > 0


def test_alternatives_are_of_the_category_in_stock_and_the_most_alike_first() -> None:
    found = alternatives(INDEX, SHOP[0], is_left=there)
    assert [each.product_id for each in found] == ["carrot", "cheese"]
    assert found[0].why == ("category", "brand: mavi")
    assert found[0].likeness > found[1].likeness


def test_other_forms_of_a_product_come_before_other_products() -> None:
    tee = SHOP[-1]
    found = alternatives(INDEX, tee, "red-M", is_left=there)
    assert [each.variant_id for each in found] == ["red-L", "blue-M", "blue-L"]
    assert found[0].why == ("colour: red",)


def test_without_categories_it_must_be_much_like_it() -> None:
    products = [
        a_cake("Green tea leaf", category=None, stock=Decimal(0), brand="Mavi"),
        a_cake("Black tea leaf", category=None, brand="Mavi"),
        a_cake("Bolt", category=None),
    ]
    index = Index.build(products)
    found = alternatives(index, products[0], is_left=there)
    assert [each.product_id for each in found] == ["black"]


# -- what the customer hears ----------------------------------------------------------


def test_the_customer_is_told_and_offered_something_else() -> None:
    chat = a_chat()
    decision = chat.orders(wants("lemon cake", 2))
    assert kinds(decision) == ["OutOfStock", "AskWhich"]
    assert reply(decision, OutOfStock).available == 0
    assert offered(chat) == ["Carrot cake", "Cheese cake"]
    (message,) = rendered(chat.snapshot, decision)
    assert isinstance(message, OutButtons)
    assert message.body == (
        "Lemon cake is sold out at the moment.\n\n"
        "Would you like one of these instead of Lemon cake?\n"
        # A button has no room for what they cost.
        "Carrot cake: ₺90.00\nCheese cake: ₺95.00"
    )
    assert [b.title for b in message.buttons] == [
        *("Carrot cake", "Cheese cake", "None of these"),
    ]


def test_the_one_that_is_tapped_is_put_with_the_amount_that_was_said() -> None:
    chat = a_chat()
    chat.orders(wants("lemon cake", 2))
    draft = chat.snapshot.draft
    (mention,) = draft.unresolved
    tap = PickTap(draft.id, Field.PRODUCT, mention.id, mark_of("carrot|"))
    chat.turn(says(Intent.OTHER), button(tap))
    (line,) = chat.snapshot.draft.lines
    assert (line.product_id, line.quantity) == ("carrot", Decimal(2))
    assert line.words is None, "nobody called it lemon cake"
    assert not chat.snapshot.draft.unresolved


def test_a_yes_takes_the_only_one_and_a_no_leaves_it_without_more_words() -> None:
    index = Index.build([SHOP[0], SHOP[1]])
    for answer, taken in ((Intent.CONFIRM, ["carrot"]), (Intent.DECLINE, [])):
        chat = Chat(replace(a_snapshot(), index=index, shop=a_shop(required=())))
        chat.orders(wants("lemon cake"))
        decision = chat.turn(says(answer))
        assert [line.product_id for line in chat.snapshot.draft.lines] == taken
        assert not chat.snapshot.draft.unresolved
        assert "LinesDropped" not in kinds(decision)


def test_an_offer_that_the_customer_goes_past_does_not_hold_up_the_order() -> None:
    chat = a_chat()
    chat.orders(wants("lemon cake"))
    decision = chat.orders(wants("lemonade", 3))
    assert isinstance(decision.replies[-1], Summary)
    assert not chat.snapshot.draft.unresolved


def test_of_two_offers_the_second_one_waits_for_its_turn() -> None:
    chat = a_chat()
    decision = chat.orders(wants("lemon cake"), wants("apple cake"))
    assert reply(decision, AskWhich).unresolved.instead_of == "Lemon cake"
    decision = chat.turn(says(Intent.DECLINE))
    assert reply(decision, AskWhich).unresolved.instead_of == "Apple cake"


def test_a_form_that_is_sold_out_brings_the_forms_that_are_there() -> None:
    chat = a_chat()
    chat.orders(wants("t-shirt", options=("red", "M")))
    assert offered(chat)[:2] == ["T-Shirt (red, L)", "T-Shirt (blue, M)"]
    chat.turn(says(Intent.CHOOSE, pick=Pick(number=1)))
    (line,) = chat.snapshot.draft.lines
    assert line.variant_id == "red-L"


def test_what_takes_a_lines_place_and_is_sold_out_leaves_the_line() -> None:
    chat = a_chat()
    chat.orders(wants("cheese cake", 2))
    chat.orders(wants("lemon cake", act=Act.REPLACE, replaces="cheese cake"))
    (line,) = chat.snapshot.draft.lines
    assert line.product_id == "cheese"
    chat.turn(says(Intent.CHOOSE, pick=Pick(text="carrot")))
    (line,) = chat.snapshot.draft.lines
    assert (line.id, line.product_id) == ("L1", "carrot")


def test_less_than_was_asked_is_put_and_brings_no_offer() -> None:
    chat = a_chat()
    decision = chat.orders(wants("carrot cake", 12))
    assert reply(decision, OutOfStock).available == 10
    assert not chat.snapshot.draft.unresolved


def test_a_question_about_something_sold_out_names_what_there_is() -> None:
    chat = a_chat()
    asks = says(Intent.ASK_PRODUCT, mentions=(wants("lemon cake", act=Act.ASK),))
    decision = chat.turn(asks)
    assert reply(decision, ProductFacts).instead == ("Carrot cake", "Cheese cake")
    (message,) = rendered(chat.snapshot, decision)
    assert isinstance(message, OutText | OutButtons)
    assert "Instead we have: Carrot cake, Cheese cake" in message.body


@pytest.mark.parametrize("stock", [None, Decimal(3)])
def test_what_is_there_brings_no_alternatives(stock: Decimal | None) -> None:
    product = a_cake("Nut cake", stock=stock)
    index = Index.build([*SHOP, product])
    chat = Chat(replace(a_snapshot(), index=index))
    asks = says(Intent.ASK_PRODUCT, mentions=(wants("nut cake", act=Act.ASK),))
    assert reply(chat.turn(asks), ProductFacts).instead == ()
