"""What a draft teaches about a customer's words."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from bot.domain.lessons import learnt_by_correction, learnt_by_order
from bot.domain.matching import match_mentions
from bot.domain.understanding import Act, Intent, OptionMention, Pick
from catalog import Certain, Index, Taught, Variant
from catalog.domain.learnt import Heard, Learnt, Lesson, Meaning
from orders import Draft, Unresolved
from tests.factories import NOON, a_draft, a_line, a_product
from tests.turns import INDEX, Chat, a_snapshot, says, wants


def words_of(chat: Chat) -> list[tuple[str | None, str]]:
    return [(line.words, line.product_id) for line in chat.snapshot.draft.lines]


def test_a_line_keeps_what_the_customer_called_it_unless_that_is_its_name() -> None:
    chat = Chat()
    chat.orders(
        wants("lattee"), wants("Chocolate Croissant"), wants("coffee with milk")
    )
    assert words_of(chat) == [("lattee", "latte"), (None, "croissant")]


def test_the_words_that_were_asked_about_are_what_the_answer_means() -> None:
    chat = Chat()
    chat.orders(wants("croissant"))
    chat.turn(says(Intent.CHOOSE, pick=Pick(number=1)))
    ((words, product_id),) = words_of(chat)
    assert words == "croissant"
    heard = learnt_by_order(chat.snapshot.draft, "ana")
    assert heard == (
        Heard("ana", "croissant", Meaning(product_id), Lesson.ORDER, None),
    )


def test_a_product_that_is_named_instead_of_an_answer_teaches_the_open_words() -> None:
    chat = Chat()
    chat.orders(wants("croissant"))
    chat.orders(wants("butter croissant"))
    assert words_of(chat) == [("croissant", "plain")]


def test_what_takes_a_lines_place_is_not_called_by_the_old_words() -> None:
    chat = Chat()
    chat.orders(wants("lattee"))
    chat.orders(wants("mocha", act=Act.REPLACE, replaces="lattee"))
    assert words_of(chat) == [(None, "mocha")]


def test_lines_that_nobody_called_anything_teach_nothing() -> None:
    assert learnt_by_order(a_draft(), "ana") == ()


CALLED = a_line(words="the usual")
OTHER = a_line(product_id="product_mocha", words="the usual")
OPEN = Unresolved(id="U2", text="the usual")


def drafted(*lines: Any, unresolved: tuple[Unresolved, ...] = ()) -> Draft:
    return a_draft(lines=lines, unresolved=unresolved)


@pytest.mark.parametrize(
    ("before", "after", "learnt"),
    [
        (drafted(CALLED), drafted(OTHER), [("the usual", "product_mocha", None)]),
        (
            drafted(CALLED),
            drafted(replace(CALLED, variant_id="variant_red")),
            [("the usual", "product_latte", "variant_red")],
        ),
        (drafted(CALLED), drafted(replace(CALLED, quantity=Decimal(5))), []),
        (drafted(a_line()), drafted(a_line(product_id="product_mocha")), []),
        (drafted(CALLED), drafted(), []),
        (
            drafted(),
            drafted(CALLED),
            [("the usual", "product_latte", None)],
        ),
        (
            drafted(unresolved=(OPEN,)),
            drafted(a_line()),
            [("the usual", "product_latte", None)],
        ),
        (drafted(unresolved=(OPEN,)), drafted(a_line(), unresolved=(OPEN,)), []),
        (
            drafted(unresolved=(OPEN,)),
            drafted(a_line(), a_line(id="L2", product_id="product_mocha")),
            [],
        ),
        (
            drafted(unresolved=(replace(OPEN, instead_of="Cake"),)),
            drafted(a_line()),
            [],
        ),
    ],
    ids=[
        "another product",
        "another variant",
        "only the quantity",
        "a line without words",
        "a line that goes",
        "a new line with words",
        "the only open words, settled",
        "open words that stay open",
        "two new lines: nobody knows which",
        "an offer for something sold out",
    ],
)
def test_an_agents_change_corrects_what_the_customer_meant(
    before: Draft, after: Draft, learnt: list[tuple[str, str, str | None]]
) -> None:
    heard = learnt_by_correction(before, after, "ana", "user:1")
    assert heard == tuple(
        Heard("ana", words, Meaning(product, variant), Lesson.CORRECTION, "user:1")
        for words, product, variant in learnt
    )


def test_what_is_learnt_gives_way_to_what_is_said_now() -> None:
    usual = Learnt(
        *("contact_1", "usual", "usual", Meaning("shirt", "variant_red")),
        *(Lesson.ORDER, 3, 3.0, NOON),
    )
    index = Taught(INDEX, [usual], now=NOON)
    chat = Chat(replace(a_snapshot(), index=index))
    chat.orders(wants("usual"))
    chat.orders(wants("usual", options=("blue",)))
    assert [line.variant_id for line in chat.snapshot.draft.lines] == [
        *("variant_red", "variant_blue"),
    ]


POLO = a_product(
    id="polo",
    sku="POLO",
    name="Polo 144",
    variants=tuple(
        Variant(
            f"{colour}-{size}",
            f"P-{colour}-{size}",
            f"{colour} {size}",
            {"colour": colour, "size": size},
        )
        for colour in ("red", "blue")
        for size in ("M", "L")
    ),
)
BLUE_TEA = a_product(id="tea", sku="TEA", name="Blue usual tea")


@pytest.mark.parametrize(
    ("wishes", "variant_id"),
    [
        ([], "red-M"),
        ([("extra hot", False)], "red-M"),
        ([("in blue", False)], "blue-M"),
        ([("L", False)], "red-L"),
        ([("blue", False), ("L", False)], "blue-L"),
        ([("red", True)], None),
        ([("red", True), ("L", False)], "blue-L"),
        ([("blue", True)], "red-M"),
    ],
    ids=[
        "nothing else",
        "a wish that is no variant",
        "another colour, the size stays",
        "another size, the colour stays",
        "another colour and size",
        "not that colour: which, is asked",
        "not that colour, and another size",
        "not a colour that was not meant",
    ],
)
def test_a_learnt_variant_is_the_one_that_fits_what_is_said(
    wishes: list[tuple[str, bool]], variant_id: str | None
) -> None:
    usual = Learnt(
        *("contact_1", "usual", "usual", Meaning("polo", "red-M")),
        *(Lesson.ORDER, 3, 3.0, NOON),
    )
    index = Taught(Index.build((POLO, BLUE_TEA)), [usual], now=NOON)
    options = tuple(OptionMention(text=text, negated=no) for text, no in wishes)
    meant = says(mentions=(wants("usual").model_copy(update={"options": options}),))
    match = match_mentions(meant, index)[0]
    assert isinstance(match, Certain)
    found = match.candidate
    assert (found.product_id, found.variant_id) == ("polo", variant_id)
    assert match.variant_required is (variant_id is None)
