"""What people see as one character: never cut a flag, a family or an accent in two.

A small reading of Unicode's text segmentation (UAX #29), over `unicodedata` alone.
Where it is not exact it joins too much (a joiner binds whatever follows), which for
cutting text is the harmless side.
"""

import unicodedata
from collections.abc import Iterator
from itertools import pairwise

from bot.domain.fitting import width as width  # noqa: PLC0414  # of a cluster

#: Longer clusters are no letters of any language, and would fit no limit. UAX #15's
#: stream-safe format allows 30 marks on a letter.
LONGEST = 32

_JOINER = "\u200d"
_NON_JOINER = "\u200c"
_VIRAMA = 9  #: The combining class of marks that tie Indic consonants together.
_BREAKS_ALWAYS = frozenset({"Cc", "Zl", "Zp"})


def graphemes(text: str) -> Iterator[str]:
    """Yield the characters as seen, of at most `LONGEST` code points each.

    Joined, they are the text.
    """
    start = flags = 0
    for place, (before, after) in enumerate(pairwise(text), start=1):
        flags = flags + 1 if _is_flag_letter(before) else 0
        if place - start < LONGEST and _belong_together(before, after, flags):
            continue
        yield text[start:place]
        start = place
    if text:
        yield text[start:]


def trim(text: str, limit: int) -> str:
    """Return text of at most `limit` units, cut between graphemes with an ellipsis."""
    if width(text) <= limit:
        return text
    kept, room = "", limit - 1
    for cluster in graphemes(text):
        room -= width(cluster)
        if room < 0:
            break
        kept += cluster
    return kept.rstrip() + "…"


def _belong_together(before: str, after: str, flags: int) -> bool:
    """Return whether no boundary is between two neighbouring code points.

    `flags` counts the regional indicators up to and with `before`: a pair is a flag.
    """
    if before == "\r" and after == "\n":
        return True
    if _breaks_always(before) or _breaks_always(after):
        return False
    if _extends(after) or before == _JOINER:
        return True
    if _is_flag_letter(before) and _is_flag_letter(after):
        return flags % 2 == 1
    if unicodedata.combining(before) == _VIRAMA:
        return unicodedata.category(after) == "Lo"
    return _is_syllable(before, after)


def _breaks_always(char: str) -> bool:
    return unicodedata.category(char) in _BREAKS_ALWAYS


def _extends(char: str) -> bool:
    """Return whether a code point changes the one before: marks, modifiers, tags."""
    return (
        char in {_JOINER, _NON_JOINER}
        or unicodedata.category(char) in {"Mn", "Me", "Mc"}
        or "\U0001f3fb" <= char <= "\U0001f3ff"  # skin tones
        or "\U000e0020" <= char <= "\U000e007f"  # tags: the flag of Wales
        or "\uff9e" <= char <= "\uff9f"  # half-width voicing marks
    )


def _is_flag_letter(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _is_syllable(before: str, after: str) -> bool:
    """Return whether two Hangul code points are of one syllable."""
    left, right = _hangul(before), _hangul(after)
    match left:
        case "L":
            return right in {"L", "V", "LV", "LVT"}
        case "V" | "LV":
            return right in {"V", "T"}
        case "T" | "LVT":
            return right == "T"
    return False


def _hangul(char: str) -> str:
    if "\u1100" <= char <= "\u115f" or "\ua960" <= char <= "\ua97c":
        return "L"
    if "\u1160" <= char <= "\u11a7" or "\ud7b0" <= char <= "\ud7c6":
        return "V"
    if "\u11a8" <= char <= "\u11ff" or "\ud7cb" <= char <= "\ud7fb":
        return "T"
    if "\uac00" <= char <= "\ud7a3":
        return "LVT" if (ord(char) - 0xAC00) % 28 else "LV"
    return ""
