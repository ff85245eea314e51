"""A sentence as the pieces of an order: the cover of its words that explains most.

At each word several readings may start: a name of the menu, an amount, a phrase of the
language. They form a lattice, and the best way through it is found by dynamic
programming, so that "extra large" is a size and "extra cheese" is not.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.reading.rules.amounts import Amount, amount_at
from bot.reading.rules.menu import INFLECTED, Menu, Sense
from bot.reading.rules.tokens import Break, Token
from bot.reading.rules.words import OF_LINES, Words

#: What a reading is worth, for each word that it explains; longer ones a little more.
_NAME, _AMOUNT, _MEASURE, _PHRASE, _FILLER = 1.0, 0.9, 0.75, 0.8, 0.6
_LONGER = 0.2
_NOTHING = Sense()
#: Phrases that are plain words on a menu: they neither order nor describe.
_SILENT = frozenset(
    {"positive", "negative", "questions", "clause", "talk", "address_words"}
)
_TALKING = frozenset({"questions", "clause", "talk"})


#: Thousands are made and dropped: frozen ones cost double.
@dataclass(slots=True, eq=False)
class Piece:
    """Some words, and everything that they may be. Nobody changes one."""

    tokens: tuple[Token, ...]
    sense: Sense = _NOTHING
    keys: frozenset[str] = frozenset()  #: Meanings as a phrase of the language.
    amount: Amount | None = None
    ending: int = 0  #: So many letters take it away: the "sız" of "soğansız".
    filler: bool = False
    is_talk: bool = False  #: Words of the language, and never of an order.
    idle: bool = False  #: Nothing that is sold, whatever counts it: "minutes".
    speaks: bool = False  #: Words of talk, also where they are fillers: "my", "is".

    @property
    def amount_said(self) -> bool:
        return self.amount is not None and self.amount.said

    @property
    def is_named(self) -> bool:
        return self.sense.level > 0

    @property
    def is_unknown(self) -> bool:
        plain = not self.is_named and not self.keys and self.amount is None
        return plain and not self.filler

    @property
    def text(self) -> str:
        return " ".join(token.text for token in self.tokens)

    @property
    def before(self) -> Break:
        return self.tokens[0].before

    def means(self, *keys: str) -> bool:
        return not self.keys.isdisjoint(keys)


def cover(tokens: Sequence[Token], menu: Menu, words: Words) -> tuple[Piece, ...]:
    """Return the pieces that explain a sentence best."""
    best: list[float] = [0.0] * (len(tokens) + 1)
    chosen: list[Piece | None] = [None] * (len(tokens) + 1)
    for place in range(len(tokens) - 1, -1, -1):
        best[place] = -1.0
        for score, piece in _readings(tokens, place, menu, words):
            total = score + best[place + len(piece.tokens)]
            if total > best[place]:
                best[place], chosen[place] = total, piece
    found: list[Piece] = []
    at = 0
    while at < len(tokens) and (best_one := chosen[at]) is not None:
        found.append(best_one)
        at += len(best_one.tokens)
    return tuple(found)


def _tells_how(tokens: Sequence[Token], place: int, menu: Menu, words: Words) -> bool:
    """Return whether "both" is said of options: "both large", "all with ham"."""
    if place >= len(tokens):
        return False
    phrase = words.phrase_at(tokens, place)
    return bool(menu.at(tokens, place)) or (
        phrase is not None and "with" in phrase.keys
    )


def _readings(
    tokens: Sequence[Token], place: int, menu: Menu, words: Words
) -> Iterable[tuple[float, Piece]]:
    """Yield what may start at a token; readings of the same length are one piece."""
    names = menu.at(tokens, place)
    lengths = {1, *names}
    amounts = _amounts(tokens, place, words)
    phrase = words.phrase_at(tokens, place)
    if phrase and phrase.keys <= OF_LINES:
        end = place + len(phrase.words)
        phrase = phrase if _tells_how(tokens, end, menu, words) else None
    if phrase:
        lengths.add(len(phrase.words))
    bare = None if 1 in names else _without(tokens[place], menu)
    for length in lengths.union(amounts):
        sense = names.get(length, _NOTHING)
        said = phrase is not None and length == len(phrase.words)
        keys = phrase.keys - _SILENT if phrase and said else frozenset[str]()
        amount = amounts.get(length)
        filler = length == 1 and _is_filler(tokens[place], words)
        is_talk = said and not keys and not filler
        if length == 1 and bare:
            sense = bare[0]
        piece = Piece(
            tuple(tokens[place : place + length]),
            sense,
            keys,
            amount,
            ending=bare[1] if length == 1 and bare else 0,
            filler=filler or is_talk,
            is_talk=is_talk,
            idle=said and phrase is not None and "talk" in phrase.keys,
            speaks=said and phrase is not None and not _TALKING.isdisjoint(phrase.keys),
        )
        yield _worth(piece), piece


def _worth(piece: Piece) -> float:
    length = len(piece.tokens)
    each = max(
        _NAME * piece.sense.level,
        _PHRASE if piece.keys else 0.0,
        (_PHRASE if length > 1 else _FILLER) if piece.filler else 0.0,
        _worth_of(piece.amount) if piece.amount else 0.0,
    )
    return each * length + _LONGER * (length - 1) if each else 0.0


def _worth_of(amount: Amount) -> float:
    return _MEASURE if amount.unit else _AMOUNT


def _amounts(tokens: Sequence[Token], place: int, words: Words) -> Mapping[int, Amount]:
    """Return the amounts that start at a token: with its unit, and without."""
    amount = amount_at(tokens, place, words)
    if amount is None or amount.unclear:
        return {}
    found = {amount.length: amount}
    last = tokens[place + amount.length - 1].word
    if amount.length > 1 and words.is_unit(last):  # Not "a kilo and a half".
        bare = Amount(amount.quantity, None, amount.length - 1, amount.said)
        found[bare.length] = bare
    return found


def _without(token: Token, menu: Menu) -> tuple[Sense, int] | None:
    """Return what an ending takes away and its length: the onion of "soğansız"."""
    for ending in menu.words.without:
        bare = token.word.removesuffix(ending)
        if bare != token.word and len(bare) > 1:
            plain = Token(bare, bare, token.start, token.end)
            sense = menu.at((plain,), 0).get(1)
            if sense and sense.value_level >= INFLECTED:
                return sense, len(ending)
    return None


def _is_filler(token: Token, words: Words) -> bool:
    glued = token.glued and token.word.isalpha() and len(token.word) <= 3  # noqa: PLR2004  the "yi" of "latte'yi"
    return token.word in words.fillers or glued or not token.word.isalnum()
