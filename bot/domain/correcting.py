"""What a turn does about edited and deleted messages that were handled before.

What such a message caused is taken back before anything is heard; its new words are
then heard like any others, and what they name again keeps its line. What later words
built on, and what is ordered, is left alone: people are asked.
"""

from dataclasses import replace

from bot.domain.corrected import (
    DeleteTaken,
    DeleteUnclear,
    EditTaken,
    EditUnclear,
    OrderUntouched,
    OutOfOrder,
)
from bot.domain.course import Course, label
from bot.domain.courtesies import About, Offer
from bot.domain.snapshot import Correction, Fate
from catalog import Ambiguous, Certain
from orders import Draft, Line, TakeBack
from orders.domain.unsaying import content_told

#: Why an edit or a delete has no answer: it changed nothing.
NO_CHANGE = "changes_nothing"


def correct(course: Course) -> None:
    """Take back what edited and deleted messages caused, before anything is heard."""
    for correction in course.snapshot.corrections:
        match correction.fate:
            case Fate.TAKEN_BACK if correction.change is not None:
                course.change(correction.change)
                _let_stand_again(course, correction)
            case Fate.ORDERED:
                _leave_ordered(course, correction)
            case Fate.UNTOLD:
                _ask(course, correction)
            case _:
                course.silences.append(NO_CHANGE)


def say_corrected(course: Course) -> None:
    """Say what became of the corrections, once their new words were heard."""
    taken = [
        c
        for c in course.snapshot.corrections
        if c.fate is Fate.TAKEN_BACK and c.change in course.changes
    ]
    if not taken or course.end is not None:
        return
    if _is_as_before(course):
        _forget(course)
        return
    for correction in taken:
        gone = _gone(course, correction)
        if correction.deleted:
            course.say(DeleteTaken(gone))
        else:
            course.say(EditTaken())
            for name in gone:
                course.drop(name)


def say_out_of_order(course: Course) -> None:
    """Ask to look twice where words that came late explain others that came before.

    "no, 3" made no sense until "2 latte" came: what was meant is the customer's to say.
    """
    if course.late and course.touched and course.snapshot.memory.misunderstood:
        course.say(OutOfOrder())


def _let_stand_again(course: Course, correction: Correction) -> None:
    """Let what the new words name again be the line that it was."""
    if correction.deleted:
        return
    gone = _lines_gone(course.snapshot.draft, course.draft, correction)
    for line in gone:
        course.standing.setdefault(line.product_id, line.id)
    place = next(
        (n for n, m in enumerate(course.messages) if m.id == correction.message_id),
        None,
    )
    mentions, _ = course.said_at.get(place, ((), ()))
    for mention in mentions:
        course.matches.update(_known_by(course, mention))


def _known_by(course: Course, mention: int) -> dict[int, Certain]:
    """Return the product that was chosen before, where the words still allow it."""
    match = course.matches.get(mention)
    if not isinstance(match, Ambiguous):
        return {}
    chosen = [c for c in match.candidates if c.product_id in course.standing]
    if len({c.product_id for c in chosen}) != 1:
        return {}
    lines = course.snapshot.draft.lines
    line = next(each for each in lines if each.product_id == chosen[0].product_id)
    return {mention: Certain(replace(chosen[0], variant_id=line.variant_id))}


def _leave_ordered(course: Course, correction: Correction) -> None:
    """Say that an order stands as it is, and offer what can be done."""
    number = correction.caused.order or 0
    course.say(OrderUntouched(number, correction.deleted))
    last, shop = course.snapshot.last_order, course.snapshot.shop
    is_last = last is not None and last.number == number
    if last is None or not is_last or len(course.messages) > 1:
        return
    course.done = True
    if shop.manners.may_cancel(last.state):
        course.question = Offer(About.CANCEL_ORDER, last.id, number)


def _ask(course: Course, correction: Correction) -> None:
    """Ask what is wanted: what the message caused was changed since."""
    said = correction.caused.said
    if correction.deleted:
        course.say(DeleteUnclear(said))
    else:
        course.say(EditUnclear(said, correction.now))
    course.rejected = True


def _gone(course: Course, correction: Correction) -> tuple[str, ...]:
    """Return what lines of the message are in the order no more."""
    lines = _lines_gone(course.snapshot.draft, course.draft, correction)
    there = {line.product_id for line in course.draft.lines}
    return tuple(label(line) for line in lines if line.product_id not in there)


def _lines_gone(before: Draft, now: Draft, correction: Correction) -> list[Line]:
    change = correction.change
    gone = change.gone if isinstance(change, TakeBack) else ()
    return [line for line in before.lines if line.id in gone and not now.line(line.id)]


def _is_as_before(course: Course) -> bool:
    before, now = course.snapshot.draft, course.draft
    reopened = not any(isinstance(change, TakeBack) for change in course.changes)
    return not reopened and content_told(before) == content_told(now)


def _forget(course: Course) -> None:
    """Leave the draft, and the summary that was shown, as they are."""
    course.draft = course.base
    course.changes.clear()
    course.touched.clear()
    course.silences.append(NO_CHANGE)
    course.heard = bool(course.said)
