"""Edited and deleted messages: what they caused follows, and nothing else does."""

from dataclasses import replace

import pytest

from bot.domain.buttons import ConfirmTap
from bot.domain.corrected import OrderUntouched
from bot.domain.decision import Decision
from bot.domain.describing import Voice
from bot.domain.message import Media, MediaKind, Text, Unsupported
from bot.domain.saying import said
from bot.domain.snapshot import Ended, Owner
from bot.texts import wording_for
from orders import DraftState, Fulfilment
from tests.amending import Talk, delete, edit
from tests.turns import a_snapshot, button, kinds, rendered


def body(talk: Talk, decision: Decision) -> str:
    return "\n".join(getattr(c, "body", "") for c in rendered(talk.snapshot, decision))


def shown(*before: str) -> Talk:
    """Return a talk whose summary was just shown: two lattes and a tea, picked up."""
    talk = Talk()
    for words in (*before, "2 latte", "and a green tea", "pick up", "my name is Ada"):
        talk.says(words)
    assert talk.snapshot.draft.state is DraftState.PROPOSED
    return talk


# -- before the message was handled ---------------------------------------------------


def test_an_edit_before_the_turn_is_read_as_if_nothing_else_was_ever_said() -> None:
    talk = Talk()
    talk.take([Text(text="2 latte"), edit(1, "3 latte")])
    assert talk.lines() == [("L1", "Latte", 3)]
    (line,) = talk.snapshot.draft.lines
    assert [(e.ref, e.quote) for e in line.evidence] == [("m1", "3 latte")]
    assert talk.heard == [(None, "m1"), ("edit", "m2")]


def test_the_last_of_several_edits_counts_and_nothing_follows_a_delete() -> None:
    talk = Talk()
    talk.take([Text(text="2 latte"), edit(1, "3 latte"), edit(1, "4 latte")])
    assert talk.lines() == [("L1", "Latte", 4)]
    assert [why for why, _ in talk.heard] == [None, "edited_again", "edit"]
    gone = talk.take([Text(text="1 mocha"), delete(4), edit(4, "5 mocha")])
    assert talk.lines() == [("L1", "Latte", 4)]
    assert gone.replies == ()
    assert [why for why, _ in talk.heard] == ["revoked", "revoke", "edited_again"]


def test_a_picture_keeps_what_it_shows_when_the_words_below_it_are_edited() -> None:
    picture = Media(kind=MediaKind.IMAGE, provider_media_id="1", caption="2 latte")
    talk = Talk()
    talk.take([picture, edit(1, "3 latte")])
    assert talk.lines() == [("L1", "Latte", 3)]


def test_a_delete_that_comes_first_waits_for_its_message() -> None:
    talk = Talk()
    assert talk.take([delete(2)]).replies == ()
    assert talk.says("2 latte").replies == ()
    assert (talk.heard, talk.lines()) == ([("revoked", "m2")], [])
    talk.says("1 mocha")
    assert talk.lines() == [("L1", "Mocha", 1)]


def test_an_edit_that_comes_first_is_heard_and_its_message_is_not() -> None:
    talk = Talk()
    talk.take([edit(2, "3 latte")])
    assert talk.says("2 latte").replies == ()
    assert (talk.heard, talk.lines()) == (
        [("edited", "m2")],
        [("L1", "Latte", 3)],
    )


# -- while the order is open ----------------------------------------------------------


def test_an_edit_changes_exactly_what_its_message_caused() -> None:
    talk = Talk()
    talk.says("2 latte and 1 butter croissant")
    talk.says("1 green tea")
    decision = talk.edits(1, "3 latte and 1 butter croissant")
    assert talk.lines() == [
        ("L1", "Latte", 3),
        ("L2", "Butter croissant", 1),
        ("L3", "Green tea", 1),
    ]
    assert kinds(decision)[0] == "EditTaken"


def test_what_is_not_in_the_new_words_goes_and_that_is_said() -> None:
    talk = Talk()
    talk.says("2 latte and 1 green tea")
    decision = talk.edits(1, "2 latte")
    assert talk.lines() == [("L1", "Latte", 2)]
    assert "Green tea" in body(talk, decision)


def test_another_product_takes_the_place_of_the_one_before() -> None:
    talk = Talk()
    talk.says("2 latte")
    talk.edits(1, "2 green tea")
    assert [line[1:] for line in talk.lines()] == [("Green tea", 2)]


def test_the_same_edit_twice_has_no_second_effect() -> None:
    talk = Talk()
    talk.says("2 latte")
    talk.edits(1, "3 latte")
    version = talk.snapshot.draft.version
    again = talk.edits(1, "3 latte")
    assert (again.replies, talk.snapshot.draft.version) == ((), version)
    assert talk.heard == [("edit_unchanged", "m3")]
    talk.edits(1, "4 latte")
    assert talk.lines() == [("L1", "Latte", 4)]


def test_an_edit_that_changes_nothing_leaves_the_summary_that_was_shown() -> None:
    talk = shown()
    before = talk.snapshot.draft
    decision = talk.edits(1, "2 lattes")
    assert (decision.replies, talk.snapshot.draft) == ((), before)
    assert decision.silent_because == "changes_nothing"


def test_a_summary_that_was_shown_is_void_and_shown_again() -> None:
    talk = shown()
    before = talk.snapshot.draft
    decision = talk.edits(1, "3 latte")
    after = talk.snapshot.draft
    assert kinds(decision) == ["EditTaken", "Summary"]
    assert (after.state, after.version) == (DraftState.PROPOSED, before.version + 1)
    assert after.shown_version == after.version
    assert talk.says("yes").order is not None


def test_a_number_in_the_place_of_another_answers_what_was_asked_then() -> None:
    talk = Talk()
    talk.says("latte")
    talk.says("make it 2")
    talk.says("pick up")
    talk.edits(2, "make it 3")
    assert talk.lines() == [("L1", "Latte", 3)]
    assert talk.snapshot.draft.fulfilment is Fulfilment.PICKUP


def test_what_was_chosen_since_is_still_meant() -> None:
    talk = Talk()
    talk.says("2 croissants")
    talk.says("the chocolate one")
    decision = talk.edits(1, "3 croissants")
    assert [line[1:] for line in talk.lines()] == [("Chocolate croissant", 3)]
    assert kinds(decision)[0] == "EditTaken"


def test_a_field_is_taken_back_and_heard_anew() -> None:
    talk = shown()
    talk.edits(3, "delivery please")
    assert talk.snapshot.draft.fulfilment is Fulfilment.DELIVERY
    talk.deletes(3)
    assert talk.snapshot.draft.fulfilment is None


def test_later_words_that_built_on_it_win_and_the_bot_asks() -> None:
    talk = Talk()
    talk.says("2 latte")
    talk.says("make it 4")
    before = talk.snapshot.draft
    decision = talk.edits(1, "3 latte")
    assert kinds(decision) == ["EditUnclear", "AskChange"]
    assert talk.snapshot.draft.lines == before.lines
    assert "“2 latte” to “3 latte”" in body(talk, decision)
    assert kinds(talk.deletes(1)) == ["DeleteUnclear", "AskChange"]
    assert talk.snapshot.draft.lines == before.lines


def test_a_delete_takes_out_what_its_message_brought_and_says_so() -> None:
    talk = shown()
    decision = talk.deletes(2)
    assert talk.lines() == [("L1", "Latte", 2)]
    assert kinds(decision) == ["DeleteTaken", "Summary"]
    assert "taken this out: Green tea" in body(talk, decision)
    assert talk.deletes(2).replies == ()


def test_a_delete_of_all_there_is_leaves_an_empty_order() -> None:
    talk = Talk()
    talk.says("2 latte")
    talk.says("1 green tea")
    decision = talk.deletes(1, 2)
    assert talk.lines() == []
    assert kinds(decision) == ["DeleteTaken", "AskWhatElse"]
    assert "Latte, Green tea" in body(talk, decision)


def test_deleting_a_removal_brings_back_what_it_removed() -> None:
    talk = Talk()
    talk.says("2 latte and 1 green tea")
    talk.says("remove the latte")
    talk.deletes(2)
    assert talk.lines() == [("L1", "Latte", 2), ("L2", "Green tea", 1)]


def test_deleting_more_of_the_same_leaves_what_was_there_before() -> None:
    talk = Talk()
    talk.says("2 latte")
    talk.says("1 more latte")
    assert talk.lines() == [("L1", "Latte", 3)]
    talk.deletes(1)
    assert talk.lines() == [("L1", "Latte", 1)]
    (line,) = talk.snapshot.draft.lines
    assert {e.ref for e in line.evidence} == {"m2"}


def test_a_delete_of_small_talk_needs_no_answer() -> None:
    talk = Talk()
    talk.says("2 latte")
    talk.says("thanks")
    decision = talk.deletes(2)
    assert (decision.replies, decision.silent_because) == ((), "changes_nothing")


def test_small_talk_that_is_edited_into_an_order_is_heard() -> None:
    talk = Talk()
    talk.says("hello")
    talk.edits(1, "2 latte")
    assert talk.lines() == [("L1", "Latte", 2)]


def test_an_edit_whose_words_did_not_come_along_is_asked_about() -> None:
    talk = shown()
    decision = talk.says(Unsupported(original_type="edit"))
    assert kinds(decision) == ["EditUnseen", "AskChange"]
    again = talk.says(Unsupported(original_type="edit"))
    assert kinds(again) == ["EditUnseen", "AskChange"]


# -- after it -------------------------------------------------------------------------


def test_an_order_that_is_placed_stays_and_the_customer_is_asked() -> None:
    talk = shown()
    order = talk.says("yes").order
    assert order is not None
    edited = talk.edits(1, "5 latte")
    assert kinds(edited) == ["OrderUntouched"]
    assert (edited.order, edited.changes, talk.lines()) == (None, (), [])
    assert "order 7" in body(talk, edited)
    for number in (1, 5):  # A part of the order, and the yes to it.
        deleted = talk.deletes(number)
        assert kinds(deleted) == ["OrderUntouched"]
        assert (deleted.order, deleted.changes) == (None, ())


def test_where_an_order_may_be_cancelled_that_is_offered() -> None:
    talk = shown()
    shop = talk.snapshot.shop
    manners = replace(shop.manners, cancel_until=type(shop.manners.cancel_until).SENT)
    talk.snapshot = replace(talk.snapshot, shop=replace(shop, manners=manners))
    talk.says("yes")
    assert kinds(talk.deletes(1)) == ["OrderUntouched", "Offer"]


@pytest.mark.parametrize("language", ["en", "tr", "pt", "es", "ru"])
def test_the_word_that_we_tell_calls_a_person(language: str) -> None:
    voice = Voice(wording_for(language, "en"), "Mavi", "TRY")
    told = said(OrderUntouched(7, deleted=False), voice)
    word = told.split("*")[1]
    talk = Talk(a_snapshot(language=language))
    decision = talk.says(word)
    assert (kinds(decision)[:1], decision.owner) == (["HandedOver"], Owner.AGENT)


def test_while_a_person_has_the_chat_nothing_is_taken_back() -> None:
    talk = Talk()
    talk.says("2 latte")
    talk.snapshot = replace(talk.snapshot, owner=Owner.AGENT)
    decision = talk.edits(1, "3 latte")
    assert (decision.replies, decision.changes) == ((), ())
    assert talk.lines() == [("L1", "Latte", 2)]


@pytest.mark.parametrize(
    ("state", "order", "told"),
    [
        (DraftState.CANCELLED, None, "ConfirmationCancelled"),
        (DraftState.EXPIRED, None, "ConfirmationExpired"),
        (DraftState.REJECTED, None, "ConfirmationRejected"),
        (DraftState.ORDERED, 5, "AlreadyOrdered"),
    ],
)
def test_a_yes_to_what_is_over_is_told_what_became_of_it(
    state: DraftState, order: int | None, told: str
) -> None:
    talk = Talk(a_snapshot(ended={"draft_0": Ended(state, order)}))
    decision = talk.says(button(ConfirmTap("draft_0", 3)))
    assert kinds(decision)[0] == told
    assert decision.order is None


def test_a_button_of_another_chat_is_called_that() -> None:
    tap = button(ConfirmTap("draft_9", 1), conversation="conversation_9")
    talk = Talk(a_snapshot(elsewhere=frozenset({tap.id})))
    assert kinds(talk.says(tap))[0] == "ConfirmationElsewhere"
    forged = button(ConfirmTap("draft_9", 1), key=b"another key")
    assert kinds(Talk().says(forged))[0] == "ConfirmationForeign"
