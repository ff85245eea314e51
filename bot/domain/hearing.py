"""Going through the messages of a turn: buttons, carts, words, places, and the rest."""

from bot.domain import buttons
from bot.domain.cards import card_taken
from bot.domain.carts import cart_taken
from bot.domain.confirming import has_content
from bot.domain.corrected import ConfirmationElsewhere, EditUnseen
from bot.domain.course import Course, remembered
from bot.domain.details import located, noted, told
from bot.domain.handed import ANSWERED
from bot.domain.mentions import mentioned, picked, points_at_it
from bot.domain.message import (
    UNAVAILABLE,
    Cart,
    Contacts,
    Form,
    Location,
    Media,
    Tap,
    Text,
    Unsupported,
)
from bot.domain.message import ChoiceSource as From
from bot.domain.moves import before_products
from bot.domain.picking import tapped
from bot.domain.replies import CannotRead, ConfirmationForeign
from bot.domain.snapshot import TurnMessage
from bot.domain.understanding import Act, Detail, DetailMention, Mention, Quote
from bot.domain.undoing import undo
from orders import Field
from orders.domain.fields import ADDRESS_PARTS

#: Questions that any words answer, so that a number alone is no quantity.
_FREE_TEXT = {
    Field.ADDRESS: Detail.ADDRESS,
    **dict.fromkeys(ADDRESS_PARTS, Detail.ADDRESS),
    Field.NAME: Detail.NAME,
    Field.TAX_ID: Detail.TAX_ID,
    Field.EXTRA: Detail.EXTRA,
}
#: What a person can look at or listen to when we cannot: there may be an order in it.
_FOR_PEOPLE = frozenset({"image", "voice", "audio", "video", "document", "form"})


def hear_all(course: Course) -> None:
    """Do what every message asks for, in the order in which they were sent."""
    first = True
    for place, message in enumerate(course.messages):
        if first and place in course.readable and course.taking_up is None:
            before_products(course, message)
            first = False
        is_last = bool(course.readable) and place == course.readable[-1]
        if is_last and course.taking_up is None:
            undo(course, message)
        _hear(course, place, message)


def _hear(course: Course, place: int, message: TurnMessage) -> None:
    content = message.content
    if place in course.readable:
        _read_words(course, place, message)
    match content:
        case Tap() if content.source is not From.TEMPLATE:
            _tap(course, message, content.id)
        case Cart():
            cart_taken(course, message, content)
        case Location():
            located(course, message, content)
        case Contacts():
            card_taken(course, message, content)
        case Media() | Form() | Unsupported() if not _was_read(course, place):
            _unused(course, content)


def _unused(course: Course, content: Media | Form | Unsupported) -> None:
    match content:
        case Unsupported(original_type="edit"):
            _edit_unseen(course)
        case Unsupported(code=code) if code == UNAVAILABLE:
            _cannot_read(course, "unavailable", detail="unavailable")
        case Unsupported():
            _cannot_read(course, content.type, detail=content.original_type)
        case Media():
            _cannot_read(course, content.kind.value, detail=content.kind.value)
        case Form():
            # We send none: what a form says that nobody asked for is for people.
            _cannot_read(course, content.type, detail=content.type)


def _read_words(course: Course, place: int, message: TurnMessage) -> None:
    """Do what the reader found in the words of one message."""
    understanding = course.understanding
    pick = understanding.pick
    if pick is not None and place == course.readable[-1]:
        if message.late:
            course.silences.append("late")
        else:
            picked(course, pick, course.evidence(message))
    mentions, details = course.said_at.get(place, ((), ()))
    for each in mentions:
        if course.taking_up == ANSWERED and understanding.mentions[each].act is Act.ASK:
            continue  # A person has answered it.
        answer = _free_answer(course, understanding.mentions[each], message)
        if answer is None:
            mentioned(course, each, message)
        else:
            told(course, answer, message)
    for each in details:
        noted(course, each, message)


def _free_answer(
    course: Course, mention: Mention, message: TurnMessage
) -> DetailMention | None:
    """Return a number alone as the address or name that we asked for."""
    asked, content = course.asked, message.content
    detail = _FREE_TEXT.get(asked.field) if asked else None
    if detail is None or mention.text.strip() or not isinstance(content, Text):
        return None
    words = content.text.strip()
    is_number = any(c.isdigit() for c in words) and not any(map(str.isalpha, words))
    quote = mention.quote or Quote(message=0, text=words)
    return DetailMention(detail=detail, value=words, quote=quote) if is_number else None


def _was_read(course: Course, place: int) -> bool:
    """Return whether the reader found anything in that very message.

    What a picture shows may have been found by words of another message.
    """
    understanding, message = course.understanding, course.messages[place]
    if not isinstance(message.content, Media):
        return False
    details = understanding.details
    mentions = [m for m in understanding.mentions if not points_at_it(m, message)]
    quotes = (*(each.quote for each in mentions), *(each.quote for each in details))
    places = {quote.message for quote in quotes if quote}
    return place in places | {each.sight.message for each in mentions if each.sight}


def _edit_unseen(course: Course) -> None:
    """Ask for the new words of an edit that came without them."""
    course.say(EditUnseen())
    if has_content(course):
        course.rejected = True


def _cannot_read(course: Course, kind: str, *, detail: str) -> None:
    """Say, once for each kind, that we cannot use it; then only keep the reason."""
    if kind in _FOR_PEOPLE:
        course.attention = kind
    told = course.memory.told_unsupported
    if kind in told:
        course.silences.append(f"unsupported:{detail}")
    else:
        course.memory = remembered(course.memory, told_unsupported=(*told, kind))
        course.say(CannotRead(kind))


def _tap(course: Course, message: TurnMessage, button_id: str) -> None:
    snapshot = course.snapshot
    tap = buttons.read(
        snapshot.signing_key,
        snapshot.conversation_id,
        button_id,
        old=snapshot.old_signing_keys,
    )
    match tap:
        case buttons.Forged() if button_id in snapshot.elsewhere:
            course.say(ConfirmationElsewhere())
        case buttons.Forged():
            course.say(ConfirmationForeign())
        case buttons.OfferTap():
            course.offer_tap = (tap, message)
        case buttons.PickTap():
            tapped(course, tap, course.evidence(message))
        case _:
            # Judged when all changes of the turn are known; the last one counts.
            course.summary_tap = (tap, message)
