"""Forecasts demand: each series by the method that forecast it best until now.

The back-test repeats the past: the last periods are hidden, forecast and compared, from
several moments on. What won by luck on a short series is held back by what did well
over all series of the shop.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from orders.advice.domain.market import Numbers, Positions
from orders.advice.domain.methods import EXPECTED, TYPICAL, Method, year_ago

_ORIGINS, _APART = 12, 2
#: An origin's weight fades by this with every period that it lies back.
_FADING = 0.9
#: How much the shop's experience counts beside a series' own.
_SHOP = 0.5
#: Below this many periods of history there is nothing to compare.
_SHORTEST = 4
#: Goods of this season a year ago: their weeks then were twice an ordinary one. With
#: one year of history no back-test can say how much to add, so it is little.
_PEAK, _LIFT = 2.0, 1.2


@dataclass(frozen=True, slots=True)
class Forecasts:
    """What is to come, a row for each series and a column for each period."""

    typical: Numbers  #: The middle: as often exceeded as missed.
    expected: Numbers  #: The mean: what a stock must cover on the whole.
    methods: tuple[str, ...]  #: By which the typical demand of each was forecast.
    #: Of the back-test, 0 to 1: one minus the error's share of what was sold.
    accuracy: Numbers
    #: Error of the back-test over that of "as in the period before"; below 1 is better.
    scaled_error: Numbers


def forecast(series: Numbers, horizon: int, season: int = 0) -> Forecasts:
    """Return the demand of `horizon` periods for each row of `series`.

    `season` is a year's length in periods (52, 12), or 0 when it plays no part. Raises
    ValueError when there is no period at all, or nothing is asked.
    """
    series = _checked(series, horizon)
    origins = _origins(series.shape[1], horizon)
    middles = {**TYPICAL, **_seasonal(series, horizon, season)}
    names = tuple(middles)
    errors = _errors(series, horizon, middles, origins, power=1)
    best = _chosen(errors, scale_of(series))
    typical = _by_choice(series, horizon, middles, best)
    lift = _season_lift(series, horizon, season)[:, None]
    error = errors[best, np.arange(len(series))]
    sold = _sold(series, horizon, origins)
    return Forecasts(
        typical=typical * lift,
        expected=forecast_mean(series, horizon, season),
        methods=tuple(names[index] for index in best),
        accuracy=np.clip(1 - error / np.maximum(sold, 1e-9), 0, 1) * (sold > 0),
        scaled_error=error / np.maximum(scale_of(series), 1e-9),
    )


def forecast_mean(series: Numbers, horizon: int, season: int = 0) -> Numbers:
    """Return only what `forecast` calls expected, in a third of the time."""
    series = _checked(series, horizon)
    origins = _origins(series.shape[1], horizon)
    means = {**EXPECTED, **_seasonal(series, horizon, season)}
    squares = _errors(series, horizon, means, origins, power=2)
    best = _chosen(squares, scale_of(series) ** 2)
    lift = _season_lift(series, horizon, season)[:, None]
    result: Numbers = _by_choice(series, horizon, means, best) * lift
    return result


def _checked(series: Numbers, horizon: int) -> Numbers:
    if series.ndim != 2 or not series.shape[1]:  # noqa: PLR2004  # rows and columns
        raise ValueError("demand needs rows of at least one period each")
    if horizon < 1:
        raise ValueError(f"a horizon of {horizon} asks for nothing: ask for 1 or more")
    result: Numbers = np.maximum(series, 0)
    return result


def _seasonal(series: Numbers, horizon: int, season: int) -> Mapping[str, Method]:
    """Return the method of a year ago, where a back-test can judge it."""
    if not season or series.shape[1] < season + horizon + _ORIGINS * _APART:
        return {}
    return {"year-ago": partial(year_ago, season=season)}


def scale_of(series: Numbers) -> Numbers:
    """Return for each series the mean change from one period to the next."""
    if series.shape[1] <= 1:
        return np.zeros(len(series))
    result: Numbers = np.abs(np.diff(series, axis=1)).mean(axis=1)
    return result


def _origins(periods: int, horizon: int) -> tuple[int, ...]:
    """Return how many of the last periods to hide, for each repetition."""
    hidden = range(horizon, horizon + _ORIGINS * _APART, _APART)
    return tuple(each for each in hidden if periods - each >= _SHORTEST)


def _weights(origins: tuple[int, ...]) -> Numbers:
    weight = _FADING ** (np.array(origins, dtype=np.float64) - origins[0])
    result: Numbers = weight / weight.sum()
    return result


def _errors(
    series: Numbers,
    horizon: int,
    methods: Mapping[str, Method],
    origins: tuple[int, ...],
    power: int,
) -> Numbers:
    """Return each method's mean error for each series; zeros without a back-test."""
    errors = np.zeros((len(methods), len(series)))
    if not origins:
        return errors
    for weight, hidden in zip(_weights(origins), origins, strict=True):
        known, came = _cut(series, hidden, horizon)
        for index, method in enumerate(methods.values()):
            missed = np.abs(method(known, horizon) - came) ** power
            errors[index] += weight * missed.mean(axis=1)
    return errors


def _cut(series: Numbers, hidden: int, horizon: int) -> tuple[Numbers, Numbers]:
    start = series.shape[1] - hidden
    return series[:, :start], series[:, start : start + horizon]


def _chosen(errors: Numbers, scale: Numbers) -> Positions:
    """Return which method has the least error, the shop's experience considered."""
    moving = scale > 0
    if not moving.any():
        return np.zeros(errors.shape[1], dtype=np.int64)
    shop = (errors[:, moving] / scale[moving]).mean(axis=1)
    judged = errors + _SHOP * shop[:, None] * scale
    best: Positions = judged.argmin(axis=0).astype(np.int64)
    return best


def _by_choice(
    series: Numbers,
    horizon: int,
    methods: Mapping[str, Method],
    best: Positions,
) -> Numbers:
    result = np.zeros((len(series), horizon))
    for index, method in enumerate(methods.values()):
        mine = best == index
        if mine.any():
            result[mine] = method(series[mine], horizon)
    return result


def _sold(series: Numbers, horizon: int, origins: tuple[int, ...]) -> Numbers:
    if not origins:
        return np.zeros(len(series))
    sold = np.zeros(len(series))
    for weight, hidden in zip(_weights(origins), origins, strict=True):
        sold += weight * _cut(series, hidden, horizon)[1].mean(axis=1)
    return sold


def _season_lift(series: Numbers, horizon: int, season: int) -> Numbers:
    """Return by how much to raise what had its season at this time a year ago.

    With two years, the back-test judges a year ago by itself, and nothing is raised.
    """
    lift = np.ones(len(series))
    periods = series.shape[1]
    around = max(season // 8, 1)
    first = max(periods - season - 1, 0)
    last = periods - season + horizon + around
    one_year = season and periods < 2 * season
    if not one_year or last - first < around // 2 or periods <= last + around:
        return lift
    then = series[:, first:last].mean(axis=1)
    ordinary = np.median(series[:, last + around :], axis=1)
    lift[then > _PEAK * ordinary + 1] = _LIFT
    return lift
