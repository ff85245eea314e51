"""Words as they are looked for: folded, in Latin letters, measures in one unit.

What a merchant writes and what a customer types go through the same steps, so that
"Молоко 0,5 л" and "moloko 500ml" are the same two words.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from catalog.domain.folding import fold
from catalog.domain.measure import Dimension, amount_of, measure_of

#: Russian, Ukrainian, Bulgarian ... as most people type them on a Latin keyboard.
_ONE_TO_ONE = ("абвгдезиклмнопрстуфхцыіґѓэє", "abvgdeziklmnoprstufhcyiggee")
_TO_SEVERAL = {
    "ж": "zh",
    "ч": "ch",
    "ш": "sh",
    "щ": "sch",
    "ю": "yu",
    "я": "ya",
    "ъ": "",
    "ь": "",
    "ђ": "dj",
    "љ": "lj",
    "њ": "nj",
    "џ": "dz",
    "\N{CYRILLIC SMALL LETTER JE}": "j",
}
_TO_LATIN: Mapping[int, str] = {
    ord(letter): latin
    for letter, latin in (*zip(*_ONE_TO_ONE, strict=True), *_TO_SEVERAL.items())
}
#: Scripts without spaces: Han, Kana and Thai are cut into pairs of letters.
_UNSPACED = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]{2,}")
_DIGIT = re.compile(r"\d")
_TIMES = re.compile(r"(?<=\d)\s?[x*\u00d7]\s?(?=\d)", re.IGNORECASE)
#: At most 12 digits: a longer number is a code, not an amount.
_AMOUNT = re.compile(
    r"(?<![\w.,])(\d{1,12})(?:[.,](\d{1,6}))?(?![\d.,]*\d)(?:(\s?)([^\W\d_]{1,20})\b)?"
)

ONE = Decimal(1)


class Worded(NamedTuple):
    """A word of a text; a measure is one word with the number that was written."""

    text: str
    dimension: Dimension | None = None  #: Set for measures: "500g".
    number: str = ""  #: Of a measure, as written: "0.5".
    factor: Decimal = ONE  #: How many of the dimension's units one of its unit is.
    unit: str = ""  #: Of a measure, as written: "kilo".


def latin(word: str) -> str:
    """Return a folded word in Latin letters where its script has them."""
    return word if word.isascii() else word.translate(_TO_LATIN)


def words_of(text: str, units: Mapping[str, str]) -> Iterator[Worded]:
    """Yield the words of a text in order. `units` maps folded words to unit symbols."""
    if not _DIGIT.search(text):
        yield from map(Worded, plain_words(text))
        return
    plain = _TIMES.sub(" ", unicodedata.normalize("NFKC", text))
    done = 0
    for found in _AMOUNT.finditer(plain):
        if done < found.start():
            yield from map(Worded, plain_words(plain[done : found.start()]))
        yield from _amount_words(found, units)
        done = found.end()
    if done < len(plain):
        yield from map(Worded, plain_words(plain[done:]))


def plain_words(text: str) -> list[str]:
    """Return the words of a text that has no measures."""
    folded = fold(text)
    if folded.isascii():
        return folded.split()
    return _UNSPACED.sub(_pairs, folded.translate(_TO_LATIN)).split()


def _amount_words(found: re.Match[str], units: Mapping[str, str]) -> Iterator[Worded]:
    whole, decimals, space, word = found.groups()
    amount = amount_of(whole, decimals)
    number = _shown(amount)
    if not word:
        yield Worded(number)
        return
    measure = measure_of(amount, word, units)
    if measure is not None:
        factor = measure.amount / amount if amount else ONE
        yield Worded(measure.text, measure.dimension, number, factor, fold(word))
    elif space or decimals:
        yield Worded(number)
        yield from map(Worded, plain_words(word))
    else:
        yield from map(Worded, plain_words(found[0]))


def _shown(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _pairs(found: re.Match[str]) -> str:
    run = found[0]
    return f" {' '.join(run[at : at + 2] for at in range(len(run) - 1))} "
