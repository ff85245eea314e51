"""A draft in the hands of a customer, agents and the clock at once, for long.

Few runs in `make test`, many with `CHATORDER_CHAOS=long`.
"""

import os
from dataclasses import dataclass, replace
from decimal import Decimal

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from orders import (
    Change,
    ChangeRefused,
    Draft,
    DraftState,
    Fulfilment,
    IllegalMove,
    NotReady,
    Order,
    PutLine,
    SetAddress,
    SetFulfilment,
    SetName,
    SetPhone,
    SetQuantity,
    awaiting,
    changed,
    ended,
    place,
    proposed,
)
from orders.domain.lifecycle import DRAFT_MOVES, is_ended
from orders.domain.replaying import back_to, content_of, replayed
from tests.factories import NOON, SAID, a_line, a_product, a_shop
from tests.orders.strategies import changes

LONG = os.environ.get("CHATORDER_CHAOS") == "long"
RUNS, STEPS = (400, 60) if LONG else (20, 25)
LATTE = a_product(id="latte", sku="LATTE", price=Decimal("85.50"))
READY: tuple[Change, ...] = (
    PutLine(a_line(product_id="latte")),
    SetName("Ada"),
    SetPhone("+905321234567"),
    SetFulfilment(Fulfilment.PICKUP),
)


class Stale(Exception):
    """Somebody changed the draft meanwhile."""


@dataclass(frozen=True)
class Entry:
    version: int
    changes: tuple[Change, ...]
    restored: int | None


class DraftMachine(RuleBasedStateMachine):
    """One draft, its log, and everybody who has ever seen a version of it."""

    seen = Bundle("seen")

    def __init__(self) -> None:
        super().__init__()
        self.created = self.draft = Draft("draft_1", "TRY")
        self.log: list[Entry] = []
        self.versions = {0: self.created}
        self.orders: list[Order] = []
        self.shown: set[int] = set()

    @initialize(target=seen)
    def begin(self) -> Draft:
        return self.draft

    # -- writing: a compare-and-set on the version --

    def write(
        self,
        seen: Draft,
        made: tuple[Change, ...],
        restored: int | None = None,
    ) -> Draft:
        """Return the draft after a write; raise Stale and change nothing."""
        if seen.version != self.draft.version:
            raise Stale
        before = self.draft
        base = before if restored is None else self.back_to(restored)
        after = changed(base, made)
        self.draft = replace(
            after, version=before.version + 1, state=DraftState.OPEN, confirmed_by=None
        )
        self.versions[self.draft.version] = self.draft
        self.log.append(Entry(self.draft.version, made, restored))
        return self.draft

    def back_to(self, version: int) -> Draft:
        if is_ended(self.draft.state):
            raise ChangeRefused("an ended draft cannot change")
        return back_to(self.draft, self.versions[version])

    @rule(target=seen)
    def look(self) -> Draft:
        return self.draft

    @rule(target=seen, made=st.lists(changes, min_size=1, max_size=3), by=seen)
    def change(self, made: list[Change], by: Draft) -> Draft:
        """Somebody changes what they see, which may be old by now."""
        before, log = self.draft, len(self.log)
        try:
            return self.write(by, tuple(made))
        except (ChangeRefused, Stale):
            # All or nothing, and nobody overwrites what they have not seen.
            assert (self.draft, len(self.log)) == (before, log)
            return before

    @rule(target=seen)
    def fill(self) -> Draft:
        """Say all that is needed, as a customer would."""
        if is_ended(self.draft.state):
            with pytest.raises(ChangeRefused):
                changed(self.draft, READY)
            return self.draft
        try:
            return self.write(self.draft, READY)
        except ChangeRefused:  # More of it than anybody may order.
            return self.draft

    @precondition(lambda self: self.draft.version > 0)
    @rule(target=seen, by=seen)
    def undo(self, by: Draft) -> Draft:
        """Take the last change back: a new version with what was before it."""
        before = self.draft
        entry = self.log[-1]
        older = entry.version - 1 if entry.restored is None else entry.restored
        try:
            new = self.write(by, (), restored=older)
        except (ChangeRefused, Stale):
            assert self.draft == before
            return before
        assert new.version == before.version + 1
        assert new.lines == self.versions[older].lines
        assert new.next_line == before.next_line
        return new

    # -- asking and answering --

    @rule()
    def propose(self) -> None:
        try:
            self.draft = proposed(self.draft)
        except IllegalMove:
            assert DraftState.PROPOSED not in DRAFT_MOVES[self.draft.state]
            return
        self.shown.add(self.draft.version)
        assert self.draft.shown_version == self.draft.version

    @rule(by=seen)
    def confirm(self, by: Draft) -> None:
        """Say yes to a summary that was seen: to any of them."""
        bound = (
            self.draft.state is DraftState.PROPOSED
            and by.version == self.draft.shown_version == self.draft.version
        )
        if not bound:
            return
        order = place(
            self.draft,
            shop=a_shop(),
            products={LATTE.id: LATTE},
            available={},
            order_id=f"order_{len(self.orders)}",
            now=NOON,
            confirmed_by=SAID,
        )
        if isinstance(order, NotReady):
            return
        self.orders.append(order)
        self.draft = ended(self.draft, DraftState.ORDERED)

    @rule()
    def await_approval(self) -> None:
        try:
            self.draft = awaiting(self.draft, SAID)
        except IllegalMove:
            assert self.draft.state is not DraftState.PROPOSED

    @rule(end=st.sampled_from([DraftState.EXPIRED, DraftState.CANCELLED]))
    @precondition(lambda self: len(self.log) > 4)
    def end(self, end: DraftState) -> None:
        """End it, as the clock and customers do; a repeat is harmless."""
        try:
            self.draft = ended(self.draft, end)
        except IllegalMove:
            assert is_ended(self.draft.state)
            assert self.draft.state is not end
            return
        assert ended(self.draft, end) == self.draft

    @precondition(lambda self: not is_ended(self.draft.state))
    @rule(target=seen, quantity=st.integers(1, 9))
    def agent_sets(self, quantity: int) -> Draft:
        """Set an amount and a name on what is there now, as agents do."""
        made: list[Change] = [
            SetQuantity(line.id, Decimal(quantity)) for line in self.draft.lines[:1]
        ]
        try:
            return self.write(self.draft, (*made, SetName("Eve")))
        except ChangeRefused:
            return self.draft

    # -- what always holds --

    @invariant()
    def the_log_tells_the_draft(self) -> None:
        again = replayed(self.created, self.log)
        assert again[self.draft.version] == content_of(self.draft)
        assert again.keys() == self.versions.keys()

    @invariant()
    def versions_only_rise_and_none_is_rewritten(self) -> None:
        assert list(self.versions) == list(range(self.draft.version + 1))

    @invariant()
    def lines_are_told_apart(self) -> None:
        ids = [line.id for line in self.draft.lines]
        assert len(set(ids)) == len(ids)
        assert all(line.evidence for line in self.draft.lines)
        assert all(line.quantity > 0 for line in self.draft.lines)

    @invariant()
    def there_is_one_order_at_most_and_it_was_shown(self) -> None:
        assert len(self.orders) <= 1
        for order in self.orders:
            assert self.draft.state is DraftState.ORDERED
            assert order.draft_version == self.draft.version
            assert order.draft_version in self.shown

    @invariant()
    def a_summary_is_of_the_version_that_is_there(self) -> None:
        if self.draft.state is DraftState.PROPOSED:
            assert self.draft.shown_version == self.draft.version


TestDraft = DraftMachine.TestCase
TestDraft.settings = settings(
    max_examples=RUNS, stateful_step_count=STEPS, deadline=None
)


def test_the_machine_above_comes_to_orders() -> None:
    machine = DraftMachine()
    machine.begin()
    machine.fill()
    machine.propose()
    machine.confirm(machine.draft)
    assert len(machine.orders) == 1
    machine.confirm(machine.draft)
    with pytest.raises(IllegalMove):
        proposed(machine.draft)
    assert machine.change(list(READY), machine.draft) == machine.draft
    assert machine.undo(machine.draft) == machine.draft
    assert SetAddress not in {type(c) for e in machine.log for c in e.changes}
