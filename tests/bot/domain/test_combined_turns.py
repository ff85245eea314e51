"""Several things at once: an edit beside a yes, a stop, an undo, or a person."""

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.buttons import ConfirmTap
from bot.domain.handed import ANSWERED, PLAIN, TAKEN_UP
from bot.domain.looping import LOOP
from bot.domain.message import Content, Text, Unsupported
from bot.domain.snapshot import (
    Loop,
    Memory,
    Offered,
    Owner,
    Quoted,
    Snapshot,
    Subject,
)
from bot.domain.ticking import tick
from bot.domain.understanding import Act, Intent
from bot.domain.undone import TakenBack
from orders import Confirms, DraftState, Fulfilment
from orders.domain.manners import CancelUntil, Manners
from orders.domain.replaying import Earlier
from tests.amending import Talk, answering, delete, edit
from tests.factories import NOON, a_draft, a_line, a_shop, an_order
from tests.turns import (
    Chat,
    a_snapshot,
    button,
    decided,
    kinds,
    reply,
    says,
    wants,
)


def summed_up(*before: str, **parts: Any) -> Talk:
    """Return a talk whose summary was just shown, picked up by Ada."""
    talk = Talk(a_snapshot(**parts))
    for words in (*(before or ("2 latte", "1 green tea")), "pick up", "my name is Ada"):
        talk.says(words)
    assert talk.snapshot.draft.state is DraftState.PROPOSED
    return talk


def approved_by_people() -> Talk:
    """Return a talk whose customer said yes, and whose shop has still to."""
    talk = summed_up(shop=a_shop(confirms=Confirms.AGENT))
    talk.says("yes")
    assert talk.snapshot.draft.state is DraftState.AWAITING
    return talk


def confirm(talk: Talk) -> Content:
    draft = talk.snapshot.draft
    return button(ConfirmTap(draft.id, draft.version))


# -- a yes beside something that contradicts it -------------------------------------


def test_a_yes_beside_an_edit_that_was_not_followed_orders_nothing() -> None:
    talk = summed_up("2 latte", "make it 4")
    decision = talk.take([edit(1, "3 latte"), Text(text="yes")])
    assert (decision.order, kinds(decision)) == (None, ["EditUnclear", "AskChange"])


def test_a_yes_beside_an_edit_that_nobody_can_read_orders_nothing() -> None:
    talk = summed_up()
    decision = talk.says(Unsupported(original_type="edit"), "yes")
    assert (decision.order, kinds(decision)) == (None, ["EditUnseen", "AskChange"])


@pytest.mark.parametrize("no", ["no", "no wait", "no espera"])
def test_a_no_after_the_tap_counts_and_a_tap_after_the_no_does_too(no: str) -> None:
    language = "es" if no == "no espera" else "en"
    talk = summed_up()
    talk.snapshot = replace(talk.snapshot, language=language)
    decision = talk.says(confirm(talk), no)
    assert (decision.order, kinds(decision)) == (None, ["AskChange"])
    again = summed_up()
    assert again.says(no, confirm(again)).order is not None


# -- a correction beside a stop, an undo, a person ------------------------------------


def test_an_edit_beside_a_stop_takes_the_place_of_what_it_edits() -> None:
    talk = Talk()
    talk.says("2 latte")
    decision = talk.take([edit(1, "3 latte"), Text(text="STOP")])
    assert kinds(decision) == ["Stopped"]
    assert talk.lines() == [("L1", "Latte", 3)]


def test_a_delete_beside_a_stop_is_a_delete() -> None:
    talk = Talk()
    talk.says("2 latte")
    talk.take([delete(1), Text(text="STOP")])
    assert talk.lines() == []


def test_a_correction_that_was_undone_at_once_is_not_said_to_be_followed() -> None:
    talk = Talk()
    talk.says("2 latte")
    decision = talk.take([edit(1, "3 latte"), Text(text="undo that")])
    assert talk.lines() == [("L1", "Latte", 2)]
    assert kinds(decision)[0] == "TakenBack"


@pytest.mark.parametrize("by", ["a tap", "a word"])
def test_what_was_confirmed_before_an_undo_is_shown_again(by: str) -> None:
    talk = summed_up()
    yes = confirm(talk) if by == "a tap" else Text(text="yes")
    decision = talk.says("1 mocha", yes, "undo that")
    assert (decision.order, kinds(decision)) == (None, ["TakenBack", "Summary"])


def test_an_undo_tells_what_an_exchange_had_brought() -> None:
    talk = Talk()
    talk.says("2 latte")
    before = talk.snapshot.draft
    talk.says("change the latte to a green tea")
    past = Earlier(before, before.version)
    talk.snapshot = replace(talk.snapshot, past=past)
    told = reply(talk.says("undo that"), TakenBack)
    assert [line.name for line in told.back] == ["Latte"]
    assert told.gone == ("Green tea",)


def test_what_an_edit_takes_out_while_a_person_had_the_chat_is_told() -> None:
    talk = Talk()
    talk.says("2 latte")
    decision = talk.take([edit(1, "good morning"), tick(TAKEN_UP, ANSWERED)])
    assert talk.lines() == []
    assert "LinesDropped" in kinds(decision)


def test_an_undo_that_is_deleted_is_asked_about() -> None:
    talk = Talk()
    talk.says("2 latte")
    before = talk.snapshot.draft
    talk.says("1 green tea")
    past = Earlier(before, before.version)
    talk.snapshot = replace(talk.snapshot, past=past)
    talk.says("undo that")
    assert talk.lines() == [("L1", "Latte", 2)]
    talk.snapshot = replace(talk.snapshot, past=None)
    assert kinds(talk.deletes(3)) == ["DeleteUnclear", "AskChange"]


def test_who_edits_an_item_into_a_call_for_a_person_is_told_what_went() -> None:
    talk = summed_up()
    decision = talk.edits(1, "I want a human")
    assert kinds(decision) == ["EditTaken", "LinesDropped", "HandedOver"]
    assert talk.lines() == [("L2", "Green tea", 1)]


# -- what stays remembered ------------------------------------------------------------


def test_after_an_edit_that_changes_nothing_a_yes_is_to_the_summary_still() -> None:
    talk = summed_up()
    assert talk.edits(1, "2 lattes").replies == ()
    assert talk.says("yes").order is not None


def test_nothing_is_asked_any_more_about_what_was_deleted() -> None:
    talk = Talk()
    talk.says("2 croissants")
    asked = talk.snapshot.memory.asked
    assert asked
    assert asked.about == "U1"
    talk.take([delete(1), Text(text="the usual")])
    assert talk.snapshot.memory.asked is None


def test_a_stop_does_not_bring_back_the_question_of_an_older_message() -> None:
    talk = summed_up()
    now = talk.snapshot.memory.asked
    talk.edits(3, "STOP")
    assert talk.snapshot.memory.asked == now


def test_who_is_handed_over_is_not_asked_to_write_it_otherwise() -> None:
    pointed = wants("", 3, act=Act.SET)
    decision = decided(a_snapshot((Text(text="a"),)), says(mentions=(pointed,)))
    assert "NotUnderstood" in kinds(decision)
    both = says(Intent.HUMAN, mentions=(pointed,))
    assert kinds(decided(a_snapshot((Text(text="a"),)), both)) == ["HandedOver"]


def test_an_edit_that_comes_late_has_its_new_words_not_only_its_old_ones_gone() -> None:
    talk = Talk()
    for words in ("2 latte", "make it 3", "pick up"):
        talk.says(words)
    talk.take([edit(2, "make it 4")], late=True)
    assert talk.lines() == [("L1", "Latte", 4)]
    assert talk.snapshot.draft.fulfilment is Fulfilment.PICKUP


def test_a_line_of_an_old_order_is_not_the_one_that_has_its_number_now() -> None:
    talk = Talk()
    talk.says("1 green tea")
    old = Quoted(known=True, subjects=(Subject(product="latte", line="L1"),))
    talk.says("this one", **{**answering("latte"), "quoted": old})
    assert [line[1:] for line in talk.lines()] == [("Green tea", 1), ("Latte", 1)]


# -- while an agent has to approve ----------------------------------------------------


@pytest.mark.parametrize("words", [(), ("are you there?",)])
def test_a_chat_that_is_handed_back_before_the_approval_waits_for_it(
    words: tuple[str, ...],
) -> None:
    talk = approved_by_people()
    talk.says("human please")
    talk.snapshot = replace(talk.snapshot, owner=Owner.BOT)
    how = ANSWERED if words else PLAIN
    decision = talk.says(*words, tick(TAKEN_UP, how))
    assert kinds(decision) == ["TakenUp", "AwaitingApproval"]
    assert talk.snapshot.draft.state is DraftState.AWAITING


def test_a_delete_voids_a_yes_that_waits_for_approval() -> None:
    talk = approved_by_people()
    assert kinds(talk.deletes(2)) == ["DeleteTaken", "Summary"]
    assert talk.snapshot.draft.confirmed_by is None


# -- offers, and programs -------------------------------------------------------------


def put_away_and_offered() -> Snapshot:
    old = a_draft(
        id="draft_0",
        lines=(a_line(product_id="latte", sku="LAT"),),
        state=DraftState.EXPIRED,
    )
    offered = Offered(what="take_up", about=old.id)
    memory = Memory(welcomed=True, offered=offered, put_away=old.id)
    return a_snapshot(put_away=old, memory=memory)


def test_a_yes_to_an_order_that_was_put_away_may_have_more_beside_it() -> None:
    chat = Chat(put_away_and_offered())
    chat.turn(says(Intent.CONFIRM, Intent.ORDER, mentions=(wants("tea", 1),)))
    assert {x.name for x in chat.snapshot.draft.lines} == {"Latte", "Green tea"}


def test_a_yes_to_cancel_an_order_may_have_the_next_one_beside_it() -> None:
    last = an_order(number=7)
    chat = Chat(
        a_snapshot(
            shop=a_shop(manners=Manners(cancel_until=CancelUntil.SENT)),
            last_order=last,
            memory=Memory(
                welcomed=True, offered=Offered(what="cancel_order", about=last.id)
            ),
        )
    )
    decision = chat.turn(says(Intent.CONFIRM, Intent.ORDER, mentions=(wants("tea"),)))
    assert decision.cancelled is last
    assert [x.name for x in chat.snapshot.draft.lines] == ["Green tea"]


def test_who_taps_a_button_is_no_program() -> None:
    chat = Chat()
    chat.ready()
    muted = chat.snapshot.memory.model_copy(update={"loop": Loop(muted=True)})
    chat.snapshot = replace(
        chat.snapshot, memory=muted, attention=LOOP, heard_at=NOON, now=NOON
    )
    assert chat.confirms().order is not None
