"""Which characters are little pictures: some places take none, a reaction is one."""

import unicodedata

from bot.channels.graphemes import graphemes

#: What makes a picture of the character before: its variation, and a phone's key.
_MARKS = frozenset({"\ufe0f", "\u20e3"})


def is_emoji(cluster: str) -> bool:
    """Return whether a character as seen is a picture, or any other such symbol."""
    return any(char in _MARKS or unicodedata.category(char) == "So" for char in cluster)


def without_emoji(text: str) -> str:
    """Return text without its pictures, and without the gaps that they leave."""
    kept = "".join(each for each in graphemes(text) if not is_emoji(each))
    return kept if kept == text else " ".join(kept.split())
