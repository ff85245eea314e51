"""Messages that come in another order than they were sent: nothing is overridden."""

from orders import Fulfilment
from tests.amending import Talk
from tests.turns import kinds


def test_a_correction_that_came_first_is_asked_about_when_the_rest_comes() -> None:
    talk = Talk()
    assert kinds(talk.says("no, 3"))[0] == "NotUnderstood"
    decision = talk.says("2 latte", late=True)
    assert talk.lines() == [("L1", "Latte", 2)]
    assert "OutOfOrder" in kinds(decision)
    assert decision.order is None


def test_a_later_amount_stands_whatever_comes_late() -> None:
    talk = Talk()
    talk.says("1 latte")
    talk.says("make it 3")
    decision = talk.says("2 latte", late=True)
    assert talk.lines() == [("L1", "Latte", 3)]
    assert "OutOfOrder" not in kinds(decision)


def test_in_one_turn_the_order_in_which_they_were_sent_counts() -> None:
    talk = Talk()
    talk.says("2 latte", "no, 3")
    assert talk.lines() == [("L1", "Latte", 3)]


def test_what_comes_late_may_add_and_neither_changes_nor_confirms() -> None:
    talk = Talk()
    talk.says("1 latte")
    talk.says("pick up")
    talk.says("2 green tea", late=True)
    assert talk.lines() == [("L1", "Latte", 1), ("L2", "Green tea", 2)]
    talk.says("delivery", late=True)
    assert talk.snapshot.draft.fulfilment is Fulfilment.PICKUP
    talk.says("remove the latte", late=True)
    assert len(talk.lines()) == 2
    talk.says("my name is Ada")
    assert talk.says("yes", late=True).order is None
