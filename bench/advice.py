"""Advice, measured: `python -m bench.advice DIR [--split dev] [--out OUTDIR] [--fit]`.

DIR has `retail_transactions.csv.gz`, `next_basket.SPLIT.jsonl` and
`demand_NAME.SPLIT.jsonl`. The product's own code answers. For a next basket it knows
the customer's own baskets before the cut-off, and everybody else's before KNOWN_UNTIL.
`--fit` writes the weights of the signals anew; it uses baskets before KNOWN_UNTIL only,
and no target of any split.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import process_time

import numpy as np

from bench.history import (
    TRANSACTIONS,
    Customers,
    Demand,
    Expected,
    moment,
    read_customers,
    read_demand,
    read_expected,
)
from bench.tables import table
from orders.advice.domain.basket import Basket
from orders.advice.domain.forecasting import forecast, scale_of
from orders.advice.domain.market import Market, Numbers, learn
from orders.advice.domain.signals import SIGNALS, candidates, look_back
from orders.advice.domain.weighing import Case, Ranked, Weights, fit, rank
from orders.advice.learnt import weights

KNOWN_UNTIL = "2011-09-01"
#: What is learnt before the first day is judged by the baskets from it to the last.
FOLDS = (
    ("2011-02-15", "2011-05-15"),
    ("2011-04-01", "2011-07-01"),
    ("2011-05-15", KNOWN_UNTIL),
)
WEIGHTS = Path(__file__).parent.parent / "orders/advice/weights.toml"
_ANSWERS = 10
#: A customer with less history than this is not in the sets, either.
_BASKETS = 2
_BINS = 5


@dataclass(frozen=True, slots=True)
class Hits:
    """How much of the next baskets was among the answers."""

    hit: float
    precision: float
    recall: float


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.advice")
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--split", default="dev")
    parser.add_argument("--out", type=Path, metavar="OUTDIR")
    parser.add_argument("--fit", action="store_true", help="write the weights anew")
    wanted = parser.parse_args(arguments)
    baskets = wanted.folder / f"next_basket.{wanted.split}.jsonl"
    demands = sorted(wanted.folder.glob(f"demand_*.{wanted.split}.jsonl"))
    missing = [
        path.name
        for path in (wanted.folder / TRANSACTIONS, baskets)
        if not path.is_file()
    ]
    if missing:
        print(
            f"bench.advice: {wanted.folder} has no {' and no '.join(missing)}: "
            "name the folder that holds the purchases",
            file=sys.stderr,
        )
        return 1
    if wanted.out is not None:
        wanted.out.mkdir(parents=True, exist_ok=True)
    customers = read_customers(wanted.folder)
    if wanted.fit:
        write_weights(fitted(customers))
    measure_baskets(customers, list(read_expected(baskets)), wanted.out)
    for path in demands:
        measure_demand(list(read_demand(path)), wanted.out)
    return 0


# -- the next basket ------------------------------------------------------------------


def measure_baskets(
    customers: Customers, cases: Sequence[Expected], out: Path | None
) -> None:
    """Measure and print what was foreseen of the next baskets, baselines beside."""
    started = process_time()
    market = learn(before(customers, KNOWN_UNTIL))
    learning = process_time() - started
    usual = weights()
    started = process_time()
    answers = [
        ranked(market, own_before(customers, case), case, usual) for case in cases
    ]
    each = (process_time() - started) / max(len(cases), 1)
    ours = [tuple(found.product for found in answer[:_ANSWERS]) for answer in answers]
    frequency = [by_frequency(market, own_before(customers, c)) for c in cases]
    popular = [most_popular(market)] * len(cases)
    if out is not None:
        write_baskets(out / "next_basket.jsonl", cases, ours)
    print(f"\n## next basket: {len(cases)} customers, {market.baskets} baskets known")
    rows = [
        row(name, hits(lists, cases))
        for name, lists in (
            ("ours", ours),
            ("own frequency", frequency),
            ("popularity", popular),
        )
    ]
    print(table(("", "hit@10", "precision@10", "recall@10"), rows))
    mine = hits(ours, cases)
    print(f"hit@10 {mine.hit:.4f}")
    print(f"precision@10 {mine.precision:.4f}")
    print(f"recall@10 {mine.recall:.4f}")
    print(f"seconds to learn {learning:.2f}, ms for each customer {each * 1e3:.2f}")
    print_honesty(answers, cases)


def print_honesty(
    answers: Sequence[Sequence[Ranked]], cases: Sequence[Expected]
) -> None:
    """Print whether what is called likely comes as often as it is said."""
    told = [
        (found.probability, found.product in case.target)
        for answer, case in zip(answers, cases, strict=True)
        for found in answer[:_ANSWERS]
    ]
    told.sort()
    rows = []
    for part in np.array_split(np.array(told, dtype=np.float64), _BINS):
        if len(part):
            said, came = part.mean(axis=0)
            rows.append((f"{said:.3f}", f"{came:.3f}"))
    print(table(("said to be", "was"), rows))


def ranked(
    market: Market, own: Sequence[Basket], case: Expected, usual: Weights
) -> tuple[Ranked, ...]:
    return rank(candidates(market, look_back(own, case.at)), usual)


def before(customers: Customers, day: str) -> Iterator[Basket]:
    end = moment(day)
    for own in customers.values():
        yield from (basket for basket in own if basket.at < end)


def own_before(customers: Customers, case: Expected) -> list[Basket]:
    own = customers.get(case.customer, ())
    return [basket for basket in own if basket.at < case.at]


def by_frequency(market: Market, own: Sequence[Basket]) -> tuple[str, ...]:
    """Return what was bought most often, the latest and most popular first."""
    count = Counter(name for basket in own for name in basket.products)
    last = {name: turn for turn, basket in enumerate(own) for name in basket.products}

    def popularity(name: str) -> float:
        place = market.position.get(name)
        return 0.0 if place is None else float(market.counts[place])

    best = sorted(count, key=lambda n: (-count[n], -last[n], -popularity(n)))
    return tuple(dict.fromkeys((*best, *most_popular(market))))[:_ANSWERS]


def most_popular(market: Market) -> tuple[str, ...]:
    best = np.argsort(-market.counts, kind="stable")[: 2 * _ANSWERS]
    return tuple(market.products[place] for place in best)


def hits(lists: Sequence[Sequence[str]], cases: Sequence[Expected]) -> Hits:
    right = [
        len(case.target.intersection(answer[:_ANSWERS]))
        for answer, case in zip(lists, cases, strict=True)
    ]
    number = max(len(cases), 1)
    shares = (
        count / max(len(case.target), 1)
        for count, case in zip(right, cases, strict=True)
    )
    return Hits(
        hit=sum(count > 0 for count in right) / number,
        precision=sum(right) / _ANSWERS / number,
        recall=sum(shares) / number,
    )


def row(name: str, found: Hits) -> tuple[str, ...]:
    figures = (found.hit, found.precision, found.recall)
    return (name, *(f"{figure:.4f}" for figure in figures))


def write_baskets(
    path: Path, cases: Sequence[Expected], ours: Sequence[Sequence[str]]
) -> None:
    with path.open("w", encoding="utf-8") as file:
        for case, skus in zip(cases, ours, strict=True):
            answer = {
                "customer": int(case.customer),
                "cutoff": case.cutoff,
                "skus": list(skus),
            }
            file.write(json.dumps(answer) + "\n")


# -- fitting --------------------------------------------------------------------------


def fitted(customers: Customers) -> Weights:
    """Return the weights under which past baskets were most to be expected."""
    cases: list[Case] = []
    for first, last in FOLDS:
        market = learn(before(customers, first))
        for turn, own in enumerate(customers.values()):
            inside = [
                index
                for index, basket in enumerate(own)
                if moment(first) <= basket.at < moment(last) and index >= _BASKETS
            ]
            if inside:
                # One for each customer, not always the first or the last of them.
                cases.append(case_of(market, own, inside[turn % len(inside)]))
    print(f"fitted on {len(cases)} baskets before {KNOWN_UNTIL}")
    return fit(cases)


def case_of(market: Market, own: Sequence[Basket], index: int) -> Case:
    basket = own[index]
    found = candidates(market, look_back(own[:index], basket.at))
    taken = frozenset(basket.products)
    came = np.array([name in taken for name in found.products], dtype=np.float64)
    return Case(found.matrix, came, found.past.size)


def write_weights(found: Weights) -> None:
    lines = (
        f"{name} = {value:.4f}"
        for name, value in zip(SIGNALS, found.values, strict=True)
    )
    WEIGHTS.write_text(
        "# Fitted by `python -m bench.advice DIR --fit`, on baskets of a gift shop's\n"
        f"# customers before {KNOWN_UNTIL}. What a signal is: domain/signals.py.\n"
        f"certainty = {found.certainty:.4f}\n\n[weights]\n" + "\n".join(lines) + "\n",
        encoding="utf-8",
    )
    weights.cache_clear()


# -- demand ---------------------------------------------------------------------------


def measure_demand(parts: Sequence[Demand], out: Path | None) -> None:
    """Measure and print how well the demand of one file was forecast."""
    name = parts[0].name
    answers: dict[str, list[float]] = {}
    lists: dict[str, list[tuple[Demand, Numbers]]] = {}
    started = process_time()
    for part in parts:
        found = forecast(part.known, part.horizon, part.season)
        for way, values in ways(part, found.typical, found.expected).items():
            lists.setdefault(way, []).append((part, values))
        for series, values in zip(part.ids, found.typical, strict=True):
            answers[series] = [round(float(value), 4) for value in values]
    seconds = process_time() - started
    if out is not None:
        with (out / f"{name}.jsonl").open("w", encoding="utf-8") as file:
            for series, numbers in answers.items():
                line = json.dumps({"id": series, "forecast": numbers})
                file.write(line + "\n")
    print(f"\n## {name}: {len(answers)} series, {seconds:.2f} s with the back-tests")
    figures = {way: errors(found) for way, found in lists.items()}
    rows = [
        (way, *(f"{value:.4f}" for value in values.values()))
        for way, values in figures.items()
    ]
    print(table(("", *figures["ours"]), rows))
    for measure, value in figures["ours"].items():
        print(f"{name} {measure} {value:.4f}")


def ways(part: Demand, typical: Numbers, expected: Numbers) -> Mapping[str, Numbers]:
    """Return our forecasts beside simple ones."""

    def level(values: Numbers) -> Numbers:
        return np.repeat(values[:, None], part.horizon, axis=1)

    last = part.known[:, -8:]
    return {
        "ours": typical,
        "ours, the mean for stock": expected,
        "median of 8": level(np.sort(last, axis=1)[:, last.shape[1] // 2]),
        "moving average of 4": level(part.known[:, -4:].mean(axis=1)),
        "zero": np.zeros_like(part.came),
    }


def errors(found: Sequence[tuple[Demand, Numbers]]) -> Mapping[str, float]:
    """Return the measures, each over all series."""
    scaled: list[float] = []
    missed = sold = over = 0.0
    for part, values in found:
        error = np.abs(values - part.came)
        scale = scale_of(part.known)
        moving = scale > 0
        scaled += (error.mean(axis=1)[moving] / scale[moving]).tolist()
        missed += float(error.sum())
        sold += float(part.came.sum())
        over += float((values - part.came).sum())
    scaled = scaled or [0.0]  # nothing ever changed
    return {
        "MASE": float(np.mean(scaled)),
        "median MASE": float(np.median(scaled)),
        "WAPE": missed / sold,
        "bias": over / sold,
    }


if __name__ == "__main__":
    sys.exit(main())
