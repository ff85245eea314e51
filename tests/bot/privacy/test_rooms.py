"""Somebody has decided about every table and every field of an order."""

from dataclasses import fields

from bot.migrations.comparing import METADATA
from bot.privacy.brooms import BROOMS
from bot.privacy.kinds import NAMES
from bot.privacy.pseudonyms import pseudonym_of, pseudonymised
from bot.privacy.rooms import IMPERSONAL, ROOMS
from orders import Evidence, Order, OrderLine, Source
from orders.codec import dump_order
from tests.factories import an_order, an_order_line

#: What the books need, or what names nobody.
KEPT = {
    *("id", "draft_id", "draft_version", "currency", "lines", "subtotal"),
    *("discount_total", "tax_total", "shipping_total", "grand_total", "placed_at"),
    *("state", "number", "tax_included", "customer_id", "fulfilment", "due_at"),
    *("payment", "payment_method", "coupon", "external_id", "business"),
    *("discount_percent", "delivery_time", "shipping_method"),
    *("due_day_only", "payment_status", "fulfilment_status", "refunded_total"),
    *("entity_version", "updated_at", "origin", "given_number", "instalments"),
}
GONE = {
    *("phone", "email", "tax_id", "address", "gift_note", "note", "company"),
    *("tax_office", "recipient", "recipient_phone", "extra"),
    *("checkout_url", "gift_card", "tags", "data"),
}
RENAMED = {"name"}
UNQUOTED = {"confirmed_by", "approved_by"}
KEPT_OF_A_LINE = {
    *("id", "product_id", "sku", "name", "quantity", "unit", "unit_price", "subtotal"),
    *("discount", "tax_rate", "tax", "total", "variant_id", "variant_name", "options"),
    *("snapshot", "price_source"),
}


def test_every_table_is_somebodys_business() -> None:
    personal = {room.table.name for room in ROOMS}
    assert not personal & set(IMPERSONAL)
    assert personal | set(IMPERSONAL) == set(METADATA.tables), (
        "a new table is a line in bot.privacy.rooms: does it tell of persons?"
    )


def test_every_kind_that_is_not_kept_for_ever_has_its_broom() -> None:
    assert set(NAMES) == set(BROOMS)


def test_somebody_has_decided_about_every_field_of_an_order() -> None:
    decided = KEPT | GONE | RENAMED | UNQUOTED
    assert {each.name for each in fields(Order)} == decided
    assert {each.name for each in fields(OrderLine)} == KEPT_OF_A_LINE | {
        "note",
        "evidence",
        "data",
    }


def test_an_order_without_its_person_is_the_same_purchase() -> None:
    said = Evidence(Source.MESSAGE, ref="msg_1", quote="2 for Ada", actor="contact:c")
    line = an_order_line(
        note="for Ada's birthday", evidence=(said,), data={"engraved": "for Lovelace"}
    )
    before = an_order(
        lines=(line,),
        email="ada@example.com",
        tax_id="12345678901",
        gift_note="Happy birthday, Ada",
        note="ring at Lovelace",
        business=True,
        company="Analytical Engines",
        tax_office="Marylebone",
        recipient="Grace",
        recipient_phone="+905331234567",
        extra={"table": "by the window"},
        checkout_url="https://pay.example/Lovelace",
        gift_card="ADA-50",
        tags=("Lovelace",),
        data={"remote_addr": "198.51.100.7 of Ada"},
        confirmed_by=said,
    )
    name = pseudonym_of("con_01kabcdefgh")
    after = pseudonymised(before, name)
    for field in KEPT - {"lines"}:
        assert getattr(after, field) == getattr(before, field), field
    for field in KEPT_OF_A_LINE:
        assert getattr(after.lines[0], field) == getattr(before.lines[0], field), field
    words = str(dump_order(after))
    others = ("Analytical", "Marylebone", "Grace", "window")
    mine = ("Ada", "Lovelace", "ada@", "905", "Lale", "12345678901", "msg_1")
    for told in (*mine, *others):
        assert told not in words
    assert after.name == name == "erased-abcdefgh"
    assert pseudonymised(after, name) == after
