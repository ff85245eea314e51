"""One product in the place of another: "croissant instead of the bagel"."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.reading.rules.items import Item, items_of
from bot.reading.rules.marks import Kind, Mark, Sentence
from bot.reading.rules.names import Shelf


@dataclass(frozen=True, slots=True)
class Replacement:
    """What goes, what comes, and the marks on both sides that say something else."""

    goes: Item
    comes: Item
    marks: tuple[Mark, ...]
    before: Sentence = ()
    after: Sentence = ()


def replacement_in(sentence: Sentence, shelf: Shelf) -> Replacement | None:
    """Return the replacement that a sentence speaks of, or None."""
    for place, mark in enumerate(sentence):
        before, after = sentence[:place], sentence[place + 1 :]
        if mark.means("instead"):
            return _instead_of(before, after, mark, shelf)
        if mark.means("instead_after"):
            return _in_place_of(before, after, mark, shelf)
        if mark.means("swap"):
            found = _swapped(before if mark.verb_last else after, mark, shelf)
            if found is not None:
                return found
    return None


def _instead_of(
    before: Sentence, after: Sentence, mark: Mark, shelf: Shelf
) -> Replacement | None:
    """Return what "A instead of B" or "instead of B, A" says."""
    following = _products(after, shelf)
    if not following:
        return None
    preceding = _products(before, shelf)
    if preceding:
        comes, goes = preceding[-1], following[0]
    elif len(following) > 1:
        goes, comes = following[0], following[1]
    else:
        return None
    return _between(goes, comes, mark, before, after)


def _in_place_of(
    before: Sentence, after: Sentence, mark: Mark, shelf: Shelf
) -> Replacement | None:
    """Return what "B yerine A" says."""
    preceding, following = _products(before, shelf), _products(after, shelf)
    if not preceding or not following:
        return None
    return _between(preceding[-1], following[0], mark, before, after)


def _swapped(said: Sentence, mark: Mark, shelf: Shelf) -> Replacement | None:
    """Return what "swap B for A" says: of exactly two products the first goes."""
    products = _products(said, shelf)
    if len(products) != 2:  # noqa: PLR2004  what goes and what comes
        return None
    goes, comes = products
    return Replacement(goes, comes, (mark, *goes.marks, *comes.marks))


def _between(
    goes: Item, comes: Item, mark: Mark, before: Sentence, after: Sentence
) -> Replacement:
    """Return a replacement with what stands outside of it on both sides."""
    used = (mark, *goes.marks, *comes.marks)
    first = min(each.start for each in used)
    last = max(each.end for each in used)
    return Replacement(
        goes,
        comes,
        used,
        tuple(each for each in before if each.end <= first),
        tuple(each for each in after if each.start >= last),
    )


def _products(marks: Sequence[Mark], shelf: Shelf) -> tuple[Item, ...]:
    """Return the items of marks that have words, one run between joints at a time."""
    runs: list[list[Mark]] = [[]]
    for mark in marks:
        joint = mark.means("for", "connectors")
        if mark.before or joint:
            runs.append([])
        if not joint:
            runs[-1].append(mark)
    items = (item for run in runs for item in items_of(run, shelf))
    return tuple(item for item in items if item.body and _names(item, shelf))


def _names(item: Item, shelf: Shelf) -> bool:
    """Return whether an item names a product, as far as the catalog knows."""
    whole = any(mark.kind is Kind.NAME for mark in item.marks)
    return whole or any(shelf.knows(token.word) for token in item.body)
