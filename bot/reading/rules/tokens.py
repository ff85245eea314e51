"""What was written, cut into words, numbers and signs that know where they stood."""

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import IntEnum

from catalog.domain.folding import fold


class Break(IntEnum):
    """How strongly a token is set apart from the one before it."""

    NONE = 0
    COMMA = 1  #: Perhaps another item.
    SENTENCE = 2  #: Another statement.


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a number or a sign. `text` is verbatim, at `start` of its message."""

    text: str
    word: str  #: Folded; a sign stands for itself.
    start: int
    end: int
    number: Decimal | None = None
    before: Break = Break.NONE
    glued: bool = False  #: Nothing but an apostrophe between it and the one before.
    asks: bool = False  #: Its sentence ends in a question mark.
    minus: bool = False  #: A number below nothing: the "-3" of "make it -3".


_FRACTIONS = {
    "½": Decimal("0.5"),
    "¼": Decimal("0.25"),
    "¾": Decimal("0.75"),
}
_TOKEN = re.compile(
    r"(?P<number>\d{1,3}(?:[.,]\d{3}){2,4}(?![.,]?\d)|\d{1,9}/\d{1,9}(?![\d/])|\d{1,9}(?:[.,]\d{1,6})?(?!\d)|[½¼¾])"
    r"|(?P<digits>\d+)"
    r"|(?P<word>[^\W\d_]+)"
    r"|(?P<space>\s+)"
    r"|(?P<sign>.)",
    re.DOTALL,
)
_GROUPED = re.compile(r"\d{1,3}(?:[.,]\d{3}){2,}")
_MINUS = re.compile(r"(?:^|(?<=\s))[-\u2212](?=\d)")
_APOSTROPHES = "'`\u2019\u02bc\u00b4"
#: Words of addresses that are written short, folded; a dot after them ends nothing.
_SHORTENED = frozenset(
    {
        *("cad", "cd", "sok", "sk", "mah", "mh", "bulv", "blv", "apt", "avda"),
        *("ул", "кв", "пер", "просп", "наб"),
    }
)
_SENTENCE_ENDS = ".!?;\n…"
_COMMAS = ",،、|"
_BULLETS = "-*\u2013\u2014\u2022\u00b7\u2023"
_THOUSANDS = 3
#: What only colours or joins a sign: skin tones, variation selectors, joiners.
_SIGN_MODIFIERS = re.compile("[\U0001f3fb-\U0001f3ff\ufe0e\ufe0f\u200d]")
#: The longest text that is read; the rest of a longer one says nothing new.
LONGEST = 4000


def tokenize(text: str) -> tuple[Token, ...]:
    """Return the tokens of a text, in order. Any text has tokens, or none."""
    found: list[Token] = []
    gap = Break.NONE
    line_start, end, joined = True, 0, False
    below = _below_nothing(text[:LONGEST])
    sentence = 0  # Where the running sentence starts in `found`.
    for match in _TOKEN.finditer(text[:LONGEST]):
        piece, kind = match[0], match.lastgroup
        if kind == "space":
            if "\n" in piece or "\r" in piece:
                gap, line_start, sentence = Break.SENTENCE, True, len(found)
            joined = False
            continue
        if kind == "sign":
            if piece == "?":
                found[sentence:] = [_asking(token) for token in found[sentence:]]
            if piece in _APOSTROPHES:
                joined = bool(found) and found[-1].end == match.start()
                end = match.end()
                continue
            if piece == "." and (
                _numbers_a_line(found, text, match.start())
                or _shortens(found, text, match.start())
            ):
                continue
            apart = _break_of(piece, text, match.start(), at_line_start=line_start)
            if apart is not None:
                gap = max(gap, apart)
                sentence = len(found) if gap is Break.SENTENCE else sentence
                continue
            if not (piece := _SIGN_MODIFIERS.sub("", piece)).strip("_:()[]\"'/\\#"):
                continue
        glued = gap is Break.NONE and (joined or match.start() == end > 0)
        token = _token(piece, kind, match, gap, glued=glued)
        token = replace(token, minus=True) if match.start() == below else token
        found.append(token)
        gap, end, line_start, joined = Break.NONE, match.end(), False, False
    return tuple(found)


def _token(
    piece: str, kind: str | None, match: re.Match[str], gap: Break, *, glued: bool
) -> Token:
    number = _number(piece) if kind == "number" else None
    word = fold(piece).replace(" ", "") or piece
    start = match.start()
    return Token(match[0], word, start, match.end(), number, gap, glued)


def _below_nothing(text: str) -> int | None:
    """Return where the number after a minus starts; in a list a dash is a bullet."""
    found = [match.end() for match in _MINUS.finditer(text)]
    alone = len(found) == 1 and "\n" not in text[: found[0]].lstrip()
    return found[0] if alone else None


def _asking(token: Token) -> Token:
    return replace(token, asks=True)


def _break_of(sign: str, text: str, place: int, *, at_line_start: bool) -> Break | None:
    """Return how a sign separates, or None when it says something itself."""
    if sign in _SENTENCE_ENDS:
        return Break.SENTENCE
    if sign in _COMMAS:
        return Break.COMMA
    if sign in _BULLETS:
        if at_line_start:
            return Break.SENTENCE if place else Break.NONE
        if sign == "*":
            return None
        spaced = text[place - 1 : place + 2].strip() == sign
        return Break.COMMA if spaced else Break.NONE
    return None


def _numbers_a_line(found: list[Token], text: str, place: int) -> bool:
    """Return whether a dot belongs to the number before it: "2. option"."""
    if not found or found[-1].number is None or found[-1].end != place:
        return False
    opens = not text[: found[-1].start].rpartition("\n")[2].strip()
    return opens and text[place + 1 : place + 2] == " "


def _shortens(found: list[Token], text: str, place: int) -> bool:
    """Return whether a dot belongs to a short word of an address: "Moda Cad. 12"."""
    if not found or found[-1].end != place or found[-1].word not in _SHORTENED:
        return False
    return text[place + 1 : place + 2].isspace()


def _number(text: str) -> Decimal | None:
    """Read "2", "1,5", "0.75", "1.000", "1/2" and "½"."""
    if text in _FRACTIONS:
        return _FRACTIONS[text]
    if "/" in text:
        over, under = text.split("/")
        return Decimal(over) / Decimal(under) if int(under) else None
    if _GROUPED.fullmatch(text):
        return Decimal(text.replace(",", "").replace(".", ""))
    whole, _, decimals = text.replace(",", ".").partition(".")
    if len(decimals) == _THOUSANDS and int(whole) > 0:
        return Decimal(whole + decimals)
    return Decimal(f"{whole}.{decimals}") if decimals else Decimal(whole)
