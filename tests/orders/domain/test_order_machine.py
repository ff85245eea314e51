"""An order whose merchant's system reports whatever it likes, in any order, twice.

Few runs in `make test`, many with `CHATORDER_CHAOS=long`.
"""

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from orders import IllegalMove, Moved, OrderState, Unchanged, after
from orders.domain.lifecycle import (
    ORDER_MOVES,
    ROAD,
    AlreadyFurther,
    moves_from,
)

LONG = os.environ.get("CHATORDER_CHAOS") == "long"
RUNS, STEPS = (1000, 60) if LONG else (40, 20)
#: What an order does not come back from, but for its money.
_OVER = {OrderState.CANCELLED, OrderState.REFUNDED}
states = st.sampled_from(OrderState)


class OrderMachine(RuleBasedStateMachine):
    """One order and all that was ever reported of it."""

    def __init__(self) -> None:
        super().__init__()
        self.state = OrderState.CONFIRMED
        self.history = [self.state]

    @rule(target_state=states)
    def report(self, target_state: OrderState) -> None:
        before = self.state
        if target_state not in {before, *moves_from(before)}:
            with pytest.raises(IllegalMove, match=before.value) as refused:
                after(before, target_state)
            late = isinstance(refused.value, AlreadyFurther)
            # Late news: the order passed it, and stays where it is.
            assert late == (
                before in ROAD
                and target_state in ROAD
                and ROAD.index(target_state) < ROAD.index(before)
            )
            return
        result = after(before, target_state)
        if isinstance(result, Moved):
            self.state = result.state
            self.history.append(self.state)
        assert self.state is target_state

    @rule()
    def report_again(self) -> None:
        """Let a callback arrive twice: nothing moves, and nobody is told off."""
        assert after(self.state, self.state) == Unchanged(self.state)

    @invariant()
    def it_never_goes_back(self) -> None:
        on_road = [ROAD.index(state) for state in self.history if state in ROAD]
        # What failed may be tried again.
        assert on_road == sorted(on_road)

    @invariant()
    def what_is_over_stays_over(self) -> None:
        over = [place for place, s in enumerate(self.history) if s in _OVER]
        if over:
            assert all(state in _OVER for state in self.history[over[0] :])

    @invariant()
    def every_state_was_reached_by_moves_of_the_table(self) -> None:
        pairs = zip(self.history, self.history[1:], strict=False)
        assert all(new in ORDER_MOVES[old] for old, new in pairs)


TestOrder = OrderMachine.TestCase
TestOrder.settings = settings(
    max_examples=RUNS, stateful_step_count=STEPS, deadline=None
)


def test_every_state_has_its_row_and_leads_somewhere_or_ends() -> None:
    assert ORDER_MOVES.keys() == set(OrderState)
    assert [s for s in OrderState if not ORDER_MOVES[s]] == [OrderState.REFUNDED]


@given(states, states)
@settings(max_examples=100, deadline=None)
def test_every_pair_of_states_has_an_answer(
    state: OrderState, target: OrderState
) -> None:
    """The map is total: moved, unchanged or refused with a reason."""
    if target is state:
        assert after(state, target) == Unchanged(state)
    elif target in ORDER_MOVES[state]:
        assert after(state, target) == Moved(target)
    else:
        with pytest.raises(IllegalMove, match=state.value):
            after(state, target)
