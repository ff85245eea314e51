"""A thumbs-up on our summary: a yes like a tap on its button, where the shop says so.

Whatever else is a reaction says nothing: it may be taken back, or be on a message that
nobody knows.
"""

from bot.domain import buttons
from bot.domain.buttons import ConfirmTap
from bot.domain.course import Course
from bot.domain.message import Reaction
from bot.domain.snapshot import TurnMessage

#: The five colours of skin (Fitzpatrick modifiers), and the mark of a coloured emoji.
_COLOURS = dict.fromkeys((*range(0x1F3FB, 0x1F400), 0xFE0F))
_UP = "\N{THUMBS UP SIGN}"


def thumb_up(course: Course) -> tuple[ConfirmTap, TurnMessage] | None:
    """Return the summary that a reaction of the turn says yes to, and the reaction."""
    if not course.snapshot.shop.manners.thumbs_up_confirms:
        return None
    last = {
        message.content.target: message
        for message in course.messages
        if isinstance(message.content, Reaction)
    }
    for message in last.values():
        content = message.content
        is_up = isinstance(content, Reaction) and _is_up(content.emoji)
        tap = _current(course, message) if is_up else None
        if tap is not None:
            return tap, message
    return None


def _is_up(emoji: str | None) -> bool:
    return (emoji or "").translate(_COLOURS) == _UP


def _current(course: Course, message: TurnMessage) -> ConfirmTap | None:
    """Return the Confirm button of the summary that is current, if it stands there."""
    snapshot, draft = course.snapshot, course.snapshot.draft
    for button_id in message.reacted_to:
        tap = buttons.read(
            snapshot.signing_key,
            snapshot.conversation_id,
            button_id,
            old=snapshot.old_signing_keys,
        )
        if tap == ConfirmTap(draft.id, draft.version):
            return tap
    return None
