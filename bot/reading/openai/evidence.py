"""Evidence, checked: whether what a model quotes was really said, and where."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import combinations

from rapidfuzz import fuzz

from bot.domain.understanding import Quote
from bot.reading.openai.redacting import MASK
from bot.reading.openai.showing import ShownMessage
from bot.reading.rules.words import words_for
from catalog import tokens

#: Words this alike, 0 to 100, are one word in two forms: "lattes", "latte".
_SAME = 75
#: Shorter words have no other form.
_TELLING = 3
_NUMBER = re.compile(r"[0-9]{1,9}(?:[.,][0-9]{1,6})?|[½¼¾⅓⅔]")
_THOUSANDS = re.compile(r"(?<![0-9.,])[0-9]{1,3}(?:[.,][0-9]{3})+(?![0-9])")
_FRACTIONS = {"½": "0.5", "¼": "0.25", "¾": "0.75", "⅓": "0.333", "⅔": "0.667"}
_MOST = 1_000_000
#: So many may be meant by a word that we do not know.
_MOST_UNSAID = 20


class Said:
    """What the customer said in a turn. Every quote that it returns is verbatim."""

    def __init__(self, messages: Sequence[ShownMessage]) -> None:
        self._messages = messages
        self._words = frozenset(w for m in messages for w in tokens(m.original))

    def quote(self, message: int, text: str) -> Quote | None:
        """Return the original words of a quote, or None when nobody said them.

        A quote with another message's number, but only one it can be of, is that one's.
        """
        found = {n: span for n in self._places() if (span := self._span(n, text))}
        if message not in found and len(found) != 1:
            return None
        place = message if message in found else next(iter(found))
        start, end = found[place]
        return Quote(message=place, text=self._messages[place].original[start:end])

    def has_picture(self, message: int) -> bool:
        """Return whether a message came with a picture that was looked at."""
        return message in self._places() and self._messages[message].has_picture

    def original(self, text: str, message: int) -> str:
        """Return words with what was masked in them put back."""
        span = self._span(message, text) if MASK in text else None
        if span is None:
            return text
        return self._messages[message].original[span[0] : span[1]]

    def says(self, text: str, *, within: str | None = None) -> bool:
        """Return whether every word of a text was said, long ones in one form or other.

        `within`: in these words; else anywhere in the turn.
        """
        words = self._words if within is None else frozenset(tokens(within))
        return all(any(_same(word, said) for said in words) for word in tokens(text))

    def contains(self, text: str, message: int) -> bool:
        """Return whether a message has these letters and digits, in this order."""
        wanted = "".join(tokens(text))
        said = "".join(tokens(self._messages[message].original))
        return bool(wanted) and wanted in said

    def _places(self) -> range:
        return range(len(self._messages))

    def _span(self, place: int, text: str) -> tuple[int, int] | None:
        """Return where a message has a text; spaces and case may differ."""
        parts = text.split()
        if not parts or place not in self._places():
            return None
        masked = self._messages[place].masked
        if (start := masked.find(text)) >= 0:
            return start, start + len(text)
        pattern = r"\s+".join(map(re.escape, parts))
        found = re.search(pattern, masked, re.IGNORECASE)
        return found.span() if found else None


def quantity_of(
    claimed: float | None, quote: str, *, about: str = "", guess: bool = False
) -> Decimal | None:
    """Return an amount that its quote can mean, or None when it is another one.

    A quote that says an amount means that one. With `guess`, one that says none in
    words that we know may mean a small one, if it has a word beside those it is
    `about`.
    """
    if claimed is None or not 0 < claimed <= float(_MOST):
        return None
    amount = exact(claimed)
    numbers = list(_numbers(quote))
    if not numbers:
        spare = len(tokens(quote)) > len(tokens(about))
        return amount if guess and spare and amount <= _MOST_UNSAID else None
    pairs = list(combinations(numbers, 2))
    meant = {*numbers, *(a * b for a, b in pairs), *(a + b for a, b in pairs)}
    if amount in meant:
        return amount
    return numbers[0] if len(numbers) == 1 and numbers[0] > 0 else None


def exact(claimed: float) -> Decimal:
    """Return a number as it is written: 2 for 2.0, 0.5 for 0.5."""
    amount = Decimal(str(claimed))
    whole = amount.to_integral_value()
    return whole if whole == amount else amount.normalize()


def _numbers(text: str) -> Iterator[Decimal]:
    """Yield the numbers that a text says, in digits and in words of any language."""
    for found in _NUMBER.findall(text):
        yield Decimal(_FRACTIONS.get(found, found.replace(",", ".")))
    for found in _THOUSANDS.findall(text):
        yield Decimal(re.sub("[.,]", "", found))
    words = words_for("")
    for word in tokens(text):
        for table in (words.numbers, words.multipliers, words.fractions):
            if word in table:
                yield table[word]
                break


def _same(word: str, said: str) -> bool:
    if word == said or min(len(word), len(said)) < _TELLING:
        return word == said
    short, long = sorted((word, said), key=len)
    return long.startswith(short) or fuzz.ratio(word, said) >= _SAME
