"""Weighs the signals: which products come first, and how sure that is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from orders.advice.domain.market import Numbers, Positions
from orders.advice.domain.signals import SIGNALS, Candidates

#: Newton's steps double the right digits each; more than these were never needed.
_STEPS = 30
_CLOSE_ENOUGH = 1e-6
#: So many are looked at when an answer is judged.
_FIRST = 10


@dataclass(frozen=True, slots=True)
class Weights:
    """What each signal is worth, in the order of SIGNALS."""

    values: tuple[float, ...]
    #: Share of a basket that comes from among the candidates: the rest is a surprise.
    certainty: float = 1.0

    def __post_init__(self) -> None:
        if len(self.values) != len(SIGNALS):
            raise ValueError(
                f"{len(self.values)} weights for {len(SIGNALS)} signals: "
                "fit them again with `python -m bench.advice DIR --fit`"
            )


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate and how likely it is in the next basket, 0 to 1."""

    product: str
    probability: float
    own: bool


@dataclass(frozen=True, slots=True)
class Case:
    """A basket that came, beside what could have been expected."""

    matrix: Numbers
    taken: Numbers  #: 1 for each row that was in it.
    size: float  #: Products in a basket of this customer, on average.


def rank(found: Candidates, weights: Weights) -> tuple[Ranked, ...]:
    """Return the candidates, likeliest first; of two alike the first name."""
    if not found.products:
        return ()
    scores = found.matrix @ np.array(weights.values)
    # Who has no past yet will buy something.
    likely = _likely(scores, weights.certainty * max(found.past.size, 1.0))
    order = sorted(
        range(len(scores)), key=lambda row: (-scores[row], found.products[row])
    )
    return tuple(
        Ranked(found.products[row], float(likely[row]), own=bool(found.own[row] >= 0))
        for row in order
    )


def _likely(scores: Numbers, draws: float) -> Numbers:
    """Return how likely each is among so many products that are drawn by score."""
    shares = np.exp(scores - scores.max())
    result: Numbers = 1 - np.exp(-draws * shares / shares.sum())
    return result


def fit(cases: Sequence[Case], ridge: float = 1.0) -> Weights:
    """Return the weights under which what came was most to be expected.

    A conditional logit: each case counts once however large its basket was, so that
    wholesalers do not speak for everybody. Cases without a hit tell nothing.
    """
    told = [case for case in cases if case.taken.any()]
    if not told:
        raise ValueError("no basket holds any candidate: nothing can be fitted")
    rows = np.concatenate([case.matrix for case in told])
    middle, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    rows = (rows - middle) / spread
    starts = np.cumsum([0, *(len(case.taken) for case in told[:-1])])
    group = np.repeat(np.arange(len(told)), [len(case.taken) for case in told])
    taken = np.concatenate([case.taken / case.taken.sum() for case in told])
    weights = np.zeros(rows.shape[1])
    for _ in range(_STEPS):
        shares = _shares(rows @ weights, starts, group)
        slope = rows.T @ (taken - shares) - ridge * weights
        weighed = rows * shares[:, None]
        means = np.add.reduceat(weighed, starts)
        curve = rows.T @ weighed - means.T @ means + ridge * np.eye(len(weights))
        step = np.linalg.solve(curve, slope)
        weights = weights + step
        if np.abs(step).max() < _CLOSE_ENOUGH:
            break
    values = weights / spread
    return Weights(tuple(float(value) for value in values), _certainty(cases, values))


def _certainty(cases: Sequence[Case], values: Numbers) -> float:
    """Return the certainty under which the first ten come as often as is said."""
    scores = [case.matrix @ values for case in cases]
    first = [np.argsort(-each, kind="stable")[:_FIRST] for each in scores]
    came = sum(
        float(case.taken[rows].sum()) for case, rows in zip(cases, first, strict=True)
    )
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        said = sum(
            float(_likely(each, middle * case.size)[rows].sum())
            for case, each, rows in zip(cases, scores, first, strict=True)
        )
        low, high = (middle, high) if said < came else (low, middle)
    return high


def _shares(scores: Numbers, starts: Positions, group: Positions) -> Numbers:
    top = np.maximum.reduceat(scores, starts)[group]
    powers = np.exp(scores - top)
    result: Numbers = powers / np.add.reduceat(powers, starts)[group]
    return result
