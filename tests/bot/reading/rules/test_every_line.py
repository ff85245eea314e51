"""What is said of all lines at once, of one for the other, of some of a kind."""

import pytest

from bot.domain.snapshot import Asked
from bot.domain.understanding import Pick
from bot.reading.rules.reader import understand
from catalog import Index
from orders import Draft, Field
from tests.factories import a_draft, a_line, a_product
from tests.readings import LANGUAGES, a_draft_of, a_request, told
from tests.understood import SHOP

#: Two lattes, a tea and four croissants.
DRAFT = a_draft(
    lines=(
        a_line(id="L1", product_id="latte", name="Latte"),
        a_line(id="L2", product_id="tea", sku="TEA", name="Tea", quantity=1),
        a_line(id="L3", product_id="croissant", sku="CRO", name="Croissant"),
    ),
    next_line=4,
)

EVERY_LINE = [
    ("en", "both with oat milk", "set #1 +oat milk"),
    ("en", "all of them with oat milk please", "set #1 +oat milk"),
    ("en", "two of each", "set #1 2; set #2 2; set #3 2"),
    ("en", "make them 2 each", "set #1 2; set #2 2; set #3 2"),
    ("en", "all of them except the tea", "remove #2"),
    ("en", "remove everything except the tea", "remove #1; remove #3"),
    ("en", "keep only the tea", "remove #1; remove #3"),
    ("en", "everything but the tea", "remove #2"),
    ("tr", "hepsi yulaf sütlü olsun", "set #1 +yulaf sütlü"),
    ("tr", "çay hariç hepsini çıkar", "remove #1; remove #3"),
    ("tr", "sadece çay kalsın", "remove #1; remove #3"),
    ("tr", "her birinden 2 tane", "set #1 2; set #2 2; set #3 2"),
    ("es", "los dos con leche de avena", "set #1 +leche de avena"),
    ("es", "todos menos el té", "remove #2"),
    ("es", "quita todo menos el té", "remove #1; remove #3"),
    ("pt", "os dois com leite de aveia", "set #1 +leite de aveia"),
    ("pt", "tudo menos o chá", "remove #2"),
    ("pt", "tira tudo menos o chá", "remove #1; remove #3"),
    ("ru", "оба с овсяным молоком", "set #1 +овсяным молоком"),  # noqa: RUF001  Russian
    ("ru", "все кроме чая", "remove #2"),
    ("ru", "уберите всё кроме чая", "remove #1; remove #3"),
]


def heard(text: str, code: str, draft: Draft = DRAFT, index: Index = SHOP) -> str:
    said = understand(a_request(text, language=code, index=index, draft=draft))
    return told(said.mentions)


@pytest.mark.parametrize(("code", "text", "means"), EVERY_LINE)
def test_what_is_said_of_every_line_is_told_line_by_line(
    code: str, text: str, means: str
) -> None:
    assert heard(text, code) == means


TWO = a_draft(lines=DRAFT.lines[:2], next_line=3)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("en", "swap them"),
        ("en", "no, the other way round"),
        ("tr", "tam tersi"),
        ("es", "al revés"),
        ("pt", "ao contrário"),
        ("ru", "наоборот"),
    ],
)
def test_two_lines_are_swapped_and_of_three_it_is_asked(code: str, text: str) -> None:
    assert heard(text, code, TWO) == "set #1 1; set #2 2"
    said = understand(a_request(text, language=code, index=SHOP, draft=DRAFT))
    assert told(said.mentions) == ""
    assert [intent.value for intent in said.intents] == ["change"]


def test_words_about_everything_order_nothing_in_an_empty_draft() -> None:
    empty = a_draft(lines=(), next_line=1)
    assert heard("all of them except the tea", "en", empty) == "add tea"
    assert heard("swap them", "en", empty) == ""


def test_an_everything_that_is_sold_is_ordered() -> None:
    bagels = Index.build([a_product(id="eb", sku="EB", name="Everything Bagel")])
    assert heard("2 everything bagels", "en", index=bagels).startswith("add 2")


KINDS = Index.build(
    [
        a_product(id="adana", sku="AD", name="Adana Dürüm"),
        a_product(id="tavuk", sku="TD", name="Tavuk Dürüm"),
        a_product(id="ayran", sku="AY", name="Ayran"),
    ],
    LANGUAGES,
)


@pytest.mark.parametrize(
    ("code", "text", "means"),
    [
        (
            "tr",
            "3 dürüm ikisi adana biri tavuk",
            "add 2 adana dürüm; add 1 tavuk dürüm",
        ),
        (
            "tr",
            "3 dürüm, ikisi adana biri tavuk, bir de ayran",
            "add 2 adana dürüm; add 1 tavuk dürüm; add ayran",
        ),
        (
            "en",
            "3 dürüm, two adana and one tavuk",
            "add 2 adana dürüm; add 1 tavuk dürüm",
        ),
        ("en", "3 dürüm, two adana", "add 1 dürüm; add 2 adana dürüm"),
    ],
)
def test_some_of_a_kind_are_of_that_kind(code: str, text: str, means: str) -> None:
    assert heard(text, code, a_draft(lines=(), next_line=1), KINDS) == means


SHIRT = a_draft_of("t-shirt")
ASKED = Asked(
    field=Field.VARIANT,
    choices=("tshirt_red_m", "tshirt_red_l", "tshirt_blue_m"),
    about="L1",
)


@pytest.mark.parametrize(
    ("text", "pick"),
    [
        ("not the red one", Pick(text="red", refused=True)),
        ("not red", Pick(text="red", refused=True)),
        ("not the first one", Pick(number=1, refused=True)),
        ("the red one", Pick(text="red")),
        ("not the red one, the blue", Pick(text="blue")),
    ],
)
def test_a_choice_may_be_refused(text: str, pick: Pick) -> None:
    said = understand(a_request(text, draft=SHIRT, asked=ASKED))
    assert said.pick == pick
    assert said.mentions == ()


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("the blue one instead", "blue"),
        ("sorry, the blue", "blue"),
        ("not the red one, the blue", "blue / m"),
    ],
)
def test_another_form_is_of_the_line_that_there_is(text: str, form: str) -> None:
    red = a_line(product_id="t-shirt", name="T-Shirt", variant_id="tshirt_red_m")
    said = understand(a_request(text, draft=a_draft(lines=(red,))))
    assert told(said.mentions) == f"set +{form}"
