"""The last order again: at today's prices, with what shall be otherwise this time."""

from collections.abc import Sequence

from bot.domain.course import Course
from bot.domain.items import Wanted, option_of, put
from bot.domain.mentions import put_again
from bot.domain.names import closest
from bot.domain.pointing import lines_meant
from bot.domain.replies import CannotTake, NoOrderYet
from bot.domain.revising import Said, form_of, revise, said_quantity
from bot.domain.snapshot import TurnMessage
from bot.domain.understanding import Act, Mention, OptionMention
from catalog import Ambiguous, Certain
from orders import Evidence, Line, OrderLine


def repeat(course: Course, message: TurnMessage) -> None:
    """Put what was bought last, but for what shall stay out; say what is not sold."""
    last = course.snapshot.last_order
    if last is None:
        course.say(NoOrderYet())
        return
    evidence = course.evidence(message)
    course.heard = True
    before = frozenset(line.id for line in course.draft.lines)
    spared = _spared(course, last.lines)
    wanted = [line for line in last.lines if line.id not in spared]
    gone = tuple(line.name for line in wanted if not put_again(course, line, evidence))
    if gone:
        course.say(CannotTake(gone))
    touched = [line for line in map(course.draft.line, course.touched) if line]
    _wish(course, touched or _new(course, before), evidence)


def _new(course: Course, before: frozenset[str]) -> list[Line]:
    return [line for line in course.draft.lines if line.id not in before]


def _spared(course: Course, lines: Sequence[OrderLine]) -> frozenset[str]:
    """Return the ids of the lines that shall not come again: "without the gaskets".

    What is a line of the draft already is taken out of that, too, where it is read.
    """
    spared: set[str] = set()
    for place, mention in enumerate(course.understanding.mentions):
        if _is_wish(mention):
            spared |= {
                line.id
                for option in mention.options
                if (line := _unwanted(option, lines)) is not None
            }
        if mention.act is not Act.REMOVE or mention.quantity is not None:
            continue
        named = _named(course, place, mention, lines)
        spared |= named
        there = lines_meant(course, mention, course.matches.get(place))
        if named and not there:
            course.settled.add(place)
    return frozenset(spared)


def _named(
    course: Course, place: int, mention: Mention, lines: Sequence[OrderLine]
) -> set[str]:
    if not mention.text.strip():
        return set()
    match course.matches.get(place):
        case Certain(candidate=found):
            ids = {found.product_id}
        case Ambiguous(candidates=candidates):
            ids = {each.product_id for each in candidates}
        case _:
            ids = set()
    named = {line.id for line in lines if line.product_id in ids}
    if named:
        return named
    place_of_one = closest(mention.text, [(line.name,) for line in lines])
    return set() if place_of_one is None else {lines[place_of_one].id}


def _is_wish(mention: Mention) -> bool:
    """Return whether a mention says how all that comes again shall be."""
    points = not mention.text.strip() and mention.ordinal is None
    return mention.act is Act.SET and points and mention.quantity is None


def _unwanted(option: OptionMention, lines: Sequence[OrderLine]) -> OrderLine | None:
    """Return the line that "no gaskets" names, which the catalog may not know now."""
    if not option.negated:
        return None
    place = closest(option.text, [(line.name,) for line in lines])
    return None if place is None else lines[place]


def _wish(course: Course, lines: Sequence[Line], evidence: Evidence) -> None:
    """Do what is wished of all that comes again: "the usual, with oat milk"."""
    for place, mention in enumerate(course.understanding.mentions):
        if not _is_wish(mention):
            continue
        course.settled.add(place)
        last = course.snapshot.last_order
        for option in mention.options:
            if last is None or _unwanted(option, last.lines) is None:
                _wish_one(course, lines, option, evidence)


def _wish_one(
    course: Course, lines: Sequence[Line], option: OptionMention, evidence: Evidence
) -> None:
    taking = [line for line in lines if _takes(course, line, option)]
    if not taking and not option.negated:
        match = course.snapshot.index.find(option.text)
        product = (
            course.product(match.candidate.product_id)
            if isinstance(match, Certain)
            else None
        )
        if product is not None:
            put(course, Wanted(product, evidence, words=option.text))
            return
    said = Mention(act=Act.SET, options=(option,))
    for line in taking or lines:
        now = course.draft.line(line.id)
        if now is not None:
            told = Said(said, None, evidence, late=False)
            revise(course, now, told, said_quantity)


def _takes(course: Course, line: Line, option: OptionMention) -> bool:
    product = course.product(line.product_id)
    if product is None:
        return False
    form = form_of(course, line, product, (option,))
    return option_of(product, option) is not None or form is not None
