"""The figures of an evaluation are what they say."""

from collections import Counter

import pytest

from bot.evaluation.cases import Case, Dialogue, Extraction
from bot.evaluation.scores import (
    Played,
    Used,
    by_language,
    compared,
    pass_hat,
    percentile,
    score,
)


def a_dialogue(name: str = "hi", language: str = "en") -> Dialogue:
    return Dialogue(name=name, language=language, says=("hi",))


def an_extraction(name: str = "hi") -> Extraction:
    return Extraction(name=name, language="en", says="hi")


@pytest.mark.parametrize(
    ("results", "chances"),
    [
        ([(3, 3)], (1.0, 1.0, 1.0)),
        ([(2, 3)], (2 / 3, 1 / 3, 0.0)),
        ([(4, 4), (0, 4)], (0.5, 0.5, 0.5, 0.5)),
        ([(1, 2), (2, 3)], ((1 / 2 + 2 / 3) / 2, (0 + 1 / 3) / 2)),
        ([], ()),
    ],
)
def test_pass_hat_k_is_how_likely_k_runs_all_pass(
    results: list[tuple[int, int]], chances: tuple[float, ...]
) -> None:
    assert pass_hat(results) == pytest.approx(chances)


@pytest.mark.parametrize(
    ("numbers", "percent", "is_it"),
    [([], 50, 0), ([7], 95, 7), ([1, 2, 3, 4], 50, 2), (list(range(1, 101)), 95, 95)],
)
def test_a_percentile_is_a_number_that_was_measured(
    numbers: list[float], percent: int, is_it: float
) -> None:
    assert percentile(numbers, percent) == is_it


def test_products_are_right_invented_or_missed() -> None:
    wanted, found = Counter(["add 2 TEA", "add 1 MUG"]), Counter(["add 2 TEA"] * 2)
    assert compared(wanted, found) == (1, 1, 1)


def test_a_score_counts_runs_and_sums_what_they_took() -> None:
    one: Case = a_dialogue("one")
    other: Case = a_dialogue("other")
    used = Used(input_tokens=100, cached_tokens=40, output_tokens=10, cost_micros=7)
    figures = score(
        "all",
        [
            Played(one, questions=3, needless=("lines",), used=used, reading=(2, 4)),
            Played(one, ("wrong",), false_order=True, used=used, reading=(1,)),
            Played(other, error="not_reached: no"),
            Played(other, seconds=(5,)),
        ],
    )
    assert (figures.cases, figures.runs, figures.passed) == (2, 4, 2)
    assert (figures.errors, figures.false_orders) == (1, 1)
    assert (figures.questions, figures.needless) == (3, 1)
    assert figures.accuracy == 0.5
    assert figures.pass_hat == (0.5, 0.0)
    assert figures.used == Used(200, 80, 20, 14)
    assert (figures.reading_seconds, figures.slow_reading_seconds) == (2, 4)
    assert figures.f1 is None, "nobody looked at products"


def test_f1_is_of_all_products_together() -> None:
    runs = [Played(an_extraction(), hits=(3, 1, 0)), Played(an_extraction("b"))]
    assert score("x", runs).f1 == pytest.approx(6 / 7)


def test_runs_are_told_by_set_and_language() -> None:
    runs = [
        Played(a_dialogue(language="tr")),
        Played(a_dialogue()),
        Played(an_extraction()),
    ]
    assert list(by_language(runs)) == ["dialogues en", "dialogues tr", "extraction en"]
