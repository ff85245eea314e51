"""The log of a draft tells every version of it again, exactly."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders import (
    Change,
    ChangeRefused,
    Draft,
    DraftState,
    DropLine,
    PutLine,
    SetName,
    changed,
    proposed,
)
from orders.domain.replaying import back_to, content_of, replayed
from tests.factories import a_line
from tests.orders.strategies import EMPTY, changes


@dataclass(frozen=True)
class Step:
    version: int
    changes: tuple[Change, ...] = ()
    restored: int | None = None


#: What happens to a draft: changes, an older version again, a summary that is shown.
events = st.one_of(
    st.lists(changes, min_size=1, max_size=3),
    st.integers(0, 8),
    st.tuples(st.integers(0, 8), changes),
    st.just("shown"),
)


def played(happens: Sequence[object]) -> tuple[dict[int, Draft], list[Step]]:
    """Return every version of a draft to which that happened, and its log."""
    draft, log = EMPTY, list[Step]()
    versions = {0: draft}
    for event in happens:
        if event == "shown":
            draft = proposed(draft)
            continue
        older: int | None = None
        made: tuple[Change, ...] = ()
        match event:
            case int():
                older = event
            case (int(version), change):
                older, made = version, (change,)  # type: ignore[assignment]  # drawn
            case list():
                made = tuple(event)
        if older is not None and older not in versions:
            continue
        base = draft if older is None else back_to(draft, versions[older])
        try:
            draft = changed(base, made)
        except ChangeRefused:
            continue
        draft = replace(draft, version=base.version + 1, state=DraftState.OPEN)
        versions[draft.version] = draft
        log.append(Step(draft.version, made, older))
    return versions, log


@given(st.lists(events, max_size=10))
@settings(max_examples=100, deadline=None)
def test_replaying_the_log_from_the_beginning_gives_every_version(
    happens: Sequence[object],
) -> None:
    versions, log = played(happens)
    again = replayed(EMPTY, log)
    assert again.keys() == versions.keys()
    for version, draft in versions.items():
        assert again[version] == content_of(draft)


@given(st.lists(events, max_size=10))
@settings(max_examples=50, deadline=None)
def test_the_order_of_the_rows_does_not_matter(happens: Sequence[object]) -> None:
    _, log = played(happens)
    assert replayed(EMPTY, log) == replayed(EMPTY, list(reversed(log)))


def test_a_line_that_comes_back_takes_no_id_of_another() -> None:
    put = changed(EMPTY, [PutLine(a_line())])
    more = changed(put, [PutLine(a_line(product_id="tea", sku="TEA"))])
    old = back_to(more, put)
    assert [line.id for line in old.lines] == ["L1"]
    again = changed(old, [PutLine(a_line(product_id="cake", sku="CAKE"))])
    assert [line.id for line in again.lines] == ["L1", "L3"]


def test_a_log_of_another_draft_is_refused() -> None:
    with pytest.raises(ChangeRefused):
        replayed(EMPTY, [Step(1, (DropLine("L7"),))])
    with pytest.raises(KeyError):
        replayed(EMPTY, [Step(2, (SetName("Ada"),), restored=1)])


def test_what_is_shown_or_ended_is_no_content() -> None:
    draft = changed(EMPTY, [PutLine(a_line(quantity=Decimal(2)))])
    assert content_of(proposed(draft)) == content_of(draft) == draft
