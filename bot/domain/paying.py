"""Where a placed order is paid, behind a button: one tap instead of a long address."""

from bot.domain.courtesies import PaymentLink
from bot.domain.describing import Voice
from bot.domain.fitting import (
    BUTTON_TITLE,
    INTERACTIVE_BODY,
    TEXT,
    shortened,
    split,
    width,
)
from bot.domain.message import OutContent, OutText
from bot.domain.outgoing import OutLink
from bot.domain.saying import said


def payable(words: str, link: PaymentLink, voice: Voice) -> tuple[OutContent, ...]:
    """Return messages that say some words, and where the order is paid.

    One where all of it fits above the button, else the words go ahead.
    """
    here = said(link, voice)
    whole = "\n\n".join(filter(None, (words, here)))
    if width(whole) <= INTERACTIVE_BODY:
        return (_page(whole, link, voice),)
    return (
        *(OutText(body=piece) for piece in split(words, TEXT)),
        _page(here, link, voice),
    )


def _page(body: str, link: PaymentLink, voice: Voice) -> OutLink:
    return OutLink(
        body=body,
        title=shortened(voice.text("buttons.pay"), BUTTON_TITLE),
        url=link.link,
    )
