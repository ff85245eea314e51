"""Whether words are meant as a product, also those that no product has."""

from itertools import pairwise

from bot.reading.rules.items import Item
from bot.reading.rules.marks import Kind, Mark
from bot.reading.rules.names import Shelf
from bot.reading.rules.parts import Part

#: A wish for something that nobody sells is believed up to so many words.
_LONGEST_WISH = 4
#: Counted by an article it may be longer: "a large vegan unicorn burger".
_LONGEST_COUNTED = 6
#: Bare product words are believed with so many other words around them.
_STRAY_WORDS = 1
#: A verb's ending is one on a word of at least so many letters more.
_VERB_STEM = 2
#: Parts that speak of something else than products.
_ELSEWHERE = (
    "address_before",
    "cancel",
    "complaint",
    "date",
    "delivery",
    "greet",
    "human",
    "name_before",
    "name_maybe",
    "no",
    "no_more",
    "note_before",
    "order_status",
    "payment_card",
    "payment_cash",
    "payment_transfer",
    "pickup",
    "questions",
    "repeat",
    "thanks",
    "weak_yes",
    "yes",
)


def is_believed(
    item: Item, part: Part, shelf: Shelf, *, wants: bool, orders: bool, listed: bool
) -> bool:
    """Return whether an item's words are meant as a product and are not small talk.

    `wants`: a wish governs it. `orders`: the turn orders something beside it; then what
    is `listed` (after a comma, an "and" or a bullet) is an item, whatever it is called.
    """
    if item.product_id is None and _counts_idly(item, shelf):
        return False  # "my 2 kids like ham"
    known = [token for token in item.body if shelf.knows(token.word)]
    strange = len(item.body) - len(known)
    serves = any(mark.means("serves") for mark in item.marks)
    if item.product_id or known:
        sure = wants or item.amount is not None or strange <= _STRAY_WORDS
    elif any(mark.means("talk") or _is_verb(mark, shelf) for mark in item.marks):
        return False
    else:
        sure = serves or (item.amount is not None and item.amount.said)
    about = not part.says("date", "delivery", "pickup", "thanks", "greet")
    wished = wants and about and strange <= _LONGEST_WISH
    return sure or wished or (orders and _is_in_list(item, part, listed=listed))


def _counts_idly(item: Item, shelf: Shelf) -> bool:
    """Return whether what is counted is nothing that is sold: "2 kids"."""
    return any(
        first.amount is not None
        and second.means("talk")
        and not shelf.knows(second.tokens[0].word)
        for first, second in pairwise(item.marks)
    )


def _is_in_list(item: Item, part: Part, *, listed: bool) -> bool:
    """Return whether it stands where an item of an order stands."""
    if item.amount is not None:
        return len(item.body) <= _LONGEST_COUNTED
    if not listed or len(item.body) > _LONGEST_WISH or _is_a_name(item, part):
        return False
    return not any(mark.means("clause", *_ELSEWHERE) for mark in part.marks)


def _is_a_name(item: Item, part: Part) -> bool:
    """Return whether one capital word after a comma signs the order: "2 tea, Ada"."""
    written = [token.text for token in item.body]
    return part.comma and len(written) == 1 and written[0].istitle()


def _is_verb(mark: Mark, shelf: Shelf) -> bool:
    return mark.kind is Kind.WORD and any(
        token.word.endswith(ending) and len(token.word) >= len(ending) + _VERB_STEM
        for token in mark.tokens
        for ending in shelf.words.verb_endings
    )
