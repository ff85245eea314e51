"""Answers to an earlier message that name nothing: "this one", "not this", "how much?".

What they are about stands in the message that they answer; see `bot.domain.quoting`.
"""

from collections.abc import Mapping, Sequence
from functools import cache

from bot.domain.understanding import Act, Mention, Quote
from bot.reading.reader import ReadableMessage
from bot.reading.rules.tokens import Token
from bot.reading.rules.words import words_of
from catalog.language import languages, load_language

_ACTS: Mapping[str, Act] = {
    "this": Act.ADD,
    "not_this": Act.REMOVE,
    "price": Act.ASK,
}
_SURE = 0.85


def pointing_answer(
    number: int, message: ReadableMessage, text: str, tokens: Sequence[Token]
) -> Mention | None:
    """Return what a whole message says of the one that it answers, None: not so."""
    if message.reply_to is None:
        return None
    words = (token.word for token in tokens)
    meant = _answers().get(tuple(w for w in words if any(map(str.isalnum, w))))
    if meant is None:
        return None
    quote = Quote(message=number, text=text)
    return Mention(act=_ACTS[meant], quote=quote, confidence=_SURE)


@cache
def _answers() -> Mapping[tuple[str, ...], str]:
    """Return what the answers of every language mean, by their folded words."""
    packs = (load_language(code) for code in languages())
    return {
        words_of(said): meant for pack in packs for said, meant in pack.quoted.items()
    }
