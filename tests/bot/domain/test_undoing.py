"""Taking a change back in words: the order is what it was, as a new version."""

from dataclasses import replace

import pytest

from bot.domain.message import Text
from bot.domain.replies import AskField, AskWhatElse, LinesPut
from bot.domain.understanding import Act, Intent, Quote
from bot.domain.undone import NothingToTakeBack, OrderedAlready, TakenBack
from orders import Confirms, DraftState, Reopen, changed
from orders.domain.replaying import Earlier
from tests.factories import an_order
from tests.turns import (
    Chat,
    a_snapshot,
    decided,
    kinds,
    messages,
    rendered,
    reply,
    says,
    wants,
)


def two_things() -> Chat:
    """Return a chat whose last change put a croissant beside two lattes."""
    chat = Chat()
    chat.orders(wants("latte", 2))
    before = chat.snapshot.draft
    chat.orders(wants("butter croissant", 1))
    chat.snapshot = replace(chat.snapshot, past=Earlier(before, before.version))
    return chat


def names(chat: Chat) -> list[str]:
    return [line.name for line in chat.snapshot.draft.lines]


def test_what_was_put_last_is_gone_again_and_that_is_a_new_version() -> None:
    chat = two_things()
    before = chat.snapshot.draft
    decision = chat.turn(says(Intent.UNDO), Text(text="undo that"))
    assert names(chat) == ["Latte"]
    assert decision.restored == 1
    assert decision.draft.version == before.version + 1
    told = reply(decision, TakenBack)
    assert told.gone == ("Butter croissant",)
    assert told.back == ()
    # Who asked for it, and in which words, is in the log.
    (change,) = decision.changes
    assert isinstance(change, Reopen)
    assert change.evidence
    assert change.evidence.quote == "undo that"


def test_what_was_taken_out_comes_back_and_is_named() -> None:
    chat = two_things()
    before = chat.snapshot.draft
    chat.orders(wants("latte", act=Act.REMOVE))
    chat.snapshot = replace(chat.snapshot, past=Earlier(before, before.version))
    decision = chat.turn(says(Intent.UNDO))
    assert names(chat) == ["Latte", "Butter croissant"]
    assert [line.name for line in reply(decision, TakenBack).back] == ["Latte"]
    assert chat.snapshot.memory.last_line == "L1"
    (said,) = rendered(chat.snapshot, decision)
    assert "In it again: 2 \N{MULTIPLICATION SIGN} Latte." in said.body  # type: ignore[union-attr]  # a text


def test_what_the_same_turn_said_before_is_taken_back_first() -> None:
    chat = two_things()
    chat.turn(
        says(
            Intent.UNDO,
            mentions=(
                wants("latte", act=Act.REMOVE, quote=Quote(message=0, text="latte")),
                wants("tea", 1, quote=Quote(message=2, text="tea")),
            ),
        ),
        Text(text="no latte"),
        Text(text="no wait, undo that"),
        Text(text="and a tea"),
    )
    assert names(chat) == ["Latte", "Butter croissant", "Green tea"]


def test_it_may_be_taken_back_and_changed_in_one_message() -> None:
    chat = two_things()
    decision = chat.turn(says(Intent.UNDO, mentions=(wants("mocha", 1),)))
    assert names(chat) == ["Latte", "Mocha"]
    assert decision.restored == 1
    assert reply(decision, LinesPut).lines[0].name == "Mocha"


def test_a_summary_that_was_shown_is_shown_and_asked_again() -> None:
    chat = Chat()
    chat.ready()
    before = chat.snapshot.draft
    chat.orders(wants("butter croissant", 1))
    assert chat.snapshot.draft.state is DraftState.PROPOSED
    chat.snapshot = replace(chat.snapshot, past=Earlier(before, before.version))
    # A yes beside it is to nothing that was shown.
    decision = chat.turn(says(Intent.UNDO, Intent.CONFIRM))
    assert decision.order is None
    assert decision.draft.state is DraftState.PROPOSED
    assert kinds(decision)[-1] == "Summary"
    assert chat.confirms().order is not None


def test_ids_of_lines_are_never_used_again() -> None:
    chat = two_things()
    chat.turn(says(Intent.UNDO))
    chat.orders(wants("tea", 1))
    assert [line.id for line in chat.snapshot.draft.lines] == ["L1", "L3"]


def test_without_an_earlier_version_there_is_nothing_to_take_back() -> None:
    decision = Chat().turn(says(Intent.UNDO))
    assert kinds(decision) == ["NothingToTakeBack", "AskWhatElse"]
    assert isinstance(decision.replies[0], NothingToTakeBack)
    assert isinstance(decision.replies[1], AskWhatElse)
    assert decision.changes == ()


def test_an_order_is_not_taken_back_by_undoing() -> None:
    chat = Chat(a_snapshot(last_order=an_order(number=7)))
    decision = chat.turn(says(Intent.UNDO))
    assert reply(decision, OrderedAlready).number == 7
    assert decision.draft == chat.snapshot.draft


def test_what_comes_late_takes_nothing_back() -> None:
    chat = two_things()
    before = chat.snapshot.draft
    late = replace(chat.snapshot, messages=messages(Text(text="undo"), late=True))
    decision = decided(late, says(Intent.UNDO))
    assert decision.draft.lines == before.lines
    assert decision.restored is None


def test_a_confirmed_order_that_waits_is_asked_about_again() -> None:
    chat = Chat(a_snapshot(shop=replace(a_snapshot().shop, confirms=Confirms.AGENT)))
    chat.ready()
    chat.confirms()
    assert chat.snapshot.draft.state is DraftState.AWAITING
    lines = chat.snapshot.draft.lines
    decision = chat.turn(says(Intent.UNDO))
    assert decision.draft.state is DraftState.OPEN
    assert decision.draft.lines == lines
    assert kinds(decision) == ["AskChange"]


def test_a_detail_that_was_given_last_is_asked_for_again() -> None:
    chat = two_things()
    before = chat.snapshot.draft
    named = changed(before, [Reopen()])
    chat.snapshot = replace(chat.snapshot, draft=named, past=Earlier(before, 2))
    decision = chat.turn(says(Intent.UNDO))
    assert isinstance(decision.replies[-1], AskField)
    assert reply(decision, TakenBack) == TakenBack()


@pytest.mark.parametrize("code", ["en", "tr", "pt", "es", "ru"])
def test_every_language_tells_what_came_back(code: str) -> None:
    chat = two_things()
    decision = chat.turn(says(Intent.UNDO, language=code))
    (said,) = rendered(chat.snapshot, decision)
    assert "Butter croissant" in said.body  # type: ignore[union-attr]  # a text
