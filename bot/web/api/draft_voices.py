"""In which seconds of a voice note the words were said that a draft comes from."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from pydantic import BaseModel, Field, ValidationError

from bot.domain.speech import Moment, Timeline, moments_of
from bot.web.api.models import Shown


class HeardView(Shown):
    """When words were said, in seconds from the beginning of the voice note."""

    from_seconds: float = Field(ge=0, examples=[4.2])
    to_seconds: float = Field(ge=0, examples=[5.1])
    is_estimated: bool = Field(
        description="Nobody told when they were said: it follows from where they stand"
        " in the transcript."
    )

    @classmethod
    def of(cls, moment: Moment) -> Self:
        """Return a moment as the API shows it."""
        return cls(
            from_seconds=moment.from_seconds,
            to_seconds=moment.to_seconds,
            is_estimated=moment.is_estimated,
        )


class _Quote(BaseModel):
    text: str = ""


class _Mention(BaseModel):
    quote: _Quote | None = None


class _Reading(BaseModel):
    """Of a stored reading, what it quotes; all else may be as any version has it."""

    mentions: tuple[_Mention, ...] = ()


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice note that was written down, and what its turn quoted of it."""

    text: str
    timeline: Timeline
    told: Mapping[str, Sequence[Moment]]  #: By the quote, in the order of saying.

    @classmethod
    def of(cls, reading: Mapping[str, object] | None, result: object) -> Self | None:
        """Return the one of a stored file, with the stored reading of its turn.

        None: it is none, or nobody knows how long it plays.
        """
        text = (reading or {}).get("transcript")
        timeline = Timeline.load(reading or {})
        if not isinstance(text, str) or timeline is None:
            return None
        quotes = _quotes(result)
        told = defaultdict(list)
        for quote, moment in zip(
            quotes, moments_of(text, timeline, quotes), strict=True
        ):
            if moment is not None:
                told[quote].append(moment)
        return cls(text, timeline, told)

    def moment(self, quote: str, number: int) -> Moment | None:
        """Return when a quote was said that so many others were equal to before."""
        known = self.told.get(quote) or moments_of(self.text, self.timeline, [quote])
        return known[min(number, len(known) - 1)]


def _quotes(result: object) -> list[str]:
    try:
        mentions = _Reading.model_validate(result).mentions
    except ValidationError:
        return []
    return [each.quote.text if each.quote else "" for each in mentions]


def heard_in(
    voices: Mapping[str, Voice], proofs: Iterable[tuple[str | None, str | None]]
) -> Iterator[HeardView | None]:
    """Yield when the words of proofs were said: each its message and its quote.

    `voices`: by their message. When the same words speak for something again, they are
    the next ones of the voice note: proofs come in the order of the draft.
    """
    before: Counter[tuple[str, str]] = Counter()
    for message_id, quote in proofs:
        voice = voices.get(message_id or "")
        moment = None
        if voice is not None and message_id is not None and quote:
            moment = voice.moment(quote, before[message_id, quote])
            before[message_id, quote] += 1
        yield None if moment is None else HeardView.of(moment)
