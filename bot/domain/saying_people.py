"""What is said about people of the shop in words, and the button beside it."""

from datetime import datetime

from bot.domain import people as p
from bot.domain.asking import Asked, Signer, asked
from bot.domain.buttons import OfferTap
from bot.domain.describing import Voice, line_with_price
from bot.domain.message import Row
from bot.domain.saying import said


@said.register
def _(statement: p.HandedOverClosed, voice: Voice) -> str:
    return _until("handed_over_closed", statement.opens_at, voice)


@said.register
def _(statement: p.NobodyYet, voice: Voice) -> str:
    if not statement.closed:
        return voice.text("say.nobody_yet.open")
    return _until("nobody_yet", statement.opens_at, voice)


@said.register
def _(statement: p.TakenUp, voice: Voice) -> str:
    if not statement.lines:
        return voice.text("say.taken_up.plain")
    lines = "\n".join(line_with_price(voice, line) for line in statement.lines)
    return voice.blocks("say.taken_up.lines", lines=lines)


def _until(key: str, opens_at: datetime | None, voice: Voice) -> str:
    if opens_at is None:
        return voice.text(f"say.{key}.unknown")
    return voice.text(f"say.{key}.until", moment=voice.wording.moment(opens_at))


@asked.register
def _(question: p.GoOn, voice: Voice, signer: Signer) -> Asked:
    tap = OfferTap(p.GO_ON, question.conversation_id, is_yes=True)
    row = Row(id=signer.id_of(tap), title=voice.text("buttons.go_on"))
    return Asked(voice.text("ask.go_on"), choices=(row,))
