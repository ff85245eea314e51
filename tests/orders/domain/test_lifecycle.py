"""Every move of a draft and of an order."""

from dataclasses import dataclass
from importlib.util import find_spec
from itertools import product
from pathlib import Path

import pytest

from orders import DraftState, IllegalMove, Moved, OrderState, Unchanged, after
from orders.domain.lifecycle import (
    DRAFT_MOVES,
    FULFILMENT_MOVES,
    ORDER_MOVES,
    PAYMENT_MOVES,
    ROAD,
    as_diagram,
    as_table,
    is_ended,
)
from orders.domain.order import FulfilmentStatus, PaymentStatus

S = OrderState
ENDS = (
    DraftState.ORDERED,
    DraftState.CANCELLED,
    DraftState.REJECTED,
    DraftState.EXPIRED,
)


def can(state: OrderState, target: OrderState) -> bool:
    try:
        return isinstance(after(state, target), Moved)
    except IllegalMove:
        return False


def test_the_tables_know_every_state() -> None:
    assert set(DRAFT_MOVES) == set(DraftState)
    assert set(ORDER_MOVES) == set(OrderState)
    assert set(PAYMENT_MOVES) == set(PaymentStatus)
    assert set(FULFILMENT_MOVES) == set(FulfilmentStatus)


@pytest.mark.parametrize("state", list(OrderState))
def test_a_repeat_changes_nothing(state: OrderState) -> None:
    assert after(state, state) == Unchanged(state)


@pytest.mark.parametrize("state", list(DraftState))
def test_a_repeat_changes_no_draft(state: DraftState) -> None:
    assert after(state, state) == Unchanged(state)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [(a, b) for a, b in product(ROAD, ROAD) if ROAD.index(a) < ROAD.index(b)],
)
def test_an_order_may_skip_ahead_and_never_goes_back(
    earlier: OrderState, later: OrderState
) -> None:
    assert after(earlier, later) == Moved(later)
    with pytest.raises(IllegalMove):
        after(later, earlier)


@dataclass(frozen=True)
class Case:
    id: str
    target: OrderState
    possible_from: frozenset[OrderState]


CASES = [
    Case(
        "cancelled until shipped",
        S.CANCELLED,
        frozenset(ROAD[: ROAD.index(S.SHIPPED)]) | {S.PROVISIONING_FAILED},
    ),
    Case(
        "refunded after paid, also when cancelled since",
        S.REFUNDED,
        frozenset(ROAD[ROAD.index(S.PAID) :]) | {S.CANCELLED},
    ),
    Case(
        "provisioning fails before it succeeds",
        S.PROVISIONING_FAILED,
        frozenset({S.CONFIRMED, S.PROVISIONING}),
    ),
    Case(
        "provisioning begins once, and again after a failure",
        S.PROVISIONING,
        frozenset({S.CONFIRMED, S.PROVISIONING_FAILED}),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_moves_beside_the_road(case: Case) -> None:
    assert {state for state in S if can(state, case.target)} == case.possible_from


def test_a_failed_provisioning_is_tried_again_done_by_hand_or_cancelled() -> None:
    assert {s for s in S if can(S.PROVISIONING_FAILED, s)} == {
        S.PROVISIONING,
        S.PROVISIONED,
        S.CANCELLED,
    }


def test_what_is_refused_says_what_would_do() -> None:
    with pytest.raises(
        IllegalMove,
        match=r"'paid' cannot follow 'delivered'; it may become: refunded",
    ):
        after(S.DELIVERED, S.PAID)
    with pytest.raises(IllegalMove, match="it may become: nothing"):
        after(S.REFUNDED, S.PAID)


def test_equal_words_of_drafts_and_orders_do_not_meet() -> None:
    with pytest.raises(IllegalMove):
        after(DraftState.CANCELLED, DraftState.OPEN)
    assert after(S.CANCELLED, S.REFUNDED) == Moved(S.REFUNDED)


def test_a_draft_is_shown_changed_and_shown_again() -> None:
    assert after(DraftState.OPEN, DraftState.PROPOSED) == Moved(DraftState.PROPOSED)
    assert after(DraftState.PROPOSED, DraftState.OPEN) == Moved(DraftState.OPEN)


@pytest.mark.parametrize("end", ENDS)
def test_a_draft_ends_for_ever(end: DraftState) -> None:
    assert is_ended(end)
    for live in (DraftState.OPEN, DraftState.PROPOSED, DraftState.AWAITING):
        assert not is_ended(live)
        assert after(live, end) == Moved(end)
        with pytest.raises(IllegalMove):
            after(end, live)


def test_the_table_and_the_diagram_show_every_move() -> None:
    table, diagram = as_table(DRAFT_MOVES), as_diagram(DRAFT_MOVES)
    awaiting = "| awaiting_approval | cancelled, expired, open, ordered, rejected |"
    assert awaiting in table
    assert "| ordered | nothing |" in table
    assert diagram.startswith("stateDiagram-v2\n    open --> proposed\n")
    assert diagram.count("-->") == sum(map(len, DRAFT_MOVES.values()))


def test_the_documentation_shows_the_moves_as_they_are() -> None:
    spec = find_spec("orders")
    assert spec is not None
    assert spec.origin is not None
    page = Path(spec.origin).parent.parent / "docs" / "lifecycle.md"
    text = page.read_text(encoding="utf-8")
    for table in (
        as_table(DRAFT_MOVES),
        as_table(ORDER_MOVES),
        as_table(PAYMENT_MOVES),
        as_table(FULFILMENT_MOVES),
    ):
        assert table in text
    for diagram in (as_diagram(DRAFT_MOVES), as_diagram(ORDER_MOVES)):
        assert diagram in text
