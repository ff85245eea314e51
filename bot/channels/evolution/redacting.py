"""Keeping the key that Evolution API sends with every webhook out of everything.

It opens the instance to whoever reads it; it proves nothing, and nobody here needs it.
"""

import re

_NAMES = frozenset({"apikey"})
_NAME = "".join(
    f"(?:{letter}|\\\\u00{ord(letter):02x}|\\\\u00{ord(letter.upper()):02x})"
    for letter in "apikey"
)
_IN_TEXT = re.compile(
    rf'("{_NAME}"\s*:\s*)("(?:[^"\\]|\\.)*"?|[^",}}\s]+)', re.IGNORECASE
)
#: In JSON that is a text of other JSON, its quotes are escaped.
_IN_TEXT_OF_TEXT = re.compile(
    r'(\\"apikey\\{1,16}"\s{0,9}:\s{0,9})\\{1,16}"[^"]*"?', re.IGNORECASE
)
_HIDDEN = "(removed)"


def without_keys(parsed: object) -> object:
    """Return parsed JSON without the key that stands in it, beside the event."""
    if not isinstance(parsed, dict):
        return parsed
    return {name: v for name, v in parsed.items() if name.lower() not in _NAMES}


def without_any_keys(parsed: object) -> object:
    """Return parsed JSON with every key in it removed, however deep it stands.

    What is nested too deep to look at is not returned at all.
    """
    try:
        return _without(parsed)
    except RecursionError:
        return "(nested too deep to show)"


def _without(found: object) -> object:
    if isinstance(found, dict):
        return {
            name: _HIDDEN if name.lower() in _NAMES else _without(value)
            for name, value in found.items()
        }
    if isinstance(found, list):
        return [_without(value) for value in found]
    return without_keys_in(found) if isinstance(found, str) else found


def without_keys_in(text: str) -> str:
    """Return a text that should have been JSON, with every key in it removed."""
    text = _IN_TEXT_OF_TEXT.sub(rf"\1{_HIDDEN}", text)
    return _IN_TEXT.sub(rf'\1"{_HIDDEN}"', text)
