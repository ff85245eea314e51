"""Answers that also say how much, products asked about, and near misses."""

from dataclasses import replace
from decimal import Decimal

import pytest

from bot.domain.message import OutText, Text
from bot.domain.replies import (
    AskField,
    AskWhich,
    ChoiceGone,
    Greeting,
    LinesPut,
    NotFound,
)
from bot.domain.snapshot import Asked, Memory
from bot.domain.understanding import Act, Intent, Mention, Pick
from catalog import Index
from catalog.language import languages, load_language
from orders import Field
from tests.turns import (
    Chat,
    a_snapshot,
    decided,
    kinds,
    rendered,
    reply,
    says,
    some_products,
    wants,
)

SPEAKING = Index.build(some_products(), [load_language(code) for code in languages()])


def lines(chat: Chat) -> list[tuple[str, Decimal, str | None]]:
    return [(x.name, x.quantity, x.variant_name) for x in chat.snapshot.draft.lines]


def a_speaking_chat() -> Chat:
    """Return a chat whose catalog knows languages."""
    return Chat(replace(a_snapshot(), index=SPEAKING))


def picks(chat: Chat, **pick: object) -> None:
    chat.turn(says(Intent.CHOOSE, pick=Pick.model_validate(pick)))


def test_a_product_is_picked_with_how_much_of_it() -> None:
    chat = Chat()
    asked = reply(chat.orders(wants("croissant")), AskWhich)
    second = asked.unresolved.choices[1].name
    picks(chat, number=2, quantity=2)
    assert lines(chat) == [(second, Decimal(2), None)]


def test_how_much_was_picked_counts_more_than_what_was_said_before() -> None:
    chat = Chat()
    chat.orders(wants("croissant", 5))
    picks(chat, text="chocolate", quantity=3)
    assert lines(chat) == [("Chocolate croissant", Decimal(3), None)]


def test_a_variant_is_picked_with_how_much_of_it() -> None:
    chat = Chat()
    asked = reply(chat.orders(wants("shirt")), AskField)
    assert asked.field is Field.VARIANT
    picks(chat, number=1, quantity=2)
    ((_, quantity, variant),) = lines(chat)
    assert (quantity, variant) == (Decimal(2), asked.choices[0][1])


def test_words_that_leave_several_choices_still_say_how_much() -> None:
    chat = Chat()
    chat.orders(wants("croissant"))
    picks(chat, text="croissant", quantity=4)
    (still_open,) = chat.snapshot.draft.unresolved
    assert still_open.quantity == 4
    picks(chat, text="chocolate")
    assert lines(chat) == [("Chocolate croissant", Decimal(4), None)]


def test_a_variant_is_picked_in_another_language_than_the_catalogs() -> None:
    chat = a_speaking_chat()
    chat.orders(wants("shirt"))
    picks(chat, text="kırmızı", quantity=2)
    assert lines(chat) == [("Shirt", Decimal(2), "red")]


def test_how_many_of_what_was_asked_about_is_an_order_of_it() -> None:
    for act in (Act.ADD, Act.SET):
        chat = Chat()
        chat.orders(wants("latte", act=Act.ASK))
        chat.orders(Mention(act=act, quantity=Decimal(2)))
        assert lines(chat) == [("Latte", Decimal(2), None)]


def test_after_another_line_it_is_that_line_again() -> None:
    chat = Chat()
    chat.orders(wants("latte", act=Act.ASK))
    chat.orders(wants("water"))
    chat.orders(Mention(act=Act.SET, quantity=Decimal(2)))
    assert lines(chat) == [("Water", Decimal(2), None)]


def test_a_likely_near_miss_is_asked_about_and_a_far_one_just_not_found() -> None:
    chat = a_speaking_chat()
    asked = reply(chat.orders(wants("iced latte")), AskWhich)
    assert [choice.name for choice in asked.unresolved.choices] == ["Latte"]
    chat = a_speaking_chat()
    decision = chat.orders(wants("latte"), wants("unicorn burger"))
    assert reply(decision, NotFound).texts == ("unicorn burger",)
    assert chat.snapshot.draft.unresolved == ()


def test_a_hello_comes_before_the_order() -> None:
    decision = Chat().turn(says(Intent.ORDER, Intent.GREET, mentions=(wants("latte"),)))
    assert kinds(decision)[:2] == [Greeting.__name__, LinesPut.__name__]


@pytest.mark.parametrize("language", ["en", "tr"])
def test_what_is_not_wanted_reads_like_the_options_beside_it(language: str) -> None:
    chat = Chat(replace(a_snapshot(), language=language))
    decision = chat.orders(wants("mocha", options=("oat", "-sugar", "hot")))
    said = rendered(chat.snapshot, decision)[0]
    text = said.body if isinstance(said, OutText) else getattr(said, "body", "")
    without = {"en": "no sugar", "tr": "sugar yok"}[language]
    assert f", {without}, hot)" in text
    assert "✕" not in text


def test_a_yes_to_the_one_choice_that_is_gone_takes_nothing() -> None:
    asked = Asked(field=Field.FULFILMENT, choices=("by drone",))
    memory = Memory(welcomed=True, asked=asked)
    snapshot = a_snapshot([Text(text="yes")], memory=memory)
    decision = decided(snapshot, says(Intent.CONFIRM))
    assert ChoiceGone() in decision.replies
    assert decision.draft.fulfilment is None
