"""What was said of a form counts: of a red shirt only the size is asked for."""

from datetime import UTC, datetime
from decimal import Decimal

from bot.domain.message import OutButtons
from bot.texts import wording_for
from catalog import Index, Variant
from orders.domain.quantities import Amount, converted
from tests.factories import a_product, a_shirt
from tests.turns import Chat, a_snapshot, rendered, wants

SHIRT = a_shirt(
    id="tee",
    sku="TEE",
    name="Shirt",
    variants=tuple(
        Variant(
            id=f"{colour}_{size}",
            sku=f"TEE-{colour}-{size}",
            name=f"{colour}, {size}",
            attributes={"colour": colour, "size": size},
        )
        for colour in ("red", "blue")
        for size in ("S", "M")
    ),
)


def test_a_red_shirt_is_asked_for_among_the_red_ones() -> None:
    chat = Chat(a_snapshot(index=Index.build([SHIRT])))
    before = chat.snapshot
    decision = chat.orders(wants("red shirt", 1))
    (asked,) = rendered(before, decision)
    assert isinstance(asked, OutButtons)
    assert [button.title for button in asked.buttons] == ["red, S", "red, M"]


def test_pairs_of_what_is_sold_by_the_piece_are_pieces() -> None:
    socks = a_product(unit="piece")
    assert converted(socks, None, "pair") == Amount(Decimal(1), "piece")


def test_a_time_is_said_without_seconds() -> None:
    moment = datetime(2026, 11, 23, 17, tzinfo=UTC)
    said = {code: wording_for(code, "en").moment(moment) for code in ("en", "tr", "es")}
    assert said == {
        "en": "Nov 23, 2026, 5:00\u202fPM",
        "tr": "23 Kas 2026 17:00",
        "es": "23 nov 2026, 17:00",
    }
