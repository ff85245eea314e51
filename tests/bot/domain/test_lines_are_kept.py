"""No line is lost in silence: the log explains it, and a reply names it."""

import os
from dataclasses import replace
from typing import Any

from hypothesis import event, given, settings
from hypothesis import strategies as st

from bot.domain.decision import Decision
from bot.domain.message import Text
from bot.domain.snapshot import Snapshot
from bot.domain.understanding import Act, Intent, Mention, Understanding
from catalog import fold
from orders import (
    Change,
    Clear,
    DropLine,
    DropUnresolved,
    Line,
    ReplaceLine,
    Unresolved,
)
from orders.domain.lifecycle import is_ended
from orders.domain.replaying import Earlier
from tests.bot.domain.test_decide_laws import snapshots, understandings
from tests.factories import a_draft, a_line
from tests.turns import Chat, decided, messages, rendered, says, wants

#: Few in `make test`, many with `CHATORDER_CHAOS=long`.
RUNS = 3000 if os.environ.get("CHATORDER_CHAOS") == "long" else 30

#: What was before: lines that a later one of the same id need not be.
pasts = st.none() | st.sampled_from(
    [
        Earlier(a_draft(lines=(a_line(product_id="latte"),), version=2), 2),
        Earlier(a_draft(lines=(), version=1), 1),
    ]
)


@st.composite
def turns(draw: Any) -> tuple[Snapshot, Understanding]:
    """Draw a turn about a draft that has something on it."""
    snapshot = draw(snapshots())
    if not snapshot.draft.lines:
        line = a_line(product_id="latte")
        snapshot = replace(snapshot, draft=a_draft(lines=(line,)))
    meant: Understanding = draw(understandings)
    pointing = st.builds(
        Mention,
        act=st.sampled_from(Act),
        text=st.sampled_from(["", "latte", "tea", "everything"]),
        ordinal=st.none() | st.integers(-3, 3),
    )
    more = draw(st.lists(pointing, max_size=2))
    meant = meant.model_copy(update={"mentions": (*meant.mentions, *more)})
    if draw(st.booleans()):
        meant = meant.model_copy(update={"intents": (*meant.intents, Intent.UNDO)})
    return replace(snapshot, past=draw(pasts)), meant


def told(snapshot: Snapshot, decision: Decision) -> str:
    """Return all that the customer reads, folded."""
    words = []
    for content in rendered(snapshot, decision):
        words.append(getattr(content, "body", ""))
        words += [row.title for row in getattr(content, "rows", ())]
        words += [f"{row.description}" for row in getattr(content, "rows", ())]
    return fold(" ".join(words))


def explains(change: Change, line: Line) -> bool:
    """Return whether a change takes that very line away, and says why."""
    match change:
        case DropLine(line_id):
            return line_id == line.id
        case ReplaceLine(line_id, new):
            return line_id == line.id and bool(new.evidence)
        case Clear():
            return True
    return False


def took_in(decision: Decision, line: Line) -> bool:
    """Return whether another line became the same item and took the line in."""
    return any(
        kept.product_id == line.product_id and set(line.evidence) <= set(kept.evidence)
        for kept in decision.draft.lines
        if kept.id != line.id
    )


def lost(snapshot: Snapshot, decision: Decision) -> list[Line]:
    after = decision.draft
    return [
        line
        for line in snapshot.draft.lines
        if (kept := after.line(line.id)) is None or kept.product_id != line.product_id
    ]


@given(turns())
@settings(max_examples=RUNS, deadline=None)
def test_no_line_is_lost_in_silence(turn: tuple[Snapshot, Understanding]) -> None:
    snapshot, meant = turn
    decision = decided(snapshot, meant)
    event(f"lost: {len(lost(snapshot, decision))}, {decision.draft.state.value}")
    if is_ended(decision.draft.state):
        # Its end is told, and it keeps its lines for who looks at it later.
        assert decision.replies
        return
    said = told(snapshot, decision)
    for line in lost(snapshot, decision):
        restored = decision.restored is not None
        explained = any(explains(change, line) for change in decision.changes)
        assert explained or restored or took_in(decision, line), line
        # After a STOP nothing is said but that: it is said after the next START.
        assert decision.opted_out or fold(line.name) in said, (line.name, said)


@given(turns())
@settings(max_examples=RUNS // 2, deadline=None)
def test_what_is_still_open_is_not_lost_either(
    turn: tuple[Snapshot, Understanding],
) -> None:
    snapshot, meant = turn
    open_one = Unresolved(id="U7", text="zzqx cookie", choices=())
    draft = replace(snapshot.draft, unresolved=(open_one,), next_line=8)
    decision = decided(replace(snapshot, draft=draft, past=None), meant)
    kept = {each.id for each in decision.draft.unresolved}
    closed = {
        c.unresolved_id for c in decision.changes if isinstance(c, DropUnresolved)
    }
    cleared = any(isinstance(change, Clear) for change in decision.changes)
    assert "U7" in kept | closed or cleared


def test_the_law_above_is_about_something() -> None:
    """Lines go in each of these ways, and every one is told."""
    chat = Chat()
    chat.orders(wants("latte", 2), wants("butter croissant", 1))
    before = chat.snapshot
    ways = {
        DropLine: says(mentions=(wants("latte", act=Act.REMOVE),)),
        ReplaceLine: says(mentions=(wants("tea", act=Act.REPLACE, replaces="latte"),)),
        Clear: says(Intent.CANCEL_DRAFT, mentions=(wants("tea", 1),)),
    }
    for kind, meant in ways.items():
        decision = decided(replace(before, messages=messages(Text(text="x"))), meant)
        assert any(isinstance(change, kind) for change in decision.changes)
        assert lost(before, decision)
        assert "latte" in told(before, decision)
