"""What came of a run, in figures. Pure: no clock, no database, no model."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, comb

from bot.evaluation.cases import Case, Extraction

_PERCENT = 100


@dataclass(frozen=True, slots=True)
class Used:
    """What reading took."""

    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    cost_micros: int = 0  #: Millionths of a US dollar.

    def __add__(self, other: "Used") -> "Used":
        return Used(
            self.input_tokens + other.input_tokens,
            self.cached_tokens + other.cached_tokens,
            self.output_tokens + other.output_tokens,
            self.cost_micros + other.cost_micros,
        )


@dataclass(frozen=True, slots=True)
class Played:
    """One case, played once. Without problems it went as it should."""

    case: Case
    problems: tuple[str, ...] = ()
    false_order: bool = False  #: An order that is not what was wanted, or not wanted.
    questions: int = 0
    needless: tuple[str, ...] = ()  #: What was asked and need not have been.
    hits: tuple[int, int, int] = (0, 0, 0)  #: Products: right, invented, missed.
    seconds: tuple[float, ...] = ()  #: Of each turn, from the claim to the commit.
    reading: tuple[float, ...] = ()  #: Seconds of it that reading took.
    used: Used = Used()
    readers: tuple[str, ...] = ()  #: Who read each turn; and why, if somebody else.
    chat: tuple[str, ...] = ()  #: What was said: "> " the customer, "< " the shop.
    error: str | None = None  #: Why it could not be played to its end.

    @property
    def passed(self) -> bool:
        return not self.problems and self.error is None


@dataclass(frozen=True, slots=True)
class Score:
    """The figures of one group of cases."""

    name: str
    cases: int
    runs: int
    passed: int  #: Runs.
    errors: int  #: Runs that could not be played to their end.
    false_orders: int
    questions: int
    needless: int
    f1: float | None  #: Of products, in extraction cases.
    turns: int
    turn_seconds: float  #: The median; of reading, too.
    reading_seconds: float
    slow_reading_seconds: float  #: 95 of 100 turns are read faster.
    used: Used
    pass_hat: tuple[float, ...]  #: pass^1, pass^2 ...

    @property
    def accuracy(self) -> float:
        """Return the share of runs that went as they should."""
        return self.passed / self.runs if self.runs else 0.0


def score(name: str, played: Sequence[Played]) -> Score:
    """Return the figures of a group of runs."""
    runs: dict[tuple[str, str, str], list[bool]] = defaultdict(list)
    for each in played:
        runs[key_of(each.case)].append(each.passed)
    seconds = sorted(taken for each in played for taken in each.seconds)
    reading = sorted(taken for each in played for taken in each.reading)
    return Score(
        name=name,
        cases=len(runs),
        runs=len(played),
        passed=sum(each.passed for each in played),
        errors=sum(each.error is not None for each in played),
        false_orders=sum(each.false_order for each in played),
        questions=sum(each.questions for each in played),
        needless=sum(len(each.needless) for each in played),
        f1=_f1(played),
        turns=len(seconds),
        turn_seconds=percentile(seconds, 50),
        reading_seconds=percentile(reading, 50),
        slow_reading_seconds=percentile(reading, 95),
        used=sum((each.used for each in played), Used()),
        pass_hat=pass_hat([(sum(each), len(each)) for each in runs.values()]),
    )


def key_of(case: Case) -> tuple[str, str, str]:
    """Return by what a case is known."""
    return case.kind, case.language, case.name


def pass_hat(results: Sequence[tuple[int, int]]) -> tuple[float, ...]:
    """Return pass^1 to pass^n: how likely k runs of a case all go as they should.

    `results` are (passed, runs) of each case; n is the least number of runs. pass^k is
    estimated without bias as the mean of C(passed, k) / C(runs, k), after Yao et al.,
    "tau-bench" (2024).
    """
    least = min((runs for _, runs in results), default=0)
    return tuple(
        sum(comb(passed, k) / comb(runs, k) for passed, runs in results) / len(results)
        for k in range(1, least + 1)
    )


def percentile(ordered: Sequence[float], percent: int) -> float:
    """Return the nearest-rank percentile of ascending numbers; 0 of none."""
    if not ordered:
        return 0.0
    return ordered[max(0, ceil(len(ordered) * percent / _PERCENT) - 1)]


def by_language(played: Iterable[Played]) -> dict[str, list[Played]]:
    """Return the runs by what they are of: `dialogues en`, `extraction tr` ..."""
    groups: dict[str, list[Played]] = defaultdict(list)
    for each in played:
        groups[f"{kind_of(each.case)} {each.case.language}"].append(each)
    return dict(sorted(groups.items()))


def kind_of(case: Case) -> str:
    """Return the name of the set that a case is of."""
    return "extraction" if isinstance(case, Extraction) else "dialogues"


def compared(wanted: Counter[str], found: Counter[str]) -> tuple[int, int, int]:
    """Return how many are right, invented and missed."""
    right = (wanted & found).total()
    return right, found.total() - right, wanted.total() - right


def _f1(played: Sequence[Played]) -> float | None:
    extracted = [each for each in played if isinstance(each.case, Extraction)]
    right, invented, missed = (
        sum(each.hits[place] for each in extracted) for place in range(3)
    )
    if not right + invented + missed:
        return None
    return 2 * right / (2 * right + invented + missed)
