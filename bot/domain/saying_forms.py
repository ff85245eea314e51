"""Statements about answers to questions for facts, in words."""

from bot.domain import forms
from bot.domain.describing import Voice, own_words
from bot.domain.saying import said
from orders.domain.needs import in_language


@said.register
def _(statement: forms.TaxIdInvalid, voice: Voice) -> str:
    return voice.text(
        "say.tax_id_invalid",
        value=statement.value,
        names=" / ".join(statement.names),
        example=statement.example,
    )


@said.register
def _(statement: forms.DateRefused, voice: Voice) -> str:
    earliest = statement.earliest
    known = earliest is not None or statement.why is not forms.NotThen.CLOSED
    key = statement.why.value if known else "closed_unknown"
    return voice.text(
        f"say.date_refused.{key}",
        value=voice.wording.moment(statement.value),
        moment=voice.wording.moment(earliest) if earliest else "",
    )


@said.register
def _(statement: forms.DayRefused, voice: Voice) -> str:
    earliest, day = statement.earliest, voice.wording.day
    known = earliest is not None or statement.why is not forms.NotThen.CLOSED
    return voice.text(
        f"say.day_refused.{statement.why.value if known else 'closed_unknown'}",
        value=day(statement.value),
        day=day(earliest) if earliest else "",
    )


@said.register
def _(statement: forms.OwnNoted, voice: Voice) -> str:
    own, languages = statement.own, voice.languages
    return voice.text(
        "say.own_noted",
        name=own.called(languages),
        value=own_words(voice, own, statement.value),
    )


@said.register
def _(statement: forms.AnswerInvalid, voice: Voice) -> str:
    own, languages = statement.own, voice.languages
    example = in_language(own.examples, languages)
    key = "example" if example else "plain"
    return voice.text(
        f"say.answer_invalid.{key}",
        value=statement.value,
        name=own.called(languages),
        example=example,
    )


@said.register
def _(statement: forms.PartUnclear, voice: Voice) -> str:
    return voice.text("say.part_unclear", value=statement.value)
