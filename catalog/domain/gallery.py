"""The pictures of a catalog, ready to be searched for one that somebody sent."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from catalog.domain.matching import Ambiguous, Candidate, Certain, Match, Unknown
from catalog.domain.overlaying import likeness
from catalog.domain.prints import (
    VIEWS,
    Hashes,
    Print,
    hashes_of,
    is_blank,
    tiny_copy,
    views_of,
)
from catalog.domain.sampling import Pixels, Sums
from catalog.domain.views import WHOLE, Box, parts_of

#: From this likeness on it is the same picture, if none of another product is nearly
#: as much like it: by the margin. tests/catalog/domain/test_gallery.py measures both.
SAME, MARGIN = 0.93, 0.045
#: From here on it is worth a question.
ASKABLE = 0.9
#: So many pictures, the nearest by their hashes, are compared closely.
_COMPARED: Final = 14
#: ... as far as no other one is nearer by more bits than this.
_BITS_APART = 14
#: A picture of so many products is of none of them: "no picture yet".
_OWNERS = 8
_WHY = ("picture",)
#: So many products are offered when several look the same.
_CHOICES = 5
#: What Python takes for one picture, beside its bytes.
_OBJECTS = 400


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose picture it is: a product's, or one of its variants'."""

    product_id: str
    variant_id: str | None = None


@dataclass(frozen=True, slots=True)
class Alike:
    """A picture of the gallery that another one may show, all or a part of it."""

    key: str
    likeness: float  #: 0 to 1.
    #: Where in that one it lies; where it was cropped it reaches beyond the edges.
    box: Box = WHOLE


class Gallery:
    """The prints of one catalog's pictures by their keys. Immutable."""

    def __init__(self, prints: Mapping[str, Print]) -> None:
        self._keys = tuple(prints)
        self._kept = tuple((each.content, each.copy) for each in prints.values())
        hashes = [each.hashes for each in prints.values()]
        self._hashes: Hashes = np.array(hashes, np.uint64).reshape(len(hashes), VIEWS)

    def __len__(self) -> int:
        return len(self._keys)

    @property
    def nbytes(self) -> int:
        """Return roughly how much memory the gallery takes."""
        rest = sum(map(len, self._keys)) + sum(len(copy) for _, copy in self._kept)
        return self._hashes.nbytes + rest + _OBJECTS * len(self)

    def alike(self, pixels: Pixels) -> tuple[Alike, ...]:
        """Return the pictures that this one may be a copy of, the likeliest first.

        `pixels` are of a longer side of `catalog.domain.prints.LONGEST`.
        """
        if not self._keys or is_blank(pixels):
            return ()
        parts, sums = parts_of(pixels), Sums(pixels)
        seen = hashes_of(sums, parts)
        apart = np.bitwise_count(self._hashes[:, :, None] ^ seen)
        apart = apart.reshape(len(self), -1)
        nearest = apart.min(axis=1)
        count = min(_COMPARED, len(nearest))
        some = np.argpartition(nearest, count - 1)[:count]
        found = []
        for number in some[nearest[some] <= nearest.min() + _BITS_APART].tolist():
            content, copy = self._kept[number]
            view, part = divmod(int(apart[number].argmin()), len(parts))
            box = content.seen_from(views_of(content)[view]).within(parts[part])
            share = likeness(sums, box, tiny_copy(copy))
            if share >= ASKABLE - MARGIN:
                all_of_it = WHOLE.seen_from(content).within(box)
                found.append(Alike(self._keys[number], share, all_of_it))
        return tuple(sorted(found, key=lambda each: -each.likeness))


def shown_by(alike: Sequence[Alike], owners: Mapping[str, Sequence[Owner]]) -> Match:
    """Return the product that a picture shows, a choice, or honestly nothing.

    `owners` are those of the catalog's pictures by their keys. A probability is a
    likeness, 0 to 1; one product that is not sure is a near miss of `Unknown`. Without
    a variant, that is open. `alike` are the likeliest first.
    """
    best: dict[str, Candidate] = {}
    for each in alike:
        for candidate in _candidates(owners.get(each.key, ()), each.likeness):
            kept = best.setdefault(candidate.product_id, candidate)
            near = candidate.probability > kept.probability - MARGIN
            if near and candidate.variant_id != kept.variant_id:
                # Look-alikes of one product: which of them is a question.
                best[kept.product_id] = replace(kept, variant_id=None)
    ranked = sorted(best.values(), key=lambda each: -each.probability)
    if not ranked or ranked[0].probability < ASKABLE:
        return Unknown("")
    least = ranked[0].probability - MARGIN
    close = tuple(each for each in ranked if each.probability > least)
    if len(close) > _OWNERS:
        return Unknown("")
    if len(close) > 1:
        return Ambiguous(close[:_CHOICES])
    return Certain(close[0]) if close[0].probability >= SAME else Unknown("", close)


def _candidates(owners: Sequence[Owner], share: float) -> Iterator[Candidate]:
    """Yield each product of a picture, with its variant if it is of one alone."""
    variants: dict[str, list[str | None]] = {}
    for owner in owners:
        variants.setdefault(owner.product_id, []).append(owner.variant_id)
    if len(variants) > _OWNERS:
        return
    for product_id, of in variants.items():
        yield Candidate(product_id, of[0] if len(of) == 1 else None, share, _WHY)
