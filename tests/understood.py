"""What the rules reader understands, language by language: the data of a page of docs.

`python -m tests.understood` writes the page anew from `understood.yaml`.
"""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import yaml
from babel import Locale

from bot.domain.understanding import Intent, Understanding
from catalog import Index, OptionGroup, OptionValue
from tests.factories import a_product
from tests.readings import LANGUAGES, told

DATA = Path(__file__).with_suffix(".yaml")
PAGE = Path(__file__).parents[1] / "docs" / "rules-reader.md"
_HEAD = """# What the rules reader understands

Without OpenAI, over budget or during an outage, built-in rules read the customers. They
read English, Portuguese, Spanish, Russian and Turkish, also mixed in one chat, with or
without accents, and Russian in Latin letters. What follows are examples that the tests
read, in a shop that sells latte, tea, croissants, cheese, water and eggs.

The second column tells what is understood: the *intents* of the turn, what happens to
which product, and the facts about the order. `set` without a product is about the line
spoken of last, `+` and `-` are options wanted and not wanted, `#2` is the second choice
of a list. A time counts by the shop's clock; on these pages it is Sunday, 22 November
2026, 15:00.

This page is written from the tests' data: `python -m tests.understood`. A language is
two files of data, such as `catalog/languages/pt.toml` for the words that are understood
and `bot/texts/pt.toml` for what is said to customers.
"""

_MILK = OptionGroup(
    "milk",
    "Milk",
    (
        OptionValue(
            "oat",
            "Oat milk",
            aliases=(
                "leite de aveia",
                "leche de avena",
                "овсяное молоко",
                "yulaf sütü",
            ),
        ),
        OptionValue("soy", "Soy milk"),
    ),
)
_EXTRAS = OptionGroup(
    "extras",
    "Extras",
    (
        OptionValue(
            "sugar",
            "Sugar",
            aliases=("açúcar", "azúcar", "сахар", "şeker"),  # noqa: RUF001  Russian
        ),
        OptionValue("onion", "Onion", aliases=("cebola", "cebolla", "лук", "soğan")),
    ),
    maximum=2,
)
_SOLD: Mapping[str, tuple[str, ...]] = {
    "Latte": ("латте",),
    "Tea": ("chá", "té", "чай", "çay"),
    "Croissant": ("круассан", "cruasán", "kruvasan"),
    "White Cheese": ("queijo branco", "queso blanco", "брынза", "beyaz peynir"),
    "Water": ("água", "agua", "вода", "su"),
    "Eggs": ("ovos", "huevos", "яйца", "яйцо", "yumurta"),
}
SHOP = Index.build(
    [
        a_product(
            id=name.lower(),
            sku=name.upper(),
            name=name,
            aliases=aliases,
            **({"option_groups": (_MILK, _EXTRAS)} if name == "Latte" else {}),
            **({"unit": "kg", "step": Decimal("0.1")} if "Cheese" in name else {}),
        )
        for name, aliases in _SOLD.items()
    ],
    LANGUAGES,
)


def understood() -> Mapping[str, Mapping[str, str]]:
    """Return, for each language, what is said and what is understood by it."""
    loaded: Mapping[str, Mapping[str, str]] = yaml.safe_load(DATA.read_text("utf-8"))
    return loaded


def in_short(said: Understanding) -> str:
    """Return an understanding in one line."""
    parts = [" ".join(f"*{i.value}*" for i in said.intents if i is not Intent.OTHER)]
    if said.mentions:
        parts.append(f"`{told(said.mentions)}`")
    parts += [f"{each.detail.value} `{each.value}`" for each in said.details]
    if said.pick is not None and said.pick.number is not None:
        parts.append(f"`#{said.pick.number}`")
    return ", ".join(part for part in parts if part)


def page() -> str:
    """Return the page as it is written now."""
    sections = [_HEAD]
    for code, said in understood().items():
        rows = "\n".join(f"| {text} | {means} |" for text, means in said.items())
        name = Locale(code).get_display_name("en")
        sections.append(
            f"## {name}\n\n| what a customer writes | what is understood |\n"
            f"| --- | --- |\n{rows}\n"
        )
    return "\n".join(sections)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
