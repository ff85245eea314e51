"""More choices than a list has rows: pages, and the way to the next of them."""

from collections.abc import Sequence

from bot.domain.selection import NONE, Offer

#: Rows of a list that a channel shows, the ways out among them.
MOST_CHOICES = 10
#: Nobody reads on for longer: who is still looking writes what it is called.
MOST_PAGES = 5
_MORE = "more:"


def paged(offers: Sequence[Offer], page: int) -> tuple[Offer, ...]:
    """Return the choices of a page, from 0, and the ways to go on and out."""
    if len(offers) <= MOST_CHOICES:
        return tuple(offers)
    way_out = tuple(offers[-1:]) if offers[-1].id == NONE else ()
    real = offers[: len(offers) - len(way_out)]
    room = MOST_CHOICES - len(way_out) - 1
    pages = min(-(-len(real) // room), MOST_PAGES)
    page = min(page, pages - 1)
    on = (_more(page + 1),) if page + 1 < pages else ()
    return (*real[page * room : (page + 1) * room], *on, *way_out)


def pages_of(offers: Sequence[Offer]) -> tuple[Offer, ...]:
    """Return the ways on that a list of these choices may have, on any page."""
    pages = range(1, MOST_PAGES) if len(offers) > MOST_CHOICES else ()
    return tuple(map(_more, pages))


def page_named(choice_id: str) -> int | None:
    """Return the page that a choice leads to, or None when it is a real one."""
    number = choice_id.removeprefix(_MORE)
    named = number != choice_id and number.isascii() and number.isdigit()
    return int(number) if named else None


def _more(page: int) -> Offer:
    return Offer(f"{_MORE}{page}", "")
