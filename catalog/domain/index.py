"""The frozen in-memory index of one tenant's catalog."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from catalog.domain.exact import Found, codes_in, retailer_keys
from catalog.domain.folding import tokens
from catalog.domain.language import LanguagePack
from catalog.domain.lexicon import Chatter
from catalog.domain.library import Library
from catalog.domain.matching import Ambiguous, Candidate, Certain, Match, Unknown
from catalog.domain.product import Product, Variant
from catalog.domain.query import MOST_TERMS, Query
from catalog.domain.ranking import Ranked, Ranking, ranking_of

#: At or above, the product is put on the draft without asking.
SURE = 0.8
#: The doubt that is left to a product named in part, of what one named in full has.
_PARTLY_NAMED = 0.07
#: The best of several must fit at least so well to be worth a question.
ASKABLE = 0.7
#: Products so many times less likely than the best (e to the) are not offered with it.
MARGIN = 2.5
#: A near miss is shown to a person from here on; another candidate of a sure match too.
NEAR = 0.02
#: A word that a product may have been meant by, for telling products from small talk.
KNOWN = 0.72
#: What an exact code, an exact name and an exact alias are worth.
_EXACT = {"name": 0.99, "alias": 0.98}
_EXACT_CODE = 0.999
#: A text is read so far: no name is longer, and a hostile one costs no more.
LONGEST_TEXT = 600


@dataclass(frozen=True, slots=True)
class Looked:
    """What a text means, and the products most like it, the likeliest first."""

    match: Match
    listed: tuple[Candidate, ...]


class Index:
    """A tenant's products, ready to be found. Immutable; `changed` gives a new one.

    Everything here is a pure function of the products and languages it was built of.
    """

    def __init__(self, library: Library, revision: int) -> None:
        self._library = library
        self.revision = revision
        self.products: Mapping[str, Product] = library.goods

    @classmethod
    def build(
        cls,
        products: Iterable[Product],
        languages: Sequence[LanguagePack] = (),
        *,
        revision: int = 0,
        chatter: Chatter | None = None,
    ) -> "Index":
        """Return an index of the products; inactive ones are kept but never found.

        `languages` are those that the tenant's customers write in, the likeliest
        first; `chatter` knows everyday words of others. `revision` is the catalog
        revision that the products were read at.
        """
        return cls(Library.of(products, languages, chatter), revision)

    def changed(
        self, products: Iterable[Product], removed: Iterable[str] = (), *, revision: int
    ) -> "Index":
        """Return an index with these products added or replaced, and those ids gone.

        It finds the same as one that is built anew; it costs as much as all products
        that were changed since the last build.
        """
        return Index(self._library.changed(products, removed), revision)

    @property
    def changes(self) -> int:
        """Return how many products were changed since the index was built."""
        return self._library.changes

    @property
    def nbytes(self) -> int:
        """Return roughly how much memory the index takes, its products included."""
        return self._library.nbytes

    @property
    def units(self) -> Mapping[str, str]:
        """Return what unit words, folded, stand for in this shop's languages."""
        return self._library.units

    @property
    def plain(self) -> "Index":
        """Return the index without what was learnt beside it."""
        return self

    @property
    def phrases(self) -> Mapping[str, str]:
        """Return what products are called beside their names, with their ids."""
        return {}

    def product(self, product_id: str) -> Product | None:
        """Return the product with that id, active or not, or None."""
        return self.products.get(product_id)

    def by_retailer_id(self, text: str) -> tuple[Product, Variant | None] | None:
        """Return the active product (and variant) with that SKU, external id or GTIN.

        This is the name that a product has in carts of a channel's catalog.
        """
        answers = map(self._library.by_retailer_id, retailer_keys(text))
        return next((answer for answer in answers if answer is not None), None)

    def find(self, text: str, *, limit: int = 5, sure: float = SURE) -> Match:
        """Return what a mention means: one product, a choice, or honestly nothing.

        At most `limit` products are offered, the likeliest first. `sure` is how likely
        a product must be to be taken without a question: the more a wrong product
        costs against one more question, the higher. Any text takes bounded work:
        nothing after its first `LONGEST_TEXT` letters is read.
        """
        head = text[:LONGEST_TEXT]
        query = self._library.query(head)
        exact = self._exactly(head, query)
        if len(exact) > 1:
            return Ambiguous(exact[:limit])
        ranking = ranking_of(query, self._library)
        return self._match(text, exact, ranking, limit, sure)

    def search(self, text: str, *, limit: int = 10) -> tuple[Candidate, ...]:
        """Return the products most like a text, the likeliest first, for a list.

        As with `find`, a text is read up to `LONGEST_TEXT` letters.
        """
        head = text[:LONGEST_TEXT]
        query = self._library.query(head)
        exact = self._exactly(head, query)
        return _listed(exact, ranking_of(query, self._library), limit)

    def look(self, text: str, *, limit: int = 10, sure: float = SURE) -> Looked:
        """Return both what `find` and what `search` say, in one go."""
        head = text[:LONGEST_TEXT]
        query = self._library.query(head)
        exact = self._exactly(head, query)
        ranking = ranking_of(query, self._library)
        listed = _listed(exact, ranking, limit)
        if len(exact) > 1:
            return Looked(Ambiguous(exact[:limit]), listed)
        return Looked(self._match(text, exact, ranking, limit, sure), listed)

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
        return all(self._library.describes(part, KNOWN) for part in parts)

    def categories(
        self, limit_names: int = 3
    ) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return each category with its first product names, the largest first.

        Products without a category come last, under an empty name.
        """
        names: defaultdict[str, list[str]] = defaultdict(list)
        for product in self._library.goods.each():
            if product.active:
                names[product.category or ""].append(product.name)
        order = sorted(names, key=lambda name: (name == "", -len(names[name]), name))
        return tuple((name, tuple(names[name][:limit_names])) for name in order)

    def _match(
        self,
        text: str,
        exact: Sequence[Candidate],
        ranking: Ranking,
        limit: int,
        sure: float,
    ) -> Match:
        if exact:
            return self._with_variant(exact[0], ranking)
        near = [each for each in ranking.ranked if each.caution >= NEAR][:limit]
        if near and _is_sure(near[0], sure):
            best, *others = map(ranking.candidate, near)
            return replace(self._with_variant(best, ranking), others=tuple(others))
        close = _close(ranking.ranked)
        if len(close) > 1:
            return Ambiguous(tuple(map(ranking.candidate, close[:limit])))
        return Unknown(text, tuple(map(ranking.candidate, near)))

    def _exactly(self, text: str, query: Query) -> tuple[Candidate, ...]:
        found = self._named_exactly(text, query)
        return tuple(
            Candidate(
                each.product_id,
                each.variant_id,
                _EXACT.get(each.why, _EXACT_CODE) / len(found),
                (each.why,),
                exact=True,
            )
            for each in found
        )

    def _named_exactly(self, text: str, query: Query) -> tuple[Found, ...]:
        library, words = self._library, tokens(text)
        whole, bare = "".join(words), "".join(library.without_fillers(words))
        for key in dict.fromkeys((whole, bare)):
            for look in (library.by_code, library.by_name, library.by_alias):
                if found := look(key):
                    return found
        codes = map(library.by_code, codes_in(words))
        found = next((found for found in codes if found), ())
        return tuple(each for each in found if library.fits(each.product_id, query))

    def _with_variant(self, candidate: Candidate, ranking: Ranking) -> Certain:
        """Return a sure product with the variant that the words name, if they do."""
        product = self.products[candidate.product_id]
        if candidate.variant_id is None and product.variants:
            variant_id = ranking.variant_of(product)
            if variant_id is None:
                return Certain(candidate, variant_required=True)
            candidate = replace(candidate, variant_id=variant_id)
        return Certain(candidate)


def _listed(
    exact: Sequence[Candidate], ranking: Ranking, limit: int
) -> tuple[Candidate, ...]:
    named = {candidate.product_id for candidate in exact}
    found = map(ranking.candidate, ranking.ranked[:limit])
    return (*exact, *(e for e in found if e.product_id not in named))[:limit]


def _is_sure(best: Ranked, sure: float) -> bool:
    """Return whether a product may be taken without a question.

    Where a part of its name is left unsaid, the unsaid may be what matters.
    """
    enough = sure if best.whole else 1 - (1 - sure) * _PARTLY_NAMED
    return best.clear and best.caution >= enough


def _close(ranked: Sequence[Ranked]) -> list[Ranked]:
    """Return the products that a question should offer."""
    if not ranked:
        return []
    least = ranked[0].score - MARGIN
    return [each for each in ranked if each.strength >= ASKABLE and each.score >= least]
