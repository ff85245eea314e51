"""Turns that need no model: what they say is as clear as a button.

The rules understand them with certainty, at once and for nothing.
"""

from bot.domain.message import Cart, Contacts, Form, Location, Media, Text
from bot.domain.understanding import Act, Intent, Understanding
from bot.reading.reader import ReadableMessage, ReadingRequest
from bot.reading.rules.reader import understand
from orders import Field

#: Longer texts say more than the rules can be sure of.
_LETTERS = 40
#: What a whole short turn may say that is clear by itself.
_CLEAR = frozenset(
    {
        Intent.CONFIRM,
        Intent.DECLINE,
        Intent.GREET,
        Intent.THANKS,
        Intent.STOP,
        Intent.START,
        Intent.HUMAN,
    }
)
_SURE = 0.9


def trivial(request: ReadingRequest) -> Understanding | None:
    """Return what a trivial turn says, or None when a model should read it. Pure.

    Trivial are turns without words (buttons, carts, places, reactions), a clear yes or
    no, a greeting, a thank-you, a stop, a call for a person, and a number or one of our
    choices as the answer to our question.
    """
    if any(_is_to_be_read(message) for message in request.messages):
        return None
    texts = [m.content.text for m in request.messages if isinstance(m.content, Text)]
    if sum(map(len, texts)) > _LETTERS:
        return None
    said = understand(request)
    if not any(text.strip() for text in texts):
        return said
    return said if _is_clear(said) or _answers(request, said) else None


def _is_to_be_read(message: ReadableMessage) -> bool:
    """Return whether more is to be read than a text."""
    content = message.content
    if message.picture is not None or message.seen is not None:
        return True
    if isinstance(content, Media):
        return bool(content.caption)
    return isinstance(content, Form)


def _is_clear(said: Understanding) -> bool:
    nothing_else = not (said.mentions or said.details or said.pick)
    return nothing_else and said.confidence >= _SURE and set(said.intents) <= _CLEAR


def _answers(request: ReadingRequest, said: Understanding) -> bool:
    """Return whether the turn is a number, or one of our choices, and no more."""
    asked = request.asked
    others = any(
        isinstance(m.content, Cart | Location | Contacts) for m in request.messages
    )
    if asked is None or others or said.details:
        return False
    if said.pick is not None:
        by_number = said.pick.number is not None and said.pick.text is None
        return by_number and bool(asked.choices) and not said.mentions
    if asked.field not in (Field.QUANTITY, Field.STOCK) or len(said.mentions) != 1:
        return False
    (mention,) = said.mentions
    bare = not (mention.text or mention.options or mention.note)
    return bare and mention.act is Act.SET and mention.quantity is not None
