"""Which lines of the draft words point at: by name, by place, or as the last one."""

from collections.abc import Sequence

from bot.domain.course import Course, label
from bot.domain.names import closest
from bot.domain.understanding import Mention
from catalog import Ambiguous, Certain, Match
from orders import Line, Unresolved


def lines_meant(course: Course, mention: Mention, match: Match | None) -> list[Line]:
    """Return the lines that a mention may mean, none when it points at nothing."""
    lines = course.draft.lines
    if mention.ordinal is not None and match is None:
        return _numbered(course, mention.ordinal)
    pointed = not mention.text.strip()
    if pointed and match is None:
        line = last_line(course)
        return [line] if line else []
    found = _of_products(lines, match)
    found = found or ([] if pointed else _named(course, mention.text))
    words = " ".join((mention.text, *(o.text for o in mention.options)))
    place_of_one = closest(words, [_details(line) for line in found])
    return [found[place_of_one]] if place_of_one is not None else found


def _numbered(course: Course, number: int) -> list[Line]:
    """Return the line with that number; as it was when the turn began, if it was there.

    "Remove the first and the second" drops two lines, and not the third.
    """
    now, then = course.draft.lines, course.base.lines
    if 0 < number <= len(then):
        line = course.draft.line(then[number - 1].id)
        return [line] if line is not None else []
    place = number - 1 if number > 0 else number
    return [now[place]] if -len(now) <= place < len(now) else []


def line_named(course: Course, words: str | None) -> Line | None:
    """Return the one line with that name; the last one spoken of without words."""
    if not (words or "").strip():
        return last_line(course)
    named = _named(course, words or "")
    return named[-1] if named else None


def last_line(course: Course) -> Line | None:
    """Return the line that "it" is: asked about, spoken of last, or the only one."""
    draft = course.draft
    asked = course.asked
    for line_id in (
        asked.about if asked and not course.touched else None,
        course.memory.last_line,
    ):
        line = draft.line(line_id or "")
        if line is not None:
            return line
    return draft.lines[0] if len(draft.lines) == 1 else None


def preferred(course: Course, lines: Sequence[Line]) -> Line:
    """Return the line spoken of last among several, else the newest."""
    last = course.memory.last_line
    return next((line for line in lines if line.id == last), lines[-1])


def open_mention(course: Course, text: str) -> Unresolved | None:
    """Return the open mention that words mean; asked about now, when there are none."""
    mentions = course.draft.unresolved
    if not text.strip():
        about = course.asked.about if course.asked else None
        return next((each for each in mentions if each.id == about), None)
    names = [(each.text, *(c.name for c in each.choices)) for each in mentions]
    place = closest(text, names)
    return mentions[place] if place is not None else None


def _of_products(lines: Sequence[Line], match: Match | None) -> list[Line]:
    """Return the lines of what the catalog took the words for."""
    match match:
        case Certain(candidate=candidate):
            pairs = [(candidate.product_id, candidate.variant_id)]
        case Ambiguous(candidates=candidates):
            pairs = [(each.product_id, each.variant_id) for each in candidates]
        case _:
            return []
    exactly = [line for line in lines if (line.product_id, line.variant_id) in pairs]
    products = {product_id for product_id, _ in pairs}
    return exactly or [line for line in lines if line.product_id in products]


def _named(course: Course, words: str) -> list[Line]:
    lines = course.draft.lines
    names = [_names(course, line) for line in lines]
    place = closest(words, names)
    if place is not None:
        return [lines[place]]
    # Two lines of one product have the same name: both are meant.
    by_name: dict[str, list[Line]] = {}
    for line in lines:
        by_name.setdefault(line.name, []).append(line)
    distinct = sorted(by_name)
    place = closest(words, [(name,) for name in distinct])
    return by_name[distinct[place]] if place is not None else []


def _names(course: Course, line: Line) -> tuple[str, ...]:
    product = course.snapshot.index.product(line.product_id)
    aliases = product.aliases if product else ()
    return (line.name, label(line), *_details(line)[1:], *aliases)


def _details(line: Line) -> tuple[str, ...]:
    """Return what tells a line from another one of the same product."""
    options = [option.name for option in line.options]
    variant = [line.variant_name] if line.variant_name else []
    told = " ".join((line.name, *variant, *options))
    return (told, *variant, *options)
