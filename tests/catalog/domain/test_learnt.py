"""What one lesson does to what was learnt of the same words."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.domain.learnt import (
    HALF_LIFE,
    LONGEST,
    SHOP,
    Learnt,
    Lesson,
    Meaning,
    agreed,
    key_of,
    taught,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATTE, MOCHA = Meaning("latte"), Meaning("mocha")
FILLERS = frozenset({"the", "please", "d", "su", "and", "2"})


def blank(meaning: Meaning = LATTE, owner: str = "ana") -> Learnt:
    return Learnt(owner, "usual", "the usual", meaning, Lesson.ORDER, 0, 0.0, NOW)


def learnt(
    *lessons: tuple[Meaning, Lesson], owner: str = "ana"
) -> dict[Meaning, Learnt]:
    """Return what lessons that were given one after the other come to."""
    known: dict[Meaning, Learnt] = {}
    for meaning, lesson in lessons:
        mine = tuple(known.values())
        for alias in taught(mine, blank(meaning, owner), lesson, NOW):
            known[alias.meaning] = alias
    return known


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("the usual", "usual"),
        ("Usual, please", "usual"),
        ("40 mm ones", "40mmones"),
        ("40mm ones", "40mmones"),
        ("ŞEKERSİZ", "sekersiz"),
        ("the", "the"),
        ("the please", "theplease"),
        ("the milk and tea please", "milkandtea"),
        ("vitamin d", "vitamind"),
        ("soguk su", "soguksu"),
        ("coke 2", "coke2"),
        ("!?", ""),
        ("x" * (LONGEST + 1), ""),
    ],
)
def test_words_are_found_by_what_they_tell(words: str, key: str) -> None:
    assert key_of(words, FILLERS) == key


def test_every_order_by_these_words_counts() -> None:
    once = learnt((LATTE, Lesson.ORDER))[LATTE]
    thrice = learnt(*[(LATTE, Lesson.ORDER)] * 3)[LATTE]
    assert (once.times, once.weight) == (1, 1)
    assert (thrice.times, thrice.weight) == (3, 3)


def test_what_was_learnt_fades_by_half_and_half_again() -> None:
    alias = learnt((LATTE, Lesson.ORDER))[LATTE]
    assert alias.strength(NOW + HALF_LIFE) == pytest.approx(0.5)
    assert alias.strength(NOW + 2 * HALF_LIFE) == pytest.approx(0.25)
    assert alias.strength(NOW - timedelta(days=1)) == 1, "a clock may go back"


def test_what_an_agent_said_does_not_fade_and_orders_do_not_wear_it_down() -> None:
    known = learnt((LATTE, Lesson.TOLD), (LATTE, Lesson.ORDER), (MOCHA, Lesson.ORDER))
    assert known[LATTE].lesson is Lesson.TOLD
    assert known[LATTE].strength(NOW + 10 * HALF_LIFE) == known[LATTE].weight > 1


def test_a_later_correction_outweighs_all_that_was_learnt_before() -> None:
    known = learnt(*[(LATTE, Lesson.ORDER)] * 20, (MOCHA, Lesson.CORRECTION))
    assert known[LATTE].strength(NOW) == 0
    assert known[MOCHA].strength(NOW) > 1
    back = learnt((MOCHA, Lesson.CORRECTION), (LATTE, Lesson.CORRECTION))
    assert (back[MOCHA].strength(NOW), back[LATTE].strength(NOW) > 1) == (0, True)
    told = learnt((LATTE, Lesson.TOLD), (MOCHA, Lesson.CORRECTION))
    assert told[LATTE].strength(NOW) == 0


def test_a_new_habit_wins_after_a_few_orders_however_old_the_other_one_is() -> None:
    known = learnt(*[(LATTE, Lesson.ORDER)] * 50, *[(MOCHA, Lesson.ORDER)] * 3)
    assert known[MOCHA].strength(NOW) > known[LATTE].strength(NOW) > 0


def test_what_was_forgotten_comes_back_from_an_agent_only() -> None:
    (gone,) = (
        replace(a, forgotten=True) for a in learnt((LATTE, Lesson.ORDER)).values()
    )
    assert gone.strength(NOW) == 0
    assert taught([gone], blank(), Lesson.ORDER, NOW) == ()
    (again,) = taught([gone], blank(), Lesson.CORRECTION, NOW)
    assert (again.forgotten, again.strength(NOW)) == (False, 5)


def ordered(owner: str, meaning: Meaning = LATTE, times: int = 1) -> Learnt:
    return learnt(*[(meaning, Lesson.ORDER)] * times, owner=owner)[meaning]


@pytest.mark.parametrize(
    ("aliases", "meaning"),
    [
        ([ordered("ana", times=50)], None),
        ([ordered("ana"), ordered("ben")], None),
        ([ordered("ana"), ordered("ben"), ordered("cem")], LATTE),
        (
            [ordered("ana"), ordered("ben"), ordered("cem"), ordered("dia", MOCHA)],
            LATTE,
        ),
        (
            [
                *(ordered(name) for name in ("ana", "ben", "cem")),
                *(ordered(name, MOCHA) for name in ("dia", "eva")),
            ],
            None,
        ),
        ([ordered("ana"), ordered("ben"), ordered(SHOP)], None),
    ],
    ids=[
        "one customer, however often",
        "two customers",
        "three customers",
        "three of four",
        "three of five",
        "the shop's own do not count",
    ],
)
def test_the_shop_learns_what_several_customers_agree_on(
    aliases: list[Learnt], meaning: Meaning | None
) -> None:
    found = agreed(aliases, NOW)
    assert (found.meaning if found else None) == meaning
    if found:
        assert (found.owner, found.lesson) == (SHOP, Lesson.CUSTOMERS)


def test_the_shop_keeps_words_as_nobody_in_particular_says_them() -> None:
    said = [
        replace(ordered(name), words="The USUAL, Please") for name in ("a", "b", "c")
    ]
    found = agreed(said, NOW, FILLERS)
    assert found
    assert found.words == "usual"


def test_customers_who_said_it_long_ago_agree_on_nothing() -> None:
    aliases = [ordered(name) for name in ("ana", "ben", "cem")]
    assert agreed(aliases, NOW + 3 * HALF_LIFE) is None


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(
            st.sampled_from((LATTE, MOCHA)),
            st.sampled_from((Lesson.ORDER, Lesson.CORRECTION, Lesson.TOLD)),
        ),
        min_size=1,
    )
)
def test_after_an_agents_word_its_meaning_is_the_strongest(
    lessons: list[tuple[Meaning, Lesson]],
) -> None:
    known = learnt(*lessons)
    assert all(0 <= alias.weight <= 8 for alias in known.values())
    meaning, lesson = lessons[-1]
    if lesson is not Lesson.ORDER:
        assert max(known.values(), key=lambda a: a.strength(NOW)).meaning == meaning
