"""Words that are about an earlier message: "2 of this", "this one", "not this"."""

from typing import Any

import pytest

from bot.domain.decision import Decision
from bot.domain.message import ReplyTo
from bot.domain.quoting import subjects_of
from bot.domain.snapshot import Subject
from tests.amending import Talk, answering, answering_nothing_known
from tests.turns import INDEX, a_snapshot, kinds, rendered


def lines(talk: Talk) -> dict[str, int]:
    return {name: quantity for _, name, quantity in talk.lines()}


def body(talk: Talk, decision: Decision) -> str:
    return "\n".join(getattr(c, "body", "") for c in rendered(talk.snapshot, decision))


@pytest.mark.parametrize(
    ("language", "some", "this", "not_this", "price"),
    [
        ("en", "2 of this", "this one please", "not this", "how much is this?"),
        ("tr", "bundan 2 tane", "bunu istiyorum", "bu olmasın", "bu ne kadar?"),
        ("pt", "2 desse", "quero esse", "esse não", "quanto custa esse?"),
        ("es", "2 de este", "quiero este", "este no", "¿cuánto cuesta este?"),
        ("ru", "2 штуки этого", "хочу это", "это не надо", "сколько это стоит?"),
    ],
)
def test_an_old_message_of_ours_tells_what_is_meant(
    language: str, some: str, this: str, not_this: str, price: str
) -> None:
    talk = Talk(a_snapshot(language=language))
    talk.says(some, **answering("mocha"))
    assert lines(talk) == {"Mocha": 2}
    talk.says("1 green tea")
    talk.says(not_this, **answering("mocha"))
    assert lines(talk) == {"Green tea": 1}
    talk.says(this, **answering("croissant"))
    assert lines(talk) == {"Green tea": 1, "Chocolate croissant": 1}
    asked = talk.says(price, **answering("latte"))
    assert "Latte" in body(talk, asked)
    assert lines(talk) == {"Green tea": 1, "Chocolate croissant": 1}


def test_the_line_spoken_of_last_is_not_meant_where_another_one_is_answered() -> None:
    talk = Talk()
    talk.says("2 latte")
    talk.says("1 green tea")
    talk.says("make it 3", **answering("latte"))
    assert lines(talk) == {"Latte": 3, "Green tea": 1}


def test_this_one_under_a_line_that_is_there_adds_no_second_one() -> None:
    talk = Talk()
    talk.says("2 latte")
    about = (Subject(product="latte", line="L1"),)
    talk.says("this one", **answering(subjects=about))
    assert lines(talk) == {"Latte": 2}


def test_a_message_about_several_things_is_asked_about() -> None:
    talk = Talk()
    decision = talk.says("2 of this", **answering("latte", "tea"))
    assert kinds(decision)[0] == "QuoteUnclear"
    assert "Latte, Green tea?" in body(talk, decision)
    assert lines(talk) == {}
    talk.says("2 of the second one", **answering("latte", "tea"))
    assert lines(talk) == {"Green tea": 2}


@pytest.mark.parametrize("words", ["2 of this", "this one", "not this", "make it 3"])
def test_a_message_that_we_never_saw_is_asked_about(words: str) -> None:
    talk = Talk()
    talk.says("1 latte")
    decision = talk.says(words, **answering_nothing_known())
    assert kinds(decision)[0] == "QuoteUnknown"
    assert lines(talk) == {"Latte": 1}


def test_names_need_no_message_to_be_understood() -> None:
    talk = Talk()
    talk.says("2 latte", **answering_nothing_known())
    assert lines(talk) == {"Latte": 2}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"subjects": (Subject(product="plain"),)}, {"Butter croissant": 2}),
        ({"message_id": "m1"}, {"Latte": 2, "Green tea": 1}),
        ({"text": "hello there"}, {"Latte": 1, "Green tea": 2}),
    ],
    ids=[
        "by what was found in it",
        "by the line that it brought",
        "it says nothing: the last",
    ],
)
def test_a_message_of_the_customers_own(
    told: dict[str, Any], expected: dict[str, int]
) -> None:
    talk = Talk()
    talk.says("1 latte")
    talk.says("1 green tea")
    talk.says("2 of this", **answering(**told))
    assert expected.items() <= lines(talk).items()


def test_a_product_card_is_meant_whatever_else_was_said() -> None:
    talk = Talk()
    talk.says("1 latte")
    talk.says("2 of this", reply_to=ReplyTo(product_retailer_id="TEA"))
    assert lines(talk) == {"Latte": 1, "Green tea": 2}


def test_what_is_no_longer_sold_is_not_meant() -> None:
    talk = Talk()
    decision = talk.says("2 of this", **answering("gone"))
    assert lines(talk) == {}
    assert decision.replies


def test_what_our_messages_are_about_is_kept() -> None:
    talk = Talk()
    first = talk.says("2 latte and croissants")
    assert [each.product for each in subjects_of(first.replies, INDEX)] == [
        "latte",
        *sorted(["croissant", "plain"], key=_place_in(first)),
    ]
    asked = talk.says("how much is the green tea?")
    assert subjects_of(asked.replies, INDEX)[0] == Subject(product="tea")


def _place_in(decision: Decision) -> Any:
    named = [each.product for each in subjects_of(decision.replies, INDEX)]
    return named.index
