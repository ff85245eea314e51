"""What is said about products: put, set, taken out, exchanged, or only asked about."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

from bot.domain.choices import choice_of, wishes_of
from bot.domain.course import Course, label
from bot.domain.facts import asked_about
from bot.domain.items import Wanted, put
from bot.domain.message import Media, MediaKind
from bot.domain.picking import answered
from bot.domain.pointing import (
    line_named,
    lines_meant,
    open_mention,
    preferred,
)
from bot.domain.quoting import affirmed, lost, referred, unclear
from bot.domain.replies import NotFound, NotInOrder
from bot.domain.revising import (
    Said,
    more_quantity,
    option_dropped,
    other_form,
    requantify,
    revise,
    said_quantity,
    taken_off,
)
from bot.domain.snapshot import TurnMessage
from bot.domain.understanding import Act, Mention, OptionMention, Pick
from catalog import Ambiguous, Candidate, Certain, Match, Unknown
from orders import (
    Choice,
    DropLine,
    DropUnresolved,
    Evidence,
    Field,
    Line,
    OrderLine,
    PutUnresolved,
    Unresolved,
)

#: A near miss this likely is asked about; a less likely one is just not found.
_WORTH_ASKING = 0.5
#: What a customer may point at with the words below it.
_PICTURES = frozenset({MediaKind.IMAGE, MediaKind.VIDEO})


def mentioned(course: Course, place: int, message: TurnMessage) -> None:
    """Do what one mention of a message asks for; a late one never overrides."""
    mention = course.understanding.mentions[place]
    if place in course.settled:
        return
    if lost(course, mention, message) or affirmed(course, mention, message):
        return
    quote = mention.quote.text if mention.quote else None
    match = course.matches.get(place) or referred(course, mention, message)
    if match is None and points_at_it(mention, message):
        return
    if unclear(course, mention, match):
        return
    said = Said(
        mention,
        match,
        course.evidence(message, quote),
        message.late,
    )
    adds = mention.act in (Act.ADD, Act.ASK) and (not said.points or not said.late)
    if said.late and not adds:
        course.silences.append("late")
        return
    _ACTS[mention.act](course, said)


def points_at_it(mention: Mention, message: TurnMessage) -> bool:
    """Return whether words below a picture name nothing but it: "this one x2"."""
    content = message.content
    shows = isinstance(content, Media) and content.kind in _PICTURES
    answers = message.quoted is not None
    names = mention.text.strip() or mention.sight is not None
    return shows and not answers and not names


def put_again(course: Course, line: OrderLine | Line, evidence: Evidence) -> bool:
    """Put what was bought before, at today's price; False when it is not sold now."""
    product = course.product(line.product_id)
    known = line.variant_id is None or (product and product.variant(line.variant_id))
    if product is None or not known:
        return False
    wishes = tuple(
        OptionMention(text=o.name, negated=o.negated, qualifier=o.qualifier)
        for o in line.options
    )
    put(
        course,
        Wanted(
            product,
            evidence,
            line.variant_id,
            line.quantity,
            options=wishes,
            note=line.note,
        ),
    )
    return True


def picked(course: Course, pick: Pick, evidence: Evidence) -> None:
    """Take a pick: one of our choices, an amount that we asked for, or a product."""
    asked = course.asked
    if answered(course, pick, evidence):
        return
    if asked and asked.field is Field.QUANTITY and (pick.number or 0) > 0:
        said = Mention(act=Act.SET, quantity=Decimal(pick.number or 0))
        _set(course, Said(said, None, evidence, late=False))
        return
    words = (pick.text or "").strip()
    match = course.snapshot.index.find(words) if words else Unknown("")
    if isinstance(match, Unknown):
        course.unclear = True
        return
    said = Mention(text=words)
    _add(course, Said(said, match, evidence, late=False))


# -- acts -----------------------------------------------------------------------------


def _add(course: Course, said: Said) -> None:
    mention = said.mention
    if _takes_asked(course, said):
        return
    if said.points:
        _add_to_last(course, said)
    elif _settles_open(course, said) or _answers(course, said):
        return
    elif said.late and (there := lines_meant(course, mention, said.match)):
        course.heard = True
        course.touch(there[-1].id)
    else:
        _put_new(course, said, mention.quantity, replaces=None)


def _set(course: Course, said: Said) -> None:
    mention = said.mention
    if _answers(course, said) or _takes_asked(course, said):
        return
    about = open_mention(course, "") if said.points and not course.touched else None
    if about is not None and mention.quantity is not None:
        requantify(course, about, said)
        return
    lines = lines_meant(course, mention, said.match)
    if lines:
        revise(course, preferred(course, lines), said, said_quantity)
        return
    still_open = open_mention(course, mention.text)
    if still_open is not None and mention.quantity is not None:
        requantify(course, still_open, said)
    elif said.points:
        course.unclear = True
    else:
        _add(course, said)


def _remove(course: Course, said: Said) -> None:
    mention = said.mention
    lines = lines_meant(course, mention, said.match)
    some = len(lines) == 1 and mention.quantity is not None
    if some and taken_off(course, lines[0], said):
        return
    for line in lines:
        if course.change(DropLine(line.id, said.evidence)):
            course.drop(label(line))
    if lines:
        return
    still_open = open_mention(course, mention.text)
    if still_open is not None:
        course.change(DropUnresolved(still_open.id, said.evidence))
        course.drop(still_open.text)
    elif not option_dropped(course, said):
        _say_missing(course, mention.text, said)


def _replace(course: Course, said: Said) -> None:
    mention = said.mention
    old = line_named(course, mention.replaces)
    if old is None:
        still_open = open_mention(course, mention.replaces or "")
        if still_open is not None:
            course.change(DropUnresolved(still_open.id, said.evidence))
            course.drop(still_open.text)
        elif mention.replaces:
            course.say(NotInOrder((mention.replaces,)))
        _add(course, said)
        return
    if not isinstance(said.match, Certain) and other_form(course, old, said):
        return
    if said.points:
        revise(course, old, said, said_quantity)
        return
    quantity = mention.quantity
    if quantity is None and _same_unit(course, old, said.match):
        quantity = old.quantity
    _put_new(course, said, quantity, replaces=old.id)


_ACTS: Mapping[Act, Callable[[Course, Said], None]] = {
    Act.ADD: _add,
    Act.SET: _set,
    Act.REMOVE: _remove,
    Act.REPLACE: _replace,
    Act.ASK: asked_about,
}


# -- steps ----------------------------------------------------------------------------


def _put_new(
    course: Course,
    said: Said,
    quantity: Decimal | None,
    replaces: str | None,
    called: str | None = None,
) -> None:
    """Put what was said; `called`: what it was called when that was not understood."""
    mention = said.mention
    match said.match:
        case Certain(candidate=candidate):
            product = course.product(candidate.product_id)
            if product is None:
                course.say(NotFound((mention.text,)))
                return
            put(
                course,
                Wanted(
                    product,
                    said.evidence,
                    candidate.variant_id,
                    quantity,
                    mention.unit,
                    mention.options,
                    mention.note,
                    replaces,
                    called or mention.text,
                    said.because,
                ),
            )
        case Ambiguous(candidates=candidates):
            _keep(course, said, quantity, replaces, _choices(course, candidates))
        case Unknown(near=near):
            likely = tuple(c for c in near if c.probability >= _WORTH_ASKING)
            if likely and mention.unit is None and replaces is None:
                _keep(course, said, quantity, replaces, _choices(course, likely))
            else:
                course.say(NotFound((mention.text,)))
        case None:
            course.unclear = True


def _choices(course: Course, found: tuple[Candidate, ...]) -> tuple[Choice, ...]:
    return tuple(
        choice_of(product, each.variant_id, each.probability)
        for each in found
        if (product := course.product(each.product_id)) is not None
    )


def _keep(
    course: Course,
    said: Said,
    quantity: Decimal | None,
    replaces: str | None,
    choices: tuple[Choice, ...],
) -> None:
    mention = said.mention
    kept = Unresolved(
        id="",
        text=mention.text,
        quantity=quantity,
        unit=mention.unit,
        choices=choices,
        replaces=replaces,
        evidence=(said.evidence,),
        wishes=wishes_of(mention.options, mention.note),
    )
    course.heard = True
    same = next((u for u in course.draft.unresolved if u.text == mention.text), None)
    # A second picture is a second wish, unless it shows the same.
    another = same and mention.sight is not None and same.choices != choices
    if same is not None and not another and same.id in _open_before(course):
        # Said again instead of an answer: still one wish.
        if quantity is None:
            kept = replace(kept, quantity=same.quantity, unit=same.unit)
        course.change(DropUnresolved(same.id, said.evidence))
    course.change(PutUnresolved(kept))


def _settles_open(course: Course, said: Said) -> bool:
    """Take a certain product for the open mention that it may well answer."""
    if not isinstance(said.match, Certain):
        return False
    found = said.match.candidate
    asked = course.asked.about if course.asked else None
    for mention in course.draft.unresolved:
        if mention.id not in _open_before(course):
            continue
        offered = {choice.product_id for choice in mention.choices}
        if found.product_id in offered or (not offered and mention.id == asked):
            course.change(DropUnresolved(mention.id, said.evidence))
            wishes = tuple(
                OptionMention(text=text, negated=negated, qualifier=qualifier)
                for text, negated, qualifier in mention.wishes
            )
            own = said.mention
            merged = own.model_copy(
                update={
                    "options": (*wishes, *own.options),
                    "unit": own.unit if own.quantity is not None else mention.unit,
                }
            )
            quantity = own.quantity if own.quantity is not None else mention.quantity
            called = None if mention.instead_of else mention.text
            again = replace(said, mention=merged, because=mention.evidence)
            _put_new(course, again, quantity, mention.replaces, called)
            return True
    return False


def _answers(course: Course, said: Said) -> bool:
    """Take words as a choice of our question, unless they surely name a product."""
    asked, mention = course.asked, said.mention
    if said.late or asked is None or not asked.choices or not mention.text.strip():
        return False
    if isinstance(said.match, Certain) or mention.quantity is not None:
        return False
    return answered(course, Pick(text=mention.text), said.evidence)


def _add_to_last(course: Course, said: Said) -> None:
    still_open = open_mention(course, "")
    if still_open is not None and said.mention.quantity is not None:
        requantify(course, still_open, said)
        return
    lines = lines_meant(course, said.mention, None)
    if lines:
        revise(course, lines[0], said, more_quantity)
    else:
        course.unclear = True


def _takes_asked(course: Course, said: Said) -> bool:
    """Put the product that was asked about last: "how much is it?", "2 of those"."""
    product = course.product(course.memory.last_asked or "")
    counted = said.mention.quantity is not None and said.mention.ordinal is None
    if product is None or not said.points or not counted:
        return False
    meant = replace(said, match=Certain(Candidate(product.id, None, 1.0)))
    _put_new(course, meant, said.mention.quantity, replaces=None)
    return True


def _say_missing(course: Course, text: str, said: Said) -> None:
    words = text.strip() or (said.evidence.quote or "").strip()
    if words:
        course.say(NotInOrder((words,)))
    else:
        course.unclear = True


def _same_unit(course: Course, old: Line, match: Match | None) -> bool:
    if not isinstance(match, Certain):
        return True
    product = course.product(match.candidate.product_id)
    return product is not None and product.unit == old.unit


def _open_before(course: Course) -> frozenset[str]:
    return frozenset(each.id for each in course.snapshot.draft.unresolved)
