"""Fit what the features of a product are worth: `python -m catalog.fitting CATALOG...`.

Every catalog is a JSONL file of products with at least a `name`. A quarter of each is
kept out of the index, so that "we do not have it" is learnt as well; small samples of
it stand for small shops. What is printed goes into `catalog.domain.weights`.
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray

from catalog.domain.folding import fold
from catalog.domain.learning import Choice, learnt
from catalog.domain.library import Library
from catalog.domain.product import Product
from catalog.domain.query import query_of
from catalog.domain.ranking import in_front
from catalog.domain.retrieval import promising
from catalog.domain.scoring import Feature, evidence_of, features_of
from catalog.language import languages, load_chatter, load_language
from catalog.noise import Noise, Said

#: So many texts are written for a whole catalog, and for each of its small samples.
_TEXTS, _FEW_TEXTS = 900, 150
_SAMPLES = (30, 120, 600)
#: One product in so many is kept out, and one text in so many means one of those.
_KEPT_OUT, _ABSENT = 4, 3
#: What such a text weighs. Weights are learnt as if every ninth customer asked for what
#: is not there, so that it is learnt at all; probabilities as if one in 34 did.
_ABSENT_WEIGHT, _SELDOM_ABSENT = 0.12, 0.03
_OTHER_NAMES = 500


@dataclass(frozen=True, slots=True)
class _Shop:
    """A catalog in part: what is shown, what is kept out, and where words stand."""

    shown: Sequence[Product]
    held: Sequence[Product]
    library: Library
    having: Mapping[str, set[int]]

    @classmethod
    def of(cls, products: Sequence[Product], random: Random) -> "_Shop":
        shuffled = random.sample(products, len(products))
        cut = max(1, len(shuffled) // _KEPT_OUT)
        shown, held = shuffled[cut:], shuffled[:cut]
        having: defaultdict[str, set[int]] = defaultdict(set)
        for number, product in enumerate(shown):
            for word in fold(product.name).split():
                having[word].add(number)
        packs = [load_language(code) for code in languages()]
        library = Library.of(shown, packs, load_chatter())
        return cls(shown, held, library, having)

    def right(self, said: Said) -> set[int]:
        """Return the products that have every word that was meant."""
        sets = [self.having.get(word, set()) for word in said.kept]
        return set.intersection(*sorted(sets, key=len)) if sets else set()


def choices_of(products: Sequence[Product], texts: int, seed: int) -> Iterator[Choice]:
    """Yield texts about a catalog with the features of what they may mean."""
    random = Random(seed)  # noqa: S311 - noise, no secret
    shop = _Shop.of(products, random)
    lexicon = shop.library.lexicon
    talk = sorted(lexicon.fillers | lexicon.chatter)
    sample = random.sample(list(shop.shown), min(_OTHER_NAMES, len(shop.shown)))
    noise = Noise(talk, [word for each in sample for word in each.name.split()], seed)
    for number in range(texts):
        absent = number % _ABSENT == 0
        product = random.choice(shop.held if absent else shop.shown)
        choice = _choice(noise.say(product.name), shop)
        if choice is not None:
            rows, right = choice.rows, choice.right
            yield Choice(rows, right, _ABSENT_WEIGHT) if absent else choice


def _choice(said: Said, shop: _Shop) -> Choice | None:
    library = shop.library
    query = query_of(said.text, library.lexicon, library.vocabulary)
    places = promising(query, library.parts, library.vocabulary)
    if not len(places) or not query.terms:
        return None
    evidence = evidence_of(query, places)
    rows = features_of(query, evidence, library.vocabulary)
    front = in_front(rows, query, evidence, library)
    numbers = library.parts[0].segment.products[places.entries[0][front]]
    return Choice(rows[front], np.isin(numbers, list(shop.right(said))))


def scored(choice: Choice, worth: NDArray[np.float64]) -> Choice:
    """Return a choice with nothing but its scores, for making them probabilities."""
    scores = choice.rows @ worth
    weight = _SELDOM_ABSENT if choice.weight == _ABSENT_WEIGHT else choice.weight
    return Choice(np.column_stack([scores, np.ones(len(scores))]), choice.right, weight)


def read_products(path: Path) -> list[Product]:
    """Return the products of a JSONL file. Raises `ValueError` that names the line."""
    products = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            products.append(
                Product(
                    id=str(row.get("id", number)),
                    sku=str(row.get("sku", number)),
                    name=row["name"],
                    price=None,
                    currency="XXX",
                    brand=row.get("brand") or None,
                    category=row.get("category") or None,
                    attributes=row.get("attributes") or {},
                )
            )
        except (ValueError, KeyError, AttributeError) as error:
            raise ValueError(f"{path}, line {number}: no product: {error!r}") from error
    return products


def gathered(catalogs: Sequence[Sequence[Product]], texts: int) -> Iterator[Choice]:
    """Yield the choices of catalogs, each whole and in small samples."""
    for products in catalogs:
        yield from choices_of(products, texts, 1)
        for seed, size in enumerate(_SAMPLES):
            few = Random(seed).sample(products, min(size, len(products)))  # noqa: S311
            yield from choices_of(few, min(texts, _FEW_TEXTS), seed)


def main() -> int:
    """Print the table of weights."""
    parser = argparse.ArgumentParser(prog="python -m catalog.fitting")
    parser.add_argument("catalogs", nargs="+", type=Path, metavar="CATALOG.jsonl")
    parser.add_argument("--texts", type=int, default=_TEXTS)
    wanted = parser.parse_args()
    try:
        catalogs = [read_products(path) for path in wanted.catalogs]
        choices = list(gathered(catalogs, wanted.texts))
        worth = learnt(choices)
        sharpened, present = learnt([scored(choice, worth) for choice in choices])
    except (OSError, ValueError) as error:
        print(f"catalog.fitting: {error}", file=sys.stderr)  # noqa: T201 - a command
        return 1
    names = {value: name for name, value in vars(Feature).items() if name.isupper()}
    for number, value in enumerate(worth):
        print(f"    Feature.{names[number]}: {value:.3f},")  # noqa: T201 - a command
    print(f"SHARPENED, PRESENT = {sharpened:.2f}, {present:.2f}")  # noqa: T201 - a command
    return 0


if __name__ == "__main__":
    sys.exit(main())
