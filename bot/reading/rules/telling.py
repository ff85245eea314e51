"""The short record of a turn: its summary and Ticaret.pro's `entities`."""

from collections.abc import Sequence
from decimal import Decimal

from bot.domain.understanding import (
    Act,
    Detail,
    DetailMention,
    Entities,
    Intent,
    Mention,
)
from bot.reading.rules.tokens import Token
from bot.reading.rules.words import Words

_LONGEST = 200


def summary_of(
    intents: Sequence[Intent],
    mentions: Sequence[Mention],
    details: Sequence[DetailMention],
) -> str:
    """Return a neutral line: "order: 2 latte, 1 choc croissant".

    It names kinds of details, never their values: those are personal.
    """
    said = ", ".join(text for text in map(_told, mentions) if text)
    given = ", ".join(dict.fromkeys(each.detail.value for each in details))
    line = f"{intents[0].value}: {said}" if said else intents[0].value
    if given:
        line += f"; gives {given}"
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def entities_of(
    mentions: Sequence[Mention],
    details: Sequence[DetailMention],
    tokens: Sequence[Token],
    words: Words,
) -> Entities:
    """Return the first product with its colour, size and amount, and the date."""
    first = next((m for m in mentions if m.text), mentions[0] if mentions else None)
    quoted = first.quote.text if first and first.quote else ""
    near = [token for token in tokens if token.text in quoted.split()]
    days = (d for d in details if d.detail is Detail.DATE)
    day = next((d.quote.text if d.quote else d.value for d in days), None)
    return Entities(
        product_name=first.text or None if first else None,
        color=_first_of(near, words.colours),
        size=_first_of(near, words.sizes),
        amount=_amount(first) if first else None,
        date=day,
    )


def _told(mention: Mention) -> str:
    verb = "" if mention.act is Act.ADD else f"{mention.act.value} "
    amount = _amount(mention)
    text = f"{verb}{amount + ' ' if amount else ''}{mention.text}".strip()
    if mention.replaces:
        text += f" for {mention.replaces}"
    for option in mention.options:
        text += f" ({'no ' if option.negated else ''}{option.text})"
    return text


def _amount(mention: Mention) -> str | None:
    if mention.quantity is None:
        return None
    number = _plain(mention.quantity)
    return f"{number} {mention.unit}" if mention.unit else number


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _first_of(tokens: Sequence[Token], table: dict[str, str]) -> str | None:
    return next((token.text for token in tokens if token.word in table), None)
