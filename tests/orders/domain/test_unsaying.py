"""What a draft would be, had a message never been sent."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import reduce

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders import (
    Change,
    ChangeRefused,
    Draft,
    DropLine,
    Evidence,
    PutLine,
    PutUnresolved,
    ReplaceLine,
    SetName,
    SetQuantity,
    Source,
    TakeBack,
)
from orders.domain.editing import apply
from orders.domain.unsaying import Untold, content_told, is_reason, take_back
from tests.factories import a_line
from tests.orders.strategies import EMPTY, changes


@dataclass(frozen=True)
class Step:
    version: int
    changes: tuple[Change, ...]
    restored: int | None = None


def because(ref: str) -> Evidence:
    return Evidence(Source.MESSAGE, ref=ref)


def said_by(change: Change, ref: str) -> Change:
    """Return a change with one message as its reason."""
    match change:
        case PutLine(line):
            return PutLine(replace(line, evidence=(because(ref),)))
        case ReplaceLine(line_id, line):
            return ReplaceLine(line_id, replace(line, evidence=(because(ref),)))
        case PutUnresolved(mention):
            return PutUnresolved(replace(mention, evidence=(because(ref),)))
        case _ if hasattr(change, "evidence"):
            return replace(change, evidence=because(ref))  # type: ignore[arg-type]  # it has one
    return change


def fold(draft: Draft, history: Sequence[Change]) -> tuple[Draft, tuple[Change, ...]]:
    """Return the draft after those changes that fit, and which they were."""
    log = []
    for change in history:
        try:
            draft = apply(draft, change)
        except ChangeRefused:
            continue
        log.append(change)
    return draft, tuple(log)


own = changes.filter(lambda c: hasattr(c, "evidence") or not isinstance(c, TakeBack))


@settings(max_examples=60, deadline=None)
@given(st.lists(own, max_size=6), st.lists(own, max_size=4))
def test_what_the_last_message_caused_goes_and_all_before_it_is_as_it_was(
    first: list[Change], second: list[Change]
) -> None:
    before, one = fold(EMPTY, [said_by(c, "m1") for c in first])
    mine = [c for c in second if hasattr(c, "evidence") or isinstance(c, PutLine)]
    now, two = fold(before, [said_by(c, "m2") for c in mine])
    change = take_back(now, EMPTY, [Step(1, one), Step(2, two)], "m2")
    after = now if change is None else apply(now, change)
    assert content_told(after) == content_told(before)


def put(name: str, ref: str, quantity: int = 1) -> PutLine:
    line = a_line(product_id=name, sku=name, name=name, quantity=Decimal(quantity))
    return PutLine(replace(line, evidence=(because(ref),)))


def test_what_later_messages_brought_stays_as_it_is() -> None:
    log = [
        Step(1, (put("tea", "m1"), SetName("Ada", because("m1")))),
        Step(2, (put("cake", "m2"), put("tea", "m2", 2))),
    ]
    now = reduce(apply, (c for step in log for c in step.changes), EMPTY)
    change = take_back(now, EMPTY, log, "m1")
    assert change is not None
    after = apply(now, change)
    assert [(line.id, line.name, int(line.quantity)) for line in after.lines] == [
        ("L1", "tea", 2),
        ("L2", "cake", 1),
    ]
    assert after.name is None
    assert take_back(after, EMPTY, [*log, Step(3, (change,))], "m1") is None


def test_an_edit_that_was_taken_in_can_be_taken_back_again() -> None:
    first = Step(1, (put("tea", "m1", 2),))
    now = reduce(apply, first.changes, EMPTY)
    undone = take_back(now, EMPTY, [first], "m1")
    assert undone is not None
    again = replace(put("tea", "m1", 3), again="L1")
    log = [first, Step(2, (undone, again)), Step(3, (put("cake", "m2"),))]
    now = reduce(apply, (c for step in log for c in step.changes), EMPTY)
    assert [(line.id, line.name) for line in now.lines] == [
        ("L1", "tea"),
        ("L2", "cake"),
    ]
    change = take_back(now, EMPTY, log, "m1")
    assert change is not None
    assert [line.name for line in apply(now, change).lines] == ["cake"]
    other = take_back(now, EMPTY, log, "m2")
    assert other is not None
    assert [line.quantity for line in apply(now, other).lines] == [3]


def test_what_a_later_message_built_on_is_not_told() -> None:
    log = [
        Step(1, (put("tea", "m1"),)),
        Step(2, (SetQuantity("L1", a_line().quantity + 4, because("m2")),)),
    ]
    now = reduce(apply, (c for step in log for c in step.changes), EMPTY)
    with pytest.raises(Untold):
        take_back(now, EMPTY, log, "m1")


def test_a_line_that_was_dropped_since_needs_no_taking_out() -> None:
    log = [Step(1, (put("tea", "m1"),)), Step(2, (DropLine("L1", because("m2")),))]
    now = reduce(apply, (c for step in log for c in step.changes), EMPTY)
    assert take_back(now, EMPTY, log, "m1") is None


def test_a_log_of_another_draft_tells_nothing() -> None:
    log = [Step(1, (put("tea", "m1"),))]
    assert is_reason(log, "m1")
    with pytest.raises(Untold):
        take_back(EMPTY, EMPTY, log, "m1")
