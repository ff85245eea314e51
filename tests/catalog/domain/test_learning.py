"""What features are worth is learnt so that chances can be believed."""

from random import Random

import numpy as np
import pytest

from catalog.domain.learning import Choice, learnt
from catalog.domain.scoring import FEATURES, Feature
from catalog.domain.weights import FITTED, WEIGHTS


def test_the_worth_that_made_the_answers_is_found_again() -> None:
    random, worth = Random(1), np.array([0.5, 2.0, -1.0])
    choices = []
    for _ in range(3000):
        rows = np.array([[1.0, random.random(), random.random()] for _ in range(4)])
        shares = [1.0, *np.exp(rows @ worth)]
        (taken,) = random.choices(range(5), shares)
        right = np.arange(1, 5) == taken
        choices.append(Choice(rows, right))
    assert learnt(choices) == pytest.approx(worth, abs=0.35)


def test_there_must_be_something_to_learn_from() -> None:
    with pytest.raises(ValueError, match="larger catalog"):
        learnt([])


def test_every_feature_has_a_worth() -> None:
    names = {value for name, value in vars(Feature).items() if name.isupper()}
    assert set(FITTED) == names == set(range(FEATURES))
    assert len(WEIGHTS) == FEATURES


@pytest.mark.parametrize(
    "feature",
    [Feature.FOREIGN, Feature.NUMBER, Feature.RIVAL, Feature.MISSED, Feature.CONTRARY],
)
def test_what_speaks_against_a_product_counts_against_it(feature: int) -> None:
    assert FITTED[feature] < 0


@pytest.mark.parametrize(
    "feature", [Feature.NAMED, Feature.TITLE, Feature.WHOLE, Feature.CODE]
)
def test_what_speaks_for_a_product_counts_for_it(feature: int) -> None:
    assert FITTED[feature] > 0
