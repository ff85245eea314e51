"""From what a model claims to what may be used: every claim is compared with the turn.

A claim stands on words that the customer wrote, or on a picture that the customer sent.
What stands on neither (a quote nobody said, a product nobody named, an amount that is
not in the quote) is left out, with a warning that the shop's staff can read. So a text
that persuades the model, wherever it stood, still cannot speak for the customer.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.domain.message import Contacts, Location
from bot.domain.selection import NO, YES
from bot.domain.understanding import (
    Detail,
    DetailMention,
    Entities,
    Intent,
    Mention,
    Pick,
    Quote,
    Understanding,
)
from bot.reading.openai.answer import Answer, SaidDetail, SaidIntent, SaidPick
from bot.reading.openai.evidence import quantity_of
from bot.reading.openai.ground import CORROBORATED, Ground
from bot.reading.openai.mentioning import mentions_on
from bot.reading.openai.seeing import visuals_of
from bot.reading.openai.showing import Shown
from bot.reading.reader import ReadingRequest
from bot.reading.rules.intents import leading_first, of_mentions
from orders import Field

#: A reading of which nothing could be used is no better than this.
_EMPTY = 0.3
_LONGEST_SUMMARY, _LONGEST_REPLY = 300, 500
_FULFILMENTS = frozenset({"delivery", "pickup"})
_COURTESIES = frozenset({Intent.GREET, Intent.THANKS})


def grounded(answer: Answer, shown: Shown, request: ReadingRequest) -> Understanding:
    """Return what of an answer may be used. Pure; never raises."""
    language = _language(answer, shown)
    ground = Ground(shown, request, language)
    visual = visuals_of(answer.images, request.messages, request.index)
    blind = {seen.message for seen in visual if seen.warnings}
    mentions = tuple(mentions_on(ground, answer.mentions, blind))
    details = (*_details(ground, answer.details), *_places(ground))
    pick = _pick(ground, answer.pick)
    intents = _intents(ground, answer.intents, mentions, pick, details)
    sure = min(max(answer.confidence, 0.0), 1.0)
    warnings = (*ground.warnings, *(w for seen in visual for w in seen.warnings))
    return Understanding(
        intents=intents,
        mentions=mentions,
        details=details,
        pick=pick,
        language=language,
        confidence=min(sure, _EMPTY) if intents == (Intent.OTHER,) else sure,
        sentiment=answer.sentiment,
        priority=answer.priority,
        summary=answer.summary.strip()[:_LONGEST_SUMMARY],
        suggested_reply=_reply(answer),
        entities=_entities(ground, answer, mentions, details),
        visual=visual,
        warnings=tuple(dict.fromkeys(warnings)),
    )


# -- facts ----------------------------------------------------------------------------


def _details(ground: Ground, claims: Sequence[SaidDetail]) -> Iterator[DetailMention]:
    for claim in claims:
        quote = ground.said.quote(claim.message, claim.quote)
        value = _value(ground, claim, quote) if quote is not None else None
        if value is None:
            ground.warn(f"a {claim.detail.value} that nobody gave was left out")
        else:
            yield DetailMention(detail=claim.detail, value=value, quote=quote)


def _value(ground: Ground, claim: SaidDetail, quote: Quote) -> str | None:
    """Return a fact that its quote can mean; most are copied from it."""
    value = ground.said.original(claim.value.strip(), quote.message)
    if claim.detail is Detail.FULFILMENT:
        return value if _is_way(ground, value) else None
    if claim.detail is Detail.BUSINESS:
        return value if value in (YES, NO) else None
    if claim.detail is Detail.DATE and _is_moment(value):
        has_day = any(map(str.isdigit, quote.text)) or ground.hears(Detail.DATE)
        return value if has_day else None
    if not ground.said.contains(value, quote.message):
        return None
    # What a model only copies, rules may know the day of.
    heard = _day_heard(ground, quote) if claim.detail is Detail.DATE else None
    return heard or value


def _day_heard(ground: Ground, quote: Quote) -> str | None:
    """Return the day or moment that the rules read in the words of a quote, if any."""
    here = [
        each
        for each in ground.rules.details
        if each.quote is not None and each.quote.message == quote.message
    ]
    unclear = {each.quote for each in here if each.detail is Detail.NOTE}
    for each in here:
        is_clear = each.quote not in unclear  # Else its hour is for people to see.
        if each.detail is Detail.DATE and is_clear and _is_moment(each.value):
            return each.value
    return None


def _is_way(ground: Ground, value: str) -> bool:
    """Return whether the order may go that way; what is settled, words must change."""
    request = ground.request
    is_asked = request.asked is not None and request.asked.field is Field.FULFILMENT
    is_open = is_asked or request.draft.fulfilment is None
    heard = ground.hears(Detail.FULFILMENT, value)
    return value in _FULFILMENTS and (is_open or heard)


def _is_moment(value: str) -> bool:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _places(ground: Ground) -> Iterator[DetailMention]:
    """Yield the places and numbers that were shared: no model need read those."""
    messages = ground.request.messages
    shared = {
        place
        for place, message in enumerate(messages)
        if isinstance(message.content, Location | Contacts)
    }
    for detail in ground.rules.details:
        if detail.quote is None or detail.quote.message in shared:
            yield detail


# -- choices and intents --------------------------------------------------------------


def _pick(ground: Ground, claim: SaidPick | None) -> Pick | None:
    if claim is None:
        return None
    asked = ground.request.asked
    quote = ground.said.quote(claim.message, claim.quote)
    if quote is None or asked is None or not asked.choices:
        ground.warn("a choice that was not made was left out")
        return None
    heard = ground.rules.pick
    if heard is not None and (heard.refused or heard.rank or heard.price is not None):
        return heard  # "not the red one", "the cheaper one": no place, no name.
    number = _number(ground, claim.number, quote, len(asked.choices))
    text = (claim.text or "").strip()
    text = text if text and ground.said.says(text, within=quote.text) else ""
    if number is None and not text:
        ground.warn("a choice that was not made was left out")
        return None
    quantity = quantity_of(claim.quantity, quote.text)
    return Pick(number=number, text=text or None, quantity=quantity)


def _number(
    ground: Ground, number: int | None, quote: Quote, choices: int
) -> int | None:
    """Return a place in the list that was shown, when the quote says it."""
    if not number or not -1 <= number <= choices:
        return None
    heard = ground.rules.pick is not None and ground.rules.pick.number == number
    said = str(number) in re.findall(r"\d+", quote.text)
    return number if heard or said else None


def _intents(
    ground: Ground,
    claims: Sequence[SaidIntent],
    mentions: Sequence[Mention],
    pick: Pick | None,
    details: Sequence[DetailMention],
) -> tuple[Intent, ...]:
    found = set(of_mentions(mentions))
    for claim in claims:
        if claim.intent is Intent.OTHER:
            continue
        if ground.said.quote(claim.message, claim.quote) is None:
            ground.warn(f"{claim.intent.value}: nobody said so")
        elif claim.intent in CORROBORATED and not ground.rules.says(claim.intent):
            ground.warn(f"{claim.intent.value}: not said in clear words")
            if claim.intent is Intent.CANCEL_DRAFT:
                found.add(Intent.DECLINE)
        else:
            found.add(claim.intent)
    # What is said in so many words is heard, whatever a model makes of it.
    found |= {Intent.STOP} & set(ground.rules.intents)
    if pick is not None:
        found.add(Intent.CHOOSE)
    if details and found <= _COURTESIES:
        found.add(Intent.CHANGE)
    return leading_first(found)


# -- the rest -------------------------------------------------------------------------


def _language(answer: Answer, shown: Shown) -> str | None:
    code = (answer.language or "").lower()
    has_words = any(message.original for message in shown.messages)
    return code if has_words and re.fullmatch("[a-z]{2}", code) else None


def _reply(answer: Answer) -> str | None:
    """Return a reply for staff, unless it speaks in numbers: those are not its."""
    reply = (answer.suggested_reply or "").strip()[:_LONGEST_REPLY]
    return reply if reply and not any(map(str.isdigit, reply)) else None


def _entities(
    ground: Ground,
    answer: Answer,
    mentions: Sequence[Mention],
    details: Sequence[DetailMention],
) -> Entities:
    first = next((m for m in mentions if m.text), mentions[0] if mentions else None)
    colour, size = answer.color, answer.size
    return Entities(
        product_name=(first.text or None) if first else None,
        color=colour if first and colour and _may_say(ground, colour) else None,
        size=size if first and size and _may_say(ground, size) else None,
        amount=_amount(first) if first else None,
        date=next((d.value for d in details if d.detail is Detail.DATE), None),
    )


def _may_say(ground: Ground, words: str) -> bool:
    return bool(ground.shown.pictures) or ground.said.says(words)


def _amount(mention: Mention) -> str | None:
    if mention.quantity is None:
        return None
    number = f"{mention.quantity:f}"
    return f"{number} {mention.unit}" if mention.unit else number
