"""Numbers of menus: which choice a bare number taps, and which it never does."""

import pytest

from bot.domain.buttons import PickTap, made
from bot.domain.message import Button, OutButtons, OutList, Row, Tap, Text
from bot.domain.numbering import tapped
from bot.worker.menus import numbered
from orders import Field
from tests.amending import Talk
from tests.turns import a_snapshot, messages

BUTTONS = OutButtons(
    body="Right?",
    buttons=(Button(id="ok.1", title="Confirm"), Button(id="no", title="No")),
)
LIST = OutList(
    body="Which?",
    button="Choose",
    rows=tuple(Row(id=f"row{n}", title=f"Latte {n}") for n in range(1, 13)),
)


@pytest.mark.parametrize(
    "words", ["1", " 1 ", "1.", "1)", "#1", "(1)", "[1]", "\uff11", "1️⃣", "*1*", "01"]
)
def test_a_number_taps_its_choice_however_it_is_written(words: str) -> None:
    assert tapped(words, BUTTONS) == Tap(id="ok.1", title="Confirm")


def test_a_number_of_a_list_is_a_row_of_it() -> None:
    tap = tapped("12", LIST)
    assert tap == Tap(id="row12", title="Latte 12", source="list")


@pytest.mark.parametrize(
    "words",
    ["0", "3", "13", "-1", "1 latte", "2 of those", "one", "", "1.5", "1 2"],
)
def test_other_words_are_no_tap(words: str) -> None:
    menu = BUTTONS if words == "3" else LIST
    assert tapped(words, menu) is None


@pytest.mark.parametrize("words", ["2. Latte 2", "2) latte  2", "2.LATTE 2"])
def test_a_copied_line_of_the_menu_is_its_choice_and_no_amount(words: str) -> None:
    tap = tapped(words, LIST)
    assert tap is not None
    assert tap.id == "row2"


@pytest.mark.parametrize("words", ["2. latte 3", "2) tea", "2 latte 2", "13. Latte 13"])
def test_an_amount_of_something_is_no_line_of_the_menu(words: str) -> None:
    assert tapped(words, LIST) is None


@pytest.mark.parametrize(
    ("language", "words", "taken"),
    [
        ("en", "2 please", 1),
        ("en", "the second one", 1),
        ("en", "2 of the second", 2),
        ("tr", "iki", 1),
        ("tr", "ikincisinden 2 tane", 2),
        ("pt", "2 por favor", 1),
        ("pt", "dois do segundo", 2),
        ("es", "el 2 por favor", 1),
        ("es", "dos del segundo", 2),
        ("ru", "второй", 1),
        ("ru", "2 второго", 2),
    ],
)
def test_a_place_is_told_in_every_language_and_so_is_how_much_of_it(
    language: str, words: str, taken: int
) -> None:
    talk = Talk(a_snapshot(language=language))
    talk.says("croissant")
    assert talk.snapshot.memory.asked is not None
    second = talk.snapshot.memory.asked.choices[1]
    talk.says(words)
    lines = [(f"{x.product_id}|", int(x.quantity)) for x in talk.snapshot.draft.lines]
    assert lines == [(second, taken)]


TURNS = {
    "a number": (["2"], ["no"]),
    "two numbers": (["1", "2"], ["ok.1", "no"]),
    "how many of what was just said": (["croissant", "1"], [None, None]),
    "words after the number": (["1", "thanks"], ["ok.1", None]),
}


@pytest.mark.parametrize("name", TURNS)
def test_a_number_taps_only_before_other_words(name: str) -> None:
    said, ids = TURNS[name]
    heard = numbered(messages(*(Text(text=each) for each in said)), BUTTONS)
    taps = [m.content.id if isinstance(m.content, Tap) else None for m in heard]
    assert taps == ids


def test_asked_how_many_a_number_is_an_amount() -> None:
    amounts = tuple(
        Button(
            id=made(b"key", "cnv_1", PickTap("drf_1", Field.QUANTITY, "l1", "m")),
            title=t,
        )
        for t in ("6 pieces", "12 pieces")
    )
    assert tapped("2", OutButtons(body="How many?", buttons=amounts)) is None
