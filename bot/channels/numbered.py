"""Choices as numbered lines, for whoever has no buttons: one text, within its limit.

A part keeps its choices and their ids until it is sent, so that a number that comes
back can be told for what it is: see `bot.domain.numbering`.
"""

from collections.abc import Iterator
from hashlib import sha256

from bot.channels.failure import Action, SendRefused
from bot.channels.graphemes import trim, width
from bot.channels.splitting import cut_tail, split
from bot.channels.words import words_of
from bot.domain.message import (
    OutboundMessage,
    OutButtons,
    OutContent,
    OutImage,
    OutList,
    OutText,
)
from bot.domain.outgoing import OutDocument, OutProduct, OutReaction

#: What one message of WhatsApp's says at most, in UTF-16 units; and a picture's words.
TEXT, CAPTION = 4096, 1024
#: So much of a text is left to the choices, at least.
_QUESTION = 512


def parts(message: OutboundMessage) -> tuple[OutboundMessage, ...]:
    """Return the messages, at least one, that say this: each is one text or file.

    Reactions stay as they are; what phones have no form for is said in words. Long
    words before choices become texts of their own. Only the first part answers what the
    message answered. Fitting twice changes nothing. Never raises.
    """
    fitted = tuple(_fitted(message.content)) or (message.content,)
    return tuple(
        message.model_copy(
            update={"content": content, "reply_to": None if place else message.reply_to}
        )
        for place, content in enumerate(fitted)
    )


def plain(message: OutboundMessage) -> OutboundMessage | None:
    """Return a message as a bare text that says the same; None when it is one already.

    Choices become numbered lines: an answer may name or count them. It refers to no
    other message, for that may be what was refused.
    """
    content = message.content
    if isinstance(content, OutText) and message.reply_to is None:
        return None
    words = words_of(content)
    if not words and not isinstance(content, OutText):
        return None  # A reaction, or a template of which nobody knows what it says.
    text = OutText(body=trim(words, TEXT))
    return message.model_copy(update={"content": text, "reply_to": None})


def spoken(content: OutContent) -> str:
    """Return what a text says instead of it. Raises `SendRefused` for nothing."""
    words = words_of(content)
    if not words.strip():
        why = f"this kind of channel has no form for a {content.type} without words"
        raise SendRefused(why, code=None, action=Action.REFUSE)
    return words


def filename_of(document: OutDocument) -> str:
    """Return the name of a file: phones show nothing else of it."""
    end = document.link.partition("?")[0].rstrip("/").rpartition("/")[2]
    return document.filename or end or "document"


def reaction_id(callback: str) -> str:
    """Return what a reaction is called: gateways give it no id of its own."""
    return f"reaction:{sha256(callback.encode()).hexdigest()[:32]}"


def _fitted(content: OutContent) -> Iterator[OutContent]:
    match content:
        case OutText(body=body):
            yield from _texts(body)
        case OutButtons() | OutList():
            yield from _menu(content)
        case OutImage() | OutDocument():
            yield from _file(content)
        case OutProduct(link=str(link), body=caption, footer=None):
            yield from _file(OutImage(link=link, caption=caption))
        case OutReaction():
            yield content
        case _:
            yield from _texts(words_of(content))


def _file(content: OutImage | OutDocument) -> Iterator[OutContent]:
    caption = content.caption or ""
    first = next(iter(split(caption, CAPTION)), "")
    told = first if first.strip() else None
    yield content.model_copy(update={"caption": told})
    yield from _texts(caption[len(first) :])


def _texts(body: str) -> Iterator[OutText]:
    """Yield texts that joined say the same; one of blanks alone would be refused."""
    for part in split(body, TEXT):
        if part.strip():
            yield OutText(body=part)


def _menu(content: OutButtons | OutList) -> Iterator[OutContent]:
    if width(words_of(content)) <= TEXT:
        yield content
        return
    around = width(words_of(content.model_copy(update={"body": ""})))
    room = max(_QUESTION, TEXT - around - 2)
    head, tail = cut_tail(content.body.rstrip(), room)
    yield from _texts(head)
    yield content.model_copy(update={"body": tail})
