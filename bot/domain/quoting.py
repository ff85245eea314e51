"""What an earlier message was about: "2 of this" beneath it can be understood."""

from collections.abc import Iterable, Iterator

from bot.domain.answers import Compared, FactsQuoted, PictureShown, ProductFacts
from bot.domain.corrected import QuoteUnclear, QuoteUnknown
from bot.domain.course import Course
from bot.domain.message import Tap
from bot.domain.replies import (
    AskField,
    AskWhich,
    LinesPut,
    OrderPlaced,
    OutOfStock,
    Reply,
    Summary,
)
from bot.domain.snapshot import Quoted, Subject, TurnMessage
from bot.domain.understanding import Act, Mention
from catalog import Ambiguous, Candidate, Certain, Index, Match
from orders import Line, OrderLine

#: So many products of one message are kept.
_MOST = 30


def subjects_of(replies: Iterable[Reply], index: Index) -> tuple[Subject, ...]:
    """Return which products and lines a turn's replies are about, as they are read."""
    found = (subject for reply in replies for subject in _subjects(reply, index))
    return tuple(dict.fromkeys(found))[:_MOST]


def _subjects(reply: Reply, index: Index) -> Iterator[Subject]:
    match reply:
        case LinesPut(lines):
            yield from map(_of_line, lines)
        case Summary(draft=draft):
            yield from map(_of_line, draft.lines)
        case OrderPlaced(order=order):
            yield from map(_of_line, order.lines)
        case AskField(about=Line() as line):
            yield _of_line(line)
        case AskWhich(unresolved=mention):
            for choice in mention.choices:
                yield Subject(product=choice.product_id, variant=choice.variant_id)
        case Compared(rows):
            yield from _named((name for name, *_ in rows), index)
        case ProductFacts() | FactsQuoted() | PictureShown() | OutOfStock():
            yield from _named((reply.name,), index)


def _of_line(line: Line | OrderLine) -> Subject:
    return Subject(product=line.product_id, variant=line.variant_id, line=line.id)


def _named(names: Iterable[str], index: Index) -> Iterator[Subject]:
    for name in names:
        found = index.find(name)
        if isinstance(found, Certain):
            yield Subject(product=found.candidate.product_id)


def referred(course: Course, mention: Mention, message: TurnMessage) -> Match | None:
    """Return the product of the message or card that is answered: "2 of this"."""
    if mention.text.strip():
        return None
    card = _card(course, message)
    if card is not None:
        return Certain(Candidate(card.product, card.variant, 1.0))
    subjects = _answered(course, message)
    if mention.ordinal is not None:
        place = mention.ordinal - 1 if mention.ordinal > 0 else mention.ordinal
        fits = -len(subjects) <= place < len(subjects)
        subjects = (subjects[place],) if fits else ()
    found = tuple(Candidate(each.product, each.variant, 1.0) for each in subjects)
    if len({(each.product_id, each.variant_id) for each in found}) > 1:
        return Ambiguous(found)
    return Certain(found[0]) if found else None


def lost(course: Course, mention: Mention, message: TurnMessage) -> bool:
    """Say that words point at a message that we cannot see, if they do."""
    quoted = message.quoted
    points = not mention.text.strip() and mention.sight is None
    if quoted is None or quoted.known or not points or _card(course, message):
        return False
    course.say(QuoteUnknown())
    return True


def affirmed(course: Course, mention: Mention, message: TurnMessage) -> bool:
    """Take "this one" for a line that is in the order: it is not one more."""
    adds = mention.act is Act.ADD and mention.quantity is None
    if not adds or mention.text.strip() or message.quoted is None:
        return False
    # Lines of another order may be known by the same ids.
    lines = {(each.line, each.product) for each in _answered(course, message)}
    there = [x for x in course.draft.lines if (x.id, x.product_id) in lines]
    if len(there) != 1:
        return False
    course.heard = True
    course.touch(there[0].id)
    return True


def unclear(course: Course, mention: Mention, match: Match | None) -> bool:
    """Ask which of several things in an answered message is meant, if they are."""
    if mention.text.strip() or not isinstance(match, Ambiguous):
        return False
    if mention.sight is not None:
        return False
    known = (course.product(each.product_id) for each in match.candidates)
    names = tuple(dict.fromkeys(each.name for each in known if each is not None))
    course.say(QuoteUnclear(names))
    return True


def _card(course: Course, message: TurnMessage) -> Subject | None:
    """Return the product of the catalog card that a message answers."""
    retailer_id = message.reply_to.product_retailer_id if message.reply_to else None
    found = course.snapshot.index.by_retailer_id(retailer_id) if retailer_id else None
    if found is None:
        return None
    product, variant = found
    return Subject(product=product.id, variant=variant.id if variant else None)


def _answered(course: Course, message: TurnMessage) -> tuple[Subject, ...]:
    """Return what the answered message was about, as far as it is still sold."""
    quoted = message.quoted
    if quoted is None or isinstance(message.content, Tap):
        return ()
    subjects = _brought_by(course, quoted) or quoted.subjects
    return tuple(each for each in subjects if course.product(each.product))


def _brought_by(course: Course, quoted: Quoted) -> tuple[Subject, ...]:
    """Return the lines that a customer's own message brought, if they are there."""
    last = course.snapshot.last_order
    for held in (course.draft.lines, last.lines if last else ()):
        found = tuple(
            _of_line(line)
            for line in held
            if any(each.ref == quoted.message_id for each in line.evidence)
        )
        if found and quoted.message_id is not None:
            return found
    return ()
