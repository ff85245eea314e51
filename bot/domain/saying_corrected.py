"""Corrections in words. Importing this teaches `bot.domain.saying.said`."""

from bot.domain import corrected
from bot.domain.describing import Voice, one_line
from bot.domain.fitting import shortened
from bot.domain.saying import said

#: So much of a customer's own words is said back.
_QUOTED = 200


@said.register
def _(statement: corrected.DeleteTaken, voice: Voice) -> str:
    if not statement.names:
        return voice.text("say.delete_taken.plain")
    names = ", ".join(statement.names)
    return voice.text("say.delete_taken.lines", names=names)


@said.register
def _(statement: corrected.EditUnclear, voice: Voice) -> str:
    return voice.text(
        "say.edit_unclear", said=_words(statement.said), now=_words(statement.now)
    )


@said.register
def _(statement: corrected.DeleteUnclear, voice: Voice) -> str:
    words = _words(statement.said)
    if not words:
        return voice.text("say.delete_unclear.plain")
    return voice.text("say.delete_unclear.words", said=words)


@said.register
def _(statement: corrected.OrderUntouched, voice: Voice) -> str:
    key = "deleted" if statement.deleted else "edited"
    return voice.text(f"say.order_untouched.{key}", number=str(statement.number))


@said.register
def _(statement: corrected.QuoteUnclear, voice: Voice) -> str:
    return voice.text("say.quote_unclear", names=", ".join(statement.names))


def _words(text: str) -> str:
    return shortened(one_line(text), _QUOTED)
