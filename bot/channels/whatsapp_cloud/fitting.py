"""Any message of ours as messages that WhatsApp takes. Pure, and never raises.

What can be cut is cut where a person would; what cannot (ids) is left for `outbound` to
refuse.
"""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from bot.channels.graphemes import trim
from bot.channels.numbered import plain as plain  # noqa: PLC0414  # part of fitting
from bot.channels.splitting import cut_tail, split
from bot.channels.whatsapp_cloud.limits import (
    BUTTON_TITLE,
    BUTTONS,
    CAPTION,
    FOOTER,
    HEADER,
    INTERACTIVE_BODY,
    LIST_BUTTON,
    ROW_DESCRIPTION,
    ROW_TITLE,
    ROWS,
    Limit,
)
from bot.channels.whatsapp_cloud.rich_fitting import rich_fitted, texts, trimmed
from bot.domain.message import (
    Button,
    OutboundMessage,
    OutButtons,
    OutContent,
    OutImage,
    OutList,
    OutText,
    Row,
)

T = TypeVar("T")


def parts(message: OutboundMessage) -> tuple[OutboundMessage, ...]:
    """Return the messages, at least one, that say this within WhatsApp's limits.

    To be called before a message is stored: each of them is one call of the Graph API.
    A long text becomes several; long words before choices become a text, and the
    choices follow with its end; too many choices come in several messages with the same
    words. Only the first answers what the message answered. Fitting twice changes
    nothing.
    """
    fitted = tuple(_fitted(message.content)) or (message.content,)
    return tuple(
        message.model_copy(
            update={"content": content, "reply_to": None if place else message.reply_to}
        )
        for place, content in enumerate(fitted)
    )


def _fitted(content: OutContent) -> Iterator[OutContent]:
    match content:
        case OutText(body=body):
            yield from texts(body)
        case OutButtons():
            yield from _buttons(content)
        case OutList():
            yield from _list(content)
        case OutImage():
            yield from _image(content)
        case _:
            yield from rich_fitted(content)


def _buttons(content: OutButtons) -> Iterator[OutContent]:
    if not content.buttons:
        yield from texts(content.body)
        return
    head, tail = cut_tail(content.body.rstrip(), INTERACTIVE_BODY.most)
    yield from texts(head)
    titles = _titles([button.title for button in content.buttons], BUTTON_TITLE)
    fitted = [
        Button(id=button.id, title=title)
        for button, title in zip(content.buttons, titles, strict=True)
    ]
    for some in _batches(fitted, BUTTONS):
        yield OutButtons(
            body=tail,
            buttons=some,
            header=trimmed(content.header, HEADER),
            footer=trimmed(content.footer, FOOTER),
        )


def _list(content: OutList) -> Iterator[OutContent]:
    if not content.rows:
        yield from texts(content.body)
        return
    head, tail = cut_tail(content.body.rstrip(), INTERACTIVE_BODY.most)
    yield from texts(head)
    titles = _titles([row.title for row in content.rows], ROW_TITLE)
    fitted = [_row(row, title) for row, title in zip(content.rows, titles, strict=True)]
    for some in _batches(fitted, ROWS):
        yield OutList(
            body=tail,
            button=trim(content.button.strip(), LIST_BUTTON.most),
            rows=some,
            footer=trimmed(content.footer, FOOTER),
        )


def _row(row: Row, title: str) -> Row:
    """Return a row that fits; a title that was cut is told in full below it."""
    full = row.title.strip() if title != row.title.strip() else None
    description = trimmed(row.description or full, ROW_DESCRIPTION)
    return Row(id=row.id, title=title, description=description)


def _image(content: OutImage) -> Iterator[OutContent]:
    caption = content.caption or ""
    first = next(iter(split(caption, CAPTION.most)), "")
    yield content.model_copy(update={"caption": first if first.strip() else None})
    yield from texts(caption[len(first) :])


def _titles(titles: Sequence[str], limit: Limit) -> list[str]:
    """Return titles that fit and differ: cutting may make two of them the same."""
    fitted: list[str] = []
    for title in titles:
        words = title.strip()
        short, number = trim(words, limit.most), 1
        while short and short in fitted:
            number += 1
            mark = f" {number}"
            short = trim(words, limit.most - len(mark)) + mark
        fitted.append(short)
    return fitted


def _batches(items: Sequence[T], limit: Limit) -> Iterator[tuple[T, ...]]:
    for start in range(0, len(items), limit.most):
        yield tuple(items[start : start + limit.most])
