"""Choices as numbered lines, for whoever has no buttons: one text, within its limit.

A part keeps its choices and their ids until it is sent, so that a number that comes
back can be told for what it is: see `bot.domain.numbering`.
"""

from collections.abc import Iterator, Sequence

from bot.channels.graphemes import trim, width
from bot.channels.splitting import cut_tail, split
from bot.domain.message import (
    OutboundMessage,
    OutButtons,
    OutContent,
    OutImage,
    OutList,
    OutText,
    Row,
)

#: What one message of WhatsApp's says at most, in UTF-16 units; and a picture's words.
TEXT, CAPTION = 4096, 1024
#: So much of a text is left to the choices, at least.
_QUESTION = 512


def parts(message: OutboundMessage) -> tuple[OutboundMessage, ...]:
    """Return the messages, at least one, that say this: each is one text or picture.

    Long words before choices become texts of their own. Only the first part answers
    what the message answered. Fitting twice changes nothing. Never raises.
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
    text = OutText(body=trim(words_of(content), TEXT))
    return message.model_copy(update={"content": text, "reply_to": None})


def words_of(content: OutContent) -> str:
    """Return everything that a message says, in words."""
    return "\n\n".join(each for each in _paragraphs(content) if each and each.strip())


def _paragraphs(content: OutContent) -> Sequence[str | None]:
    match content:
        case OutButtons(body=body, buttons=buttons, header=header, footer=footer):
            choices = [button.title for button in buttons]
            return [header, body, _numbered(choices), footer]
        case OutList(body=body, rows=rows, footer=footer):
            return [body, _numbered([_line(row) for row in rows]), footer]
        case OutImage(link=link, caption=caption):
            return [caption, link]
        case OutText(body=body):
            return [body]


def _line(row: Row) -> str:
    return f"{row.title}: {row.description}" if row.description else row.title


def _numbered(choices: Sequence[str]) -> str:
    return "\n".join(f"{n}. {choice}" for n, choice in enumerate(choices, start=1))


def _fitted(content: OutContent) -> Iterator[OutContent]:
    match content:
        case OutText(body=body):
            yield from _texts(body)
        case OutButtons() | OutList():
            yield from _menu(content)
        case OutImage():
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
