"""What the bot leaves to a person by the shop's rules, and what it says of it then.

The rules are data (`orders.Humans`); each is judged once for a draft, so that a chat
that was handed back is not handed over again for what a person has seen.
"""

from collections.abc import Callable, Sequence

from bot.domain.confirming import hand_over
from bot.domain.course import Course, remembered
from bot.domain.handed import Why
from bot.domain.message import Form, Media, Tap, Text
from bot.domain.people import GoOn, HandedOverClosed
from bot.domain.replies import HandedOver
from bot.domain.understanding import Intent, Priority, Sentiment
from catalog.domain.folding import tokens
from orders import price

#: What a person is to look at: the customer was told that nobody is there.
CLOSED = "closed"


def refer(course: Course) -> None:
    """Hand over what a person has to answer, before anything is settled."""
    if course.done or course.taking_up is not None or course.late:
        return
    for why, applies in _RULES:
        if applies(course):
            course.say(HandedOver())
            hand_over(course, why)
            # Seen once by a person, the draft is the bot's to finish.
            course.memory = remembered(course.memory, referred=course.draft.id)
            return


def tell_when(course: Course) -> None:
    """When nobody is there to take over: say until when, and offer to go on."""
    snapshot = course.snapshot
    if course.handed is None or snapshot.shop.is_open(snapshot.now):
        return
    course.said = [each for each in course.said if not isinstance(each, HandedOver)]
    course.say(HandedOverClosed(snapshot.shop.opens_at(snapshot.now)))
    course.question = GoOn(snapshot.conversation_id)
    course.attention = CLOSED


def _is_angry(course: Course) -> bool:
    """Return whether an unhappy customer is best answered by a person.

    Displeasure with a clear order beside it is an order: "bad coffee last time, 2 tea".
    """
    said = course.understanding
    if not course.snapshot.shop.humans.on_anger or not course.readable:
        return False
    if said.sentiment is not Sentiment.NEGATIVE:
        return False
    grave = said.priority is Priority.HIGH or said.says(Intent.COMPLAINT)
    return grave or not course.heard


def _is_large(course: Course) -> bool:
    limit = course.snapshot.shop.humans.asked_from
    if limit is None or not course.draft.lines or _was_referred(course):
        return False
    return price(course.draft, course.snapshot.shop).grand_total >= limit


def _is_left_to_people(course: Course) -> bool:
    humans = course.snapshot.shop.humans
    if course.readable and set(course.understanding.intents) & set(humans.intents):
        return True
    said = _words(course) if humans.words else []
    if any(_has(words, tokens(rule)) for words in said for rule in humans.words):
        return True
    return _orders_of(course, humans.categories) and not _was_referred(course)


def _orders_of(course: Course, categories: Sequence[str]) -> bool:
    """Return whether the draft has something of these categories."""
    wanted = {tuple(tokens(category)) for category in categories}
    products = (course.product(line.product_id) for line in course.draft.lines)
    return bool(wanted) and any(
        tuple(tokens(product.category)) in wanted
        for product in products
        if product is not None and product.category
    )


def _was_referred(course: Course) -> bool:
    return course.memory.referred == course.draft.id


#: In the order in which they count.
_RULES: tuple[tuple[Why, Callable[[Course], bool]], ...] = (
    (Why.ANGER, _is_angry),
    (Why.POLICY, _is_left_to_people),
    (Why.VALUE, _is_large),
)


def _words(course: Course) -> list[Sequence[str]]:
    """Return what the turn says, message by message."""
    found: list[Sequence[str]] = []
    for place in course.readable:
        match course.messages[place].content:
            case Text(text=text) | Media(caption=str(text)) | Tap(title=text):
                found.append(tokens(text))
            case Form(fields=fields):
                found.append(tokens(" ".join(fields.values())))
    return found


def _has(words: Sequence[str], rule: Sequence[str]) -> bool:
    width = len(rule)
    return bool(width) and any(
        list(words[start : start + width]) == list(rule)
        for start in range(len(words) - width + 1)
    )
