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
from catalog.domain.query import Query, query_of
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
from catalog.domain.weights import WEIGHTS

#: So many of the entries in front are compared letter by letter.
IN_FRONT = 10
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
        product = ranked.product
        variant_id = self.variant_of(product)
        why = tuple(self._reasons(ranked.row))
        return Candidate(product.id, variant_id, ranked.probability, why)

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
        words, fields = self.evidence.words[here], self.evidence.fields[here]
        terms = self.query.terms
        best = self.evidence.met[: len(terms), here].argmax(axis=1).tolist()
        quality = self.evidence.quality[:, row].tolist()
        for term, place, fits in zip(terms, best, quality, strict=True):
            if fits > 0:
                word = self.library.vocabulary.words[words[place]]
                kind = "name" if fields[place] <= LAST_OF_NAME else "attribute"
                yield kind if word == term.text else f"{kind}: {term.text} ~ {word}"


def ranking_of(text: str, library: Library) -> Ranking:
    """Return the products that a text may mean."""
    query = query_of(text, library.lexicon, library.vocabulary)
    places = promising(query, library.parts, library.vocabulary)
    if not len(places) or not query.terms:
        return Ranking(query, (), library, None)
    evidence = evidence_of(query, places, library.parts, library.vocabulary)
    rows = features_of(query, evidence, library.vocabulary)
    front = np.argsort(-(rows @ WEIGHTS), kind="stable")[:IN_FRONT]
    add_textual(rows, [int(row) for row in front], query, evidence, library.vocabulary)
    scores = np.round(rows[front] @ WEIGHTS, _DECIMALS)
    ranked = _ranked(front, scores, places, library, rows)
    return Ranking(query, ranked, library, evidence)


def _ranked(
    front: NDArray[np.int_],
    scores: NDArray[np.float64],
    places: Places,
    library: Library,
    rows: NDArray[np.float64],
) -> tuple[Ranked, ...]:
    """Return each product once, as its best title has it."""
    segments = [part.segment for part in library.parts]
    found = [
        (-score, int(segments[part].ties[entry]), row, part, entry)
        for score, row in zip(scores.tolist(), front.tolist(), strict=True)
        for part, entry in [(int(places.parts[row]), int(places.entries[row]))]
    ]
    best: dict[tuple[int, int], tuple[float, int]] = {}
    for score, _, row, part, entry in sorted(found):
        number = int(segments[part].products[entry])
        best.setdefault((part, number), (-score, row))
    shares = _probabilities([score for score, _ in best.values()])
    return tuple(
        Ranked(
            shelf=segments[part].shelf,
            number=number,
            row=row,
            score=score,
            probability=share,
            clear=is_clear(rows[row]),
            whole=is_whole(rows[row]),
        )
        for ((part, number), (score, row)), share in zip(
            best.items(), shares, strict=True
        )
    )


def _probabilities(scores: Sequence[float]) -> list[float]:
    """Return how likely each is meant, against all others and against nothing."""
    highest = max(0.0, *scores)
    shares = [exp(score - highest) for score in scores]
    total = exp(-highest) + sum(shares)
    return [share / total for share in shares]
