"""Catalog carts: taken at our prices; what cannot be sold is named."""

from decimal import Decimal

from bot.domain.message import Cart, CartItem
from bot.domain.replies import CannotRead, CannotTake, NotFound, OutOfStock
from orders import Source
from tests.turns import Chat, kinds, reply, says


def item(retailer_id: str, quantity: str = "1", price: str | None = None) -> CartItem:
    claimed = None if price is None else Decimal(price)
    return CartItem(
        retailer_id=retailer_id, quantity=Decimal(quantity), claimed_price=claimed
    )


def test_a_cart_is_priced_from_our_catalog_whatever_it_claims() -> None:
    cart = Cart(items=(item("LAT", "2", price="0.01"), item("SHIRT-B", "1")))
    decision = Chat().turn(says(), cart)
    assert [(line.name, line.unit_price) for line in decision.draft.lines] == [
        ("Latte", Decimal("85.50")),
        ("Shirt", Decimal(450)),
    ]
    evidence = [line.evidence[0] for line in decision.draft.lines]
    assert {e.source for e in evidence} == {Source.CART}
    assert {e.ref for e in evidence} == {"message_1"}


def test_the_same_product_twice_is_one_line() -> None:
    decision = Chat().turn(says(), Cart(items=(item("LAT", "2"), item("LAT", "3"))))
    (line,) = decision.draft.lines
    assert line.quantity == 5


def test_items_that_make_no_sense_are_named_and_the_rest_is_taken() -> None:
    cart = Cart(
        items=(
            item("LAT", "1"),
            item("CRO", "0"),
            item("PLA", "-3"),
            item("WAT", "99999999"),
            item("NOPE"),
            item("CAK"),
        )
    )
    decision = Chat().turn(says(), cart)
    assert [line.name for line in decision.draft.lines] == ["Latte"]
    refused = {
        n for r in decision.replies if isinstance(r, CannotTake) for n in r.names
    }
    assert refused == {"Chocolate croissant", "Butter croissant", "Water"}
    assert reply(decision, NotFound).texts == ("NOPE",)
    assert reply(decision, OutOfStock).name == "Lemon cake"


def test_a_cart_without_items_is_asked_for_again() -> None:
    decision = Chat().turn(says(), Cart())
    assert reply(decision, CannotRead).kind == "cart"


def test_the_note_of_a_cart_is_kept() -> None:
    decision = Chat().turn(says(), Cart(items=(item("LAT"),), note="ring twice"))
    assert decision.draft.note == "ring twice"


def test_a_cart_adds_to_what_was_said_before() -> None:
    chat = Chat()
    chat.ready()
    decision = chat.turn(says(), Cart(items=(item("LAT", "1"),)))
    assert decision.draft.lines[0].quantity == 3
    assert kinds(decision) == ["Summary"]


def test_a_line_never_grows_beyond_what_a_cart_may_hold() -> None:
    chat = Chat()
    chat.turn(says(), Cart(items=(item("LAT", "1000000"),)))
    decision = chat.turn(says(), Cart(items=(item("LAT", "1"),)))
    assert decision.draft.lines[0].quantity == 1_000_000
    assert reply(decision, CannotTake).names == ("Latte",)
