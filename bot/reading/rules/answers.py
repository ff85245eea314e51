"""Answers to what was asked: "2", "the red one", a bare name, a bare address."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.domain.paging import page_named
from bot.domain.snapshot import Asked
from bot.domain.understanding import (
    Act,
    Detail,
    DetailMention,
    Mention,
    Pick,
    Quote,
    Rank,
)
from bot.reading.rules.details import Said, emails, phones
from bot.reading.rules.marks import Kind, Mark
from bot.reading.rules.mistyped import way_in
from bot.reading.rules.names import Shelf
from bot.reading.rules.parts import is_verb
from bot.reading.rules.refusing import only_refused, without_refused
from bot.reading.rules.several import told_alone, told_together
from bot.reading.rules.whereabouts import is_address
from orders import Draft, Unserved
from orders.domain.rules import Field

#: What a customer may say instead of answering; it wins over any answer.
_INTERRUPTS = (
    "human",
    "cancel",
    "cancel_order",
    "order_status",
    "complaint",
    "repeat",
    "undo",
    "browse",
    "ask_price",
    "ask_have",
    "no_more",
    "instead",
    "instead_after",
)
#: What may stand around an answer and says nothing more.
_COURTESIES = (
    "greet",
    "again",
    "thanks",
    "yes",
    "weak_yes",
    "want",
    "pointers",
    "correction",
)
#: Choices that cost something; a number beyond so many is no place among them.
_PRICED = frozenset({Field.PRODUCT, Field.VARIANT, Field.OPTIONS})
_FEW = 10
_CHOOSABLE = frozenset(
    {Field.PRODUCT, Field.VARIANT, Field.OPTIONS, Field.PAYMENT, Field.EXTRA}
)
_LONGEST_PICK = 6
_LONGEST_NAME = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answering message says; nothing else is read from it."""

    pick: Pick | None = None
    mention: Mention | None = None
    detail: DetailMention | None = None
    told: tuple[DetailMention, ...] = ()  #: Facts that were asked for.


def answer_to(
    asked: Asked | None, said: Said, shelf: Shelf, draft: Draft
) -> Answer | None:
    """Return a message as an answer, or None when it says something else."""
    marks = [mark for sentence in said.sentences for mark in sentence]
    content: Sequence[Mark] = [mark for mark in marks if not mark.means(*_COURTESIES)]
    telling = _telling(content)
    if asked is None:
        ordinal = telling[0].ordinal if len(telling) == 1 else None
        return Answer(pick=Pick(number=ordinal)) if ordinal else None
    further = _further(asked, said, shelf)
    if further or any(mark.means(*_INTERRUPTS) for mark in marks):
        return Answer(pick=further) if further else None
    if asked.field in _CHOOSABLE:
        if refused := _refused(asked, said, only_refused(content), shelf, draft):
            return Answer(pick=refused)
        content = without_refused(content)
        telling = _telling(content)
    priced = _by_price(asked, said, telling, shelf)
    if _offers(asked) and (pick := priced or _pick(asked, said, telling, shelf, draft)):
        return Answer(pick=pick)
    if asked.more:
        told = told_together(asked, said, content, shelf)
        return Answer(told=told) if told else None
    return None if any(map(is_verb, telling)) else _free(asked, said, content, shelf)


def _telling(content: Sequence[Mark]) -> Sequence[Mark]:
    """Return marks that say something: the "por" of a "2 por favor" does not."""
    telling = [mark for mark in content if mark.kind is not Kind.FILLER]
    while telling and telling[-1].means("for"):
        telling.pop()
    return telling


def _further(asked: Asked, said: Said, shelf: Shelf) -> Pick | None:
    """Return the way on that our question offered, when nothing but that is said."""
    ways = [n for n, each in enumerate(asked.choices, 1) if page_named(each)]
    phrase = shelf.words.phrase_at(said.tokens, 0) if ways and said.tokens else None
    if phrase is None or len(phrase.words) < len(said.tokens):
        return None
    return Pick(number=ways[0]) if {"further", "more"} & phrase.keys else None


def _refused(
    asked: Asked, said: Said, content: Sequence[Mark], shelf: Shelf, draft: Draft
) -> Pick | None:
    """Return the choice that is refused: "not the red one", "not the first"."""
    telling = [mark for mark in content if mark.kind is not Kind.FILLER]
    if not asked.choices or not telling:
        return None
    pick = _pick(asked, said, telling, shelf, draft)
    return pick.model_copy(update={"refused": True}) if pick else None


def _offers(asked: Asked) -> bool:
    """Return whether an answer may be a choice by number: a postal code never is."""
    return bool(asked.choices) and asked.field is not Field.ADDRESS


def _free(
    asked: Asked, said: Said, content: Sequence[Mark], shelf: Shelf
) -> Answer | None:
    """Return the answer to a question that offers no choices."""
    telling = [mark for mark in content if mark.kind is not Kind.FILLER]
    match asked.field:
        case Field.QUANTITY | Field.STOCK:
            return _quantity(said, telling)
        case Field.NAME:
            return _name(said, content, shelf)
        case Field.FULFILMENT:
            way = way_in(said, telling)
            return Answer(told=(way,)) if way else None
        case Field.ADDRESS if [*phones(said, shelf), *emails(said, shelf)]:
            told = told_together(asked, said, content, shelf)
            return Answer(told=told) if told else None
        case Field.ADDRESS if is_address(
            said, telling, shelf, completes=asked.about == Unserved.UNCLEAR
        ):
            return Answer(detail=_detail(Detail.ADDRESS, said.text.strip(), said))
    told = told_alone(asked, said, content, shelf)
    return Answer(told=told) if told else None


def _pick(
    asked: Asked, said: Said, telling: Sequence[Mark], shelf: Shelf, draft: Draft
) -> Pick | None:
    pointed = _says(said, "pointers")
    number = _number(telling)
    if number is not None and asked.field is not Field.QUANTITY:
        # "2 of those" is an amount of something, and no place in a list.
        # And so is "actually I want 4" where no number was asked for.
        wanted = _says(said, "want", "correction")
        counts = pointed or (wanted and _is_no_place(number, asked))
        plain = telling[0].kind is not Kind.ORDINAL
        return None if counts and plain else Pick(number=number)
    if asked.field not in _CHOOSABLE:
        return None
    telling, quantity = _counted(_without_tail(telling), shelf)
    if quantity is not None and len(telling) == 1 and telling[0].ordinal is not None:
        return Pick(number=telling[0].ordinal, quantity=quantity)
    words = [m for m in telling if m.kind in (Kind.WORD, Kind.NAME)]
    strange = [m for m in telling if m not in words]
    count = sum(len(mark.tokens) for mark in words)
    if not words or count > _LONGEST_PICK or _says_more(strange):
        return None
    text = said.text[words[0].start : words[-1].end]
    if _names_another(asked, text, words, shelf, draft):
        return None
    return Pick(text=text, quantity=quantity)


def _by_price(
    asked: Asked, said: Said, telling: Sequence[Mark], shelf: Shelf
) -> Pick | None:
    """Return the choice that is told by its price: "the cheaper one", "the 85 one"."""
    if asked.field not in _PRICED or len(said.tokens) > _LONGEST_PICK:
        return None
    for at in range(len(said.tokens)):
        phrase = shelf.words.phrase_at(said.tokens, at)
        for rank in Rank:
            if phrase is not None and rank.value in phrase.keys:
                return Pick(rank=rank)
    number = _number(_without_tail(telling))
    if number is None or number <= max(len(asked.choices), _FEW):
        return None
    return Pick(price=Decimal(number))


def _says(said: Said, *keys: str) -> bool:
    return any(m.means(*keys) for sentence in said.sentences for m in sentence)


def _is_no_place(number: int, asked: Asked) -> bool:
    """Return whether a number rather counts what is ordered than our choices."""
    return asked.field not in _CHOOSABLE or number > len(asked.choices)


def _counted(
    telling: Sequence[Mark], shelf: Shelf
) -> tuple[Sequence[Mark], Decimal | None]:
    """Return marks without their one amount of pieces, and how much that is."""
    telling = _without_pronouns(telling, shelf)
    rest = [mark for mark in telling if mark.amount is None]
    amounts = [mark.amount for mark in telling if mark.amount is not None]
    if len(amounts) != 1 or not rest or amounts[0].is_measure:
        return telling, None
    if all(mark.means(*_COURTESIES, "set", "connectors") for mark in rest):
        return telling, None
    rest = [mark for mark in rest if not (mark.means("set") and mark.verb_last)]
    said = amounts[0].quantity if amounts[0].said else None
    return _without_tail(rest), said


def _without_pronouns(telling: Sequence[Mark], shelf: Shelf) -> Sequence[Mark]:
    """Return marks without the "one" of "the red one, 2 of them"."""
    return [
        mark
        for place, mark in enumerate(telling)
        if not place
        or mark.tokens[0].number is not None
        or telling[place - 1].kind not in (Kind.WORD, Kind.NAME)
        or not _is_pronoun(mark, shelf)
    ]


def _is_pronoun(mark: Mark, shelf: Shelf) -> bool:
    phrase = shelf.words.phrase_at(mark.tokens, 0) if len(mark.tokens) == 1 else None
    return phrase is not None and "ordinal_tail" in phrase.keys


def _without_tail(telling: Sequence[Mark]) -> Sequence[Mark]:
    """Return marks without the "one" of "the red one" and the "olsun" of a choice."""
    while len(telling) > 1:
        last = telling[-1]
        is_one = last.amount is not None and last.amount.quantity == 1
        written = is_one and last.tokens[0].number is None
        if not written and not (last.means("set") and last.verb_last):
            break
        telling = telling[:-1]
    return telling


def _says_more(strange: Sequence[Mark]) -> bool:
    """Return whether other marks make it more than a choice: a number, a "no"."""
    return any(not mark.means("with", "connectors", "qualifiers") for mark in strange)


def _number(telling: Sequence[Mark]) -> int | None:
    """Return the place in the list that a message consists of."""
    if len(telling) != 1:
        return None
    mark = telling[0]
    if mark.kind is Kind.ORDINAL:
        return mark.ordinal
    amount = mark.amount
    if amount is None or amount.unit is not None or not amount.said:
        return None
    is_whole = amount.quantity == int(amount.quantity)
    return int(amount.quantity) if is_whole else None


def _names_another(
    asked: Asked, text: str, words: Sequence[Mark], shelf: Shelf, draft: Draft
) -> bool:
    """Return whether the words name a product that was not asked about."""
    product = shelf.certain(text)
    if product is None:
        return False
    if asked.field is Field.PRODUCT:
        return not any(product.id in choice for choice in asked.choices)
    line = draft.line(asked.about or "")
    named = any(mark.kind is Kind.NAME for mark in words)
    own = {value.id for group in product.option_groups for value in group.values}
    mine = line is not None and line.product_id == product.id
    return named and not mine and own.isdisjoint(asked.choices)


def _quantity(said: Said, telling: Sequence[Mark]) -> Answer | None:
    if len(telling) != 1 or (amount := telling[0].amount) is None:
        return None
    quote = Quote(
        message=said.number, text=said.text[telling[0].start : telling[0].end]
    )
    mention = Mention(
        act=Act.SET,
        quantity=None if amount.unclear else amount.quantity,
        unit=amount.unit,
        quote=quote,
    )
    return Answer(mention=mention)


def _name(said: Said, content: Sequence[Mark], shelf: Shelf) -> Answer | None:
    """Return a bare name; a message that says more is read like any other."""
    kinds = (Kind.WORD, Kind.FILLER, Kind.NAME)
    tokens = [token for mark in content for token in mark.tokens]
    if not tokens or len(tokens) > _LONGEST_NAME or tokens[0].asks:
        return None
    if any(mark.kind not in kinds for mark in content):
        return None
    if not all(token.text.isalpha() for token in tokens):
        return None
    capital = any(token.text[0].isupper() for token in tokens)
    if all(mark.kind is Kind.FILLER for mark in content) and not capital:
        return None
    text = said.text[tokens[0].start : tokens[-1].end]
    if "\n" in text or shelf.certain(text) is not None:
        return None
    return Answer(detail=_detail(Detail.NAME, text, said))


def _detail(kind: Detail, value: str, said: Said) -> DetailMention:
    quote = Quote(message=said.number, text=value)
    return DetailMention(detail=kind, value=value, quote=quote)
