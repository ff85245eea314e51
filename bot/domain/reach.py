"""Where the shop delivers and on which terms, answered when somebody asks.

The question orders nothing: the draft stays, and what is open is asked again. It is
answered from the shop's rules alone; the words only tell which places are meant.
"""

from collections.abc import Sequence

from bot.domain.course import Course
from bot.domain.message import Media, Text
from bot.domain.places import Delivers, NotOffered
from bot.domain.terms import MOST_NAMED, refuse_outside
from catalog.domain.folding import tokens
from orders import Address, Area, Fulfilment, Unserved
from orders.domain.shop import Shop, Terms

#: Shorter words are compared whole: an ending would be most of them.
_SHORTEST_STEM = 4
#: Grammar puts so many letters behind a name: "Kadıköyde".
_LONGEST_ENDING = 3


def tell_reach(course: Course) -> None:
    """Say whether we deliver to what the turn names, or where we do at all."""
    shop = course.snapshot.shop
    if Fulfilment.DELIVERY not in shop.fulfilments:
        course.say(NotOffered(Fulfilment.DELIVERY))
        return
    if not shop.areas:
        everywhere = Terms(
            shop.delivery_fee, shop.free_delivery_from, shop.minimum_order
        )
        course.say(Delivers((everywhere,)))
        return
    said = _words(course)
    named = _named(said, shop)
    if not named and shop.reach(Address(text=said)) is Unserved.OUTSIDE:
        refuse_outside(course)
        return
    areas = named or shop.areas[:MOST_NAMED]
    course.say(Delivers(tuple(_terms(area, shop) for area in areas), bool(named)))


def _terms(area: Area, shop: Shop) -> Terms:
    minimum = max(shop.minimum_order, area.minimum_order)
    return Terms(area.fee, area.free_from, minimum, area)


def _words(course: Course) -> str:
    """Return what the turn says, message by message."""
    contents = (course.messages[place].content for place in course.readable)
    said = (
        content.text if isinstance(content, Text) else content.caption or ""
        for content in contents
        if isinstance(content, Text | Media)
    )
    return "\n".join(said)


def _named(said: str, shop: Shop) -> tuple[Area, ...]:
    """Return the areas that a text means: by postal code, by city or by their name."""
    reached = shop.reach(Address(text=said))
    words = tokens(said)
    return tuple(
        area
        for area in shop.areas
        if area == reached
        or any(_has(words, tokens(name)) for name in (area.name, *area.cities))
    )


def _has(words: Sequence[str], name: Sequence[str]) -> bool:
    """Return whether a text has a name, in whatever case it stands."""
    width = len(name)
    return bool(width) and any(
        all(map(_is_form, words[start : start + width], name))
        for start in range(len(words) - width + 1)
    )


def _is_form(word: str, name: str) -> bool:
    """Return whether a word is a name, or a form of it: "Moskvu" is "Moskva"."""
    if word == name:
        return True
    longer = len(word) - len(name)
    if len(name) < _SHORTEST_STEM or not 0 <= longer <= _LONGEST_ENDING:
        return False
    changed = len(name) > _SHORTEST_STEM and word.startswith(name[:-1])
    return word.startswith(name) or (changed and longer <= 1)
