"""Contact cards: the customer's own number, or who is to receive the order.

A number that somebody shares is not theirs because they shared it: a card counts as
the customer's own only when it shows the number that they write from.
"""

from bot.domain.course import Course, remembered
from bot.domain.forms import CardEmpty, CardNotYours
from bot.domain.message import ContactCard, Contacts
from bot.domain.replies import CannotRead, DetailNoted
from bot.domain.snapshot import TurnMessage
from bot.domain.understanding import Detail
from orders import Field, SetName, SetPhone, SetRecipient, SetRecipientPhone

_RECEIVING = frozenset({Field.RECIPIENT, Field.RECIPIENT_PHONE})
#: So many digits of a number at its end tell it from another.
_TELLING = 9


def card_taken(course: Course, message: TurnMessage, contacts: Contacts) -> None:
    """Take a contact card for what was asked, or say why it is of no use."""
    asked = frozenset(course.asked.fields) if course.asked else frozenset()
    card = next(iter(contacts.cards), ContactCard())
    name, phone = (card.name or "").strip(), _plain(next(iter(card.phones), ""))
    if message.late:
        course.silences.append("late")
    elif asked & _RECEIVING:
        _receives(course, message, name, phone)
    elif phone and phone[-_TELLING:] == _own(course)[-_TELLING:]:
        _is_theirs(course, message, name, phone)
    elif contacts.requested or Field.PHONE in asked:
        course.say(CardNotYours() if phone else CardEmpty())
    elif _asks_for_recipient(course):
        _receives(course, message, name, phone)
    else:
        _of_no_use(course, contacts.type)


def _receives(course: Course, message: TurnMessage, name: str, phone: str) -> None:
    """Take the card's person as the one who receives the order."""
    evidence = course.evidence(message)
    known = False
    if name and course.change(SetRecipient(name, evidence)):
        course.say(DetailNoted(Detail.RECIPIENT, name))
        known = True
    if phone and course.change(SetRecipientPhone(phone, evidence)):
        course.say(DetailNoted(Detail.RECIPIENT_PHONE, phone))
        known = True
    if not known:
        course.say(CardEmpty())


def _is_theirs(course: Course, message: TurnMessage, name: str, phone: str) -> None:
    """Take the customer's own card: the number they write from, and their name."""
    evidence = course.evidence(message)
    if course.change(SetPhone(phone, evidence)):
        course.say(DetailNoted(Detail.PHONE, phone))
    unnamed = course.draft.name is None
    if name and unnamed and course.change(SetName(name, evidence)):
        course.say(DetailNoted(Detail.NAME, name))


def _asks_for_recipient(course: Course) -> bool:
    shop = course.snapshot.shop
    wanted = {*shop.required, *(need.field for need in shop.fields.needs)}
    return any(field.value in wanted for field in _RECEIVING)


def _of_no_use(course: Course, kind: str) -> None:
    """Say once that such cards are of no use here; then only keep the reason."""
    told = course.memory.told_unsupported
    if kind in told:
        course.silences.append(f"unsupported:{kind}")
        return
    course.memory = remembered(course.memory, told_unsupported=(*told, kind))
    course.say(CannotRead(kind))


def _own(course: Course) -> str:
    """Return the number that the customer writes from; a mark when it is hidden."""
    return _plain(course.snapshot.contact.phone or "") or "?"


def _plain(number: str) -> str:
    digits = "".join(char for char in number if char.isdigit())
    return f"+{digits}" if number.strip().startswith("+") else digits
