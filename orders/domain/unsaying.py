"""What a draft would be, had one message never been sent.

The log is played twice side by side: as it was, and without the changes that the
message gave the reason for. What later messages did stays, as long as it can be told
apart from what the message did.
"""

from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from typing import Final

from orders.domain.changes import (
    Change,
    ChangeRefused,
    DropLine,
    DropUnresolved,
    PutLine,
    PutUnresolved,
    ReplaceLine,
    Reprice,
    SetQuantity,
    TakeBack,
)
from orders.domain.draft import Draft, Line, Unresolved
from orders.domain.editing import apply
from orders.domain.replaying import Step, back_to, content_of

#: What tells how far a draft got, and its lines: all else are fields.
_NO_FIELDS: Final = frozenset(
    {
        *("id", "currency", "version", "state", "shown_version", "shown"),
        *("confirmed_by", "next_line", "lines", "unresolved", "field_evidence"),
        "end_reason",
    }
)
FIELDS: Final = tuple(f.name for f in fields(Draft) if f.name not in _NO_FIELDS)


class Untold(Exception):
    """What the message caused cannot be told from what came after it."""


def refs_of(change: Change) -> frozenset[str]:
    """Return the messages that gave the reason for a change."""
    match change:
        case PutLine(line) | ReplaceLine(_, line):
            reasons = line.evidence
        case PutUnresolved(unresolved):
            reasons = unresolved.evidence
        case TakeBack(ref):
            return frozenset({ref})
        case _:
            evidence = getattr(change, "evidence", None)
            reasons = (evidence,) if evidence is not None else ()
    return frozenset(each.ref for each in reasons if each.ref is not None)


def is_reason(log: Iterable[Step], ref: str) -> bool:
    """Return whether a message gave the reason for any change of a draft."""
    return any(ref in refs_of(change) for step in log for change in step.changes)


def take_back(
    now: Draft, created: Draft, log: Sequence[Step], ref: str
) -> TakeBack | None:
    """Return the change that undoes what a message caused; None: it caused nothing.

    `now` is the draft that `log` made out of `created`. Raises Untold.
    """
    if not is_reason(log, ref):
        return None
    then = _Twice(created, ref, log).played()
    if not _is_same(then.real, now):
        raise Untold(f"the log of draft {now.id} does not make the draft that there is")
    return _difference(now, then.other, ref)


def _difference(now: Draft, other: Draft, ref: str) -> TakeBack | None:
    """Return the change that makes `other` out of `now`, None when they are alike."""
    there, then = _things(now), _things(other)
    names = tuple(n for n in FIELDS if getattr(now, n) != getattr(other, n))
    change = TakeBack(
        ref=ref,
        gone=tuple(each for each in there if each not in then),
        before=Draft(
            id=now.id,
            currency=now.currency,
            lines=tuple(line for line in other.lines if there.get(line.id) != line),
            unresolved=tuple(u for u in other.unresolved if there.get(u.id) != u),
            field_evidence=tuple(e for e in other.field_evidence if e[0] in names),
            **{name: getattr(other, name) for name in names},
        ),
        fields=names,
    )
    empty = not (change.gone or names or change.before.lines)
    return None if empty and not change.before.unresolved else change


class _Twice:
    """A draft as it was, and as it would be without a message, step by step."""

    def __init__(self, created: Draft, ref: str, log: Sequence[Step]) -> None:
        self.real = self.other = content_of(created)
        self._versions = {created.version: (self.real, self.other)}
        self._ref = ref
        self._log = sorted(log, key=lambda step: step.version)
        self._made: set[str] = set()  #: Ids that only what is left out brought.
        changes = [change for step in self._log for change in step.changes]
        #: Where each message was last taken back: what it did before is left out.
        self._undone = {
            change.ref: place
            for place, change in enumerate(changes)
            if isinstance(change, TakeBack)
        }

    def played(self) -> "_Twice":
        place = 0
        try:
            for step in self._log:
                if step.restored is not None:
                    self._restore(step.restored, step.changes)
                for change in step.changes:
                    self._step(change, place)
                    place += 1
                self._versions[step.version] = (self.real, self.other)
        except (ChangeRefused, KeyError) as odd:
            raise Untold(str(odd)) from odd
        return self

    def _restore(self, version: int, changes: Iterable[Change]) -> None:
        if self._undone:
            raise Untold("what was taken back came again")
        if any(self._ref in refs_of(change) for change in changes):
            raise Untold("it took other changes back")
        real, other = self._versions[version]
        self.real, self.other = back_to(self.real, real), back_to(self.other, other)

    def _step(self, change: Change, place: int) -> None:
        before = self.real
        self.real = apply(before, change)
        if self._is_left_out(change, place):
            self._made |= _things(self.real).keys() - _things(before).keys()
        else:
            self._do(change, before)
        self.other = replace(self.other, next_line=self.real.next_line)

    def _is_left_out(self, change: Change, place: int) -> bool:
        refs = refs_of(change)
        undone = any(place <= self._undone.get(ref, -1) for ref in refs)
        return self._ref in refs or undone

    def _do(self, change: Change, before: Draft) -> None:
        earlier = self.other
        try:
            self.other = apply(earlier, change)
        except ChangeRefused:
            if not self._is_void(change):
                raise
            return
        if isinstance(change, PutLine):
            self._give_the_same_id(before, earlier)

    def _is_void(self, change: Change) -> bool:
        """Return whether a change that does not fit has nothing to do any more."""
        match change:
            case DropLine():
                return True
            case DropUnresolved(unresolved_id):
                return unresolved_id in self._made
            case SetQuantity(evidence=None) | Reprice():
                return True  # It followed from the catalog, and follows again.
        return False

    def _give_the_same_id(self, before: Draft, earlier: Draft) -> None:
        """Let a line that is put be known by the id that later changes call it by."""
        real = _grown(before, self.real)
        other = _grown(earlier, self.other)
        if real == other:
            return
        is_new = earlier.line(other) is None
        if not is_new or self.other.line(real) is not None:
            raise Untold(f"line {real} is another one without the message")
        lines = (
            replace(line, id=real) if line.id == other else line
            for line in self.other.lines
        )
        self.other = replace(self.other, lines=tuple(lines))


def _grown(before: Draft, after: Draft) -> str:
    """Return the id of the line that is new, or that grew."""
    return next(line.id for line in after.lines if before.line(line.id) != line)


def _things(draft: Draft) -> dict[str, Line | Unresolved]:
    lines = {line.id: line for line in draft.lines}
    return {**lines, **{mention.id: mention for mention in draft.unresolved}}


def _is_same(one: Draft, other: Draft) -> bool:
    """Return whether two drafts hold the same, whatever it was believed for."""
    return content_told(one) == content_told(other)


def content_told(draft: Draft) -> tuple[object, ...]:
    """Return what a draft holds, without the reasons for it."""
    lines = tuple(replace(line, evidence=()) for line in draft.lines)
    mentions = tuple(replace(each, evidence=()) for each in draft.unresolved)
    return (lines, mentions, *(getattr(draft, name) for name in FIELDS))
