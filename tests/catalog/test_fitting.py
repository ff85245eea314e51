"""Matching is fitted on noise that any catalog gives, and the same noise each time."""

import json
from pathlib import Path

import pytest

from catalog.domain.folding import tokens
from catalog.domain.learning import learnt
from catalog.fitting import choices_of, read_products, scored
from catalog.noise import Noise
from tests.factories import a_product
from tests.sample_shop import plain_products

NAME = "Coca-Cola Zero 500 g Bottle"


def texts(seed: int) -> list[str]:
    noise = Noise(["please", "send"], ["green", "X-1"], seed)
    return [noise.say(NAME).text for _ in range(200)]


def test_the_same_seed_writes_the_same() -> None:
    assert texts(1) == texts(1) != texts(2)


def test_noise_slips_wraps_drops_joins_and_respells() -> None:
    written = texts(1)
    words = {word for text in written for word in tokens(text)}
    assert {"please", "send", "green", "500gr"} <= words
    assert "1" not in words, "the code of another product is no noise"
    assert any("zerobottle" in text or "colazero" in text for text in written)
    assert any("cola" not in text.lower() for text in written)
    assert any(text.islower() for text in written)


def test_what_was_meant_are_unspoilt_words_of_the_name() -> None:
    noise = Noise((), (), 3)
    for _ in range(200):
        assert noise.say(NAME).kept <= set(tokens(NAME))


@pytest.mark.parametrize("name", ["A", "su", "🙂", "a b"])
def test_short_names_are_written_too(name: str) -> None:
    noise = Noise((), (), 3)
    assert all(isinstance(noise.say(name).text, str) for _ in range(50))


def test_a_small_shop_is_enough_to_learn_what_matters() -> None:
    choices = list(choices_of(plain_products(), 150, 1))
    worth = learnt(choices)
    known = [choice for choice in choices if choice.right.any()]
    right = [choice.right[(choice.rows @ worth).argmax()] for choice in known]
    assert sum(right) > 0.8 * len(right)


def test_some_texts_mean_what_the_shop_does_not_have() -> None:
    choices = list(choices_of(plain_products(), 60, 1))
    assert any(not choice.right.any() for choice in choices)
    assert any(choice.right.any() for choice in choices)


def test_a_catalog_is_read_from_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "catalog.jsonl"
    path.write_text(json.dumps({"id": 7, "name": "Latte", "brand": ""}) + "\n")
    (product,) = read_products(path)
    assert product.name == a_product(name="Latte").name
    assert (product.id, product.brand) == ("7", None)
    path.write_text('{"name": "Latte"}\n{"title": "Bagel"}\n')
    with pytest.raises(ValueError, match="line 2: no product"):
        read_products(path)


def test_chances_are_believed_as_often_as_they_come_true() -> None:
    choices = list(choices_of(plain_products(), 150, 1))
    worth = learnt(choices)
    believed = learnt([scored(choice, worth) for choice in choices])
    assert believed.shape == (2,)
    assert believed[0] > 0, "a better score is a better chance"
    assert believed[1] > 0, "most of what is asked for is there"
