"""Whether what an edited or deleted message caused can be taken back. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

from bot.domain.message import EDIT, REVOKE, System, Text
from bot.domain.snapshot import Caused, Correction, Fate, Memory, TurnMessage
from orders import Change, Draft, Reopen
from orders.domain.editing import apply
from orders.domain.lifecycle import is_ended
from orders.domain.unsaying import Untold, is_reason, take_back


def corrections(
    messages: Iterable[TurnMessage], caused: Mapping[str, Caused], draft: Draft | None
) -> tuple[Correction, ...]:
    """Return what the edits and deletes among a turn's messages come to."""
    found = []
    done: tuple[Change, ...] = ()
    for message in messages:
        if message.amends is None or message.aside is not None:
            continue
        known = caused.get(message.amends) or Caused(message.amends, "")
        if draft is not None and done and known.draft_id == draft.id:
            known = replace(known, log=(*known.log, _ThisTurn(draft.version + 1, done)))
        correction = _weighed(message, known, draft)
        found.append(correction)
        if draft is not None and correction.change is not None:
            done = (*done, correction.change)
            draft = apply(draft, correction.change)
    return tuple(found)


def unheard(
    messages: Iterable[TurnMessage], found: Sequence[Correction]
) -> tuple[TurnMessage, ...]:
    """Return a turn's messages without the new words that nobody may act on.

    Those that stand in the place of what was taken back override nothing, even late.
    """
    mute = {each.message_id for each in found if not each.is_heard}
    instead = {each.message_id for each in found if each.fate is Fate.TAKEN_BACK}
    edit = System(event=EDIT)
    return tuple(
        replace(m, content=edit)
        if m.id in mute and isinstance(m.content, Text)
        else replace(m, late=m.late and m.id not in instead)
        for m in messages
    )


def taken_back(draft: Draft, found: Iterable[Correction]) -> Draft:
    """Return the draft without what corrected messages caused."""
    changes = (each.change for each in found if each.change is not None)
    return reduce(apply, changes, draft)


def remembered_then(
    memory: Memory, messages: Sequence[TurnMessage], found: Sequence[Correction]
) -> Memory:
    """Return what the new words of one message, alone in a turn, refer to.

    "3" in the place of "2" answers what was asked then, not what was asked since.
    """
    if len(messages) != 1 or len(found) != 1 or not found[0].is_heard:
        return memory
    then = found[0].caused.memory
    if then is None or found[0].fate is not Fate.TAKEN_BACK:
        return memory
    return _spoken_of(memory, then)


def remembered_now(memory: Memory, since: Memory | None) -> Memory:
    """Return what stays remembered when nothing was said to the new words after all.

    `since` is what was remembered before them.
    """
    return memory if since is None else _spoken_of(memory, since)


def _spoken_of(memory: Memory, other: Memory) -> Memory:
    """Return a memory with what another one says was asked and spoken of last."""
    names = ("asked", "last_line", "last_asked")
    return memory.model_copy(update={name: getattr(other, name) for name in names})


@dataclass(frozen=True, slots=True)
class _ThisTurn:
    """What this turn took back already."""

    version: int
    changes: tuple[Change, ...]
    restored: int | None = None


def _weighed(message: TurnMessage, caused: Caused, draft: Draft | None) -> Correction:
    content = message.content
    deleted = isinstance(content, System) and content.event == REVOKE
    fate, change = _fate(caused, draft)
    return Correction(
        message_id=message.id,
        deleted=deleted,
        fate=fate,
        caused=caused,
        now=content.text if isinstance(content, Text) else "",
        change=change,
    )


def _fate(caused: Caused, draft: Draft | None) -> tuple[Fate, Change | None]:
    if caused.order is not None:
        is_part = caused.confirmed or is_reason(caused.log, caused.ref)
        return (Fate.ORDERED if is_part else Fate.NOTHING), None
    if draft is None or draft.id != caused.draft_id or is_ended(draft.state):
        return Fate.NOTHING, None
    confirmed = draft.confirmed_by
    if confirmed is not None and confirmed.ref == caused.ref:
        return Fate.TAKEN_BACK, Reopen(confirmed)
    try:
        change = _undoing(caused, draft)
    except Untold:
        return Fate.UNTOLD, None
    return (Fate.TAKEN_BACK if change else Fate.NOTHING), change


def _undoing(caused: Caused, draft: Draft) -> Change | None:
    """Return the change that undoes it all; None: nothing. Raises Untold."""
    created = caused.created or Draft(draft.id, draft.currency)
    if not caused.legible:
        raise Untold("a newer version wrote the log")
    change = take_back(draft, created, caused.log, caused.ref)
    if change is None and caused.ref in _refs(draft):
        raise Untold("its log is gone")
    return change


def _refs(draft: Draft) -> frozenset[str | None]:
    """Return the messages that anything in a draft came from."""
    things = (
        *(line.evidence for line in draft.lines),
        *(mention.evidence for mention in draft.unresolved),
        tuple(evidence for _, evidence in draft.field_evidence),
    )
    return frozenset(each.ref for evidence in things for each in evidence)
