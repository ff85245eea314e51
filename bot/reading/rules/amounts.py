"""Numbers and units, in digits and in words: "2x", "a dozen", "bir buçuk kilo"."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.reading.rules.tokens import Token
from bot.reading.rules.words import Words

#: The largest quantity that an understanding may hold.
LARGEST = Decimal(1_000_000)
_DECIMALS = 3
#: Folded. No packs' numbers: a shop's "zero" is a name more often than an amount.
_ZERO = frozenset({"zero", "sifir"})
_TEN = Decimal(10)
_HUNDRED = Decimal(100)
_PIECE = "piece"
_WEIGHT = "kg"
#: Units that are one of themselves without a number, where they are written out.
_ALONE = frozenset({_WEIGHT, "lb", "l"})
_WRITTEN_UNIT = 4
_ARTICLE = 2  #: Number words up to this long may be articles: "a", "an".
_SIZE_LETTERS = 3  #: "XXL" is a size, "litre" is not.


@dataclass(frozen=True, slots=True)
class Amount:
    """A quantity with its unit, and how many tokens say it."""

    quantity: Decimal
    unit: str | None
    length: int
    said: bool = True  #: False for "a", which may be no more than an article.
    unclear: bool = False  #: Nothing to count by: "-3", "1e5". `unit` has its words.

    @property
    def is_measure(self) -> bool:
        """Whether it may describe a product: the litre of "a 1 l bottle"."""
        return self.unit is not None and self.unit != _PIECE


def amount_at(tokens: Sequence[Token], place: int, words: Words) -> Amount | None:
    """Return the amount that starts at a token, or None."""
    first = tokens[place]
    if first.word not in words.counting and not first.text[:1].isnumeric():
        return _unit_alone(tokens, place, words)
    if (length := _unclear_at(tokens, place, words)) > 0:
        sign = "-" if tokens[place].minus else ""
        text = "".join(token.text for token in tokens[place : place + length])
        _, units = _unit_at(tokens, place + length, words)
        return Amount(Decimal(1), sign + text, length + units, unclear=True)
    end, crossed = place, False
    if _is_times(tokens, place, words) and place + 1 < len(tokens):
        end, crossed = place + 1, True
    number = _number_at(tokens, end, words)
    if number is None:
        return None
    quantity, length = number
    written = tokens[end].number is not None or len(tokens[end].word) > _ARTICLE
    said = length > 1 or written
    end += length
    quantity = _rounded(quantity)
    if quantity <= 0 or quantity > LARGEST:
        return None
    if not crossed and _is_times(tokens, end, words):
        end += 1
    unit, length = _unit_at(tokens, end, words)
    end += length
    if unit is not None and (half := _half_joined(tokens, end, words)):
        quantity, end = quantity + half[0], half[1]
    return Amount(quantity, unit, end - place, said=said or unit is not None)


def _unit_alone(tokens: Sequence[Token], place: int, words: Words) -> Amount | None:
    """Return the one of "kilo of olives", which "a kilo and a half" may go on.

    A weight is followed by what is weighed; other units too often name a thing, and
    need an "of" or "and a half" after them. A unit after a number is that number's.
    """
    unit, length = _unit_at(tokens, place, words)
    written = len(tokens[place].word) >= _WRITTEN_UNIT
    if (
        unit not in _ALONE
        or not written
        or (place and _counts(tokens[place - 1], words))
    ):
        return None
    end = place + length
    if half := _half_joined(tokens, end, words):
        return Amount(1 + half[0], unit, half[1] - place)
    of = end
    while (
        of < len(tokens) and not tokens[of].before and tokens[of].word in words.fillers
    ):
        of += 1
    following = tokens[of] if of < len(tokens) else None
    if following is None or following.before or not following.word.isalpha():
        return None
    if words.phrase_at(tokens, of) is not None or (unit != _WEIGHT and of == end):
        return None
    return Amount(Decimal(1), unit, length)


def _counts(token: Token, words: Words) -> bool:
    return token.number is not None or token.word in words.counting


def is_nothing(token: Token) -> bool:
    """Return whether a token is a zero, in digits or in words."""
    return token.number == 0 or token.word in _ZERO


def _unclear_at(tokens: Sequence[Token], place: int, words: Words) -> int:
    """Return how many tokens say a number that counts nothing: 0 when none do."""
    first, *rest = tokens[place : place + 3]
    if first.text.isdecimal() and first.number is None:
        # So many digits are a quantity only where words follow; else a code.
        return int(bool(rest) and not rest[0].before and rest[0].word.isalpha())
    if first.number is None:
        return 0
    power = len(rest) > 1 and all(token.glued for token in rest)
    if power and rest[0].word == "e" and rest[1].number is not None:
        return len(rest) + 1
    number = _number_at(tokens, place, words)
    if number is None:
        return int(first.minus)
    return number[1] if first.minus or number[0] > LARGEST else 0


def _rounded(quantity: Decimal) -> Decimal:
    """Return a third of something with as many decimals as scales have."""
    whole = quantity.to_integral_value()
    return whole if whole == quantity else round(quantity, _DECIMALS).normalize()


def _is_times(tokens: Sequence[Token], place: int, words: Words) -> bool:
    return place < len(tokens) and tokens[place].word in words.times


def _number_at(
    tokens: Sequence[Token], place: int, words: Words
) -> tuple[Decimal, int] | None:
    """Return a number and its length: digits, or words that add and multiply."""
    value, end = _simple_at(tokens, place, words)
    if value is None:
        return _fraction_at(tokens, place, words)
    end = _multiplied_end(tokens, end, words)
    for token in tokens[place + 1 : end]:
        value *= words.multipliers.get(token.word, Decimal(1))
    if words.multipliers.get(tokens[end - 1].word, Decimal(0)) >= _HUNDRED:
        rest, rest_end = _simple_at(tokens, end, words)
        if rest is not None and rest < _HUNDRED and tokens[end].number is None:
            value, end = value + rest, rest_end
    half = _half_after(tokens, end, words)
    return (value + half[0], half[1] - place) if half else (value, end - place)


def _multiplied_end(tokens: Sequence[Token], end: int, words: Words) -> int:
    while end < len(tokens) and tokens[end].word in words.multipliers:
        if tokens[end].before:
            break
        end += 1
    return end


def _simple_at(
    tokens: Sequence[Token], place: int, words: Words
) -> tuple[Decimal | None, int]:
    """Return digits, or tens and ones in words, and where they end."""
    if place >= len(tokens):
        return None, place
    token = tokens[place]
    value = token.number or words.multipliers.get(token.word)
    if value is not None:
        return value, place + 1
    value = words.numbers.get(token.word)
    if value is None:
        return None, place
    if value < _TEN or value % _TEN:
        return value, place + 1
    at = place + 1
    if at + 1 < len(tokens) and _joins(tokens, at, words, "number_joiners"):
        at += 1
    following = tokens[at] if at < len(tokens) else None
    if following and not any(token.before for token in tokens[place + 1 : at + 1]):
        ones = words.numbers.get(following.word)
        if ones is not None and ones < _TEN and len(following.word) > 1:
            return value + ones, at + 1
    return value, place + 1


def _fraction_at(
    tokens: Sequence[Token], place: int, words: Words
) -> tuple[Decimal, int] | None:
    """Return "half", "half a", "half a dozen"."""
    if place >= len(tokens) or tokens[place].word not in words.fractions:
        return None
    value, end = words.fractions[tokens[place].word], place + 1
    if end < len(tokens) and words.numbers.get(tokens[end].word) == 1:
        end += 1
    after = _multiplied_end(tokens, end, words)
    for token in tokens[end:after]:
        value *= words.multipliers[token.word]
    return value, after - place


def _half_after(
    tokens: Sequence[Token], end: int, words: Words
) -> tuple[Decimal, int] | None:
    """Return the fraction of "one and a half" or "bir buçuk", and where it ends."""
    at = end
    for _ in range(3):
        if at >= len(tokens) or tokens[at].before:
            return None
        if tokens[at].word in words.fractions:
            return words.fractions[tokens[at].word], at + 1
        phrase = words.phrase_at(tokens, at)
        joins = phrase is not None and "connectors" in phrase.keys
        if not joins and words.numbers.get(tokens[at].word) != 1:
            return None
        at += 1
    return None


def _half_joined(
    tokens: Sequence[Token], place: int, words: Words
) -> tuple[Decimal, int] | None:
    """Return the fraction of "a kilo and a half", and where it ends."""
    joins = place < len(tokens) and _joins(tokens, place, words, "connectors")
    return _half_after(tokens, place, words) if joins else None


def _joins(tokens: Sequence[Token], place: int, words: Words, key: str) -> bool:
    phrase = words.phrase_at(tokens, place)
    return phrase is not None and len(phrase.words) == 1 and key in phrase.keys


def _unit_at(
    tokens: Sequence[Token], place: int, words: Words
) -> tuple[str | None, int]:
    """Return the unit or pack word after a number, and how many tokens it takes."""
    if place >= len(tokens) or tokens[place].before:
        return None, 0
    token = tokens[place]
    may_be_size = token.text.isupper() and len(token.word) <= _SIZE_LETTERS
    if may_be_size and token.word in words.sizes and not token.glued:
        return None, 0
    for stem in words.stems(token.word):
        unit = words.units.get(stem) or words.packs.get(stem)
        if unit is not None:
            return unit, 1
    return None, 0
