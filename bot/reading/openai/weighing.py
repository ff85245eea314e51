"""How much text a model is given, estimated without its tokenizer.

The estimate errs on the high side: a bound that is kept by it is kept.
"""

import math
from collections.abc import Sequence
from typing import TypeVar

#: Letters of the basic Latin alphabet come about four to a token, in OpenAI's own rule
#: of thumb; names and misspellings less. Others are counted as two to three to a token.
_LATIN, _OTHER = 3.0, 1.5

T = TypeVar("T")


def tokens_at_most(text: str) -> int:
    """Return about how many tokens a text has, rather too many than too few."""
    latin = sum(char.isascii() for char in text)
    return math.ceil(latin / _LATIN + (len(text) - latin) / _OTHER)


def newest_within(items: Sequence[T], words: Sequence[str], budget: int) -> Sequence[T]:
    """Return the last items whose words, together, stay within a budget of tokens."""
    left, first = budget, len(items)
    for place in range(len(items) - 1, -1, -1):
        left -= tokens_at_most(words[place])
        if left < 0:
            break
        first = place
    return items[first:]
