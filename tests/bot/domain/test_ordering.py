"""Products in words: put, set, taken out, exchanged, chosen, asked about."""

from dataclasses import replace
from decimal import Decimal

import pytest

from bot.domain.message import ReplyTo, Text
from bot.domain.replies import (
    AskField,
    AskWhich,
    CannotTake,
    LinesDropped,
    LinesPut,
    NotFound,
    NotInOrder,
    NotUnderstood,
    OutOfStock,
    PackConverted,
    ProductFacts,
    QuantityAdjusted,
    UnitUnknown,
)
from bot.domain.understanding import Act, Intent, Mention, Pick, Quote
from catalog import Index, Variant
from orders import Field, Source
from tests.factories import a_product, an_order, an_order_line
from tests.turns import (
    Chat,
    a_snapshot,
    decided,
    kinds,
    messages,
    reply,
    says,
    wants,
)


def basket(chat: Chat) -> dict[str, str]:
    """Return what is in the draft: names to quantities."""
    return {
        " ".join(filter(None, (line.name, line.variant_name))): f"{line.quantity:f}"
        for line in chat.snapshot.draft.lines
    }


def filled() -> Chat:
    chat = Chat()
    chat.orders(wants("latte", 2), wants("butter croissant", 1))
    return chat


EDITS = [
    (
        "one more thing",
        [wants("mocha", 1)],
        {"Latte": "2", "Butter croissant": "1", "Mocha": "1"},
    ),
    ("more of the same", [wants("latte", 1)], {"Latte": "3", "Butter croissant": "1"}),
    (
        "make it 3, the last one",
        [wants("", 3, Act.SET)],
        {"Latte": "2", "Butter croissant": "3"},
    ),
    (
        "make the latte 3",
        [wants("latte", 3, Act.SET)],
        {"Latte": "3", "Butter croissant": "1"},
    ),
    (
        "make the first one 5",
        [wants("", 5, Act.SET, ordinal=1)],
        {"Latte": "5", "Butter croissant": "1"},
    ),
    ("one more", [wants("", 1)], {"Latte": "2", "Butter croissant": "2"}),
    ("remove the latte", [wants("latte", act=Act.REMOVE)], {"Butter croissant": "1"}),
    ("remove the second", [wants("", act=Act.REMOVE, ordinal=2)], {"Latte": "2"}),
    ("remove the last", [wants("", act=Act.REMOVE, ordinal=-1)], {"Latte": "2"}),
    (
        "remove one latte",
        [wants("latte", 1, Act.REMOVE)],
        {"Latte": "1", "Butter croissant": "1"},
    ),
    ("remove both lattes", [wants("latte", 2, Act.REMOVE)], {"Butter croissant": "1"}),
    (
        "mocha instead of the latte",
        [wants("mocha", act=Act.REPLACE, replaces="the latte")],
        {"Mocha": "2", "Butter croissant": "1"},
    ),
    (
        "3 mocha instead of it",
        [wants("mocha", 3, act=Act.REPLACE)],
        {"Latte": "2", "Mocha": "3"},
    ),
    (
        "set what is not there yet",
        [wants("mocha", 2, Act.SET)],
        {"Latte": "2", "Butter croissant": "1", "Mocha": "2"},
    ),
    (
        "the replaced is not there",
        [wants("mocha", 1, act=Act.REPLACE, replaces="pizza")],
        {"Latte": "2", "Butter croissant": "1", "Mocha": "1"},
    ),
]


@pytest.mark.parametrize(
    ("mentions", "expected"), [e[1:] for e in EDITS], ids=[e[0] for e in EDITS]
)
def test_edits_in_words_change_what_they_name(
    mentions: list[Mention], expected: dict[str, str]
) -> None:
    chat = filled()
    chat.orders(*mentions)
    assert basket(chat) == expected


def test_a_product_word_becomes_a_priced_line_with_its_evidence() -> None:
    said = wants("latte", 2, quote=Quote(message=0, text="2 latte"))
    decision = decided(
        a_snapshot([Text(text="hi, 2 latte pls")]), says(mentions=(said,))
    )
    (line,) = decision.draft.lines
    assert (line.name, line.quantity) == ("Latte", Decimal(2))
    assert line.unit_price == Decimal("85.50")
    (why,) = line.evidence
    assert (why.source, why.ref, why.quote, why.actor) == (
        Source.MESSAGE,
        "message_1",
        "2 latte",
        "contact_1",
    )
    assert decision.draft.version == 1


def test_words_are_ascribed_to_the_message_that_said_them() -> None:
    mentions = (
        wants("latte", 1, quote=Quote(message=0, text="latte")),
        wants("mocha", 1, quote=Quote(message=1, text="mocha")),
    )
    at = a_snapshot([Text(text="latte"), Text(text="and a mocha")])
    lines = decided(at, says(mentions=mentions)).draft.lines
    assert [line.evidence[0].ref for line in lines] == ["message_1", "message_2"]


def test_an_ambiguous_word_is_kept_with_its_choices_and_asked() -> None:
    chat = Chat()
    decision = chat.orders(wants("croissant", 2))
    asked = reply(decision, AskWhich)
    assert {c.name for c in asked.unresolved.choices} == {
        "Butter croissant",
        "Chocolate croissant",
    }
    assert decision.memory.asked is not None
    assert decision.memory.asked.about == asked.unresolved.id
    assert len(decision.memory.asked.choices) == 3


CHOICES = [
    ("by number", Pick(number=1), "Butter croissant"),
    ("the last of the products", Pick(number=2), "Chocolate croissant"),
    ("by words", Pick(text="chocolate"), "Chocolate croissant"),
    ("by words with a typo", Pick(text="choclate croissant"), "Chocolate croissant"),
]


@pytest.mark.parametrize(
    ("pick", "name"), [c[1:] for c in CHOICES], ids=[c[0] for c in CHOICES]
)
def test_a_choice_resolves_the_open_mention_and_keeps_its_quantity(
    pick: Pick, name: str
) -> None:
    chat = Chat()
    offered = reply(chat.orders(wants("croissant", 2)), AskWhich).unresolved.choices
    if pick.number is not None:
        name = offered[pick.number - 1].name
    chat.turn(says(Intent.CHOOSE, pick=pick))
    assert basket(chat) == {name: "2"}
    assert chat.snapshot.draft.unresolved == ()


def test_none_of_these_leaves_it_out_and_says_so() -> None:
    chat = Chat()
    chat.orders(wants("latte"), wants("croissant", 2))
    decision = chat.turn(says(Intent.CHOOSE, pick=Pick(number=3)))
    assert reply(decision, LinesDropped).names == ("croissant",)
    assert basket(chat) == {"Latte": "1"}


def test_a_no_to_a_choice_leaves_it_out() -> None:
    chat = Chat()
    chat.orders(wants("latte"), wants("croissant", 2))
    assert reply(chat.turn(says(Intent.DECLINE)), LinesDropped).names == ("croissant",)


def test_words_that_are_no_choice_but_another_product_are_a_new_wish() -> None:
    chat = Chat()
    chat.orders(wants("croissant", 2))
    decision = chat.turn(says(Intent.CHOOSE, pick=Pick(text="mocha")))
    assert basket(chat) == {"Mocha": "1"}
    assert kinds(decision)[-1] == "AskWhich"


def test_a_number_that_is_no_choice_asks_again() -> None:
    chat = Chat()
    chat.orders(wants("croissant", 2))
    decision = chat.turn(says(Intent.CHOOSE, pick=Pick(number=9)))
    assert kinds(decision) == ["NotUnderstood", "AskWhich"]


def test_the_full_name_of_a_choice_answers_with_a_quantity_of_its_own() -> None:
    chat = Chat()
    chat.orders(wants("croissant", 2))
    chat.orders(wants("butter croissant", 4))
    assert basket(chat) == {"Butter croissant": "4"}
    assert chat.snapshot.draft.unresolved == ()


def test_make_it_three_while_the_choice_is_open_counts_for_the_choice() -> None:
    chat = Chat()
    chat.orders(wants("latte", 1), wants("croissant", 2))
    chat.orders(wants("", 3, Act.SET))
    chat.turn(says(Intent.CHOOSE, pick=Pick(text="butter")))
    assert basket(chat) == {"Latte": "1", "Butter croissant": "3"}


def test_an_open_mention_can_be_removed_by_its_words() -> None:
    chat = Chat()
    chat.orders(wants("latte"), wants("croissant"))
    chat.orders(wants("croissant", act=Act.REMOVE))
    assert chat.snapshot.draft.unresolved == ()


def test_unknown_words_are_named() -> None:
    decision = decided(
        a_snapshot([Text(text="a bicycle")]), says(mentions=(wants("zzqx"),))
    )
    assert reply(decision, NotFound).texts == ("zzqx",)
    assert decision.draft.lines == ()


def test_what_is_not_in_the_order_cannot_be_taken_out_and_that_is_said() -> None:
    decision = filled().orders(wants("mocha", act=Act.REMOVE))
    assert reply(decision, NotInOrder).texts == ("mocha",)


def test_it_without_anything_to_point_at_is_not_understood() -> None:
    decision = Chat().orders(wants("", 3, Act.SET))
    assert "NotUnderstood" in kinds(decision)
    assert decision.draft.version == 0


def test_options_are_found_by_name_and_priced_by_the_catalog() -> None:
    chat = Chat()
    chat.orders(wants("mocha", 1, options=("oat milk",)))
    (line,) = chat.snapshot.draft.lines
    assert [option.value_id for option in line.options] == ["oat"]
    assert line.unit_price == Decimal("107.50")


def test_words_that_are_no_option_are_kept_as_a_note() -> None:
    chat = Chat()
    chat.orders(wants("mocha", 1, options=("oat milk", "-sugar", "extra hot")))
    assert chat.snapshot.draft.lines[0].note == "✕ sugar, extra hot"


def test_an_option_can_be_exchanged_later() -> None:
    chat = Chat()
    chat.orders(wants("mocha", 1, options=("oat milk",)))
    chat.orders(wants("mocha", act=Act.SET, options=("whole milk",)))
    (line,) = chat.snapshot.draft.lines
    assert [option.value_id for option in line.options] == ["whole"]
    assert line.unit_price == Decimal(95)


def test_a_required_option_is_asked_and_answered_by_tapping_or_words() -> None:
    chat = Chat()
    asked = reply(chat.orders(wants("mocha")), AskField)
    assert (asked.field, asked.topic) == (Field.OPTIONS, "Milk")
    assert [title for _, title in asked.choices] == ["whole milk", "oat milk"]
    chat.orders(wants("oat milk"))
    assert chat.snapshot.draft.lines[0].options[0].value_id == "oat"


def test_a_variant_said_with_the_product_is_chosen() -> None:
    chat = Chat()
    chat.orders(wants("shirt", 1, options=("blue",)))
    (line,) = chat.snapshot.draft.lines
    assert (line.variant_name, line.sku) == ("blue", "SHIRT-B")
    assert line.unit_price == Decimal(450)


def test_an_open_variant_is_asked_and_chosen() -> None:
    chat = Chat()
    asked = reply(chat.orders(wants("shirt")), AskField)
    assert asked.field is Field.VARIANT
    chat.turn(says(Intent.CHOOSE, pick=Pick(number=2)))
    assert basket(chat) == {"Shirt blue": "1"}


def test_red_instead_of_blue_exchanges_the_variant() -> None:
    chat = Chat()
    chat.orders(wants("shirt", 3, options=("blue",)))
    chat.orders(wants("red", act=Act.REPLACE, replaces="blue"))
    assert basket(chat) == {"Shirt red": "3"}


def test_packs_are_converted_and_that_is_shown() -> None:
    decision = Chat().orders(wants("water", 2, unit="koli"))
    told = reply(decision, PackConverted)
    assert (told.said, told.quantity, told.unit) == ("2 koli", 48, "piece")
    assert decision.draft.lines[0].pack == "2 koli"


def test_grams_become_kilograms() -> None:
    decision = Chat().orders(wants("tomato", 500, unit="g"))
    assert decision.draft.lines[0].quantity == Decimal("0.5")


def test_a_quantity_between_two_steps_becomes_the_nearest_and_that_is_said() -> None:
    decision = Chat().orders(wants("tomato", "0.8", unit="kg"))
    assert decision.draft.lines[0].quantity == 1
    assert reply(decision, QuantityAdjusted).asked == Decimal("0.8")


def test_a_unit_that_we_do_not_know_is_never_guessed() -> None:
    chat = Chat()
    decision = chat.orders(wants("latte", 2, unit="koli"))
    assert reply(decision, UnitUnknown).said == "koli"
    assert decision.draft.lines == ()
    assert reply(decision, AskField).field is Field.QUANTITY
    chat.orders(wants("", 24, Act.SET))
    assert basket(chat) == {"Latte": "24"}


def test_what_is_sold_out_is_not_put_and_that_is_said() -> None:
    decision = Chat().orders(wants("lemon cake", 2))
    assert reply(decision, OutOfStock).available == 0
    assert decision.draft.lines == ()


def test_of_what_is_short_what_there_is_is_put_and_that_is_said() -> None:
    chat = Chat()
    decision = chat.orders(wants("green tea", 5))
    assert reply(decision, OutOfStock).available == 3
    assert basket(chat) == {"Green tea": "3"}


def test_fresh_stock_wins_over_the_index() -> None:
    decision = decided(
        a_snapshot([Text(text="tea")], available={("tea", None): Decimal(1)}),
        says(mentions=(wants("green tea", 2),)),
    )
    assert decision.draft.lines[0].quantity == 1


def test_a_quantity_beyond_all_measure_is_refused_politely() -> None:
    decision = Chat().orders(wants("water", 900_000, unit="koli"))
    assert reply(decision, CannotTake).names == ("Water",)


def test_the_same_as_last_time_puts_what_is_still_sold_at_todays_price() -> None:
    last = an_order(
        lines=(
            an_order_line(product_id="latte", unit_price=Decimal(1)),
            an_order_line(id="L2", product_id="gone", name="Old cake"),
        )
    )
    decision = decided(
        a_snapshot([Text(text="same")], last_order=last), says(Intent.REPEAT)
    )
    (line,) = decision.draft.lines
    assert line.quantity == 2
    assert line.unit_price == Decimal("85.50")
    assert reply(decision, CannotTake).names == ("Old cake",)


def test_a_question_is_answered_with_catalog_facts_and_puts_nothing() -> None:
    decision = Chat().orders(wants("latte", act=Act.ASK))
    facts = reply(decision, ProductFacts)
    assert (facts.name, facts.price) == ("Latte", Decimal("85.50"))
    assert decision.draft.version == 0


def test_two_of_this_means_the_product_of_the_card_that_was_answered() -> None:
    owned = messages(
        Text(text="2 of this"), reply_to=ReplyTo(product_retailer_id="LAT")
    )
    decision = decided(a_snapshot(messages=owned), says(mentions=(wants("", 2),)))
    assert decision.draft.lines[0].product_id == "latte"


def test_starting_over_with_new_products_clears_the_old_ones() -> None:
    chat = filled()
    chat.turn(says(Intent.CANCEL_DRAFT, Intent.ORDER, mentions=(wants("mocha", 1),)))
    assert basket(chat) == {"Mocha": "1"}
    assert chat.snapshot.draft.id == "draft_1"


LATE = [
    ("set", wants("latte", 9, Act.SET)),
    ("remove", wants("latte", act=Act.REMOVE)),
    ("replace", wants("mocha", act=Act.REPLACE, replaces="latte")),
    ("it", wants("", 9)),
    ("add the same", wants("latte", 9)),
]


@pytest.mark.parametrize(
    "mention", [each[1] for each in LATE], ids=[each[0] for each in LATE]
)
def test_a_late_message_never_overrides(mention: Mention) -> None:
    chat = filled()
    before = chat.snapshot.draft
    at = replace(chat.snapshot, messages=messages(Text(text="late"), late=True))
    decision = decided(at, says(mentions=(mention,)))
    assert decision.draft.lines == before.lines
    assert decision.replies or decision.silent_because == "late"


def test_a_late_message_may_add_something_new() -> None:
    chat = filled()
    at = replace(chat.snapshot, messages=messages(Text(text="late"), late=True))
    decision = decided(at, says(mentions=(wants("mocha", 1),)))
    assert "Mocha" in [line.name for line in decision.draft.lines]


def test_lines_that_changed_are_shown_as_they_now_stand() -> None:
    decision = filled().orders(wants("latte", 5, Act.SET))
    (line,) = reply(decision, LinesPut).lines
    assert (line.name, line.quantity) == ("Latte", 5)


def test_a_wish_without_a_product_asks_what_it_is() -> None:
    assert kinds(Chat().turn(says(Intent.ORDER))) == ["AskWhatElse"]


def test_said_again_instead_of_an_answer_it_is_still_one_wish() -> None:
    chat = Chat()
    chat.orders(wants("croissant", 2))
    chat.orders(wants("croissant"))
    (only,) = chat.snapshot.draft.unresolved
    assert only.quantity == 2


def test_wishes_about_an_open_mention_are_kept_for_the_answer() -> None:
    chat = Chat()
    chat.orders(wants("croissant", 2, options=("warm",)))
    chat.turn(says(Intent.CHOOSE, pick=Pick(text="butter")))
    assert chat.snapshot.draft.lines[0].note == "warm"


def test_not_understood_is_said_beside_what_was() -> None:
    decision = Chat().orders(wants("", 3, Act.SET), wants("latte"))
    assert NotUnderstood() in decision.replies


def many_shirts() -> Chat:
    """Return a chat that was just asked which of many shirts is meant."""
    forms = [f"{colour}, {size}" for colour in ("red", "blue") for size in "SMLX"]
    more = [f"green, {size}" for size in "SMLX"]
    variants = tuple(Variant(name, name, name) for name in (*forms, *more))
    shirt = a_product(id="shirt", sku="SHI", name="Shirt", variants=variants)
    chat = Chat(a_snapshot(index=Index.build([shirt])))
    chat.orders(wants("shirt"))
    return chat


def test_an_answer_that_means_several_choices_leaves_only_those() -> None:
    chat = many_shirts()
    decision = chat.turn(says(Intent.CHOOSE, pick=Pick(text="blue")))
    asked = reply(decision, AskField)
    assert [title for _, title in asked.choices] == [f"blue, {s}" for s in "SMLX"]
    chat.turn(says(Intent.CHOOSE, pick=Pick(text="M")))
    assert basket(chat) == {"Shirt blue, M": "1"}


def test_a_choice_beyond_the_shown_ones_can_be_written() -> None:
    chat = many_shirts()
    asked = chat.snapshot.memory.asked
    assert asked is not None
    assert "green, X" not in asked.choices
    chat.turn(says(Intent.CHOOSE, pick=Pick(text="green X")))
    assert basket(chat) == {"Shirt green, X": "1"}


def test_no_croissant_takes_out_the_line_even_when_it_sounds_like_an_option() -> None:
    chat = filled()
    decision = chat.turn(
        says(
            Intent.CONFIRM, mentions=(wants("", act=Act.SET, options=("-croissant",)),)
        )
    )
    assert basket(chat) == {"Latte": "2"}
    assert "NotUnderstood" not in kinds(decision)


def test_no_sugar_is_a_wish_about_the_line_spoken_of() -> None:
    chat = filled()
    chat.orders(wants("", act=Act.SET, options=("-sugar",)))
    assert basket(chat) == {"Latte": "2", "Butter croissant": "1"}
    assert chat.snapshot.draft.lines[1].note == "✕ sugar"


def test_several_unknown_words_are_named_together() -> None:
    decision = Chat().orders(wants("zzqx"), wants("xqzz"))
    assert reply(decision, NotFound).texts == ("zzqx", "xqzz")
