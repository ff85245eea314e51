"""A summary in words: long ones, and names that run from right to left."""

import unicodedata
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.whatsapp_cloud import limits
from bot.domain.direction import END, ISOLATE, isolated
from bot.domain.fitting import width
from bot.domain.message import OutButtons, OutText
from bot.domain.understanding import Detail
from catalog import Index, Variant
from tests.factories import a_product
from tests.turns import Chat, a_snapshot, is_told, rendered, wants

ARABIC, HEBREW = "قهوة عربية", "בייגל"
READY = (
    is_told(Detail.NAME, "دانة"),
    is_told(Detail.ADDRESS, "شارع الزهور 12, دبي"),
)


def summary_of(*products: object, code: str = "en") -> list[str]:
    """Return the messages of a summary of two of each product."""
    index = Index.build(products)  # type: ignore[arg-type]  # products
    chat = Chat(a_snapshot(index=index, language=code))
    names = [product.name for product in index.products.values()]
    mentions = tuple(wants(name, 2) for name in names)
    decision = chat.orders(*mentions, details=READY, language=code)
    return [content.body for content in rendered(chat.snapshot, decision)]  # type: ignore[union-attr]  # texts and buttons


@pytest.mark.parametrize("code", ["en", "tr", "pt", "es", "ru"])
def test_names_from_right_to_left_leave_amounts_where_they_are(code: str) -> None:
    (said,) = summary_of(
        a_product(id="a", sku="A", name=ARABIC, price=Decimal("85.50")),
        a_product(id="b", sku="B", name="Latte", price=Decimal(60)),
        code=code,
    )
    coffee, latte = (row for row in said.splitlines() if row.startswith("•"))
    # The name is a thing of its own; number, sign and amount stand outside of it.
    assert coffee.startswith(f"• 2 \N{MULTIPLICATION SIGN} {ISOLATE}{ARABIC}{END}: ")
    assert ISOLATE not in latte
    assert all(shown_in_order(row) for row in said.splitlines())


def test_an_address_and_a_name_stay_together() -> None:
    (said,) = summary_of(a_product(id="a", sku="A", name="Latte"))
    assert f"Deliver to: {ISOLATE}شارع الزهور 12, دبي{END}" in said
    assert f"Name: {ISOLATE}دانة{END}" in said


def shown_in_order(row: str) -> bool:
    """Return whether nothing outside of isolates runs from right to left."""
    depth = 0
    for char in row:
        depth += (char == ISOLATE) - (char == END)
        strong = unicodedata.bidirectional(char) in {"R", "AL", "RLO", "RLE"}
        if strong and not depth:
            return False
    return depth == 0


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("Latte", "Latte"),
        ("Café 85,50 ₺", "Café 85,50 ₺"),
        (HEBREW, f"{ISOLATE}{HEBREW}{END}"),
        (
            f"2 \N{MULTIPLICATION SIGN} {HEBREW}",
            f"{ISOLATE}2 \N{MULTIPLICATION SIGN} {HEBREW}{END}",
        ),
        # A mark that would turn the amount after it around is left out.
        ("Latte\u202e", "Latte"),
        (f"\u202b{HEBREW}", f"{ISOLATE}{HEBREW}{END}"),
        ("Latte\u2067", "Latte"),
        ("\u2069\u2068Latte", "Latte"),
        # What is isolated already is not isolated again.
        (
            f"2 \N{MULTIPLICATION SIGN} {ISOLATE}{HEBREW}{END}",
            f"2 \N{MULTIPLICATION SIGN} {ISOLATE}{HEBREW}{END}",
        ),
    ],
)
def test_a_value_turns_nothing_around_it(value: str, shown: str) -> None:
    assert isolated(value) == shown


@given(
    st.text(st.sampled_from("a1 א ש\u2066\u2067\u2068\u2069\u202d\u202e"), max_size=9)
)
@settings(max_examples=150, deadline=None)
def test_isolating_leaves_nothing_open_and_twice_is_once(value: str) -> None:
    once = isolated(value)
    assert isolated(once) == once
    assert shown_in_order(once.replace("\u2066", ISOLATE).replace("\u2067", ISOLATE))


def test_a_long_order_fits_into_messages_with_every_line_once() -> None:
    products = [
        a_product(id=f"p{n}", sku=f"SKU{n}", name=f"Ceramic Tile Number {n} Blue")
        for n in range(100)
    ]
    index = Index.build(products)
    lines = [
        replace(_line(index, n), id=f"L{n}", quantity=Decimal(n + 1))
        for n in range(100)
    ]
    chat = Chat(a_snapshot(index=index))
    draft = replace(chat.snapshot.draft, lines=tuple(lines), next_line=101)
    chat.snapshot = replace(chat.snapshot, draft=draft)
    decision = chat.orders(wants("ceramic tile number 7 blue", 1), details=READY)
    *before, last = rendered(chat.snapshot, decision)
    assert isinstance(last, OutButtons)
    assert width(last.body) <= limits.INTERACTIVE_BODY.most
    assert all(isinstance(each, OutText) for each in before)
    assert all(width(each.body) <= limits.TEXT_BODY.most for each in before)  # type: ignore[union-attr]  # texts
    rows = [row for each in before for row in each.body.splitlines()]  # type: ignore[union-attr]  # texts
    for number in range(100):
        named = [row for row in rows if f"Number {number} Blue" in row]
        assert len(named) == 1, named
        assert named[0].startswith("• ")
    assert any("Total" in row for row in rows)


def _line(index: Index, number: int):  # type: ignore[no-untyped-def]  # noqa: ANN202
    chat = Chat(a_snapshot(index=index))
    chat.orders(wants(f"ceramic tile number {number} blue", 1))
    return chat.snapshot.draft.lines[0]


def test_many_forms_of_one_product_stand_together_under_its_name() -> None:
    forms = tuple(Variant(id=f"v{n}", sku=f"V{n}", name=f"size {n}") for n in range(12))
    shirt = a_product(id="shirt", sku="S", name="Work Shirt", variants=forms)
    tea = a_product(id="tea", sku="T", name="Tea")
    index = Index.build([shirt, tea])
    chat = Chat(a_snapshot(index=index))
    mentions = [wants("work shirt", 2, options=(f"size {n}",)) for n in range(11)]
    decision = chat.orders(*mentions[:5], wants("tea", 1), *mentions[5:], details=READY)
    said = "\n".join(each.body for each in rendered(chat.snapshot, decision))  # type: ignore[union-attr]  # texts
    assert said.count("Work Shirt") == 1
    head = said.index("*Work Shirt*")
    assert (
        head
        < said.index("• 2 \N{MULTIPLICATION SIGN} size 0:")
        < said.index("• 2 \N{MULTIPLICATION SIGN} size 10:")
    )
    assert said.index("• 2 \N{MULTIPLICATION SIGN} size 10:") < said.index(
        "• 1 \N{MULTIPLICATION SIGN} Tea:"
    )
