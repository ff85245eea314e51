"""What a product's record says about it, as facts that can be pointed at and quoted.

A fact is a sentence of the description, an attribute, or a field such as the weight.
Its id holds as long as the record stays as it is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from catalog.domain.folding import fold
from catalog.domain.product import Product, Variant

#: Facts of one product, and letters of one fact: a quote is read on a phone.
MOST = 30
LONGEST = 300
_SENTENCE = re.compile(r"\.(?=\s+[^\s\d])|[!?…]+(?=\s+\S)|\n+")
#: Before a full stop that ends no sentence, as in "e.g. nuts"; folded.
_SHORTENED = frozenset(
    [
        "approx",
        "ca",
        "eg",
        "ie",
        "incl",
        "max",
        "min",
        "no",
        "nr",
        "orn",
        "tel",
        "vs",
        "yakl",
        "напр",
        "прим",
    ]
)
_ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact. `text` is verbatim, on one line; `label` is what the merchant calls it.

    `kind` is `sentence`, `attribute`, `brand`, `colour`, `material`, or, with an empty
    text and a number in `amounts`, `weight` (kilograms) or `dimensions` (centimetres:
    length, width, height).
    """

    id: str
    kind: str
    text: str = ""
    label: str = ""
    amounts: tuple[Decimal, ...] = ()


def facts_of(product: Product) -> tuple[Fact, ...]:
    """Return everything that can be quoted about a product, at most `MOST`."""
    return tuple(_facts(product))[:MOST]


def fact_of(product: Product, fact_id: str) -> Fact | None:
    """Return the fact with that id, or None when there is none."""
    return next((fact for fact in facts_of(product) if fact.id == fact_id), None)


def sentences_of(text: str) -> tuple[str, ...]:
    """Return the sentences of a description, each on one line."""
    found: list[str] = []
    start = 0
    for match in _SENTENCE.finditer(text):
        if match[0] == "." and not _ends(text, match.start()):
            continue
        found.append(text[start : match.end()])
        start = match.end()
    found.append(text[start:])
    return tuple(line for each in found if (line := " ".join(each.split())))


def _ends(text: str, dot: int) -> bool:
    """Return whether a full stop ends a sentence."""
    following = text[dot + 1 :].lstrip()[:1]
    before = text[:dot].split()[-1:]
    word = fold(before[0].replace(".", "")) if before else ""
    return not following.islower() and word not in _SHORTENED


def _facts(product: Product) -> Iterator[Fact]:
    for kind in ("brand", "colour", "material"):
        if text := _line(getattr(product, kind) or ""):
            yield Fact(kind, kind, text)
    if product.weight_kg:
        yield Fact("weight", "weight", amounts=(product.weight_kg,))
    sides = (product.length_cm, product.width_cm, product.height_cm)
    if measured := tuple(side for side in sides if side):
        yield Fact("dimensions", "dimensions", amounts=measured)
    for name, value in product.attributes.items():
        if text := _line(value):
            yield Fact(f"attribute:{name}", "attribute", text, _line(name))
    for place, sentence in enumerate(sentences_of(product.description), start=1):
        yield Fact(f"sentence:{place}", "sentence", _line(sentence))


def forms_of(product: Product) -> tuple[str, ...]:
    """Return the names of what a product comes in: its variants, then its options."""
    values = (value.name for group in product.option_groups for value in group.values)
    return (*(variant.name for variant in product.variants), *values)


def picture_of(product: Product, variant: Variant | None) -> str | None:
    """Return the link of a picture that anybody may load, or None."""
    for image in (variant.image if variant else None, product.image):
        if image and image.startswith("https://") and " " not in image:
            return image
    return None


def _line(text: str) -> str:
    """Return a text on one line, cut where it is too long to be quoted."""
    line = " ".join(text.split())
    if len(line) <= LONGEST:
        return line
    return f"{line[: LONGEST - 1].rsplit(' ', 1)[0]}{_ELLIPSIS}"
