"""One choice that is answered twice: the last word counts, and it is said which."""

from dataclasses import replace

import pytest

from bot.domain.replies import OptionTaken
from bot.domain.understanding import Act
from catalog import Index
from tests.factories import a_product, some_milk
from tests.turns import Chat, a_snapshot, kinds, rendered, reply, wants

BOTH = ("whole milk", "oat milk")


def taken(chat: Chat) -> list[str]:
    return [option.name for option in chat.snapshot.draft.lines[0].options]


def test_of_two_milks_in_one_message_the_last_is_taken_and_said() -> None:
    chat = Chat()
    decision = chat.orders(wants("mocha", 1, options=BOTH))
    assert taken(chat) == ["oat milk"]
    assert reply(decision, OptionTaken) == OptionTaken("Mocha", BOTH, "oat milk")
    (first, *_) = rendered(chat.snapshot, decision)
    said = "Mocha: only one of whole milk, oat milk is possible, so I took oat milk."
    assert said in getattr(first, "body", "")


def test_it_is_said_above_the_summary_too() -> None:
    chat = Chat()
    chat.ready()
    decision = chat.orders(wants("mocha", 1, options=BOTH))
    assert kinds(decision) == ["OptionTaken", "Summary"]


def test_it_is_said_of_a_line_that_is_changed() -> None:
    chat = Chat()
    chat.orders(wants("mocha", 1))
    decision = chat.orders(wants("", None, Act.SET, options=BOTH[::-1]))
    assert taken(chat) == ["whole milk"]
    assert reply(decision, OptionTaken).taken == "whole milk"


@pytest.mark.parametrize(
    "options",
    [("oat milk",), ("oat milk", "oat milk"), ("oat milk", "-whole milk")],
    ids=["one", "the same twice", "the other one not"],
)
def test_where_nothing_is_in_doubt_nothing_is_said(options: tuple[str, ...]) -> None:
    assert "OptionTaken" not in kinds(Chat().orders(wants("mocha", 1, options=options)))


def test_a_later_message_changes_the_choice_without_a_word() -> None:
    chat = Chat()
    chat.orders(wants("mocha", 1, options=("whole milk",)))
    decision = chat.orders(wants("", None, Act.SET, options=("oat milk",)))
    assert taken(chat) == ["oat milk"]
    assert "OptionTaken" not in kinds(decision)


def test_where_two_are_possible_both_are_taken() -> None:
    both = some_milk(maximum=2)
    mocha = a_product(id="mocha", name="Mocha", option_groups=(both,))
    chat = Chat(replace(a_snapshot(), index=Index.build([mocha])))
    decision = chat.orders(wants("mocha", 1, options=BOTH))
    assert taken(chat) == list(BOTH)
    assert "OptionTaken" not in kinds(decision)
