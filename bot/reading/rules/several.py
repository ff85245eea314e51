"""Answers to questions for facts: whole messages, and several facts in one message.

"Ayşe Demir, 0532 123 45 67" on lines or between commas, in any order: a number is told
by its digits, an address by its words, and what is left is the name that was asked for.
What is not clear stays open, and is asked for again.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from bot.domain.snapshot import Asked
from bot.domain.understanding import Detail, DetailMention, Quote
from bot.reading.rules.days import day_of
from bot.reading.rules.details import Found, Said, emails, phones
from bot.reading.rules.marks import Kind, Mark
from bot.reading.rules.names import Shelf
from bot.reading.rules.words import whole_messages
from catalog.domain.folding import fold
from catalog.language import languages, load_language
from orders.domain.fields import ADDRESS_PARTS
from orders.domain.rules import Field

_PIECES = re.compile(r"\n+")
_COMMAS = re.compile(r"[,;]+")
#: A tax number: letters and digits with what people put between, six of them digits.
_TAX = re.compile(
    r"(?<!\w)(?:[^\W\d_]{1,4}-?)?(?:\d[\s./-]?){5,15}[^\W_]{0,4}(?:-?[^\W_]{1,2})?"
)
_LONGEST_NAME = 5
#: Fewer words without a number are no place.
_SHORTEST_PLACE = 3
_COLON = ":"
#: Facts that any words are an answer to, and what they are.
_WORDS: Mapping[Field, Detail] = {
    Field.COMPANY: Detail.COMPANY,
    Field.TAX_OFFICE: Detail.TAX_OFFICE,
    Field.RECIPIENT: Detail.RECIPIENT,
    Field.EXTRA: Detail.EXTRA,
    **dict.fromkeys(ADDRESS_PARTS, Detail.ADDRESS),
}
_ANNOUNCED: Mapping[str, Detail] = {
    "company_before": Detail.COMPANY,
    "tax_office_before": Detail.TAX_OFFICE,
    "recipient_before": Detail.RECIPIENT,
}


def told_alone(
    asked: Asked, said: Said, content: Sequence[Mark], shelf: Shelf
) -> tuple[DetailMention, ...]:
    """Return what a message answers to a question for one fact, if anything."""
    words = said.text.strip()
    match asked.field:
        case Field.BUSINESS:
            meaning = _answers().get(fold(words))
            known = {"company": "yes", "person": "no"}.get(meaning or "")
            return (_detail(Detail.BUSINESS, known, words, said),) if known else ()
        case Field.TAX_ID:
            found = _tax_in(words)
            return (_detail(Detail.TAX_ID, found, found, said),) if found else ()
        case Field.EXTRA if day := day_of(said.tokens, shelf.words, said.now):
            return (_detail(Detail.EXTRA, day.isoformat(), words, said),)
        case field if field in _WORDS and not _orders(content, words, shelf):
            return (_detail(_WORDS[field], words, words, said),)
    return ()


def told_together(
    asked: Asked, said: Said, content: Sequence[Mark], shelf: Shelf
) -> tuple[DetailMention, ...]:
    """Return what a message answers to a question for several facts, if anything."""
    fields = frozenset(asked.fields)
    if _orders(content, said.text, shelf):
        return ()
    if fields <= frozenset(ADDRESS_PARTS):
        words = said.text.strip()
        return (_detail(Detail.ADDRESS, words, words, said),)
    found = [*emails(said, shelf), *phones(said, shelf)]
    text = said.text
    for one in found:
        blank = " " * (one.end - one.start)
        text = text[: one.start] + blank + text[one.end :]
    pieces = _pieces(text)
    details = [one.mention for one in found]
    if Field.RECIPIENT in fields:
        details += _named(Detail.RECIPIENT, pieces, said)
    elif Field.COMPANY in fields or Field.TAX_OFFICE in fields:
        details += _of_company(fields, pieces, said)
    else:
        details += _of_customer(fields, pieces, said, shelf)
    return tuple(details)


def announced(said: Said) -> Iterator[Found]:
    """Yield what a line announces with a colon, and where: "Alıcı: Ayşe Demir"."""
    start = 0
    for line in said.text.split("\n"):
        before, colon, after = line.partition(_COLON)
        kind = _ANNOUNCED.get(_answers().get(fold(before), ""))
        value = after.strip(" ,;.")
        if colon and kind is not None and value:
            numbers = [one for one in phones(said, None) if start <= one.start]
            inside = [one for one in numbers if one.end <= start + len(line)]
            if kind is Detail.RECIPIENT and inside:
                (number, *_) = inside
                value = line[len(before) + 1 : number.start - start].strip(" ,;.")
                told = {"detail": Detail.RECIPIENT_PHONE}
                mention = number.mention.model_copy(update=told)
                yield Found(mention, number.start, number.end)
                line = line[: number.start - start]  # noqa: PLW2901  # what is left
            if value:
                mention = _detail(kind, value, value, said)
                yield Found(mention, start, start + len(line))
        start = said.text.find("\n", start) + 1


def _of_customer(
    fields: frozenset[Field], pieces: Sequence[str], said: Said, shelf: Shelf
) -> Iterator[DetailMention]:
    """Yield the name, which stands alone, and the address, which is the rest."""
    names = [piece for piece in pieces if _is_name(piece, shelf)]
    places = [piece for piece in pieces if piece not in names]
    lines = len(_PIECES.split(said.text.strip()))
    first, last = names[:1] == list(pieces[:1]), names[-1:] == list(pieces[-1:])
    name = None
    if Field.NAME in fields and names:
        if first or len(pieces) == 1:
            name = names[0]
        elif last and lines > 1:
            name = names[-1]
    if name is not None:
        yield _detail(Detail.NAME, name, name, said)
        places = [piece for piece in pieces if piece is not name]
    else:
        places = list(pieces)
    address = ", ".join(places)
    bare = len(address.split()) < _SHORTEST_PLACE  # "benim no" before the number
    placed = any(map(str.isdigit, address)) or not bare
    known = any(_is_place(piece, shelf) for piece in places)
    if Field.ADDRESS in fields and known and placed:
        yield _detail(Detail.ADDRESS, address, places[0], said)


def _of_company(
    fields: frozenset[Field], pieces: Sequence[str], said: Said
) -> Iterator[DetailMention]:
    """Yield the number by its digits, then the company and its tax office in turn."""
    rest = []
    for piece in pieces:
        number = _tax_in(piece)
        if number is not None and Field.TAX_ID in fields:
            yield _detail(Detail.TAX_ID, number, number, said)
            piece = piece.replace(number, " ").strip(" ,;:-")  # noqa: PLW2901  # the rest
        before, colon, after = piece.partition(_COLON)
        kind = _ANNOUNCED.get(_answers().get(fold(before), ""))
        if colon and kind is not None and after.strip():
            yield _detail(kind, after.strip(), after.strip(), said)
        elif any(map(str.isalpha, piece)) and not _announces(piece):
            rest.append(piece)
    wanted = [f for f in (Field.COMPANY, Field.TAX_OFFICE) if f in fields]
    for field, piece in zip(wanted, rest, strict=False):
        yield _detail(_WORDS[field], piece, piece, said)


def _announces(piece: str) -> bool:
    """Return whether words only say that a tax number follows: "VKN"."""
    return tuple(fold(piece).split()) in whole_messages("tax_id_before")


def _named(kind: Detail, pieces: Sequence[str], said: Said) -> Iterator[DetailMention]:
    for piece in pieces:
        if any(map(str.isalpha, piece)):
            yield _detail(kind, piece, piece, said)
            return


def _pieces(text: str) -> tuple[str, ...]:
    """Return the lines of a text; of a single line what stands between commas."""
    lines = [line for line in _PIECES.split(text) if line.strip()]
    if len(lines) == 1:
        lines = _COMMAS.split(lines[0])
    stripped = (line.strip(" \t,;-") for line in lines)
    return tuple(line for line in stripped if line)


def _is_name(piece: str, shelf: Shelf) -> bool:
    words = piece.split()
    letters = all(word.replace(".", "").replace("'", "").isalpha() for word in words)
    return letters and len(words) <= _LONGEST_NAME and not _is_place(piece, shelf)


def _is_place(piece: str, shelf: Shelf) -> bool:
    """Return whether words are of an address: a number, or "street" and the like."""
    if any(map(str.isdigit, piece)):
        return True
    return any(shelf.words.means(word, "address_words") for word in fold(piece).split())


def _tax_in(words: str) -> str | None:
    found = _TAX.search(words)
    return found[0].strip() if found else None


def _orders(content: Sequence[Mark], words: str, shelf: Shelf) -> bool:
    """Return whether a message orders something instead, or only says yes or no."""
    telling = [mark for mark in content if mark.kind is not Kind.FILLER]
    named = any(mark.kind is Kind.NAME for mark in telling)
    counted = any(mark.amount for mark in telling)
    weighed = any(m.amount is not None and m.amount.is_measure for m in telling)
    named = named or (weighed and any(map(shelf.knows, fold(words).split())))
    empty = not any(char.isalnum() for char in words)
    asks = bool(telling) and telling[0].tokens[0].asks
    talk = all(mark.means("no", "no_more", "negation") for mark in content)
    return empty or asks or talk or (named and counted)


@cache
def _answers() -> Mapping[str, str]:
    """Return what answers and announcements mean, in every language."""
    packs = [load_language(code) for code in languages()]
    return {said: meaning for pack in packs for said, meaning in pack.answers.items()}


def _detail(kind: Detail, value: str, quoted: str, said: Said) -> DetailMention:
    quote = Quote(message=said.number, text=quoted)
    return DetailMention(detail=kind, value=value, quote=quote)
