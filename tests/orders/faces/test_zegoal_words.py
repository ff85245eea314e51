"""Zegoal's words: units, types, moments, codes and ids of calls."""

import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from orders.faces.zegoal_words import (
    TYPES,
    UNITS,
    Code,
    ctx_id,
    in_zone,
    moment_of,
    plain,
    product_type,
    type_word,
    unit_of,
    unit_word,
    written,
)
from tests.documents import ROOT


def test_every_unit_and_type_means_what_it_says() -> None:
    assert [unit_word(unit_of(word)) for word in UNITS] == list(UNITS)
    assert [type_word(product_type(word)) for word in TYPES] == list(TYPES)
    for word in ("шт", "ШТ.", " piece ", "шт."):
        assert unit_of(word) == "piece"
    assert unit_of("упак") == "упак"
    assert product_type(" товар ") is product_type("goods")
    with pytest.raises(ValueError, match="none of Goods, Service"):
        product_type("thing")


def test_moments_are_written_in_the_zone_of_the_shop() -> None:
    moment = datetime(2020, 7, 3, 6, 16, 30, tzinfo=UTC)
    assert written(moment, "Europe/Minsk") == "2020-07-03 09:16:30"
    assert in_zone("2020-07-03 09:16:30", "Europe/Minsk") == moment
    for wrong in (
        "2020-07-03",
        "2020-07-03T09:16:30",
        "2020-13-03 09:16:30",
        "0001-01-01 00:00:00",
        "9999-12-31 23:59:59",
        "",
    ):
        with pytest.raises(ValueError, match="give a day and time"):
            moment_of(wrong)


def test_numbers_are_whole_when_they_are() -> None:
    assert repr(plain(Decimal("30.000000"))) == "30"
    assert repr(plain(Decimal("238.60"))) == "238.6"


def test_calls_have_ids_of_their_own_in_the_printed_form() -> None:
    made = {ctx_id(f"ctx_{n}") for n in range(1000)}
    assert len(made) == 1000
    assert all(re.fullmatch(r"[0-9A-Za-z]{8}:0-[0-9A-Za-z]{2}", e) for e in made)


def test_every_code_stands_in_the_documentation() -> None:
    page = (ROOT / "docs/errors.md").read_text()
    told = dict(re.findall(r"^\| (\d+) \| `?(\w*)`? ?\|", page, re.MULTILINE))
    assert told == {
        str(code.value): "" if code is Code.OK else code.name for code in Code
    }
