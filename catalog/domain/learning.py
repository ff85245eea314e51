"""What features are worth, learnt from texts whose answer is known.

Each text is a choice among the entries in front and "none of them" (whose score is 0):
a conditional logit with an outside option. The chance that the model gives to an entry
is then a probability that can be believed, and the order is the best one for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Keeps what hardly matters near 0.
_RIDGE = 3e-4
_ROUNDS, _SMALLEST_STEP, _SMALLEST_GAIN = 40, 1e-3, 1e-7
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Choice:
    """A text with the features of the entries in front and which of them are right."""

    rows: Floats
    right: NDArray[np.bool_]  #: None of them: what was meant is not in the catalog.
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class _Batch:
    rows: Floats  #: By choice, entry and feature.
    present: NDArray[np.bool_]
    right: NDArray[np.bool_]
    absent: NDArray[np.bool_]
    weights: Floats

    @classmethod
    def of(cls, choices: Sequence[Choice]) -> "_Batch":
        most = max(len(choice.rows) for choice in choices)
        features = choices[0].rows.shape[1]
        rows = np.zeros((len(choices), most, features))
        present = np.zeros((len(choices), most), np.bool_)
        right = np.zeros((len(choices), most), np.bool_)
        for place, choice in enumerate(choices):
            count = len(choice.rows)
            rows[place, :count] = choice.rows
            present[place, :count] = True
            right[place, :count] = choice.right
        weights = np.array([choice.weight for choice in choices])
        absent = np.asarray(~right.any(axis=1))
        return cls(rows, present, right, absent, weights / weights.sum())

    def chances(self, worth: Floats) -> tuple[Floats, Floats]:
        """Return the chance of each entry, and that of the right answers."""
        scores = np.where(self.present, self.rows @ worth, -np.inf)
        highest = np.maximum(scores.max(axis=1), 0.0)
        shares = np.exp(scores - highest[:, None])
        nothing = np.exp(-highest)
        total = shares.sum(axis=1) + nothing
        chances = shares / total[:, None]
        found = (chances * self.right).sum(axis=1)
        return chances, np.where(self.absent, nothing / total, found)

    def gain(self, worth: Floats) -> float:
        """Return the mean log likelihood, less what large coefficients cost."""
        _, right = self.chances(worth)
        likelihood = float(self.weights @ np.log(right + _TINY))
        return likelihood - _RIDGE * float(worth @ worth)

    def step(self, worth: Floats) -> Floats:
        """Return Newton's step towards a better worth."""
        chances, _ = self.chances(worth)
        of_right = (chances * self.right).sum(axis=1)[:, None]
        after = np.where(
            self.absent[:, None],
            0.0,
            chances * self.right / np.maximum(of_right, _TINY),
        )
        pull = (after - chances) * self.weights[:, None]
        slope = np.einsum("ce,cef->f", pull, self.rows) - 2 * _RIDGE * worth
        weighted = chances * self.weights[:, None]
        mean = np.einsum("ce,cef->cf", chances, self.rows)
        spread = np.einsum(
            "ce,cef,ceg->fg", weighted, self.rows, self.rows, optimize=True
        )
        spread -= (mean * self.weights[:, None]).T @ mean
        spread += 2 * _RIDGE * np.eye(len(worth))
        return np.asarray(np.linalg.solve(spread, slope))


def learnt(choices: Sequence[Choice]) -> Floats:
    """Return what each feature is worth: the weights that make the answers likeliest.

    Raises `ValueError` when there is nothing to learn from.
    """
    if not choices:
        raise ValueError("there are no choices to learn from: give a larger catalog")
    batch = _Batch.of(choices)
    worth = np.zeros(batch.rows.shape[2])
    gain = batch.gain(worth)
    for _ in range(_ROUNDS):
        step, share = batch.step(worth), 1.0
        while batch.gain(worth + share * step) <= gain and share > _SMALLEST_STEP:
            share /= 2
        better = batch.gain(worth + share * step)
        if better - gain < _SMALLEST_GAIN:
            break
        worth, gain = worth + share * step, better
    return worth
