"""What a draft teaches about a customer's words, once somebody has settled it."""

from collections.abc import Iterator

from catalog.domain.learnt import Heard, Lesson, Meaning
from orders import Draft, Line


def learnt_by_order(draft: Draft, contact_id: str) -> tuple[Heard, ...]:
    """Return what the customer called the lines that they have confirmed."""
    return tuple(
        _heard(contact_id, line.words, line, Lesson.ORDER, None)
        for line in draft.lines
        if line.words
    )


def learnt_by_correction(
    before: Draft, after: Draft, contact_id: str, actor: str
) -> tuple[Heard, ...]:
    """Return what an agent's change says that the customer meant.

    A line of another product than the customer's words led to corrects those words; so
    does a new line that comes with words, or in the place of the only open ones.
    """
    return tuple(
        _heard(contact_id, words, line, Lesson.CORRECTION, actor)
        for words, line in _corrected(before, after)
    )


def _corrected(before: Draft, after: Draft) -> Iterator[tuple[str, Line]]:
    fresh = []
    for line in after.lines:
        old = before.line(line.id)
        if old is None:
            fresh.append(line)
        elif line.words and _item(line) != _item(old):
            yield line.words, line
    yield from ((line.words, line) for line in fresh if line.words)
    still_open = {mention.id for mention in after.unresolved}
    settled = [m for m in before.unresolved if m.id not in still_open]
    unnamed = [line for line in fresh if not line.words]
    if len(settled) == len(unnamed) == 1 and settled[0].instead_of is None:
        yield settled[0].text, unnamed[0]


def _item(line: Line) -> tuple[str, str | None]:
    return line.product_id, line.variant_id


def _heard(
    owner: str, words: str | None, line: Line, lesson: Lesson, actor: str | None
) -> Heard:
    meaning = Meaning(line.product_id, line.variant_id)
    return Heard(owner, words or "", meaning, lesson, actor)
