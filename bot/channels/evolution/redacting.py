"""Keeping the key that Evolution API sends with every webhook out of everything.

It opens the instance to whoever reads it; it proves nothing, and nobody here needs it.
"""

import re

_NAMES = frozenset({"apikey"})
_IN_TEXT = re.compile(r'("apikey"\s*:\s*)("(?:[^"\\]|\\.)*"?|[^",}\s]+)', re.IGNORECASE)
_HIDDEN = "(removed)"


def without_keys(parsed: object) -> object:
    """Return parsed JSON without the key that stands in it, beside the event."""
    if not isinstance(parsed, dict):
        return parsed
    return {name: v for name, v in parsed.items() if name.lower() not in _NAMES}


def without_keys_in(text: str) -> str:
    """Return a text that should have been JSON, with every key in it removed."""
    return _IN_TEXT.sub(rf'\1"{_HIDDEN}"', text)
