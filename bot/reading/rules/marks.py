"""A sentence as marks: what each stretch of words is, before anything is concluded."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from bot.reading.rules.amounts import Amount, amount_at, is_nothing
from bot.reading.rules.names import Named, Shelf
from bot.reading.rules.tokens import Break, Token
from bot.reading.rules.words import Phrase, Words, joining_words

#: Meanings that are looked up where they matter and are plain words elsewhere.
_PASSIVE = frozenset(
    {
        "address_words",
        "all",
        "cheapest",
        "further",
        "clause",
        "dearest",
        "except",
        "keep",
        "manner",
        "negative",
        "number_joiners",
        "only",
        "ordinal_tail",
        "positive",
        "questions",
        "serves",
        "start",
        "stop",
        "talk",
        "time_before",
        "times",
    }
)
#: Meanings that give way when a shop sells something of that name.
_NOUNS = _PASSIVE | {
    "address_before",
    "browse",
    "complaint",
    "coupon_before",
    "date",
    "delivery",
    "gift_before",
    "greet",
    "human",
    "name_before",
    "name_maybe",
    "note_before",
    "payment_card",
    "payment_cash",
    "payment_transfer",
    "pickup",
    "weak_yes",
    "yes",
}


class Kind(StrEnum):
    NAME = "name"  #: A whole product name.
    AMOUNT = "amount"
    ORDINAL = "ordinal"
    PHRASE = "phrase"
    FILLER = "filler"
    WORD = "word"  #: Anything else; perhaps part of a product's name.


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of tokens and what it is."""

    kind: Kind
    tokens: tuple[Token, ...]
    keys: frozenset[str] = frozenset()
    verb_last: bool = False
    amount: Amount | None = None
    ordinal: int | None = None
    product_id: str | None = None

    @property
    def before(self) -> Break:
        return self.tokens[0].before

    @property
    def start(self) -> int:
        return self.tokens[0].start

    @property
    def end(self) -> int:
        return self.tokens[-1].end

    def means(self, *keys: str) -> bool:
        """Return whether it is a phrase with any of these meanings."""
        return not self.keys.isdisjoint(keys)


Sentence = tuple[Mark, ...]
#: Nobody says so many words without a full stop.
_LONGEST = 160
#: What names a product, perhaps.
_NAMED = (Kind.NAME, Kind.WORD)


def sentences(tokens: Sequence[Token], shelf: Shelf) -> tuple[Sentence, ...]:
    """Return the marks of each sentence of a message."""
    cuts = [at for at, token in enumerate(tokens) if token.before is Break.SENTENCE]
    edges = [0, *(cut for cut in cuts if cut), len(tokens)]
    whole = (tokens[a:b] for a, b in pairwise(edges))
    parts = (part for each in whole for part in _in_time(each))
    marked = (tuple(_marks(part, shelf)) for part in parts if part)
    return tuple(each for one in marked for each in _without_nothing(one))


def _in_time(tokens: Sequence[Token]) -> Iterable[Sequence[Token]]:
    """Yield a sentence, one without an end in parts: each word looks at the others."""
    while len(tokens) > _LONGEST:
        half = range(_LONGEST, _LONGEST // 2, -1)
        cut = next((at for at in half if tokens[at].before), _LONGEST)
        yield tokens[:cut]
        tokens = tokens[cut:]
    yield tokens


def says(marks: Iterable[Mark], *keys: str) -> bool:
    """Return whether any mark means one of these."""
    return any(mark.means(*keys) for mark in marks)


def asks(sentence: Sentence) -> bool:
    """Return whether a sentence ends in a question mark."""
    return any(mark.tokens[0].asks for mark in sentence)


def _without_nothing(sentence: Sentence) -> tuple[Sentence, ...]:
    """Return "0 latte" and "make it 0" as the removals that they are.

    Such a removal ends before the next amount: "0 latte, 2 tea" says two things.
    """
    place = next((at for at, mark in enumerate(sentence) if _is_zero(mark)), None)
    if place is None:
        return (sentence,)
    mark, opening, rest = sentence[place], sentence[:place], sentence[place + 1 :]
    counts = bool(rest) and not rest[0].before and rest[0].kind in _NAMED
    inside = bool(opening) and not mark.before
    telling = any(each.kind in _NAMED or each.amount for each in opening)
    ends = telling and inside and bool(rest and rest[0].before)
    if counts and inside and telling:  # "latte 0 sugar" is a latte without it.
        keys = frozenset({"negation"})
    elif counts or ends or all(e.kind is Kind.FILLER or e.means("set") for e in rest):
        keys = frozenset({"remove", "pointers"})
        opening, rest = _unset(opening), rest if ends else _unset(rest)
    else:
        return (sentence,)
    said = Mark(Kind.PHRASE, mark.tokens, keys, verb_last=not counts and telling)
    if "negation" in keys:
        return ((*opening, said, *rest),)
    cut = next((at for at, e in enumerate(rest) if e.amount or _is_zero(e)), len(rest))
    cut = 0 if ends else cut  # "latteyi 0, çayı 3 yap"
    following = _without_nothing(rest[cut:]) if rest[cut:] else ()
    return ((*opening, said, *rest[:cut]), *following)


def _is_zero(mark: Mark) -> bool:
    return (
        mark.kind is Kind.WORD and len(mark.tokens) == 1 and is_nothing(mark.tokens[0])
    )


def _unset(marks: Sequence[Mark]) -> Sentence:
    """Return marks without verbs that would set what a zero takes away."""
    return tuple(
        Mark(Kind.FILLER, mark.tokens) if mark.means("set") else mark for mark in marks
    )


def _marks(tokens: Sequence[Token], shelf: Shelf) -> Iterable[Mark]:
    place = 0
    while place < len(tokens):
        mark = _mark_at(tokens, place, shelf)
        if _is_product_word(mark, tokens, shelf):
            mark = Mark(Kind.WORD, mark.tokens)
        yield mark
        place += len(mark.tokens)


def _mark_at(tokens: Sequence[Token], place: int, shelf: Shelf) -> Mark:
    """Return what stands at a token: the longest reading, names before phrases."""
    words = shelf.words
    phrase = words.phrase_at(tokens, place)
    if _is_ending(tokens, place):
        sent = phrase is not None and "address_after" in phrase.keys
        if phrase is None or not sent or len(phrase.words) == 1:
            return Mark(Kind.FILLER, (tokens[place],))
    name = shelf.name_at(tokens, place)
    amount = amount_at(tokens, place, words)
    if amount and _unit_is_named(amount, tokens, place, shelf):
        amount = replace(amount, unit=None, length=amount.length - 1)
    said = len(phrase.words) if phrase else 0
    counted = amount.length if amount else 0
    if name and _is_name(name, said, counted):
        return _name_mark(tokens, place, name)
    of_all = _stands_for_all(phrase, tokens[place + said :], counted, shelf)
    ordinal = None if of_all else _ordinal_at(tokens, place, words)
    if ordinal is not None:
        number, length = ordinal
        if length >= max(said, counted):
            piece = tuple(tokens[place : place + length])
            return Mark(Kind.ORDINAL, piece, ordinal=number)
    if amount and counted >= said and not of_all:
        piece = tuple(tokens[place : place + counted])
        return Mark(Kind.AMOUNT, piece, amount=amount)
    if phrase and (of_all or not phrase.keys <= _PASSIVE):
        return _phrase_mark(tokens, place, phrase)
    token = tokens[place]
    is_filler = token.word in words.fillers or token.word == token.text == "+"
    keys = phrase.keys if phrase and said == 1 else frozenset[str]()
    return Mark(Kind.FILLER if is_filler else Kind.WORD, (token,), keys)


def _unit_is_named(
    amount: Amount, tokens: Sequence[Token], place: int, shelf: Shelf
) -> bool:
    """Return whether a product is called by its unit: "2 enamel cups", "1 tote bag"."""
    if amount.unit is None or amount.unclear or amount.length == 1:
        return False
    name = shelf.name_at(tokens, place + amount.length - 1)
    return name is not None and name.length > 1


def _stands_for_all(
    phrase: Phrase | None, rest: Sequence[Token], counted: int, shelf: Shelf
) -> bool:
    """Return whether a phrase is "both of them", and not the "two" of two products."""
    if phrase is None:
        return False
    said = len(phrase.words)
    several = phrase.keys <= _PASSIVE and said > 1 and said >= counted
    if "except" in phrase.keys and several:
        return True
    names = bool(rest) and shelf.name_at(rest, 0) is not None
    counts = counted == said == 1
    return "all" in phrase.keys and (several or counts) and not names


def _is_ending(tokens: Sequence[Token], place: int) -> bool:
    """Return whether a token is what follows an apostrophe: the "yi" of "latte'yi"."""
    token = tokens[place]
    if not token.glued or not token.word.isalpha() or not place:
        return False
    before = tokens[place - 1]
    gap = token.start > before.end  # An apostrophe stood there.
    return gap or before.word.isalpha()


def _is_product_word(mark: Mark, tokens: Sequence[Token], shelf: Shelf) -> bool:
    """Return whether "card" is a word of a product here: "2 gift cards"."""
    if not mark.keys or len(mark.tokens) > 1 or not mark.keys <= _NOUNS:
        return False
    alone = all(
        token in mark.tokens or token.word in shelf.words.fillers for token in tokens
    )
    return not alone and shelf.index.knows(mark.tokens[0].word)


def _is_name(name: Named, said: int, counted: int) -> bool:
    """Return whether it is one: what only grammar made a name gives way to a phrase."""
    return name.length >= counted and name.length >= said + (not name.exact)


def _name_mark(tokens: Sequence[Token], place: int, name: Named) -> Mark:
    """Return a name, its words without the endings that hide it."""
    *before, last = tokens[place : place + name.length]
    own = [token for token in before if token.word not in joining_words()]
    bare = dict(zip(own, name.words, strict=False))
    before = [_without_ending(token, bare.get(token, token.word)) for token in before]
    return Mark(
        Kind.NAME,
        (*before, _without_ending(last, name.last)),
        product_id=name.product_id,
    )


def _without_ending(token: Token, word: str) -> Token:
    if token.word == word:
        return token
    text = token.text[: len(word)] if token.word.startswith(word) else word
    return replace(token, text=text, word=word)


def _phrase_mark(tokens: Sequence[Token], place: int, phrase: Phrase) -> Mark:
    piece = tuple(tokens[place : place + len(phrase.words)])
    return Mark(Kind.PHRASE, piece, phrase.keys, phrase.verb_last)


def _ordinal_at(
    tokens: Sequence[Token], place: int, words: Words
) -> tuple[int, int] | None:
    """Return the ordinal at a token and its length, with "one" or "item" after it."""
    token = tokens[place]
    number, end = words.ordinals.get(token.word), place + 1
    glued = tokens[end] if end < len(tokens) and tokens[end].glued else None
    if number is None and token.number is not None and glued:
        number, end = words.ordinals.get(token.word + glued.word), place + 2
    if number is None:
        return _numbered_at(tokens, place, words)
    tail = words.phrase_at(tokens, end) if end < len(tokens) else None
    if tail and "ordinal_tail" in tail.keys and not tokens[end].before:
        end += len(tail.words)
    elif end < len(tokens) and words.numbers.get(tokens[end].word) == 1:
        end += 1
    return number, end - place


def _numbered_at(
    tokens: Sequence[Token], place: int, words: Words
) -> tuple[int, int] | None:
    """Return "number 2", "2 numara", "option 3" as an ordinal."""
    if place + 1 >= len(tokens) or tokens[place + 1].before:
        return None
    pair = (tokens[place], tokens[place + 1])
    for number, tail in (pair, pair[::-1]):
        phrase = words.phrase_at((tail,), 0)
        value = number.number or words.numbers.get(number.word)
        whole = value is not None and value == int(value) and len(number.word) < _CODE
        if value and whole and phrase and "ordinal_tail" in phrase.keys:
            return int(value), 2
    return None


#: A number this long is no place in a list.
_CODE = 8
