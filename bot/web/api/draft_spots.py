"""Which pictures speak for what is in a draft, and where in them it was seen."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.domain.found import FoundMatch
from bot.domain.regions import Region
from bot.domain.understanding import Quote, Spot
from orders import Evidence, Line, Unresolved


@dataclass(frozen=True, slots=True)
class Seen:
    """What a turn read of something in a picture."""

    quote: str | None  #: The words beside it.
    text: str  #: What it was looked up by.
    products: Sequence[tuple[str, str | None]]  #: It may be; the likeliest first.
    spot: Spot


class _Stored(BaseModel):
    """Of a stored mention, what it takes; older ones have no spot."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    text: str = ""
    quote: Quote | None = None
    spot: Spot | None = None


class _Reading(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    mentions: tuple[_Stored, ...] = ()


def seen_in(result: object, matches: Sequence[FoundMatch]) -> Iterator[Seen]:
    """Yield what a stored reading saw in pictures."""
    try:
        mentions = _Reading.model_validate(result or {}).mentions
    except ValidationError:
        return  # Another version wrote it.
    found = {each.mention: each.products for each in matches}
    for place, mention in enumerate(mentions):
        if mention.spot is not None:
            yield Seen(
                quote=(mention.quote.text if mention.quote else "") or None,
                text=mention.text,
                products=[(p.product_id, p.variant_id) for p in found.get(place, ())],
                spot=mention.spot,
            )


def spots_of(
    about: Line | Unresolved, evidence: Evidence, seen: Sequence[Seen]
) -> Mapping[str, Region | None]:
    """Return where something in a draft is to be seen, by the messages of pictures.

    `seen` is what the turn of its evidence saw. A region of None: somewhere in it.
    """
    quote = evidence.quote or None
    said = [each for each in seen if each.quote == quote]
    spots = [each.spot for each in _best(about, said)]
    # Of pictures with the same words (or none) each message speaks for its own.
    own = [each for each in spots if each.message_id == evidence.ref]
    return {each.message_id: each.region for each in reversed(own or spots)}


def _best(about: Line | Unresolved, said: Sequence[Seen]) -> Sequence[Seen]:
    """Return those of several things, of which the same words were said, that it is."""
    fits = [_fit(about, each) for each in said]
    most = max(fits, default=0)
    best = [each for each, fit in zip(said, fits, strict=True) if fit == most]
    # Whoever corrects a product still speaks of what was seen, if that was one thing.
    return best if most or len(best) == 1 else ()


def _fit(about: Line | Unresolved, seen: Seen) -> int:
    """Return how well something in a picture fits: 0 is not at all."""
    if isinstance(about, Line):
        product, variant = about.product_id, about.variant_id
    elif about.text != seen.text:
        return 0
    else:
        product, variant = next(
            ((each.product_id, each.variant_id) for each in about.choices), ("", None)
        )
    if not any(each == product for each, _ in seen.products):
        return 0 if isinstance(about, Line) else 1
    if seen.products[0] == (product, variant):
        return 4
    return 3 if seen.products[0][0] == product else 2
