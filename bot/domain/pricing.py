"""Choices by what they cost: shown where they differ, and chosen by it."""

from collections.abc import Sequence
from decimal import Decimal

from bot.domain.selection import Offer
from bot.domain.understanding import Pick, Rank


def priced(pick: Pick, shown: Sequence[Offer]) -> int | None:
    """Return the place of the choice that a price means: "the cheaper", "the 85 one".

    None when none does, or when two cost the same.
    """
    prices = [offer.price for offer in shown]
    known = [price for price in prices if price is not None]
    if not known:
        return None
    wanted = pick.price
    if pick.rank is not None:
        wanted = min(known) if pick.rank is Rank.CHEAPEST else max(known)
    return prices.index(wanted) if prices.count(wanted) == 1 and wanted else None


def differing(shown: Sequence[Offer]) -> tuple[tuple[str, Decimal], ...]:
    """Return what each choice costs, by its id, when that helps to choose."""
    prices = [(offer.id, offer.price) for offer in shown if offer.price is not None]
    distinct = {price for _, price in prices}
    return tuple(prices) if len(distinct) > 1 else ()
