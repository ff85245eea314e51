"""Ids of buttons: what we signed works once, here; everything else is foreign."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.buttons import (
    CancelTap,
    ChangeTap,
    ConfirmTap,
    Forged,
    Made,
    PickTap,
    made,
    mark_of,
    read,
)
from orders import Field
from tests.turns import KEY as TURN_KEY
from tests.turns import Chat, kinds

KEY = b"k" * 32
TAPS = [
    ConfirmTap("draft_1", 3),
    ChangeTap("draft_1", 3),
    CancelTap("draft.1 %", 0),
    PickTap("draft_1", Field.VARIANT, "L1", mark_of("red.M|x")),
]

words = st.text(max_size=40)
versions = st.integers(0, 10**9)
summary_taps = (
    st.builds(ConfirmTap, words, versions)
    | st.builds(ChangeTap, words, versions)
    | st.builds(CancelTap, words, versions)
)
picks = st.builds(
    PickTap, draft_id=words, field=st.sampled_from(Field), about=words, mark=words
)


@given(summary_taps | picks, words)
def test_what_was_made_is_read_in_its_conversation(
    tap: Made, conversation: str
) -> None:
    assert read(KEY, conversation, made(KEY, conversation, tap)) == tap


@given(words, words)
def test_any_text_is_foreign_and_never_an_error(conversation: str, text: str) -> None:
    assert read(KEY, conversation, text) == Forged()


@pytest.mark.parametrize("tap", TAPS, ids=repr)
def test_a_button_of_another_conversation_is_foreign(tap: Made) -> None:
    assert read(KEY, "conversation_2", made(KEY, "conversation_1", tap)) == Forged()


@pytest.mark.parametrize("tap", TAPS, ids=repr)
def test_a_button_of_another_key_is_foreign(tap: Made) -> None:
    assert read(b"other", "c", made(KEY, "c", tap)) == Forged()


@pytest.mark.parametrize("tap", TAPS, ids=repr)
def test_no_single_character_of_an_id_can_be_changed(tap: Made) -> None:
    button_id = made(KEY, "c", tap)
    for place, char in enumerate(button_id):
        other = "x" if char != "x" else "y"
        forged = button_id[:place] + other + button_id[place + 1 :]
        assert read(KEY, "c", forged) == Forged()


def test_the_version_of_a_button_cannot_be_changed() -> None:
    button_id = made(KEY, "c", ConfirmTap("draft_1", 3))
    assert button_id.startswith("ok.draft_1.3.")
    assert read(KEY, "c", button_id.replace(".3.", ".4.")) == Forged()


def test_conversations_whose_ids_run_together_are_told_apart() -> None:
    body_in_id = "c:ok"
    button_id = made(KEY, "c", ConfirmTap("d", 1))
    assert read(KEY, body_in_id, button_id) == Forged()


@pytest.mark.parametrize("tap", TAPS, ids=repr)
def test_ids_fit_into_a_row_of_a_list(tap: Made) -> None:
    assert len(made(KEY, "c" * 40, tap)) <= 200


def test_a_mark_stands_for_one_choice() -> None:
    ids = [f"product_{n}|variant_{n % 7}" for n in range(2000)]
    assert len({mark_of(each) for each in ids}) == len(ids)


def test_ids_that_are_not_ascii_are_foreign() -> None:
    assert read(KEY, "c", "ok.draft_1.3.é\ud800") == Forged()


@pytest.mark.parametrize("tap", TAPS, ids=repr)
def test_a_button_signed_before_the_key_was_changed_still_counts(tap: Made) -> None:
    button_id = made(KEY, "c", tap)
    assert read(b"new", "c", button_id, old=[b"older", KEY]) == tap
    assert read(b"new", "c", button_id, old=[b"older"]) == Forged()
    assert read(b"new", "another", button_id, old=[KEY]) == Forged()


def test_a_confirmation_from_before_a_change_of_the_key_places_the_order() -> None:
    chat = Chat()
    chat.ready()
    chat.snapshot = replace(
        chat.snapshot, signing_key=b"new", old_signing_keys=(TURN_KEY,)
    )
    assert chat.confirms().order is not None


def test_a_confirmation_under_a_key_that_is_no_longer_named_orders_nothing() -> None:
    chat = Chat()
    chat.ready()
    chat.snapshot = replace(chat.snapshot, signing_key=b"new")
    decision = chat.confirms()
    assert decision.order is None
    assert kinds(decision)[0] == "ConfirmationForeign"
