"""What choices cost: shown where it differs, chosen by it, looked at again."""

from dataclasses import replace
from decimal import Decimal

import pytest

from bot.domain.message import OutButtons, OutList
from bot.domain.replies import AskField, PriceChanged, Summary
from bot.domain.snapshot import Memory
from bot.domain.understanding import Detail, Intent, Pick, Rank
from catalog import Index, OptionGroup, OptionValue, Variant
from tests.factories import a_product
from tests.turns import Chat, a_snapshot, is_told, rendered, reply, says, wants

SIZE = OptionGroup(
    id="size",
    name="size",
    values=(
        OptionValue(id="s", name="Small"),
        OptionValue(id="l", name="Large", surcharge=Decimal(15)),
        OptionValue(id="xl", name="Extra large", surcharge=Decimal(25)),
        OptionValue(id="xxl", name="Family", surcharge=Decimal(40)),
    ),
    minimum=1,
)


def a_chat(size: OptionGroup = SIZE) -> Chat:
    shirt = a_product(
        id="shirt",
        sku="S",
        name="Shirt",
        price=Decimal(75),
        variants=(
            Variant(id="red", sku="S1", name="red", price=Decimal(80)),
            Variant(id="blue", sku="S2", name="blue", price=Decimal(90)),
            Variant(id="green", sku="S3", name="green", price=Decimal(85)),
        ),
    )
    products = (
        shirt,
        a_product(id="pizza", sku="P", name="Pizza", option_groups=(size,)),
        a_product(id="butter", sku="B", name="Butter croissant", price=Decimal(75)),
        a_product(id="almond", sku="A", name="Almond croissant", price=Decimal(98)),
        a_product(id="plain", sku="C", name="Plain croissant", price=Decimal(85)),
    )
    return Chat(a_snapshot(index=Index.build(products)))


def test_forms_that_cost_differently_say_what_they_cost() -> None:
    chat = a_chat()
    decision = chat.orders(wants("shirt", 1))
    prices = dict(reply(decision, AskField).prices)
    assert prices == {"red": 80, "blue": 90, "green": 85}
    (said,) = rendered(chat.snapshot, decision)
    # Buttons have no room for it: the words above them do.
    assert isinstance(said, OutButtons)
    assert said.body.endswith("red: ₺80.00\nblue: ₺90.00\ngreen: ₺85.00")


def test_options_say_what_they_add() -> None:
    chat = a_chat()
    decision = chat.orders(wants("pizza", 1))
    (said,) = rendered(chat.snapshot, decision)
    assert isinstance(said, OutList)
    assert [row.description for row in said.rows] == [
        None,
        "+₺15.00",
        "+₺25.00",
        "+₺40.00",
    ]


def test_what_costs_the_same_says_nothing_of_it() -> None:
    same = replace(
        SIZE, values=tuple(replace(v, surcharge=Decimal(0)) for v in SIZE.values)
    )
    chat = a_chat(same)
    decision = chat.orders(wants("pizza", 1))
    assert reply(decision, AskField).prices == ()


@pytest.mark.parametrize(
    ("pick", "chosen"),
    [
        (Pick(rank=Rank.CHEAPEST), "Butter croissant"),
        (Pick(rank=Rank.DEAREST), "Almond croissant"),
        (Pick(price=Decimal(85)), "Plain croissant"),
    ],
)
def test_a_choice_may_be_told_by_its_price(pick: Pick, chosen: str) -> None:
    chat = a_chat()
    chat.orders(wants("croissant", 2))
    chat.turn(says(Intent.CHOOSE, pick=pick))
    (line,) = chat.snapshot.draft.lines
    assert (line.name, line.quantity) == (chosen, Decimal(2))


def test_a_price_that_nothing_has_chooses_nothing_and_the_question_stays() -> None:
    chat = a_chat()
    chat.orders(wants("croissant", 2))
    chat.turn(says(Intent.CHOOSE, pick=Pick(price=Decimal(77))))
    assert chat.snapshot.draft.lines == ()
    assert [each.text for each in chat.snapshot.draft.unresolved] == ["croissant"]


def test_a_refused_choice_leaves_the_others() -> None:
    chat = a_chat()
    chat.orders(wants("shirt", 1))
    decision = chat.turn(says(Intent.CHOOSE, pick=Pick(text="red", refused=True)))
    assert [id_ for id_, _ in reply(decision, AskField).choices] == ["blue", "green"]
    chat.turn(says(Intent.CHOOSE, pick=Pick(number=1)))
    assert chat.snapshot.draft.lines[0].variant_id == "blue"


def test_a_surcharge_that_changed_before_the_yes_is_shown_and_asked_again() -> None:
    chat = a_chat()
    details = (is_told(Detail.NAME, "Ada"), is_told(Detail.ADDRESS, "Lale Sokak 5"))
    shown = chat.orders(wants("pizza", 2, options=("Large",)), details=details)
    assert reply(shown, Summary).totals.subtotal == 2 * (8550 + 1500)
    dearer = replace(
        SIZE,
        values=tuple(
            replace(v, surcharge=Decimal(20)) if v.id == "l" else v for v in SIZE.values
        ),
    )
    index = a_chat(dearer).snapshot.index
    chat.snapshot = replace(chat.snapshot, index=index)
    decision = chat.confirms()
    assert decision.order is None
    changed = reply(decision, PriceChanged)
    assert (changed.before, changed.after) == (Decimal("100.50"), Decimal("105.50"))
    assert reply(decision, Summary).totals.subtotal == 2 * (8550 + 2000)
    placed = chat.confirms().order
    assert placed
    assert placed.subtotal == 2 * (8550 + 2000)


def test_a_form_whose_price_changed_is_shown_again_too() -> None:
    chat = a_chat()
    chat.snapshot = replace(chat.snapshot, memory=Memory(welcomed=True))
    details = (is_told(Detail.NAME, "Ada"), is_told(Detail.ADDRESS, "Lale Sokak 5"))
    chat.orders(wants("shirt", 1, options=("blue",)), details=details)
    old = chat.snapshot.index.products["shirt"]
    forms = tuple(replace(v, price=Decimal(99)) for v in old.variants)
    index = Index.build([replace(old, variants=forms)])
    chat.snapshot = replace(chat.snapshot, index=index)
    decision = chat.confirms()
    assert decision.order is None
    assert reply(decision, PriceChanged).after == 99
