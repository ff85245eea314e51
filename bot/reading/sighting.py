"""What was found in a picture without a model: products, told by codes and pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain.regions import Region
from bot.domain.understanding import SeenProduct, Sight, Visual, VisualStatus
from bot.reading.codes import numbers_of
from catalog import Ambiguous, Candidate, Certain, Index, Match, Unknown


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing in a picture that is something we sell."""

    sight: Sight
    words: str = ""  #: The code by which it was told, as it stands in the picture.
    region: Region | None = None  #: Where in the picture it was told.


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a picture shows of what we sell. `searched`: there was what to compare."""

    things: tuple[Thing, ...] = ()
    codes: tuple[str, ...] = ()  #: All of them, also those that are not ours.
    searched: bool = False

    @property
    def is_settled(self) -> bool:
        """Return whether nobody need look at the picture any more."""
        return bool(self.things) and all(thing.sight.sure for thing in self.things)

    @property
    def status(self) -> VisualStatus:
        """Return what the catalog says to the picture."""
        if self.is_settled:
            return VisualStatus.HIGH_CONFIDENCE
        if self.things:
            return VisualStatus.AMBIGUOUS
        searched = self.searched or bool(self.codes)
        return VisualStatus.NO_MATCH if searched else VisualStatus.NOT_SEARCHED

    def visual(self, message: int, index: Index) -> Visual:
        """Return the sighting as a reader's `Visual` of that message."""
        names = dict.fromkeys(
            product.name
            for thing in self.things
            for seen in thing.sight.products
            if (product := index.product(seen.product_id)) is not None
        )
        return Visual(
            message=message,
            query=", ".join(names)[:500],
            status=self.status,
            candidate_count=len(names),
        )


def told_by_codes(
    codes: Mapping[str, Region | None],
    at: Mapping[str, Sequence[str]],
    index: Index,
) -> tuple[Thing, ...]:
    """Return the products that codes name, each product once.

    `codes`: where they are in the picture, by their texts;
    `at`: ids of the products whose page has the address that a code holds, by code.
    """
    things: dict[tuple[str, str | None], Thing] = {}
    for code, region in codes.items():
        for product_id, variant_id in _named(code, at.get(code, ()), index):
            seen = SeenProduct(
                product_id=product_id,
                variant_id=variant_id,
                probability=1.0,
                why="code",
            )
            sight = Sight(products=(seen,), sure=True)
            things.setdefault((product_id, variant_id), Thing(sight, code, region))
    return tuple(things.values())


def _named(
    code: str, pages: Sequence[str], index: Index
) -> Sequence[tuple[str, str | None]]:
    for number in numbers_of(code):
        found = index.by_retailer_id(number)
        if found is not None:
            product, variant = found
            return ((product.id, variant.id if variant else None),)
    # A page of several products tells none of them.
    return ((pages[0], None),) if len(pages) == 1 else ()


def told_by_picture(match: Match, region: Region | None = None) -> tuple[Thing, ...]:
    """Return the thing that a copy of a catalog's picture shows; none: it is none.

    `region`: where that copy lies in the picture.
    """
    match match:
        case Certain(candidate=candidate):
            return (Thing(_sight((candidate,), sure=True), region=region),)
        case Ambiguous(candidates=candidates):
            return (Thing(_sight(candidates, sure=False), region=region),)
        case Unknown(near=near) if near:
            return (Thing(_sight(near, sure=False), region=region),)
    return ()


def _sight(candidates: Sequence[Candidate], *, sure: bool) -> Sight:
    return Sight(
        products=tuple(
            SeenProduct(
                product_id=each.product_id,
                variant_id=each.variant_id,
                probability=min(each.probability, 1.0),
                why="picture",
            )
            for each in candidates
        ),
        sure=sure,
    )
