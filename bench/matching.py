"""Finding products, measured: `python -m bench.matching DIR [--split dev] [--peers]`.

DIR has a folder for each set with `catalog.jsonl` and `queries.SPLIT.jsonl`. The index
is built as the product builds it, with the same settings for all sets. Times are the
process's own: other work on the machine does not count as ours.
"""

import argparse
import asyncio
import gc
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import process_time, thread_time

import psutil

from bench.pauses import Pauses, pauses_during
from bench.peers import PEERS, Peer, Skipped
from bench.tables import table
from bot.commands.serving import calm_collector
from catalog import Ambiguous, Certain, Index, Match, Product, fold
from catalog.indexing import Indexes
from catalog.language import languages, load_language

_ANSWERS = 10
_BINS = 10
_PRECISE = 0.99


@dataclass(frozen=True, slots=True)
class Query:
    qid: str
    text: str
    gold: frozenset[str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one query was answered with."""

    ids: tuple[str, ...]
    outcome: str
    #: How likely the best answer is right; products of one name count as one.
    probability: float
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Built:
    index: Index
    seconds: float  #: Without reading the catalog's file.
    megabytes: float
    pauses: Pauses


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.matching")
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--split", default="dev")
    parser.add_argument("--out", type=Path, metavar="OUTDIR")
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--postgres", metavar="DSN", help="a server with pg_trgm")
    wanted = parser.parse_args()
    sets = [
        folder
        for folder in sorted(wanted.folder.glob("*"))
        if (folder / f"queries.{wanted.split}.jsonl").is_file()
    ]
    if not sets:
        print(
            f"bench.matching: {wanted.folder} has no SET/queries.{wanted.split}.jsonl: "
            "name the folder that holds the sets",
            file=sys.stderr,
        )
        return 1
    for folder in sets:
        measure(folder, wanted.split, wanted.out)
        if wanted.peers:
            measure_peers(folder, wanted.split, wanted.postgres)
    return 0


def measure(folder: Path, split: str, out: Path | None) -> None:
    """Measure one set: how good, how fast, how large, how honest."""
    queries = list(read_queries(folder / f"queries.{split}.jsonl"))
    built = build(read_products(folder / "catalog.jsonl"))
    answers = [answer(built.index, query.text) for query in queries]
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        write(out / f"{folder.name}.jsonl", queries, answers)
    print(f"\n## {folder.name}: {len(built.index.products)} products, {len(queries)}")
    heads = ("", "hit@1", "hit@5", "MRR", "p50 ms", "p99 ms", "build s", "MB")
    ids = [each.ids for each in answers]
    times = [each.milliseconds for each in answers]
    print(table(heads, [("ours", *figures(queries, ids, times, built))]))
    print(
        f"longest pause of the loop during a build: {built.pauses.longest:.1f} ms, "
        f"99 of 100 at most {built.pauses.p99:.1f} ms"
    )
    print_honesty(folder, queries, answers)


def print_honesty(
    folder: Path, queries: Sequence[Query], answers: Sequence[Answer]
) -> None:
    """Print whether being sure means being right, and what happens without the gold."""
    gold = frozenset().union(*(query.gold for query in queries))
    catalog = read_products(folder / "catalog.jsonl")
    without = build(each for each in catalog if each.id not in gold).index
    deceived = [answer(without, query.text).outcome for query in queries]
    right = [right_first(q, a.ids) for q, a in zip(queries, answers, strict=True)]
    sure = [each.outcome == "certain" for each in answers]
    rows = [
        ("certain", share(sure)),
        (
            "right among the certain",
            share(r for r, s in zip(right, sure, strict=True) if s),
        ),
        ("may be certain at 99 % precision", reachable(right, answers)),
        ("ambiguous", share(each.outcome == "ambiguous" for each in answers)),
        ("unknown", share(each.outcome == "unknown" for each in answers)),
        ("gold removed, still certain", share(each == "certain" for each in deceived)),
        ("expected calibration error", calibration_error(right, answers)),
    ]
    print(table(("honesty", "share"), [(name, f"{value:.4f}") for name, value in rows]))


def measure_peers(folder: Path, split: str, postgres: str | None) -> None:
    """Measure the other ways beside ours, in the same run."""
    queries = list(read_queries(folder / f"queries.{split}.jsonl"))
    products = list(read_products(folder / "catalog.jsonl"))
    names = [title_of(product) for product in products]
    for name, peer in PEERS.items():
        try:
            print(f"{name}: {peer_line(peer, names, products, queries, postgres)}")
        except Skipped as reason:
            print(f"{name}: skipped, {reason}")


def peer_line(
    peer: Peer,
    names: Sequence[str],
    products: Sequence[Product],
    queries: Sequence[Query],
    postgres: str | None,
) -> str:
    before, started = resident(), process_time()
    find = peer(names, postgres)
    seconds, megabytes = process_time() - started, resident() - before
    ids, times = [], []
    for query in queries:
        started = process_time()
        places = find(query.text)
        times.append(1e3 * (process_time() - started))
        ids.append(tuple(products[place].id for place in places))
    hit1, hit5, mrr = quality(queries, ids)
    p50, p99 = percentiles(times)
    return (
        f"hit@1 {hit1:.4f}, hit@5 {hit5:.4f}, MRR {mrr:.4f}, p50 {p50:.2f} ms, "
        f"p99 {p99:.2f} ms, build {seconds:.1f} s, {megabytes:.0f} MB"
    )


def build(products: Iterator[Product]) -> Built:
    """Build an index like the product does and say what that took."""
    calm_collector()
    before, started, reading = resident(), process_time(), Reading(products)
    index, pauses = asyncio.run(pauses_during(build_beside(reading)))
    seconds = process_time() - started - reading.seconds
    gc.collect()
    return Built(index, seconds, max(resident() - before, index.nbytes / 2**20), pauses)


async def build_beside(products: Iterator[Product]) -> Index:
    """Build an index beside the event loop, which waits for it."""

    async def load() -> Iterator[Product]:
        return products

    packs = [load_language(code) for code in languages()]
    return await Indexes(1).current("bench", 0, load, packs)


class Reading(Iterator[Product]):
    """Products that are read on the way, and how long that took."""

    def __init__(self, products: Iterator[Product]) -> None:
        self.seconds = 0.0
        self._products = products

    def __next__(self) -> Product:
        started = thread_time()
        try:
            return next(self._products)
        finally:
            self.seconds += thread_time() - started


def answer(index: Index, text: str) -> Answer:
    """Ask the index once for the outcome and for the best products."""
    started = process_time()
    found = index.look(text, limit=_ANSWERS)
    milliseconds = 1e3 * (process_time() - started)
    names = [fold(index.products[each.product_id].name) for each in found.listed[:5]]
    alike = [
        each.probability
        for each, name in zip(found.listed, names, strict=False)
        if name == names[0]
    ]
    ids = tuple(each.product_id for each in found.listed)
    return Answer(ids, outcome_of(found.match), min(1.0, sum(alike)), milliseconds)


def outcome_of(match: Match) -> str:
    match match:
        case Certain():
            return "certain"
        case Ambiguous():
            return "ambiguous"
        case _:
            return "unknown"


def read_products(path: Path) -> Iterator[Product]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield Product(
                id=row["id"],
                sku=row["sku"],
                name=row["name"],
                price=None,
                currency="XXX",
                brand=row["brand"] or None,
                category=row["category"] or None,
                attributes=row["attributes"],
            )


def read_queries(path: Path) -> Iterator[Query]:
    with path.open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            yield Query(row["qid"], row["query"], frozenset(row["gold_ids"]))


def write(path: Path, queries: Sequence[Query], answers: Sequence[Answer]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for query, each in zip(queries, answers, strict=True):
            row = {"qid": query.qid, "ids": each.ids, "outcome": each.outcome}
            file.write(f"{json.dumps(row)}\n")


def figures(
    queries: Sequence[Query],
    ids: Sequence[tuple[str, ...]],
    times: Sequence[float],
    built: Built,
) -> list[str]:
    shares = [f"{value:.4f}" for value in quality(queries, ids)]
    milliseconds = [f"{value:.2f}" for value in percentiles(times)]
    return [*shares, *milliseconds, f"{built.seconds:.1f}", f"{built.megabytes:.0f}"]


def quality(
    queries: Sequence[Query], ids: Sequence[tuple[str, ...]]
) -> tuple[float, float, float]:
    """Return hit@1, hit@5 and the mean reciprocal rank."""
    ranks = []
    for query, found in zip(queries, ids, strict=True):
        places = (place for place, each in enumerate(found, 1) if each in query.gold)
        ranks.append(next(places, 0))
    return (
        share(rank == 1 for rank in ranks),
        share(0 < rank <= 5 for rank in ranks),
        sum(1 / rank for rank in ranks if rank) / len(ranks),
    )


def calibration_error(right: Sequence[bool], answers: Sequence[Answer]) -> float:
    """Return how far promised and kept shares are apart, over ten equal bins."""
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(_BINS)]
    for hit, each in zip(right, answers, strict=True):
        place = min(int(each.probability * _BINS), _BINS - 1)
        bins[place].append((each.probability, hit))
    gaps = (abs(sum(p for p, _ in each) - sum(h for _, h in each)) for each in bins)
    return sum(gaps) / len(answers)


def reachable(right: Sequence[bool], answers: Sequence[Answer]) -> float:
    """Return the largest share that a threshold can call certain at 99 % precision."""
    order = sorted(range(len(answers)), key=lambda n: -answers[n].probability)
    hits = best = 0
    for count, place in enumerate(order, 1):
        hits += right[place]
        if hits >= _PRECISE * count:
            best = count
    return best / len(answers)


def right_first(query: Query, ids: Sequence[str]) -> bool:
    return bool(ids) and ids[0] in query.gold


def percentiles(times: Sequence[float]) -> tuple[float, float]:
    ordered = sorted(times)
    return ordered[len(ordered) // 2], ordered[int(0.99 * (len(ordered) - 1))]


def share(flags: "Sequence[bool] | Iterator[bool]") -> float:
    found = list(flags)
    return sum(found) / len(found) if found else 0.0


def title_of(product: Product) -> str:
    brand = product.brand or ""
    named = not brand or brand.lower() in product.name.lower()
    return product.name if named else f"{brand} {product.name}"


def resident() -> float:
    return float(psutil.Process().memory_info().rss) / 2**20


Find = Callable[[str], Sequence[int]]

if __name__ == "__main__":
    sys.exit(main())
