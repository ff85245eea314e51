"""How a draft changes: the one place that gives a draft a new value.

These laws hold after every change: no two lines share an id, no two lines are the same
item, ids are never used again, and every line says where it came from.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import reduce

from orders.domain.bounds import check_line
from orders.domain.changes import (
    Change,
    ChangeRefused,
    ChooseVariant,
    Clear,
    DropLine,
    DropUnresolved,
    PutLine,
    PutUnresolved,
    Reopen,
    ReplaceLine,
    Reprice,
    SetOptions,
    SetQuantity,
    TakeBack,
)
from orders.domain.details import with_detail
from orders.domain.draft import (
    Draft,
    DraftState,
    Evidence,
    Line,
    LineOption,
    Shown,
    Unresolved,
)
from orders.domain.lifecycle import after, is_ended


def changed(draft: Draft, changes: Sequence[Change]) -> Draft:
    """Return the draft after all the changes, one version further.

    A proposed draft is open again: its summary is no longer true, and a confirmation
    of it is void. Without changes the draft stays as it is. Raises ChangeRefused, for
    all of them, when one does not fit or the draft has ended.
    """
    if is_ended(draft.state):
        raise ChangeRefused(
            f"draft {draft.id} is {draft.state.value}: an ended draft cannot change"
        )
    if not changes:
        return draft
    edited = reduce(apply, changes, draft)
    return replace(
        edited,
        version=draft.version + 1,
        state=DraftState.OPEN,
        confirmed_by=None,
    )


def proposed(draft: Draft, shown: Shown | None = None) -> Draft:
    """Return the draft whose very version was shown as a summary, and what it said.

    Raises IllegalMove when the draft has ended, or its confirmation awaits approval.
    """
    after(draft.state, DraftState.PROPOSED)
    return replace(
        draft,
        state=DraftState.PROPOSED,
        shown_version=draft.version,
        shown=shown,
    )


def awaiting(draft: Draft, confirmed_by: Evidence) -> Draft:
    """Return the draft that its customer confirmed and that an agent has to approve.

    Raises IllegalMove when it was not the one shown.
    """
    after(draft.state, DraftState.AWAITING)
    return replace(draft, state=DraftState.AWAITING, confirmed_by=confirmed_by)


def ended(draft: Draft, state: DraftState) -> Draft:
    """Return the draft, closed as ordered, cancelled, rejected or expired.

    Raises IllegalMove when it has ended otherwise already.
    """
    if not is_ended(state):
        raise ValueError(f"{state.value!r} is not an end of a draft")
    after(draft.state, state)
    return replace(draft, state=state)


def apply(draft: Draft, change: Change) -> Draft:  # noqa: PLR0911  # one per kind
    """Return the draft after one change; its version and state stay.

    Raises ChangeRefused when the change does not fit the draft.
    """
    match change:
        case PutLine(line, again):
            return _put(draft, line, again)
        case ReplaceLine(line_id, line):
            return _replaced(draft, line_id, line)
        case DropLine(line_id):
            return _dropped(draft, _wanted(draft, line_id))
        case SetQuantity() | ChooseVariant() | SetOptions() | Reprice():
            return _edited(draft, change)
        case PutUnresolved(unresolved):
            return _kept_open(draft, unresolved)
        case DropUnresolved(unresolved_id):
            return _closed(draft, unresolved_id)
        case Clear():
            return replace(draft, lines=(), unresolved=())
        case TakeBack():
            return _taken_back(draft, change)
        case Reopen():
            return draft  # Any change opens it again; this one does nothing else.
        case _:
            return with_detail(draft, change)


def same_item(one: Line, other: Line) -> bool:
    """Return whether two lines are one item: product, variant, options and note."""
    return (
        one.product_id == other.product_id
        and one.variant_id == other.variant_id
        and one.note == other.note
        and _option_key(one.options) == _option_key(other.options)
    )


def _option_key(
    options: Iterable[LineOption],
) -> frozenset[tuple[str, str, bool, str | None]]:
    return frozenset((o.group_id, o.value_id, o.negated, o.qualifier) for o in options)


def _put(draft: Draft, line: Line, again: str | None = None) -> Draft:
    check_line(line, draft.currency)
    twin = next((kept for kept in draft.lines if same_item(kept, line)), None)
    if twin is not None:
        seen_later = replace(
            twin,
            unit_price=line.unit_price,
            list_price=line.list_price,
            tax_rate=line.tax_rate,
        )
        return _with_line(draft, _grown(seen_later, line))
    if again is not None and _is_free(draft, again):
        return replace(draft, lines=_in_order((*draft.lines, replace(line, id=again))))
    new = replace(line, id=f"L{draft.next_line}")
    return replace(draft, lines=(*draft.lines, new), next_line=draft.next_line + 1)


def _is_free(draft: Draft, line_id: str) -> bool:
    """Return whether a line had that id, and none has it now."""
    return 0 < number_of(line_id) < draft.next_line and draft.line(line_id) is None


def number_of(some_id: str) -> int:
    """Return which one a line or an open mention was, 0 for what is no id of ours."""
    digits = some_id[1:]
    return int(digits) if digits.isascii() and digits.isdigit() else 0


def _in_order(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Return lines as they came: what comes back has its old place."""
    return tuple(sorted(lines, key=lambda line: number_of(line.id)))


def _taken_back(draft: Draft, change: TakeBack) -> Draft:
    before = change.before
    for line in before.lines:
        check_line(line, draft.currency)
    left = {
        *change.gone,
        *(line.id for line in before.lines),
        *(mention.id for mention in before.unresolved),
    }
    lines = (*(line for line in draft.lines if line.id not in left), *before.lines)
    mentions = (
        *(each for each in draft.unresolved if each.id not in left),
        *before.unresolved,
    )
    kept = {line.id for line in lines}
    reasons = tuple(e for e in draft.field_evidence if e[0] not in change.fields)
    again = tuple(e for e in before.field_evidence if e[0] in change.fields)
    fields = {name: getattr(before, name) for name in change.fields}
    return replace(
        draft,
        lines=_in_order(lines),
        unresolved=tuple(
            each if each.replaces in kept else replace(each, replaces=None)
            for each in sorted(mentions, key=lambda each: number_of(each.id))
        ),
        field_evidence=(*reasons, *again),
        **fields,
    )


def _grown(line: Line, more: Line) -> Line:
    """Return `line` with the quantity and the evidence of `more` added."""
    if line.unit != more.unit:
        raise ChangeRefused(
            f"line {line.id} is counted in {line.unit}: convert {more.unit} first"
        )
    return replace(
        line,
        quantity=line.quantity + more.quantity,
        pack=None,  # "2 koli" no longer tells the whole quantity.
        evidence=_joined(line.evidence, more.evidence),
    )


def _replaced(draft: Draft, line_id: str, line: Line) -> Draft:
    old = _wanted(draft, line_id)
    check_line(line, draft.currency)
    evidence = _joined(old.evidence, line.evidence)
    return _united(draft, replace(line, id=old.id, evidence=evidence))


def _edited(
    draft: Draft, change: SetQuantity | ChooseVariant | SetOptions | Reprice
) -> Draft:
    line = _wanted(draft, change.line_id)
    match change:
        case SetQuantity(_, quantity, evidence):
            line = _because(replace(line, quantity=quantity, pack=None), evidence)
            return _with_line(draft, line)
        case Reprice(_, unit_price):
            return _with_line(draft, replace(line, unit_price=unit_price))
        case ChooseVariant(_, variant_id, name, sku, unit_price, evidence):
            line = replace(
                line,
                variant_id=variant_id,
                variant_name=name,
                sku=sku,
                unit_price=unit_price,
            )
            return _united(draft, _because(line, evidence))
        case SetOptions(_, options, unit_price, evidence):
            line = replace(line, options=options, unit_price=unit_price)
            return _united(draft, _because(line, evidence))


def _united(draft: Draft, line: Line) -> Draft:
    """Put back a line that became another item; it takes in the line of that item."""
    twin = next(
        (kept for kept in draft.lines if kept.id != line.id and same_item(kept, line)),
        None,
    )
    if twin is None:
        return _with_line(draft, line)
    rest = _dropped(draft, twin, heir=line.id)
    return _with_line(rest, _grown(line, twin))


def _with_line(draft: Draft, line: Line) -> Draft:
    check_line(line, draft.currency)
    lines = tuple(line if kept.id == line.id else kept for kept in draft.lines)
    return replace(draft, lines=lines)


def _dropped(draft: Draft, line: Line, heir: str | None = None) -> Draft:
    """Return the draft without the line; what meant to replace it means `heir`."""
    return replace(
        draft,
        lines=tuple(kept for kept in draft.lines if kept.id != line.id),
        unresolved=tuple(
            replace(each, replaces=heir) if each.replaces == line.id else each
            for each in draft.unresolved
        ),
    )


def _kept_open(draft: Draft, mention: Unresolved) -> Draft:
    if mention.replaces is not None:
        _wanted(draft, mention.replaces)
    # One counter for lines and mentions: an id never meant anything else before.
    kept = replace(mention, id=f"U{draft.next_line}")
    return replace(
        draft, unresolved=(*draft.unresolved, kept), next_line=draft.next_line + 1
    )


def _closed(draft: Draft, unresolved_id: str) -> Draft:
    rest = tuple(each for each in draft.unresolved if each.id != unresolved_id)
    if len(rest) == len(draft.unresolved):
        known = ", ".join(each.id for each in rest) or "none"
        raise ChangeRefused(
            f"there is no open mention {unresolved_id!r} in draft {draft.id};"
            f" open are: {known}"
        )
    return replace(draft, unresolved=rest)


def _wanted(draft: Draft, line_id: str) -> Line:
    line = draft.line(line_id)
    if line is None:
        known = ", ".join(kept.id for kept in draft.lines) or "none"
        raise ChangeRefused(
            f"there is no line {line_id!r} in draft {draft.id}; its lines are: {known}"
        )
    return line


def _because(line: Line, evidence: Evidence | None) -> Line:
    if evidence is None:
        return line
    return replace(line, evidence=_joined(line.evidence, (evidence,)))


def _joined(
    first: tuple[Evidence, ...], more: tuple[Evidence, ...]
) -> tuple[Evidence, ...]:
    return (*first, *(each for each in more if each not in first))
