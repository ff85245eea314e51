"""Questions about products, answered with what the catalog says."""

from bot.domain.answers import Compared, FactsQuoted, PictureShown, QuestionPassedOn
from bot.domain.choices import choice_of
from bot.domain.course import Course, remembered
from bot.domain.instead import instead_of
from bot.domain.pointing import last_line, open_mention
from bot.domain.replies import NotFound, ProductFacts
from bot.domain.revising import Said
from bot.domain.understanding import Asks, Topic
from catalog import Ambiguous, Candidate, Certain, Match, Product, Unknown
from catalog.domain.facts import fact_of, forms_of, picture_of
from orders import unit_price
from orders.domain.rules import stock_of

#: So many products are described when a question may be about several.
_DESCRIBED = 3
#: So many pictures are sent at once; a person sends the others.
_PICTURES = 5
#: So many are compared.
_COMPARED = 5
#: Why a person is to look: `bot.domain.decision.Decision.attention`.
QUESTION = "question"


def asked_about(course: Course, said: Said) -> None:
    """Say what is known of the product that somebody asks about."""
    if isinstance(said.match, Unknown):
        course.say(NotFound((said.mention.text,)))
        return
    asks = said.mention.asks
    if asks is not None and asks.topic is Topic.CHEAPER:
        _compare(course)
        return
    found = _candidates(course, said)
    if not found and course.memory.last_asked != course.snapshot.memory.last_asked:
        return  # What is asked was answered a sentence before.
    only = found[0].product_id if len(found) == 1 else None
    course.memory = remembered(course.memory, last_asked=only)
    for each in found:
        product = course.product(each.product_id)
        if product is not None:
            _tell(course, product, each.variant_id, asks)
    course.unclear = course.unclear or not found


def _candidates(course: Course, said: Said) -> tuple[Candidate, ...]:
    match = said.match
    if isinstance(match, Certain):
        return (match.candidate,)
    if isinstance(match, Ambiguous):
        return match.candidates[:_DESCRIBED]
    asks = said.mention.asks
    pointed = {each.product_id for each in asks.facts} if asks else set()
    if len(pointed) == 1:
        return (Candidate(pointed.pop(), None, 1.0),)
    before = course.memory.last_asked
    if asks is not None and before is not None and not course.touched:
        return (Candidate(before, None, 1.0),)
    line = last_line(course)
    return (Candidate(line.product_id, line.variant_id, 1.0),) if line else ()


def _tell(
    course: Course, product: Product, variant_id: str | None, asks: Asks | None
) -> None:
    if asks is None or asks.topic is Topic.FORMS:
        course.say(_facts(course, product, variant_id))
        return
    name = choice_of(product, variant_id, 1.0).name
    facts = tuple(
        fact
        for each in asks.facts
        if each.product_id == product.id and (fact := fact_of(product, each.fact))
    )
    link = picture_of(product, product.variant(variant_id))
    if asks.topic is Topic.RESTOCK and not facts:
        known = _facts(course, product, variant_id)
        course.say(known)
        if known.available is None or known.available > 0:
            return
    sent = sum(isinstance(each, PictureShown) for each in course.said)
    if asks.topic is Topic.PICTURE and link is not None and sent < _PICTURES:
        course.say(PictureShown(name, link, _sku(product, variant_id)))
    elif facts:
        course.say(FactsQuoted(name, facts, product.unit))
    else:
        pass_on(course, name)


def pass_on(course: Course, *names: str) -> None:
    """Leave a question to a person; the conversation stays the bot's."""
    course.attention = course.attention or QUESTION
    course.say(QuestionPassedOn(names))


def _compare(course: Course) -> None:
    """Say which of the products that are asked about costs less."""
    found = dict.fromkeys(
        (each.product_id, each.variant_id)
        for place, mention in enumerate(course.understanding.mentions)
        if mention.asks is not None and mention.asks.topic is Topic.CHEAPER
        for each in _best(course.matches.get(place))
    )
    if len(found) <= 1:
        still_open = open_mention(course, "")
        choices = still_open.choices if still_open else ()
        found |= dict.fromkeys((each.product_id, each.variant_id) for each in choices)
    rows = [
        (
            (choice_of(product, variant_id, 1.0).name, price, product.unit),
            _sku(product, variant_id),
        )
        for product_id, variant_id in tuple(found)[:_COMPARED]
        if (product := course.product(product_id)) is not None
        if (price := unit_price(product, variant_id, ())) is not None
    ]
    if len(rows) > 1:
        rows.sort(key=lambda each: each[0][1])
        told, skus = zip(*rows, strict=True)
        course.say(Compared(told, skus))
    else:
        pass_on(course, *(name for (name, *_), _ in rows))


def _sku(product: Product, variant_id: str | None) -> str:
    variant = product.variant(variant_id)
    return variant.sku if variant else product.sku


def _best(match: Match | None) -> tuple[Candidate, ...]:
    if isinstance(match, Certain):
        return (match.candidate,)
    return match.candidates[:_DESCRIBED] if isinstance(match, Ambiguous) else ()


def _facts(course: Course, product: Product, variant_id: str | None) -> ProductFacts:
    variant = product.variant(variant_id)
    forms = forms_of(product)[len(product.variants) if variant else 0 :]
    counted = variant is not None or not product.variants
    available = (
        stock_of(product, variant_id, course.snapshot.available) if counted else None
    )
    instead = instead_of(course, product, variant_id) if available == 0 else ()
    return ProductFacts(
        name=choice_of(product, variant_id, 1.0).name,
        price=unit_price(product, variant_id, ()),
        unit=product.unit,
        available=available,
        description=product.description,
        options=forms,
        instead=tuple(choice.name for choice in instead),
    )
