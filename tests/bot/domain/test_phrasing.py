"""Replies in words: what is said, how it is split, and that data stays data."""

from dataclasses import replace
from decimal import Decimal

import pytest

from bot.domain.buttons import ConfirmTap, PickTap, mark_of, read
from bot.domain.message import OutButtons, OutContent, OutList, OutText
from bot.domain.phrasing import render_text
from bot.domain.replies import (
    AskField,
    Browse,
    LinesDropped,
    LinesPut,
    NotFound,
    OrderNews,
    OrderPlaced,
    ProductFacts,
    Reply,
    Summary,
    Welcome,
    YouAreWelcome,
)
from bot.domain.snapshot import Snapshot, Tenant
from bot.texts import wording_for
from orders import Draft, Field, LineOption, OrderState, price
from tests.factories import a_draft, a_line, a_shop, an_order
from tests.turns import CONVERSATION, KEY, Chat, a_snapshot, decided, rendered, wants


def words_of(
    *replies: Reply, language: str = "en", **changes: object
) -> tuple[OutContent, ...]:
    """Return what is said when a turn decides on these replies."""
    at: Snapshot = replace(a_snapshot(), **changes)  # type: ignore[arg-type]  # any field
    decision = replace(decided(at), replies=replies, language=language)
    return rendered(at, decision)


def body(*replies: Reply, language: str = "en") -> str:
    (only,) = words_of(*replies, language=language)
    assert not isinstance(only, OutList) or only.rows
    return str(getattr(only, "body", ""))


def a_summary(draft: Draft) -> Summary:
    return Summary(draft, price(draft, a_shop()))


def test_statements_and_the_question_are_one_message() -> None:
    (only,) = words_of(YouAreWelcome(), AskField(Field.NAME))
    assert isinstance(only, OutText)
    assert only.body == "You are welcome.\n\nWhat name may I write on the order?"


def test_the_welcome_names_the_shop_and_the_ways_out() -> None:
    english, turkish = body(Welcome()), body(Welcome(), language="tr")
    assert "Mavi" in english
    assert "assistant" in english
    assert "*human*" in english
    assert "*stop*" in english
    assert "*temsilci*" in turkish
    assert "*dur*" in turkish


SPOKEN = [
    ("tr", "tr", "Rica ederim."),
    ("tr-TR", "en", "Rica ederim."),
    ("xx", "tr", "Rica ederim."),
    ("xx", "yy", "You are welcome."),
]


@pytest.mark.parametrize(("language", "shop", "expected"), SPOKEN)
def test_a_language_we_do_not_speak_falls_back_to_the_shops_then_english(
    language: str, shop: str, expected: str
) -> None:
    tenant = replace(a_snapshot().tenant, language=shop)
    (only,) = words_of(YouAreWelcome(), language=language, tenant=tenant)
    assert isinstance(only, OutText)
    assert only.body == expected


def test_money_and_numbers_are_written_as_the_language_does() -> None:
    line = a_line(quantity=Decimal("1.500"), unit="kg", unit_price=Decimal("1234.50"))
    assert body(LinesPut((line,))).endswith("1.5 kg Latte: ₺1,851.75")
    assert body(LinesPut((line,)), language="tr").endswith("1,5 kg Latte: ₺1.851,75")


def test_a_line_tells_its_variant_options_and_note() -> None:
    options = (
        LineOption("milk", "oat", "oat milk"),
        LineOption("sugar", "s", "sugar", negated=True),
        LineOption("foam", "f", "foam", qualifier="extra"),
    )
    line = a_line(variant_name="large", options=options, note="hot")
    said = body(LinesPut((line,)))
    assert (
        "2 \N{MULTIPLICATION SIGN} Latte (large, oat milk, no sugar, extra foam, hot)"
        in said
    )


HOSTILE = ["{shop}", "{0.__class__}", "%s", "{", "}", "{name!r:>99}"]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_customers_and_catalogs_write_is_data(text: str) -> None:
    said = body(NotFound((text,)), LinesPut((a_line(name=text, note=text),)))
    assert said.count(text) >= 3


def test_line_breaks_in_a_name_do_not_begin_a_new_line() -> None:
    said = body(LinesDropped(("Latte\n*Total: 0*",)))
    assert said == "Taken out: Latte *Total: 0*."


def test_the_summary_tells_everything_and_has_three_signed_buttons() -> None:
    draft = a_draft(note="ring twice", payment="cash")
    (only,) = words_of(a_summary(draft), draft=draft)
    assert isinstance(only, OutButtons)
    for told in (
        "2 \N{MULTIPLICATION SIGN} Latte: ₺171.00",
        "*Total: ₺171.00*",
        "Lale Sokak 5",
        "Ada Lovelace",
        "ring twice",
        "Payment: cash",
        "Is everything right?",
    ):
        assert told in only.body
    assert [b.title for b in only.buttons] == ["Confirm", "Change", "Cancel"]
    assert read(KEY, CONVERSATION, only.buttons[0].id) == ConfirmTap("draft_1", 3)


def test_fees_and_discounts_are_told_line_by_line() -> None:
    draft = a_draft(shipping=2500)
    said = body(a_summary(draft))
    assert "Subtotal: ₺171.00\nDelivery: ₺25.00\n*Total: ₺196.00*" in said


def test_a_long_summary_goes_ahead_of_its_buttons() -> None:
    lines = tuple(a_line(id=f"L{n}", name=f"Latte of the day {n}") for n in range(60))
    first, last = words_of(a_summary(a_draft(lines=lines)))
    assert isinstance(first, OutText)
    assert "Latte of the day 59" in first.body
    assert isinstance(last, OutButtons)
    assert last.body == "Is everything right?"


def test_long_statements_go_ahead_and_the_summary_stays_whole() -> None:
    many = NotFound(tuple(f"something rather unknown {n}" for n in range(40)))
    first, last = words_of(many, a_summary(a_draft()))
    assert isinstance(first, OutText)
    assert isinstance(last, OutButtons)
    assert "Total" in last.body


def test_a_very_long_text_comes_in_pieces_and_loses_nothing() -> None:
    lines = tuple(a_line(id=f"L{n}", name=f"Latte number {n}") for n in range(400))
    parts = words_of(LinesPut(lines))
    assert len(parts) > 1
    whole = "\n".join(part.body for part in parts if isinstance(part, OutText))
    assert all(f"Latte number {n}:" in whole for n in range(400))


def test_a_choice_of_products_is_signed_and_shows_prices() -> None:
    chat = Chat()
    decision = chat.orders(wants("croissant", 2))
    (only,) = rendered(chat.snapshot, decision)
    assert isinstance(only, OutButtons)
    assert only.buttons[-1].title == "None of these"
    tap = read(KEY, CONVERSATION, only.buttons[-1].id)
    assert tap == PickTap("draft_1", Field.PRODUCT, "U1", mark_of("none"))


def test_long_titles_become_a_list_that_tells_the_full_name() -> None:
    name = "Double roasted single origin espresso"
    ask = AskField(Field.VARIANT, a_line(), (("a", name), ("b", "short")), "L1")
    (only,) = words_of(ask)
    assert isinstance(only, OutList)
    assert only.rows[0].title.endswith("…")
    assert only.rows[0].description == name


def test_two_titles_that_are_cut_alike_stay_apart() -> None:
    long = "The very same beginning of a name"
    choices = (("a", f"{long} one"), ("b", f"{long} two"))
    (only,) = words_of(AskField(Field.VARIANT, a_line(), choices, "L1"))
    assert isinstance(only, OutList)
    assert len({row.title for row in only.rows}) == 2


def test_the_ways_of_delivery_are_buttons_with_words() -> None:
    ask = AskField(Field.FULFILMENT, choices=(("delivery", ""), ("pickup", "")))
    (only,) = words_of(ask, language="tr")
    assert isinstance(only, OutButtons)
    assert [b.title for b in only.buttons] == ["Teslimat", "Gel-al"]


def test_an_order_is_told_from_what_was_placed() -> None:
    said = body(OrderPlaced(an_order()))
    assert said.startswith("Thank you, your order is placed.")
    assert "2 \N{MULTIPLICATION SIGN} Latte: ₺171.00" in said
    assert "*Total: ₺171.00*" in said
    numbered = body(OrderPlaced(an_order(number=12)))
    assert numbered.startswith("Thank you, your order 12 is placed.")


@pytest.mark.parametrize("state", OrderState)
def test_every_state_of_an_order_is_news(state: OrderState) -> None:
    said = body(OrderNews(12, state, "Package 4711"))
    assert "12" in said
    assert said.endswith("Package 4711")


def test_news_from_outside_a_turn_have_the_same_words() -> None:
    tenant = Tenant("t", "Mavi", "tr", "Europe/Istanbul", "TRY", "TR")
    news = OrderNews(12, OrderState.SHIPPED)
    said = render_text(news, tenant=tenant, wording=wording_for("tr"))
    assert said == "12 numaralı siparişiniz yola çıktı."


def test_product_facts_are_price_stock_and_description() -> None:
    facts = ProductFacts(
        "Latte", Decimal("85.50"), "piece", Decimal(0), "Hot.", ("oat",)
    )
    assert body(facts).splitlines() == [
        "Latte: ₺85.50 per piece.",
        "It is sold out at the moment.",
        "Hot.",
        "Choices: oat",
    ]


def test_browsing_shows_categories() -> None:
    said = body(Browse((("Coffee", ("Latte", "Mocha")), ("", ("Water",)))))
    assert "*Coffee*: Latte, Mocha\nAlso: Water" in said


def test_no_replies_are_no_messages() -> None:
    assert words_of() == ()


def test_a_unit_without_a_word_is_written_as_it_is() -> None:
    said = body(LinesPut((a_line(unit="bouquet", unit_price=None),)))
    assert said.endswith("2 bouquet Latte")
