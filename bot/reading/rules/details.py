"""Facts about the order that are no products: names, addresses, days, payment ..."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

import phonenumbers

from bot.domain.understanding import Detail, DetailMention
from bot.reading.rules.days import day_in
from bot.reading.rules.due import days_of
from bot.reading.rules.marks import Kind, Mark, Sentence, asks, says
from bot.reading.rules.names import Shelf
from bot.reading.rules.said import Found as Found  # noqa: PLC0414  # what is found
from bot.reading.rules.said import Said as Said  # noqa: PLC0414  # what it is found in
from bot.reading.rules.said import detail as detail  # noqa: PLC0414
from bot.reading.rules.tokens import Break, Token
from orders.domain.rules import Field

_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_DIGITS = re.compile(r"\+?\(?\d[\d \t\u00a0().\-/]{5,20}\d")
_CODE = re.compile(r"[\s:#=\-]*([^\W_][\w-]{2,30})")
#: With or without a letter at either end, and the signs that countries put between.
_TAX_ID = re.compile(
    r"[\s:#=\-.]*((?:[A-Z]{1,4}[\s-]?)?\d(?:[\s./-]?\d){5,15}"
    r"(?:-?[A-Z](?:[A-Z0-9]{2})?(?!\w))?)",
    re.IGNORECASE,
)
_FEWEST_DIGITS = 7
_FEWEST_WORDS = 3  #: Of an address that nothing announces.
_TELLING = 3  #: A shorter word, such as "no", is too often another.
_LONGEST_NAME = 4
_EDGE = " \t,;:.-'\u2019"
_PAYMENTS = {
    "payment_cash": "cash",
    "payment_card": "card",
    "payment_transfer": "transfer",
}
#: Phrases that end an address which goes on to the end of its line.
_ENDS_ADDRESS = (
    "name_before",
    "note_before",
    "gift_before",
    "pickup",
    "thanks",
    *_PAYMENTS,
)


def details_of(
    said: Said, shelf: Shelf, first: Iterable[Found] = ()
) -> tuple[tuple[DetailMention, ...], tuple[Token, ...]]:
    """Return a message's details, and its tokens without those that said them.

    What was found `first` keeps its words.
    """
    found: list[Found] = list(first)
    for reader in _READERS:
        for one in reader(said, shelf):
            if not any(one.start < o.end and o.start < one.end for o in found):
                found.append(one)
    found.sort(key=lambda one: one.start)
    told: dict[tuple[Detail, str], DetailMention] = {}
    for one in found:
        told.setdefault((one.mention.detail, one.mention.value), one.mention)
    return tuple(told.values()), _without(said.tokens, found)


def _without(tokens: Sequence[Token], found: Sequence[Found]) -> tuple[Token, ...]:
    """Return the tokens that no detail took; what stood around one stands apart."""
    kept: list[Token] = []
    apart = Break.NONE
    for token in tokens:
        if any(one.start <= token.start < one.end for one in found):
            apart = max(apart, token.before, Break.COMMA)
        else:
            before = max(apart, token.before)
            kept.append(replace(token, before=before, glued=token.glued and not apart))
            apart = Break.NONE
    return tuple(kept)


def emails(said: Said, shelf: Shelf | None) -> Iterable[Found]:  # noqa: ARG001  same shape for all
    """Yield the e-mail addresses of a message."""
    for match in _EMAIL.finditer(said.text):
        value = match[0].rstrip(".-")
        yield detail(
            Detail.EMAIL, value, said, match.start(), match.start() + len(value)
        )


def phones(said: Said, shelf: Shelf | None) -> Iterable[Found]:  # noqa: ARG001  same shape for all
    """Yield the phone numbers of a message, as E.164 writes them."""
    for match in _DIGITS.finditer(said.text):
        if sum(c.isdigit() for c in match[0]) < _FEWEST_DIGITS:
            continue
        try:
            number = phonenumbers.parse(match[0], said.country)
        except phonenumbers.NumberParseException:
            continue
        expected = said.expects(Field.PHONE, Field.RECIPIENT_PHONE)
        asked = expected and phonenumbers.is_possible_number(number)
        if asked or phonenumbers.is_valid_number(number):
            form = phonenumbers.PhoneNumberFormat.E164
            value = phonenumbers.format_number(number, form)
            yield detail(Detail.PHONE, value, said, match.start(), match.end())


def _addresses(said: Said, shelf: Shelf) -> Iterable[Found]:
    when = day_in(said.text, said.tokens, said.sentences, shelf.words)
    for sentence in said.sentences:
        for mark in () if asks(sentence) else sentence:
            if mark.means("address_before"):
                line_end = _line_end(said.text, mark.end)
                start, end = mark.end, _address_end(said, mark.end, line_end, shelf)
            elif mark.means("address_after"):
                start, end = _line_start(said, mark, shelf), mark.start
            else:
                continue
            start, end = _trim(said.text, start, end)
            timed = when is not None and when[0] <= start < when[1]
            sent_there = mark.tokens[0].glued  # "Kadıköy'e gönderin"
            if not timed and _is_place(said, start, end, shelf, short=sent_there):
                value = said.text[start:end]
                yield detail(Detail.ADDRESS, value, said, start, end)
                yield from _introduced(mark, said)
                return
    yield from _unannounced(said, shelf)


def _introduced(mark: Mark, said: Said) -> Iterable[Found]:
    """Yield that the order is delivered, when "deliver to" introduced the address."""
    if mark.means("delivery"):
        yield detail(Detail.FULFILMENT, "delivery", said, mark.start, mark.end)


def _unannounced(said: Said, shelf: Shelf) -> Iterable[Found]:
    """Yield a line that is an address by its words alone."""
    if said.expects(Field.ADDRESS):
        return
    start = 0
    for line in said.text.split("\n"):
        end = start + len(line)
        inside = [t for t in said.tokens if start <= t.start < end]
        words = {t.word for t in inside if "address_words" in _keys_at(t, shelf)}
        named = any(
            mark.kind is Kind.NAME and start <= mark.start < end
            for sentence in said.sentences
            for mark in sentence
        )
        numbered = any(token.number is not None for token in inside)
        opened = _delivered(said, start, end, shelf)
        fewest = 1 if opened or _may_be_another(said, inside, shelf) else 2
        if len(words) >= fewest and numbered and not named:
            first, last = _trim(said.text, opened or start, end)
            yield detail(Detail.ADDRESS, said.text[first:last], said, first, last)
        start = end + 1


def _delivered(said: Said, start: int, end: int, shelf: Shelf) -> int | None:
    """Return where a line goes on after "deliver it", when a street comes next."""
    inside = [mark for mark in _marks(said) if start <= mark.start < end]
    place = next((n for n, m in enumerate(inside) if m.means("delivery")), None)
    if place is None or any(mark.kind is Kind.NAME for mark in inside):
        return None
    after = (token for mark in inside[place + 1 :] for token in mark.tokens)
    street = any("address_words" in _keys_at(token, shelf) for token in after)
    return inside[place].end if street else None


def _may_be_another(said: Said, inside: Sequence[Token], shelf: Shelf) -> bool:
    """Return whether words after a summary may be nothing but a better address."""
    places = {token.start for token in inside}
    marks = [mark for mark in _marks(said) if mark.start in places]
    plain = all(mark.kind in (Kind.WORD, Kind.AMOUNT, Kind.FILLER) for mark in marks)
    sold = any(
        shelf.knows(token.word) for token in inside if len(token.word) >= _TELLING
    )
    enough = len(inside) >= _FEWEST_WORDS and any(
        len(token.word) >= _TELLING and "address_words" in _keys_at(token, shelf)
        for token in inside
    )
    return said.asked is Field.CONFIRMATION and plain and enough and not sold


def _is_place(said: Said, start: int, end: int, shelf: Shelf, *, short: bool) -> bool:
    """Return whether a stretch says where, rather than "to me".

    One word is no place unless it may be so `short`.
    """
    inside = [t for t in said.tokens if start <= t.start < end]
    telling = [t for t in inside if t.word not in shelf.words.fillers]
    asked = said.expects(Field.ADDRESS)
    named = any(
        start <= mark.start < end and mark.kind is not Kind.PHRASE
        for mark in _marks(said)
    )
    return bool(telling) and (asked or (named and (short or len(inside) > 1)))


def _address_end(said: Said, start: int, line_end: int, shelf: Shelf) -> int:
    """Return where an address ends: at its line's end, the next detail or an item."""
    for sentence in said.sentences:
        for place, mark in enumerate(sentence):
            ends = mark.means(*_ENDS_ADDRESS)
            ends = ends or _is_ordered(sentence, place + 1, shelf)
            if start < mark.start < line_end and ends:
                return mark.start
    last = [m for s in said.sentences for m in s if start < m.start < line_end]
    if last and last[-1].means("date"):
        return last[-1].start
    return line_end


def _line_start(said: Said, mark: Mark, shelf: Shelf) -> int:
    """Return where the address before a mark starts: after greetings and the order."""
    start = said.text.rfind("\n", 0, mark.start) + 1
    for sentence in said.sentences:
        for place, each in enumerate(sentence):
            opening = each.means("greet", "thanks", "yes", "weak_yes", "delivery")
            opening = opening or _is_ordered(sentence, place, shelf)
            if start <= each.start < mark.start and opening:
                start = each.end
    return start


def _is_ordered(sentence: Sentence, place: int, shelf: Shelf) -> bool:
    """Return whether a product is counted there; "No 5 Su Sokak" is a street."""
    if not 0 < place < len(sentence) or sentence[place].kind is not Kind.NAME:
        return False
    following = sentence[place + 1 : place + 2]
    street = any("address_words" in _keys_at(m.tokens[0], shelf) for m in following)
    amount = sentence[place - 1].amount
    return amount is not None and amount.said and not street


def _codes(said: Said, shelf: Shelf) -> Iterable[Found]:  # noqa: ARG001  same shape for all
    for mark in _marks(said):
        if mark.means("coupon_before"):
            match = _CODE.match(said.text, mark.end)
            code = match[1] if match else ""
            if match and (code.isupper() or any(c.isdigit() for c in code)):
                yield detail(Detail.COUPON, code, said, mark.start, match.end())
        elif mark.means("tax_id_before"):
            match = _TAX_ID.match(said.text, mark.end)
            if match:
                value = re.sub(r"[\s./-]", "", match[1]).upper()
                yield detail(Detail.TAX_ID, value, said, mark.start, match.end())


def _notes(said: Said, shelf: Shelf) -> Iterable[Found]:  # noqa: ARG001  same shape for all
    kinds = {"gift_before": Detail.GIFT_NOTE, "note_before": Detail.NOTE}
    for mark in _marks(said):
        kind = next((kinds[key] for key in kinds if mark.means(key)), None)
        announced = said.text[mark.end :].lstrip(" ")[:1] == ":"
        if kind is None or not announced:
            continue
        end = _line_end(said.text, mark.end)
        first, last = _trim(said.text, mark.end, end)
        if first < last:
            value = said.text[first:last]
            yield detail(kind, value, said, mark.start, last)


def _names(said: Said, shelf: Shelf) -> Iterable[Found]:
    for sentence in said.sentences:
        for place, mark in enumerate(sentence):
            if not mark.means("name_before", "name_maybe"):
                continue
            sure = mark.means("name_before") or said.expects(Field.NAME)
            tokens = _name_tokens(sentence[place + 1 :], shelf, sure=sure)
            if tokens:
                start, end = tokens[0].start, tokens[-1].end
                value = said.text[start:end]
                yield detail(Detail.NAME, value, said, mark.start, end)


def _name_tokens(
    marks: Sequence[Mark], shelf: Shelf, *, sure: bool
) -> tuple[Token, ...]:
    """Return the words that follow as a name: capitalised ones unless it is `sure`."""
    found: list[Token] = []
    for mark in marks:
        tokens = mark.tokens
        is_word = mark.kind in (Kind.WORD, Kind.NAME, Kind.FILLER)
        apart = mark.before and found
        if apart or not is_word or not all(t.word.isalpha() for t in tokens):
            break
        capital = all(token.text[0].isupper() for token in tokens)
        ordinary = mark.kind is not Kind.WORD or shelf.knows(tokens[0].word)
        if not capital and (not sure or mark.kind is Kind.FILLER):
            break
        if not sure and ordinary:
            break
        found.extend(tokens)
    return tuple(found[:_LONGEST_NAME])


def _plain(said: Said, shelf: Shelf) -> Iterable[Found]:  # noqa: ARG001  same shape for all
    """Yield how the order gets there and how it is paid."""
    for sentence in said.sentences:
        if _only_asks(sentence, said):
            continue
        for place, mark in enumerate(sentence):
            if place and sentence[place - 1].means("negation", "no"):
                continue
            if mark.means("remove") and _has_product(sentence):
                continue
            for kind in ("delivery", "pickup"):
                if mark.means(kind):
                    span = (mark.start, mark.end)
                    yield detail(Detail.FULFILMENT, kind, said, *span)
            for key, value in _PAYMENTS.items():
                if mark.means(key):
                    yield detail(Detail.PAYMENT, value, said, mark.start, mark.end)


def _only_asks(sentence: Sentence, said: Said) -> bool:
    """Return whether a sentence asks whether we deliver, rather than for it."""
    wondering = asks(sentence) or says(sentence, "ask_price", "ask_have")
    expected = said.asked in (Field.FULFILMENT, Field.ADDRESS)
    return wondering and not expected and not says(sentence, "want")


def _has_product(sentence: Sentence) -> bool:
    return any(mark.kind in (Kind.NAME, Kind.WORD) for mark in sentence)


def _keys_at(token: Token, shelf: Shelf) -> frozenset[str]:
    phrase = shelf.words.phrase_at((token,), 0)
    return phrase.keys if phrase else frozenset()


def _marks(said: Said) -> Iterable[Mark]:
    return (mark for sentence in said.sentences for mark in sentence)


def _line_end(text: str, place: int) -> int:
    end = text.find("\n", place)
    return len(text) if end < 0 else end


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a stretch without the spaces and commas at its edges."""
    while start < end and text[start] in _EDGE:
        start += 1
    while end > start and text[end - 1] in _EDGE:
        end -= 1
    return start, end


#: What is found first keeps its words from those that follow.
_READERS = (emails, _addresses, phones, _codes, _notes, _names, days_of, _plain)
