"""The frozen in-memory index of one tenant's catalog."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from heapq import nlargest
from itertools import pairwise
from types import MappingProxyType
from typing import NamedTuple

from catalog.domain.entry import Entry, entry_of
from catalog.domain.exact import ExactNames, Found
from catalog.domain.folding import tokens
from catalog.domain.language import LanguagePack
from catalog.domain.lexicon import Lexicon
from catalog.domain.matching import Ambiguous, Candidate, Certain, Match, Unknown
from catalog.domain.product import Product, Variant
from catalog.domain.query import MOST_TERMS, Query, query_of
from catalog.domain.scoring import Scored, form_of, probabilities, score
from catalog.domain.vocabulary import Vocabulary

#: At or above, the product is put on the draft without asking.
SURE = 0.8
#: The best of several must fit at least so well to be worth a question.
ASKABLE = 0.4
#: Products this much behind the best score are not offered with it.
MARGIN = 0.15
#: A near miss is shown to a person from here on; another candidate of a sure match too.
NEAR = 0.02
#: A word that a product may have been meant by, for telling products from small talk.
KNOWN = 0.72
#: What an exact code, an exact name and an exact alias are worth.
_EXACT = {"name": 0.99, "alias": 0.98}
_EXACT_CODE = 0.999
#: So many of the most promising products are compared in full.
_COMPARED = 60
#: Beyond the number asked for, only those that share so much of the best one's words.
_PROMISING = 0.7
#: A word shared by more products than this brings in only those with short names.
_POSTINGS = 4000
#: A text is read so far: no name is longer, and a hostile one costs no more.
LONGEST_TEXT = 600


class _Ranked(NamedTuple):
    scored: Scored
    probability: float


class Index:
    """A tenant's products, ready to be found. Immutable; build a new one to change it.

    Everything here is a pure function of the products and languages it was built of.
    """

    def __init__(
        self,
        products: Iterable[Product],
        languages: Sequence[LanguagePack],
        revision: int,
    ) -> None:
        self.products: Mapping[str, Product] = MappingProxyType(
            {product.id: product for product in products}
        )
        self.revision = revision
        active = [each for each in self.products.values() if each.active]
        lexicon = Lexicon.of(languages)
        entries = [entry_of(product, lexicon) for product in active]
        self._lexicon = replace(lexicon, fillers=lexicon.fillers - _telling(entries))
        self._entries = sorted(entries, key=lambda entry: entry.length)
        self._by_id = {entry.product.id: entry for entry in entries}
        self._exact = ExactNames(active)
        self._postings = _postings(self._entries)
        self._vocabulary = _vocabulary(self._entries, self._postings, lexicon)

    @classmethod
    def build(
        cls,
        products: Iterable[Product],
        languages: Sequence[LanguagePack] = (),
        *,
        revision: int = 0,
    ) -> "Index":
        """Return an index of the products; inactive ones are kept but never found.

        `languages` are those that the tenant's customers write in, the likeliest
        first; `revision` is the catalog revision that the products were read at.
        """
        return cls(products, languages, revision)

    @property
    def units(self) -> Mapping[str, str]:
        """Return what unit words, folded, stand for in this shop's languages."""
        return self._lexicon.units

    def product(self, product_id: str) -> Product | None:
        """Return the product with that id, active or not, or None."""
        return self.products.get(product_id)

    def by_retailer_id(self, text: str) -> tuple[Product, Variant | None] | None:
        """Return the active product (and variant) with that SKU, external id or GTIN.

        This is the name that a product has in carts of a channel's catalog.
        """
        return self._exact.by_retailer_id(text)

    def find(self, text: str, *, limit: int = 5) -> Match:
        """Return what a mention means: one product, a choice, or honestly nothing.

        At most `limit` products are offered, the likeliest first. Any text takes
        bounded work: nothing after its first `LONGEST_TEXT` letters is read.
        """
        head = text[:LONGEST_TEXT]
        exact = _candidates(self._exactly(head))
        if len(exact) > 1:
            return Ambiguous(exact[:limit])
        query = self._query(head)
        if exact:
            return self._with_variant(exact[0], query)
        ranked = self._ranked(query, limit)
        near = [each for each in ranked if each.probability >= NEAR][:limit]
        if near and near[0].probability >= SURE:
            best, *others = [_candidate(each, query) for each in near]
            return replace(self._with_variant(best, query), others=tuple(others))
        fitting = [each for each in ranked if each.scored.strength >= ASKABLE]
        best_score = max((each.scored.score for each in ranked), default=0.0)
        close = [each for each in fitting if each.scored.score >= best_score - MARGIN]
        if len(close) > 1:
            return Ambiguous(tuple(_candidate(each, query) for each in close[:limit]))
        return Unknown(text, tuple(_candidate(each, query) for each in near))

    def search(self, text: str, *, limit: int = 10) -> tuple[Candidate, ...]:
        """Return the products most like a text, the likeliest first, for a list.

        As with `find`, a text is read up to `LONGEST_TEXT` letters.
        """
        head = text[:LONGEST_TEXT]
        exact = _candidates(self._exactly(head))
        named = {candidate.product_id for candidate in exact}
        query = self._query(head)
        ranked = (_candidate(each, query) for each in self._ranked(query, limit))
        rest = (each for each in ranked if each.product_id not in named)
        return (*exact, *rest)[:limit]

    def knows(self, word: str) -> bool:
        """Return whether a word, or one much like it, describes any active product.

        It tells product words from small talk; fillers are never known. Neither is
        anything longer than `LONGEST_TEXT` letters or `MOST_TERMS` words.
        """
        if len(word) > LONGEST_TEXT:
            return False
        parts = tokens(word)
        if not 0 < len(parts) <= MOST_TERMS:
            return False
        return all(self._knows(part) for part in parts)

    def categories(
        self, limit_names: int = 3
    ) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return each category with its first product names, the largest first.

        Products without a category come last, under an empty name.
        """
        names: defaultdict[str, list[str]] = defaultdict(list)
        for product in self.products.values():
            if product.active:
                names[product.category or ""].append(product.name)
        order = sorted(names, key=lambda name: (name == "", -len(names[name]), name))
        return tuple((name, tuple(names[name][:limit_names])) for name in order)

    def _knows(self, word: str) -> bool:
        if word in self._lexicon.fillers:
            return False
        meanings = self._vocabulary.meanings(word)
        return bool(meanings) and meanings[0].quality >= KNOWN

    def _query(self, text: str) -> Query:
        return query_of(text, self._lexicon, self._vocabulary)

    def _exactly(self, text: str) -> tuple[Found, ...]:
        bare = " ".join(w for w in tokens(text) if w not in self._lexicon.fillers)
        return (
            self._exact.by_code(text)
            or self._exact.by_name(text)
            or self._exact.by_code(bare)
            or self._exact.by_name(bare)
            or self._exact.with_code(text)
        )

    def _with_variant(self, candidate: Candidate, query: Query) -> Certain:
        """Return a sure product with the variant that the words name, if they do."""
        entry = self._by_id[candidate.product_id]
        if candidate.variant_id is None and entry.forms:
            form = form_of(entry, query.terms)
            if form is None:
                return Certain(candidate, variant_required=True)
            candidate = replace(candidate, variant_id=form.variant_id)
        return Certain(candidate)

    def _ranked(self, query: Query, limit: int) -> list[_Ranked]:
        scored = [
            score(self._entries[place], query, self._vocabulary)
            for place in self._promising(query, limit)
        ]
        pairs = zip(scored, probabilities(scored), strict=True)
        ranked = [_Ranked(each, probability) for each, probability in pairs]
        return sorted(ranked, key=lambda each: (-each.probability, -each.scored.score))

    def _promising(self, query: Query, limit: int) -> list[int]:
        """Return the places of the products that share most with the query."""
        shares: defaultdict[int, float] = defaultdict(float)
        for term in query.terms:
            for meaning in term.meanings:
                share = term.weight * meaning.quality
                rarest = min((self._postings[word] for word in meaning.words), key=len)
                for place in rarest[:_POSTINGS]:
                    shares[place] += share
        best = nlargest(max(limit, _COMPARED), shares, key=shares.__getitem__)
        enough = _PROMISING * shares[best[0]] if best else 0.0
        return [
            place
            for rank, place in enumerate(best)
            if rank < limit or shares[place] >= enough
        ]


def _telling(entries: Iterable[Entry]) -> set[str]:
    """Return the words that are no fillers in this shop.

    They are a whole name ("su" is Turkish for water, and close to "this"), or tell two
    variants apart.
    """
    words = {word for e in entries for form in e.forms for word in form.every}
    return words | {title[0] for e in entries for title in e.titles if len(title) == 1}


def _postings(entries: Sequence[Entry]) -> dict[str, list[int]]:
    postings: defaultdict[str, list[int]] = defaultdict(list)
    for place, entry in enumerate(entries):
        for word in entry.worth:
            postings[word].append(place)
    return dict(postings)


def _vocabulary(
    entries: Sequence[Entry], postings: Mapping[str, list[int]], lexicon: Lexicon
) -> Vocabulary:
    joined = {
        first + second: (first, second)
        for entry in entries
        for title in entry.titles
        for first, second in pairwise(title)
    }
    frequencies = {word: len(places) for word, places in postings.items()}
    return Vocabulary(frequencies, joined, lexicon, len(entries))


def _candidate(ranked: _Ranked, query: Query) -> Candidate:
    entry = ranked.scored.entry
    form = form_of(entry, query.terms)
    variant_id = form.variant_id if form else None
    why = ranked.scored.why
    return Candidate(entry.product.id, variant_id, ranked.probability, why)


def _candidates(found: Sequence[Found]) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(
            each.product_id,
            each.variant_id,
            _EXACT.get(each.why, _EXACT_CODE) / len(found),
            (each.why,),
        )
        for each in found
    )
