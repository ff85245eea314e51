"""Products that are named twice: the "drink" of "a cola to drink", a "pizza pie"."""

from collections.abc import Iterable, Sequence
from itertools import dropwhile, pairwise

from bot.reading.rules.events import Cue, Event, Kind
from bot.reading.rules.menu import Menu


def without_idle_heads(events: list[Event], menu: Menu) -> list[Event]:
    """Drop heads that others explain: the "drink" of "a cola to drink", "pizza pie"."""
    heads = [place for place, e in enumerate(events) if e.kind is Kind.HEAD]
    idle = {place for place in heads if events[place].negated}
    idle |= set(_mere_words(events))
    for at, after in pairwise(heads):
        if at in idle or after in idle:
            continue
        first, second = events[at], events[after]
        between = events[at + 1 : after]
        counted = any(e.kind is Kind.NUMBER for e in between)
        if _same_head(first, second) and not between and not second.cue:
            idle.add(after)
        elif _covers(first, second, menu) and not (
            counted and _has_number(at, events) and second.cue is Cue.AND
        ):
            idle.add(at)
        elif _covers(second, first, menu) and not counted:
            idle.add(after)
    return [event for place, event in enumerate(events) if place not in idle]


def _mere_words(events: Sequence[Event]) -> Iterable[int]:
    """Yield where strange heads only describe the next one: "a [vegan] burger"."""
    for place, event in enumerate(events):
        if event.is_strange:
            rest = dropwhile(_describes, events[place + 1 :])
            following = next(rest, None)
            if following and following.kind is Kind.HEAD and not following.cue:
                yield place


def _describes(event: Event) -> bool:
    return event.kind is Kind.OPTION and not event.with_it and not event.negated


def _same_head(first: Event, second: Event) -> bool:
    return bool(first.sense.products & second.sense.products)


def _has_number(place: int, events: Sequence[Event]) -> bool:
    before = reversed(events[:place])
    nearest = next((e for e in before if e.kind is not Kind.OPTION), None)
    return nearest is not None and nearest.kind is Kind.NUMBER


def _covers(general: Event, special: Event, menu: Menu) -> bool:
    """Return whether one head is but the category of another: "drink" of "cola"."""
    named = [menu.products[each] for each in general.sense.products]
    if len(named) != 1 or not menu.is_generic(named[0].id):
        return False
    others = [menu.products[each].category for each in special.sense.products]
    return all(c == named[0].category for c in others) and not _same_head(
        general, special
    )
