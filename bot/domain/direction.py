"""Right-to-left names among left-to-right amounts: each stays on its side.

A name in Arabic or Hebrew beside a number is shown in another order than it was
written unless it is isolated. Source: Unicode Standard Annex 9, "Explicit Directional
Isolates".
"""

import unicodedata

#: First strong isolate, and its end: inside, the direction is that of the text.
ISOLATE, END = "\u2068", "\u2069"
#: What opens an isolate.
_OPENING = frozenset("\u2066\u2067\u2068")
#: Marks that turn what follows around, also outside of the value that has them.
_TURNING = dict.fromkeys(map(ord, "\u202a\u202b\u202c\u202d\u202e"))
_ISOLATING = dict.fromkeys(map(ord, "\u2066\u2067\u2068\u2069"))
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})


def isolated(value: str) -> str:
    """Return a value that changes the direction of nothing around it.

    Marks that would do so are left out; a value with letters that run from right to
    left is isolated, once.
    """
    if value.isascii():
        return value
    value = value.translate(_TURNING)
    if not _is_balanced(value):
        value = value.translate(_ISOLATING)
    return f"{ISOLATE}{value}{END}" if _runs_over(value) else value


def _is_balanced(value: str) -> bool:
    """Return whether every isolate in a value ends in it."""
    depth = 0
    for char in value:
        depth += (char in _OPENING) - (char == END)
        if depth < 0:
            return False
    return depth == 0


def _runs_over(value: str) -> bool:
    """Return whether letters outside of any isolate run from right to left."""
    depth = 0
    for char in value:
        depth += (char in _OPENING) - (char == END)
        if depth == 0 and unicodedata.bidirectional(char) in _RIGHT_TO_LEFT:
            return True
    return False
