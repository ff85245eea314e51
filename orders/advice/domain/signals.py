"""What speaks for a product in somebody's next basket, as numbers to be weighed.

A candidate is a product that the customer had, a companion of what they had lately, or
one that many have. What they had is judged by their own past, the rest by the shop's.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from orders.advice.domain.basket import Basket, day_of
from orders.advice.domain.market import Market, Numbers, Positions

#: The columns of `Candidates.matrix`. "own_" is 0 for what is new to the customer, and
#: "new_" for what is not.
SIGNALS = (
    "own",
    "own_baskets",  # how much there is to judge by
    "own_size",  # people with large baskets vary more
    "own_once",
    "own_lately",  # fading with each basket
    "own_season",  # bought near this day of the year, or lately
    "own_small",  # what is in small baskets was meant
    "own_off_beat",  # how far from the usual interval
    "own_popular",
    "own_returns",
    "own_trend",
    "new_popular",
    "new_companion",
    "new_trend",
)

_FADING = 0.8  #: A basket's weight against that of the one after it.
_SEASON_DAYS = 45.0
_YEAR = 365.25
_MONTH = _YEAR / 12
_WEEK = 7.0
#: Companions are sought for the products of this many baskets.
_LATEST = 8
_POPULAR = 40
_COMPANIONS = 60


@dataclass(frozen=True, slots=True)
class Past:
    """A customer's own baskets, oldest first, by product; arrays have equal length."""

    at: float  #: The day for which we advise.
    baskets: int
    size: float  #: Products in a basket, on average.
    products: tuple[str, ...]
    count: Numbers
    fading: Numbers
    season: Numbers
    small: Numbers
    since: Numbers  #: Days since it was bought last.
    interval: Numbers  #: Days between purchases; 0: bought once.
    recent: Numbers  #: How much it was in the latest baskets.


@dataclass(frozen=True, slots=True)
class Candidates:
    """Products that may be in the next basket, and what speaks for each."""

    products: tuple[str, ...]
    matrix: Numbers  #: One row for each product, one column for each of SIGNALS.
    past: Past
    #: For each product the position in `past`, or -1 when it is new to the customer.
    own: Positions


def look_back(own: Sequence[Basket], at: datetime) -> Past:
    """Return a customer's baskets as numbers by product, as they stand at a moment."""
    baskets = sorted(own, key=lambda basket: (basket.at, basket.id))
    places: dict[str, int] = {}
    rows: list[tuple[float, ...]] = []
    today, last = day_of(at), len(baskets) - 1
    for index, basket in enumerate(baskets):
        names = basket.products
        ago = max(today - day_of(basket.at), 0.0)
        season = math.exp(-_apart(ago) / _SEASON_DAYS)
        weight = _FADING ** (last - index)
        recent = weight if index > last - _LATEST else 0.0
        for name in names:
            row = places.setdefault(name, len(places))
            rows.append((row, 1, ago, season, weight, len(names) ** -0.5, recent))
    table = np.array(rows).reshape(-1, 7)
    place, ago_of = table[:, 0].astype(np.int64), table[:, 2]
    sums = np.zeros((len(places), table.shape[1]))
    np.add.at(sums, place, table)
    first, since = np.zeros(len(places)), np.full(len(places), np.inf)
    np.maximum.at(first, place, ago_of)
    np.minimum.at(since, place, ago_of)
    _, count, _, season_of, fading, small, recent_of = sums.T
    return Past(
        at=today,
        baskets=len(baskets),
        size=len(rows) / max(len(baskets), 1),
        products=tuple(places),
        count=count,
        fading=fading,
        season=season_of,
        small=small,
        since=since,
        interval=(first - since) / np.maximum(count - 1, 1),
        recent=recent_of,
    )


def candidates(market: Market, past: Past) -> Candidates:
    """Return what may be in the next basket of somebody with this past."""
    companions = _companionship(market, past)
    known = np.array(
        [market.position.get(name, -1) for name in past.products], dtype=np.int64
    )
    new = _new(market, companions, known)
    places = np.concatenate((known, new))
    own = np.concatenate((np.arange(len(known)), np.full(len(new), -1)))
    names = (*past.products, *(market.products[place] for place in new))
    companion = _looked_up(companions, places)
    return Candidates(names, _matrix(market, past, places, own, companion), past, own)


def _companionship(market: Market, past: Past) -> Numbers:
    """Return for each product of the shop how much it goes with the latest baskets."""
    score = np.zeros(len(market.products))
    for name, weight in zip(past.products, past.recent, strict=True):
        place = market.position.get(name)
        if place is None or not weight:
            continue
        near = market.neighbours[place]
        there = near >= 0
        score[near[there]] += weight * market.closeness[place][there]
    result: Numbers = score / max(float(past.recent.sum()), 1.0) ** 0.5
    return result


def _new(market: Market, companions: Numbers, known: Positions) -> Positions:
    popular = np.argsort(-market.counts, kind="stable")[:_POPULAR]
    near = np.argsort(-companions, kind="stable")[:_COMPANIONS]
    both = np.unique(np.concatenate((popular, near[companions[near] > 0])))
    return both[~np.isin(both, known)]


def _matrix(
    market: Market, past: Past, places: Positions, own: Positions, companion: Numbers
) -> Numbers:
    mine = (own >= 0).astype(np.float64)
    count = _looked_up(past.count, own)
    popular = _looked_up(market.counts, places)
    trend = np.log(_trend(market, past.at, places))
    often = count > 1
    rhythm = np.log(
        (_looked_up(past.since, own) + _WEEK) / (_looked_up(past.interval, own) + _WEEK)
    )
    columns = {
        "own": mine,
        "own_baskets": mine * math.log(past.baskets + 1),
        "own_size": mine * math.log(past.size + 1),
        "own_once": mine * (count == 1),
        "own_lately": mine * np.log(_looked_up(past.fading, own) + 0.03),
        "own_season": mine * np.log(_looked_up(past.season, own) + 0.03),
        "own_small": mine * np.log(_looked_up(past.small, own) + 0.01),
        "own_off_beat": mine * often * np.abs(rhythm),
        "own_popular": mine * np.log(popular + count + 10),
        "own_returns": mine * np.log(_looked_up(market.returns, places, 0.1)),
        "own_trend": mine * trend,
        "new_popular": (1 - mine) * np.log(popular + 3),
        "new_companion": (1 - mine) * np.log(companion + 0.02),
        "new_trend": (1 - mine) * trend,
    }
    return np.column_stack([columns[name] for name in SIGNALS])


def _trend(market: Market, at: float, places: Positions) -> Numbers:
    """Return how much more than usual a product is bought at this time of the year."""
    middle = (np.arange(12) + 0.5) * _MONTH
    apart = np.array([_apart(abs(at % _YEAR - day)) for day in middle])
    weight = np.exp(-apart / _SEASON_DAYS)
    size = len(market.products)
    bought = _looked_up(weight @ market.months if size else np.zeros(0), places)
    baskets = float(weight @ market.month_baskets) / max(market.baskets, 1)
    usual = _looked_up(market.counts, places) * baskets
    result: Numbers = (bought + 1) / (usual + 1)
    return result


def _apart(days: float) -> float:
    """Return how far two days are from each other in the year."""
    within = days % _YEAR
    return min(within, _YEAR - within)


def _looked_up(values: Numbers, places: Positions, missing: float = 0.0) -> Numbers:
    if not len(values):
        return np.full(len(places), missing)
    result: Numbers = np.where(places >= 0, values[np.maximum(places, 0)], missing)
    return result
