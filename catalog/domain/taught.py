"""An index with what a shop and one customer call things laid over it.

What was learnt is weighed against what the catalog says to the words. It never beats a
code, a name or an alias of the merchant: the catalog's own words mean what they say.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from catalog.domain.index import LONGEST_TEXT, SURE, Index, Looked
from catalog.domain.learnt import FADED, SHOP, Learnt, Lesson, Meaning, key_of
from catalog.domain.matching import Ambiguous, Candidate, Certain, Match, Unknown
from catalog.domain.product import Product, Variant

#: What a lesson has to outweigh, by what the catalog itself says to the words: where
#: it knows nothing one order is enough, against its own sure answer it takes more.
_DOUBT: Final[Mapping[type[Match], float]] = {
    Unknown: 0.2,
    Ambiguous: 0.85,
    Certain: 1.0,
}
#: Never as sure as a name or an alias of the merchant.
_MOST_SURE = 0.97
#: A phrase is taken as a whole once it counts for so much.
_WHOLE = 0.5
_WHY: Final[Mapping[tuple[bool, Lesson], str]] = {
    (False, Lesson.ORDER): "learnt: this customer's orders",
    (False, Lesson.CORRECTION): "learnt: an agent's correction for this customer",
    (False, Lesson.TOLD): "learnt: told by an agent for this customer",
    (True, Lesson.CUSTOMERS): "learnt: orders of several customers",
    (True, Lesson.CORRECTION): "learnt: an agent's correction for the shop",
    (True, Lesson.TOLD): "learnt: told by an agent for the shop",
}


@dataclass(frozen=True, slots=True)
class InPlay:
    """An alias that has a say in what some words mean."""

    alias: Learnt
    strength: float

    @property
    def why(self) -> str:
        """Return how it was learnt, and how often."""
        alias = self.alias
        told = _WHY.get((alias.owner == SHOP, alias.lesson), "learnt")
        return f"{told} ({alias.times})"


class Taught(Index):
    """An index that also knows what was learnt. It costs next to nothing to make.

    `aliases` are those of the customer and of the shop; where the customer has own
    words, the shop's do not count. `sure` is the shop's threshold: see `Index.find`.
    It is made for one turn, in which several ask what the same words mean: what was
    found is kept.
    """

    def __init__(
        self,
        index: Index,
        aliases: Iterable[Learnt] = (),
        *,
        now: datetime,
        fillers: Collection[str] = (),
        sure: float = SURE,
    ) -> None:
        self._index = index.plain
        self._fillers = fillers
        self._sure = sure
        self.revision = index.revision
        self.products = index.products
        self._said: dict[str, list[InPlay]] = {}
        self._found: dict[tuple[str, int, float], Match] = {}
        for alias in aliases:
            strength = alias.strength(now)
            if strength > FADED:
                self._said.setdefault(alias.key, []).append(InPlay(alias, strength))

    @property
    def sure(self) -> float:
        """Return the chance from which the shop takes a product without asking."""
        return self._sure

    # -- what is asked of the catalog alone -----------------------------------------

    @property
    def plain(self) -> Index:
        return self._index

    @property
    def changes(self) -> int:
        return self._index.changes

    @property
    def nbytes(self) -> int:
        return self._index.nbytes

    @property
    def units(self) -> Mapping[str, str]:
        return self._index.units

    def changed(
        self, products: Iterable[Product], removed: Iterable[str] = (), *, revision: int
    ) -> Index:
        return self._index.changed(products, removed, revision=revision)

    def product(self, product_id: str) -> Product | None:
        return self._index.product(product_id)

    def by_retailer_id(self, text: str) -> tuple[Product, Variant | None] | None:
        return self._index.by_retailer_id(text)

    def categories(
        self, limit_names: int = 3
    ) -> tuple[tuple[str, tuple[str, ...]], ...]:
        return self._index.categories(limit_names)

    # -- what was learnt besides ----------------------------------------------------

    @property
    def phrases(self) -> Mapping[str, str]:
        """Return the words that were learnt, with the id of what they mean most.

        It may not be sold any more: products are not looked at, that takes a while.
        """
        found = {}
        for said in self._said.values():
            best = max(_own(said), key=lambda each: each.strength)
            if best.strength >= _WHOLE:
                found[best.alias.words] = best.alias.meaning.product_id
        return found

    def in_play(self, text: str) -> tuple[InPlay, ...]:
        """Return the aliases that have a say in what a text means, strongest first."""
        if not self._said:
            return ()
        found = self._playing(key_of(text[:LONGEST_TEXT], self._fillers))
        return tuple(sorted(found, key=lambda each: -each.strength))

    def find(self, text: str, *, limit: int = 5, sure: float | None = None) -> Match:
        level = self._sure if sure is None else sure
        asked = (text, limit, level)
        if asked not in self._found:
            own = self._index.find(text, limit=limit, sure=level)
            self._found[asked] = self._laid_over(own, self.in_play(text), limit, level)
        return self._found[asked]

    def search(self, text: str, *, limit: int = 10) -> tuple[Candidate, ...]:
        own = self._index.search(text, limit=limit)
        return _led(own, self.in_play(text))[:limit]

    def look(self, text: str, *, limit: int = 10, sure: float | None = None) -> Looked:
        level = self._sure if sure is None else sure
        own = self._index.look(text, limit=limit, sure=level)
        plays = self.in_play(text)
        match = self._laid_over(own.match, plays, limit, level)
        return Looked(match, _led(own.listed, plays)[:limit])

    def knows(self, word: str) -> bool:
        return self._index.knows(word) or (
            bool(self._said) and key_of(word, self._fillers) in self._said
        )

    def _playing(self, key: str) -> Sequence[InPlay]:
        """Return what is known under a key and still sold: the customer's own first."""
        found = [each for each in self._said.get(key, ()) if self._sold(each.alias)]
        return _own(found)

    def _sold(self, alias: Learnt) -> bool:
        product = self.products.get(alias.meaning.product_id)
        variant_id = alias.meaning.variant_id
        if product is None or not product.active:
            return False
        return variant_id is None or product.variant(variant_id) is not None

    def _laid_over(
        self, own: Match, plays: Sequence[InPlay], limit: int, sure: float
    ) -> Match:
        plays = _allowed(own, plays)
        if not plays:
            return own
        if isinstance(own, Certain) and _means(plays[0], own.candidate):
            backed = replace(own.candidate, why=(plays[0].why, *own.candidate.why))
            return self._certain(self._formed(own, backed, plays, sure), own.others)
        found = [
            self._formed(own, each, plays, sure)
            for each in _weighed(own, plays)[:limit]
        ]
        best, *others = found
        if best.probability >= sure:
            return self._certain(best, tuple(others))
        if len(found) > 1 and not isinstance(own, Unknown):
            return Ambiguous(tuple(found))
        if len(plays) > 1:
            return Ambiguous(tuple(found[: len(plays)]))
        return Unknown(own.text if isinstance(own, Unknown) else "", tuple(found))

    def _formed(
        self, own: Match, found: Candidate, plays: Sequence[InPlay], sure: float
    ) -> Candidate:
        """Return a candidate in the variant that was learnt, if that is sure enough.

        Every variant may be meant until lessons tell; those that disagree, or a single
        old order for words that the catalog knows, leave the choice to the customer.
        """
        variants = self.products[found.product_id].variants
        mine = [each for each in plays if _means(each, found)]
        if found.variant_id is not None or not variants or not mine:
            return found
        total = sum(each.strength for each in mine)
        trust = total / (total + _DOUBT[type(own)])
        strengths: dict[str, float] = {}
        for each in mine:
            if variant_id := each.alias.meaning.variant_id:
                strengths[variant_id] = strengths.get(variant_id, 0) + each.strength
        best = max(strengths, key=lambda each: strengths[each], default=None)
        if best is None:
            return found
        chance = trust * strengths[best] / total + (1 - trust) / len(variants)
        return replace(found, variant_id=best) if chance >= sure else found

    def _certain(self, best: Candidate, others: tuple[Candidate, ...]) -> Certain:
        product = self.products[best.product_id]
        is_open = bool(product.variants) and best.variant_id is None
        return Certain(best, variant_required=is_open, others=others)


def _own(plays: Sequence[InPlay]) -> Sequence[InPlay]:
    """Return the customer's own, or else the shop's."""
    return [each for each in plays if each.alias.owner != SHOP] or plays


def _means(play: InPlay, what: Candidate | Meaning) -> bool:
    return play.alias.meaning.product_id == what.product_id


def _allowed(own: Match, plays: Sequence[InPlay]) -> Sequence[InPlay]:
    """Return the aliases that may say something: none against the catalog's own words.

    Of several products of exactly that name, they may tell which.
    """
    listed = candidates_of(own)
    if not listed or not listed[0].exact:
        return plays
    if isinstance(own, Certain):
        return ()
    named = {candidate.product_id for candidate in listed}
    return [each for each in plays if each.alias.meaning.product_id in named]


def _weighed(own: Match, plays: Sequence[InPlay]) -> list[Candidate]:
    """Return all candidates, the likeliest first: what was learnt against the rest."""
    total = sum(each.strength for each in plays)
    trust = total / (total + _DOUBT[type(own)])
    found = {
        each.product_id: replace(each, probability=(1 - trust) * each.probability)
        for each in reversed(candidates_of(own))
    }
    for each in plays:
        meaning = each.alias.meaning
        nothing = Candidate(meaning.product_id, None, 0.0)
        before = found.get(meaning.product_id, nothing)
        found[meaning.product_id] = replace(
            before,
            probability=min(
                before.probability + trust * each.strength / total, _MOST_SURE
            ),
            why=(each.why, *before.why),
        )
    return sorted(found.values(), key=lambda each: (-each.probability, each.product_id))


def _led(listed: Sequence[Candidate], plays: Sequence[InPlay]) -> tuple[Candidate, ...]:
    """Return a list with what was learnt in front, but behind what is named exactly."""
    exact = tuple(each for each in listed if each.exact)
    known = {each.product_id for each in exact}
    led: list[Candidate] = []
    for each in plays:
        meaning = each.alias.meaning
        if meaning.product_id in known:
            continue
        known.add(meaning.product_id)
        rest = (one for one in listed if one.product_id == meaning.product_id)
        known_as = {p.alias.meaning for p in plays if _means(p, each.alias.meaning)}
        variant_id = meaning.variant_id if len(known_as) == 1 else None
        mine = Candidate(meaning.product_id, variant_id, 0.0)
        led.append(replace(next(rest, mine), why=(each.why,)))
    return (*exact, *led, *(each for each in listed if each.product_id not in known))


def candidates_of(match: Match) -> tuple[Candidate, ...]:
    """Return all products of a match, the likeliest first."""
    match match:
        case Certain(candidate=candidate, others=others):
            return (candidate, *others)
        case Ambiguous(candidates=candidates):
            return candidates
        case Unknown(near=near):
            return near
