"""What came back, in words. Importing this teaches `bot.domain.saying.said`."""

from bot.domain import undone
from bot.domain.describing import Voice, line_words
from bot.domain.saying import said


@said.register
def _(statement: undone.TakenBack, voice: Voice) -> str:
    told = [voice.text("say.taken_back.whole")]
    if statement.back:
        lines = ", ".join(line_words(voice, line) for line in statement.back)
        told.append(voice.text("say.taken_back.back", lines=lines))
    if statement.gone:
        names = ", ".join(statement.gone)
        told.append(voice.text("say.taken_back.gone", names=names))
    return " ".join(told)


@said.register
def _(statement: undone.OrderedAlready, voice: Voice) -> str:
    return voice.text("say.ordered_already", number=str(statement.number))
