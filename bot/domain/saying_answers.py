"""Answers to questions about products in words: catalog text stays as it is."""

from decimal import Decimal

from bot.domain import answers
from bot.domain.describing import Voice, bullet, unit_word
from bot.domain.illustrated import ChoiceShown
from bot.domain.saying import said
from catalog.domain.facts import Fact


@said.register
def _(statement: answers.FactsQuoted, voice: Voice) -> str:
    facts = statement.facts
    told = [_fact(each, statement.unit, voice) for each in facts]
    if len(told) == 1:
        return voice.text("say.facts_quoted.one", name=statement.name, fact=told[0])
    rows = "\n".join(bullet(voice, each) for each in told)
    return f"{voice.text('say.facts_quoted.several', name=statement.name)}\n{rows}"


def _fact(fact: Fact, unit: str, voice: Voice) -> str:
    if fact.kind == "sentence":
        return fact.text
    if fact.kind == "attribute":
        return voice.text(
            "say.facts_quoted.attribute", name=fact.label, value=fact.text
        )
    numbers = [voice.wording.number(amount) for amount in fact.amounts]
    value = fact.text or " \N{MULTIPLICATION SIGN} ".join(numbers)
    key = f"say.facts_quoted.{fact.kind}"
    return voice.text(key, value=value, unit=unit_word(voice, unit, Decimal(1)))


@said.register
def _(statement: answers.Compared, voice: Voice) -> str:
    rows = []
    for name, price, unit in statement.rows:
        told = voice.price(price)
        word = unit_word(voice, unit)
        rows.append(voice.text("say.compared.row", name=name, price=told, unit=word))
    cheapest = [name for name, price, _ in statement.rows if price == _least(statement)]
    key = "same" if len(cheapest) == len(statement.rows) else "cheapest"
    units = {unit for *_, unit in statement.rows}
    listed = "\n".join(bullet(voice, row) for row in rows)
    if len(units) > 1:  # A price per kilo and one per piece do not compare.
        return listed
    head = voice.text(f"say.compared.{key}", len(cheapest), names=", ".join(cheapest))
    return f"{head}\n{listed}"


def _least(statement: answers.Compared) -> Decimal:
    return min(price for _, price, _ in statement.rows)


@said.register
def _(statement: answers.PictureShown, voice: Voice) -> str:
    return voice.text("say.picture_shown", name=statement.name)


@said.register
def _(statement: ChoiceShown, voice: Voice) -> str:
    number, name = str(statement.number), statement.name
    if statement.price is None:
        return voice.text("say.choice_shown", number=number, name=name)
    price = voice.price(statement.price)
    return voice.text("say.choice_shown_priced", number=number, name=name, price=price)


@said.register
def _(statement: answers.QuestionPassedOn, voice: Voice) -> str:
    if not statement.names:
        return voice.text("say.question_passed_on.any")
    names = ", ".join(statement.names)
    return voice.text("say.question_passed_on.about", names=names)


@said.register
def _(statement: answers.OtherLanguages, voice: Voice) -> str:
    return voice.text("say.other_languages", names=", ".join(statement.names))


@said.register
def _(statement: answers.SmallTalk, voice: Voice) -> str:
    return voice.text("say.small_talk", text=statement.text)
