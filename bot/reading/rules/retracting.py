"""Slips of the tongue: "2 olive oils... sorry, 2 breads" is an order of breads."""

from collections.abc import Sequence

from bot.domain.understanding import Act, Mention
from bot.reading.rules.items import Item
from bot.reading.rules.marks import Kind, Mark, Sentence, says
from bot.reading.rules.names import Shelf
from bot.reading.rules.parts import Part

#: What comes on top of what was said, whatever else is said beside it.
_ON_TOP = ("want", "add", "more", "remove", "set", "swap", "negation")


def counts_anew(part: Part) -> bool:
    """Return whether a part says "no" and another number: "2 latte, no 3 latte"."""
    opening = part.marks[:2]
    answers = bool(opening) and part.comma and opening[0].means("no")
    return answers and opening[-1].amount is not None


def limits(sentence: Sentence) -> bool:
    """Return whether a yes is limited: "yes, but I want 2" sets the number."""
    return says(sentence, "yes", "weak_yes") and says(sentence, "but")


def retracts(part: Part, before: Part | None, sentence: Sentence) -> bool:
    """Return whether a part says another item right after a "sorry" or "no".

    "Sorry, can I get 2 teas" and "pardon, 1 çay da" order on top.
    """
    telling = _telling(sentence)
    if says(sentence, *_ON_TOP) or not telling or telling[-1].means("connectors"):
        return False
    own = _telling(part.marks)
    if own and own[0].means("correction"):
        return _opens_item(own[1:])
    lead = _telling(before.marks) if before is not None and part.comma else ()
    only = bool(lead) and all(mark.means("correction", "no") for mark in lead)
    return only and says(lead, "correction") and _opens_item(own)


def retract(items: Sequence[Item], shelf: Shelf, found: list[Mention]) -> None:
    """Drop what an item was said instead of: as many of something else, or the last.

    Nothing is dropped when the item counts the same product anew.
    """
    if not items or not items[0].body or items[0].amount is None:
        return
    comes = shelf.certain(items[0].text(shelf))
    added = [m for m in found if m.act is Act.ADD and m.text]
    if comes is None or not added or found[-1] is not added[-1]:
        return
    if any(_same(mention, comes.id, shelf) for mention in added):
        return
    alike = [m for m in added if m.quantity == items[0].amount.quantity]
    goes = (alike or added)[-1]
    found[:] = [mention for mention in found if mention is not goes]


def _same(mention: Mention, product_id: str, shelf: Shelf) -> bool:
    product = shelf.certain(mention.text)
    return product is not None and product.id == product_id


def _opens_item(marks: Sequence[Mark]) -> bool:
    """Return whether a number and a product come next."""
    following = marks[1].kind if len(marks) > 1 else None
    named = following in (Kind.NAME, Kind.WORD)
    return bool(marks) and marks[0].kind is Kind.AMOUNT and named


def _telling(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    return tuple(mark for mark in marks if mark.kind is not Kind.FILLER)
