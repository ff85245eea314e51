"""Courtesies in words, and offers with their two buttons."""

from bot.domain import courtesies as c
from bot.domain.asking import Asked, Signer, asked
from bot.domain.buttons import OfferTap
from bot.domain.describing import Voice
from bot.domain.message import Row
from bot.domain.replies import Stopped
from bot.domain.saying import said


@said.register
def _(statement: Stopped, voice: Voice) -> str:
    return voice.text(f"say.stopped.{'news' if statement.news else 'plain'}")


@said.register
def _(statement: c.SorryLate, voice: Voice) -> str:
    return voice.text(f"say.sorry_late.{'again' if statement.again else 'plain'}")


@said.register
def _(statement: c.PutAway, voice: Voice) -> str:
    return voice.text("say.put_away", names=", ".join(statement.names))


@said.register
def _(statement: c.OrderKept, voice: Voice) -> str:
    return voice.text("say.order_kept", number=str(statement.number))


@said.register
def _(statement: c.DoesWithout, voice: Voice) -> str:
    return voice.text("say.does_without", number=str(statement.number))


@said.register
def _(statement: c.PaymentLink, voice: Voice) -> str:
    return voice.text("say.payment_link", number=str(statement.number))


@said.register
def _(statement: c.LinesShort, voice: Voice) -> str:
    rows = [
        voice.text("say.lines_short.none", name=line.name)
        if line.available is None
        else voice.text("say.lines_short.some", name=line.name, there=line.available)
        for line in statement.lines
    ]
    head = voice.text("say.lines_short.intro", number=str(statement.number))
    return "\n".join((head, *rows, voice.text("say.lines_short.what_now")))


@asked.register
def _(question: c.Offer, voice: Voice, signer: Signer) -> Asked:
    rows = tuple(
        Row(
            id=signer.id_of(OfferTap(question.what.value, question.about, is_yes=yes)),
            title=voice.text(f"buttons.{question.what.value}_{'yes' if yes else 'no'}"),
        )
        for yes in (True, False)
    )
    prompt = voice.text(f"ask.{question.what.value}", number=str(question.number))
    return Asked(prompt, choices=rows)
