"""The products that a text may mean, the likeliest first, with reasons."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp

import numpy as np
from numpy.typing import NDArray

from catalog.domain.entry import LAST_OF_NAME, forms_of
from catalog.domain.forms import form_of
from catalog.domain.library import Library
from catalog.domain.matching import Candidate
from catalog.domain.product import Product
from catalog.domain.query import Query
from catalog.domain.retrieval import Places, promising
from catalog.domain.scoring import (
    Evidence,
    add_textual,
    evidence_of,
    features_of,
    is_clear,
    is_whole,
    words_at,
)
from catalog.domain.shelf import Shelf
from catalog.domain.weights import PRESENT, SHARPENED, WEIGHTS

#: So many entries lead; they are compared letter by letter.
IN_FRONT = 10
#: Letters cannot make up for so much.
_HOPELESS = 5.0
#: Scores are compared to so many decimals: sums may differ in the last bits.
_DECIMALS = 9


@dataclass(frozen=True, slots=True)
class Ranked:
    """A product and how well it answers a query."""

    shelf: Shelf
    number: int  #: Its place on the shelf.
    row: int  #: Of the evidence.
    score: float  #: How many times (e to the) likelier than that nothing is meant.
    probability: float  #: That this is meant, among all that may be.
    #: The same if every ninth customer asked for what the shop does not have: a wrong
    #: product costs more than a question.
    caution: float
    #: Every word was met, well enough; the product lacks none that others have.
    clear: bool
    whole: bool  #: Every word of its title was said.

    @property
    def product(self) -> Product:
        """Return the product, unpacked: that takes a while, so not all of them are."""
        return self.shelf.at(self.number)

    @property
    def strength(self) -> float:
        """Return how likely it were if the shop had nothing else."""
        return 1 / (1 + exp(-self.score))


@dataclass(frozen=True, slots=True)
class Ranking:
    """What a text may mean."""

    query: Query
    ranked: tuple[Ranked, ...]  #: The likeliest first, each product once.
    library: Library
    evidence: Evidence | None

    def candidate(self, ranked: Ranked) -> Candidate:
        """Return a product as an answer, with the variant that the words leave."""
        product_id, has_variants = ranked.shelf.label(ranked.number)
        variant_id = self.variant_of(ranked.product) if has_variants else None
        why = tuple(self._reasons(ranked.row))
        return Candidate(product_id, variant_id, ranked.probability, why)

    def variant_of(self, product: Product) -> str | None:
        """Return the id of the variant that the words leave, or None if several."""
        forms = forms_of(product, self.library.lexicon)
        form = form_of(forms, self.query, self.library.vocabulary) if forms else None
        return form.variant_id if form else None

    def _reasons(self, row: int) -> Iterator[str]:
        """Yield what spoke for a product, word by word."""
        if self.evidence is None:
            return
        here = words_at(row, self.evidence)
        numbers = self.evidence.words[here].tolist()
        fields = dict(zip(numbers, self.evidence.fields[here].tolist(), strict=True))
        quality = self.evidence.quality[:, row].tolist()
        words = self.library.vocabulary.words
        for term, fits in zip(self.query.terms, quality, strict=True):
            if fits > 0:
                met = (each for each, _ in term.meanings if each in fields)
                number = next(met, numbers[0])
                kind = "name" if fields[number] <= LAST_OF_NAME else "attribute"
                same = words[number] == term.text
                yield kind if same else f"{kind}: {term.text} ~ {words[number]}"


def ranking_of(query: Query, library: Library) -> Ranking:
    """Return the products that a query may mean."""
    places = promising(query, library.parts, library.vocabulary)
    if not len(places) or not query.terms:
        return Ranking(query, (), library, None)
    evidence = evidence_of(query, places)
    rows = features_of(query, evidence, library.vocabulary)
    front = in_front(rows, query, evidence, library)
    scores = np.round(rows[front] @ WEIGHTS, _DECIMALS)
    ranked = _ranked(front, scores, places, library, rows)
    return Ranking(query, ranked, library, evidence)


def in_front(
    rows: NDArray[np.float64], query: Query, evidence: Evidence, library: Library
) -> list[int]:
    """Return the rows that lead, and compare those letter by letter that may win."""
    scores = np.round(rows @ WEIGHTS, _DECIMALS)
    front: list[int] = np.argsort(-scores, kind="stable")[:IN_FRONT].tolist()
    least = scores[front[0]] - _HOPELESS
    hopeful = [row for row in front if scores[row] >= least]
    add_textual(rows, hopeful, query, evidence, library.vocabulary)
    return front


def _ranked(
    front: Sequence[int],
    scores: NDArray[np.float64],
    places: Places,
    library: Library,
    rows: NDArray[np.float64],
) -> tuple[Ranked, ...]:
    """Return each product once, as its best title has it."""
    titles = _titles(places)
    found = [
        (-score, titles[row], row)
        for score, row in zip(scores.tolist(), front, strict=True)
    ]
    best: dict[tuple[int, int], tuple[float, int]] = {}
    for score, (_, part, number), row in sorted(found):
        best.setdefault((part, number), (-score, row))
    reached = [score for score, _ in best.values()]
    cautious = _probabilities(reached)
    believed = _probabilities([SHARPENED * score + PRESENT for score in reached])
    return tuple(
        Ranked(
            shelf=library.parts[part].segment.shelf,
            number=number,
            row=row,
            score=score,
            probability=share,
            caution=caution,
            clear=is_clear(rows[row]),
            whole=is_whole(rows[row]),
        )
        for ((part, number), (score, row)), share, caution in zip(
            best.items(), believed, cautious, strict=True
        )
    )


def _titles(places: Places) -> list[tuple[int, int, int]]:
    """Return for each entry its tie, its part and its product's number there."""
    found: list[tuple[int, int, int]] = []
    for number, (part, entries) in enumerate(places.each()):
        ties = part.segment.ties[entries].tolist()
        products = part.segment.products[entries].tolist()
        found += zip(ties, [number] * len(ties), products, strict=True)
    return found


def _probabilities(scores: Sequence[float]) -> list[float]:
    """Return how likely each is meant, against all others and against nothing."""
    highest = max(0.0, *scores)
    shares = [exp(score - highest) for score in scores]
    total = exp(-highest) + sum(shares)
    return [share / total for share in shares]
