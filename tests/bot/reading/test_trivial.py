"""Which turns need no model."""

import pytest

from bot.domain.message import (
    Cart,
    ChoiceSource,
    Contacts,
    Content,
    Form,
    Location,
    Media,
    MediaKind,
    Reaction,
    Tap,
)
from bot.domain.snapshot import Asked
from bot.reading.trivial import trivial
from orders import Field
from tests.readings import a_draft_of, a_request

WHICH = Asked(field=Field.PRODUCT, choices=("a|", "b|", "none"), about="U1")
SUMMED_UP = Asked(field=Field.CONFIRMATION)
HOW_MANY = Asked(field=Field.QUANTITY, about="L1")
DRAFT = a_draft_of("latte")


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("yes", SUMMED_UP),
        ("evet", SUMMED_UP),
        ("no", SUMMED_UP),
        ("ok", SUMMED_UP),
        ("2", WHICH),
        ("the second one", WHICH),
        ("ikincisi", WHICH),
        ("3", HOW_MANY),
        ("hi", None),
        ("merhaba", None),
        ("thank you", None),
        ("stop", None),
        ("dur", None),
        ("human", None),
        ("", None),
        (Tap(id="x", title="2 bagel and a tea"), None),
        (Tap(id="x", title="Yes", source=ChoiceSource.LIST), SUMMED_UP),
        (Cart(), None),
        (Location(latitude=41, longitude=29, address="Lale Sokak 5"), None),
        (Contacts(), None),
        (Reaction(target="x", emoji="👍"), None),
        (Media(kind=MediaKind.IMAGE), None),
        (Media(kind=MediaKind.VOICE), None),
    ],
)
def test_it_is_as_clear_as_a_button(said: str | Content, asked: Asked | None) -> None:
    assert trivial(a_request(said, asked=asked, draft=DRAFT)) is not None


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("2 latte", None),
        ("2 latte", WHICH),
        ("yes and two more bagels", SUMMED_UP),
        ("yes but no sugar", SUMMED_UP),
        ("make it 3", None),
        ("3 or maybe 4 if you have them", HOW_MANY),
        ("my name is Ada", None),
        ("Lale Sokak 5, Moda", Asked(field=Field.ADDRESS)),
        ("what do you recommend", None),
        ("hello " * 20, None),
        ("tell me a joke", None),
        (Media(kind=MediaKind.IMAGE, caption="this one"), None),
        (Form(fields={"what": "2 latte"}), None),
    ],
)
def test_it_says_more_than_a_button(said: str | Content, asked: Asked | None) -> None:
    assert trivial(a_request(said, asked=asked, draft=DRAFT)) is None


def test_one_message_that_is_to_be_read_makes_the_turn_one() -> None:
    assert trivial(a_request("hi", "2 latte", draft=DRAFT)) is None
    assert trivial(a_request("hi", Tap(id="x", title="Yes"), draft=DRAFT)) is not None
