"""Some of an item that shall be another way: "3 lattes, two of them with milk"."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from bot.domain.understanding import Act, Mention, OptionMention
from bot.reading.rules.items import Item
from bot.reading.rules.marks import Kind
from bot.reading.rules.names import Shelf
from bot.reading.rules.optional import are_forms, describes, is_option_of
from bot.reading.rules.parts import Part
from bot.reading.rules.quoting import POINTING, Source, judged, quoted_by

_PIECE = "piece"
_NONE = Decimal(0)


def share(
    item: Item, part: Part, source: Source, shelf: Shelf, found: list[Mention]
) -> bool:
    """Split the item before when another is told of some of it; False when it is not.

    Done only when it is said clearly: a number of pieces, no more than there are left,
    and how those shall be. "All of them" are not split: all get what is said.
    """
    if _is_about_all(item, found):
        found[-1] = _with(found[-1], item.options)
        return True
    if _counts_pieces(item, part) and _is_kind(item, source, shelf, found):
        return True
    if not (_counts_pieces(item, part) and _is_apart(item, part)):
        return False
    place = _whole(item, shelf, found)
    if place is None:
        return _share_line(item, source, found)
    whole = found[place]
    some = _with(whole, _told(item, whole, shelf))
    there, count = whole.quantity or _NONE, item.quantity or _NONE
    if count == there:
        found[place] = some
        return True
    found[place] = whole.model_copy(update={"quantity": there - count})
    found.append(quoted_by(some.model_copy(update={"quantity": count}), item, source))
    return True


def exchanged(
    items: Sequence[Item], part: Part, source: Source, shelf: Shelf
) -> tuple[Mention, ...] | None:
    """Return what "lattenin birini çay yap" says: one latte is to become a tea."""
    if len(items) != 2 or part.verb is None or not part.verb.means("set"):  # noqa: PLR2004  what goes and what comes
        return None
    goes, comes = items
    if not goes.body or goes.amount or not comes.body or comes.share is None:
        return None
    return some_for(replace(goes, amount=comes.amount), comes, source, shelf)


def some_for(
    goes: Item, comes: Item, source: Source, shelf: Shelf
) -> tuple[Mention, ...]:
    """Return some of one product in exchange for as many of another."""
    less = Mention(act=Act.REMOVE, text=goes.text(shelf), quantity=goes.quantity)
    said = comes.quantity if comes.amount and comes.amount.said else goes.quantity
    more = Mention(text=comes.text(shelf), quantity=said, options=comes.options)
    return judged(less, goes, source, shelf), judged(more, comes, source, shelf)


def _share_line(item: Item, source: Source, found: list[Mention]) -> bool:
    """Split a line of the draft: "one of them without sugar"."""
    pointing = item.points and item.options and not item.body
    if not pointing or any(mention.text for mention in found) or not source.lines:
        return False
    line, count = source.line, item.quantity or _NONE
    if line is None or count >= line.quantity:
        told = Mention(act=Act.SET, options=item.options, confidence=POINTING)
        found.append(quoted_by(told, item, source))
        return True
    kept = tuple(
        OptionMention(text=o.name, negated=o.negated, qualifier=o.qualifier)
        for o in line.options
    )
    less = Mention(act=Act.REMOVE, text=line.name, quantity=count, confidence=POINTING)
    some = Mention(
        text=" ".join(filter(None, (line.name, line.variant_name))),
        quantity=count,
        options=(*kept, *item.options),
        confidence=POINTING,
    )
    found += [quoted_by(less, item, source), quoted_by(some, item, source)]
    return True


def _is_kind(item: Item, source: Source, shelf: Shelf, found: list[Mention]) -> bool:
    """Take so many of a general name for one of that kind: "3 wraps, two chicken".

    Only when the words together are a product, and the general name alone is none.
    """
    count, words = item.quantity or _NONE, item.text(shelf)
    for at, whole in enumerate(found):
        general = _has_left(whole, item) and shelf.certain(whole.text) is None
        if not words or not general:
            continue
        named = (f"{words} {whole.text}", f"{whole.text} {words}")
        kind = next((text for text in named if shelf.certain(text) is not None), None)
        if kind is None:
            continue
        left = (whole.quantity or _NONE) - count
        rest = whole.model_copy(update={"quantity": left})
        found[at : at + 1] = [rest] if left > 0 else []
        some = Mention(text=kind, quantity=count, options=item.options)
        found.append(judged(some, item, source, shelf))
        return True
    return False


def _with(mention: Mention, options: tuple[OptionMention, ...]) -> Mention:
    return mention.model_copy(update={"options": (*mention.options, *options)})


def _is_about_all(item: Item, found: Sequence[Mention]) -> bool:
    last = found[-1] if found else None
    if last is None or last.act is not Act.ADD or not last.text:
        return False
    only = item.amount is None and not item.body and item.ordinal is None
    return only and item.points and bool(item.options)


def _counts_pieces(item: Item, part: Part) -> bool:
    amount = item.amount
    if amount is None or not amount.said or amount.unit not in (None, _PIECE):
        return False
    if amount.quantity % 1 != 0 or item.more or item.ordinal is not None:
        return False
    return part.verb is None or part.verb.means("set")


def _is_apart(item: Item, part: Part) -> bool:
    apart = part.comma or part.joint is not None or item.points
    return apart or not item.body


def _whole(item: Item, shelf: Shelf, found: Sequence[Mention]) -> int | None:
    """Return the place of what is shared, None when that is not clear.

    It is what was said last, at first as a whole and then what is left of it; or the
    one thing said earlier that such an option belongs to.
    """
    if not found or not _has_left(found[-1], item):
        earlier = [
            place
            for place, mention in enumerate(found)
            if _has_left(mention, item)
            and item.options
            and all(is_option_of(o.text, mention, shelf) for o in item.options)
        ]
        return earlier[0] if len(earlier) == 1 else None
    alike = [
        place
        for place, mention in enumerate(found)
        if mention.text == found[-1].text and _has_left(mention, item)
    ]
    first = found[alike[0]]
    is_shared = len(alike) > 1 or (first.quantity or _NONE) > 1
    return alike[0] if is_shared and _told(item, first, shelf) else None


def _has_left(mention: Mention, item: Item) -> bool:
    """Return whether so many pieces of it were ordered."""
    if mention.act is not Act.ADD or not mention.text or mention.quantity is None:
        return False
    pieces = mention.quantity % 1 == 0 and mention.unit in (None, _PIECE)
    return pieces and (item.quantity or _NONE) <= mention.quantity


def _told(item: Item, whole: Mention, shelf: Shelf) -> tuple[OptionMention, ...]:
    """Return how those shall be, empty when another product is named."""
    optional = all(
        is_option_of(o.text, whole, shelf) or shelf.certain(o.text) is None
        for o in item.options
    )
    if not item.body:
        return item.options if optional else ()
    named = any(mark.kind is Kind.NAME for mark in item.marks)
    if named or not optional or not describes(item, whole, shelf):
        return ()
    if are_forms(whole.text, shelf):  # "2 black L and 1 red S" are three.
        return ()
    return (*item.options, OptionMention(text=item.text(shelf)))
