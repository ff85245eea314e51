"""Ids sort by time and never repeat."""

import re
import time
from datetime import UTC

from bot.ident import new_id, utc_now


def test_an_id_names_its_kind_and_avoids_letters_that_people_confuse() -> None:
    assert re.fullmatch(r"msg_[0-7][0-9abcdefghjkmnpqrstvwxyz]{25}", new_id("msg"))


def test_later_ids_sort_after_earlier_ones() -> None:
    first = new_id("msg")
    time.sleep(0.002)
    assert first < new_id("msg")


def test_ids_of_one_moment_differ() -> None:
    assert len({new_id("msg") for _ in range(10_000)}) == 10_000


def test_the_clock_tells_utc() -> None:
    assert utc_now().tzinfo is UTC
