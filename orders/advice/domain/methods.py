"""Ways to forecast demand, each for many series at once.

A series is a row, oldest period first; a method returns one number for each row, the
demand of a period to come, or one for each period where there is a trend.
"""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from orders.advice.domain.market import Numbers

Method = Callable[[Numbers, int], Numbers]


def _flat(level: Numbers, horizon: int) -> Numbers:
    return np.repeat(np.maximum(level, 0)[:, None], horizon, axis=1)


def _level(series: Numbers, pace: float) -> Numbers:
    level = series[:, 0].copy()
    for period in range(1, series.shape[1]):
        level += pace * (series[:, period] - level)
    return level


def smoothed(series: Numbers, horizon: int, pace: float) -> Numbers:
    """Smooth exponentially: what is older counts less."""
    return _flat(_level(series, pace), horizon)


def smoothed_roots(series: Numbers, horizon: int, pace: float) -> Numbers:
    """Smooth the square roots: a single large order weighs less."""
    return _flat(_level(np.sqrt(np.maximum(series, 0)), pace) ** 2, horizon)


def smoothed_logs(series: Numbers, horizon: int, pace: float) -> Numbers:
    """Smooth the logarithms: large orders weigh least."""
    return _flat(np.expm1(_level(np.log1p(np.maximum(series, 0)), pace)), horizon)


def mean_of(series: Numbers, horizon: int, periods: int) -> Numbers:
    """Return the mean of the last periods."""
    return _flat(series[:, -periods:].mean(axis=1), horizon)


def median_of(series: Numbers, horizon: int, periods: int) -> Numbers:
    """Return the median of the last periods."""
    return _flat(np.median(series[:, -periods:], axis=1), horizon)


def fading_median(series: Numbers, horizon: int, half_life: float) -> Numbers:
    """Return the median of half a year of weeks, older ones counting less."""
    latest = series[:, -26:]
    age = np.arange(latest.shape[1])[::-1]
    weight = 0.5 ** (age / half_life)
    order = np.argsort(latest, axis=1, kind="stable")
    reached = 2 * np.cumsum(weight[order], axis=1)
    middle = np.minimum((reached < weight.sum()).sum(axis=1), latest.shape[1] - 1)
    ordered = np.take_along_axis(latest, order, axis=1)
    return _flat(ordered[np.arange(len(series)), middle], horizon)


def damped_trend(
    series: Numbers, horizon: int, pace: float, turn: float, damping: float
) -> Numbers:
    """Holt's linear trend, damped."""
    level, trend = series[:, 0].copy(), np.zeros(len(series))
    for period in range(1, series.shape[1]):
        before = level
        level = pace * series[:, period] + (1 - pace) * (before + damping * trend)
        trend = turn * (level - before) + (1 - turn) * damping * trend
    reach = np.cumsum(damping ** np.arange(1, horizon + 1))
    result: Numbers = np.maximum(level[:, None] + trend[:, None] * reach, 0)
    return result


def theta(series: Numbers, horizon: int, pace: float) -> Numbers:
    """Theta: smoothing and half of the straight line's slope."""
    time = np.arange(series.shape[1]) - (series.shape[1] - 1) / 2
    slope = (series @ time) / max(float(time @ time), 1.0)
    steps = np.arange(horizon) + 1 / pace
    level = _level(series, pace)[:, None]
    result: Numbers = np.maximum(level + 0.5 * slope[:, None] * steps, 0)
    return result


def croston_sba(series: Numbers, horizon: int, pace: float) -> Numbers:
    """Croston's size over interval, with Syntetos and Boylan's correction."""
    size, interval = np.zeros(len(series)), np.ones(len(series))
    waited, sold = np.ones(len(series)), np.zeros(len(series), dtype=bool)
    for now in series.T:
        hit = now > 0
        first, again = hit & ~sold, hit & sold
        size = np.where(first, now, np.where(again, size + pace * (now - size), size))
        interval = np.where(
            first,
            waited,
            np.where(again, interval + pace * (waited - interval), interval),
        )
        waited = np.where(hit, 1.0, waited + 1)
        sold |= hit
    return _flat((1 - pace / 2) * size / interval, horizon)


def tsb(series: Numbers, horizon: int, pace: float) -> Numbers:
    """Teunter, Syntetos and Babai: what stops selling fades away."""
    sold = series > 0
    first = sold.argmax(axis=1)
    size = series[np.arange(len(series)), first] * sold.any(axis=1)
    chance = sold.mean(axis=1)
    for now, hit in zip(series.T, sold.T, strict=True):
        size = np.where(hit, size + pace * (now - size), size)
        chance += pace * (hit - chance)
    return _flat(size * chance, horizon)


def year_ago(series: Numbers, horizon: int, season: int) -> Numbers:
    """Return the same periods a year before; without a year, the last period's."""
    if series.shape[1] < season:
        return _flat(series[:, -1], horizon)
    ahead = np.arange(horizon) % season
    return series[:, series.shape[1] - season + ahead]


def nothing(series: Numbers, horizon: int) -> Numbers:
    """Return zeros: the best guess for what sells once a year."""
    return np.zeros((len(series), horizon))


#: Judged by absolute errors: these aim at the middle, what half of all periods exceed.
#: The first is taken where nothing can be compared.
TYPICAL: Mapping[str, Method] = {
    "median-13": partial(median_of, periods=13),
    "ses-0.2": partial(smoothed, pace=0.2),
    "ses-0.3": partial(smoothed, pace=0.3),
    "ses-0.5": partial(smoothed, pace=0.5),
    "roots-0.3": partial(smoothed_roots, pace=0.3),
    "roots-0.5": partial(smoothed_roots, pace=0.5),
    "logs-0.3": partial(smoothed_logs, pace=0.3),
    "logs-0.5": partial(smoothed_logs, pace=0.5),
    "mean-4": partial(mean_of, periods=4),
    "mean-8": partial(mean_of, periods=8),
    "median-4": partial(median_of, periods=4),
    "median-8": partial(median_of, periods=8),
    "fading-2": partial(fading_median, half_life=2),
    "fading-4": partial(fading_median, half_life=4),
    "fading-8": partial(fading_median, half_life=8),
    "damped": partial(damped_trend, pace=0.3, turn=0.1, damping=0.9),
    "theta": partial(theta, pace=0.3),
    "tsb": partial(tsb, pace=0.2),
    "nothing": nothing,
}

#: Judged by squared errors: these aim at the mean, of which stock is kept.
EXPECTED: Mapping[str, Method] = {
    "mean-13": partial(mean_of, periods=13),
    "ses-0.1": partial(smoothed, pace=0.1),
    "ses-0.2": partial(smoothed, pace=0.2),
    "ses-0.3": partial(smoothed, pace=0.3),
    "mean-4": partial(mean_of, periods=4),
    "mean-8": partial(mean_of, periods=8),
    "damped": partial(damped_trend, pace=0.2, turn=0.05, damping=0.95),
    "theta": partial(theta, pace=0.3),
    "croston": partial(croston_sba, pace=0.1),
    "tsb": partial(tsb, pace=0.2),
}
