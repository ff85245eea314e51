"""What was understood of a message: its analysis, in our own words."""

from collections.abc import Mapping, Sequence

from pydantic import Field, JsonValue, ValidationError
from sqlalchemy import select

from bot.creating import MOST_ATTEMPTS
from bot.domain.analysis import AnalysisRecord, AnalysisStatus
from bot.domain.found import FoundMatch, Outcome, load_found
from bot.domain.understanding import (
    Act,
    Entities,
    Intent,
    Mention,
    Priority,
    Sentiment,
    Understanding,
    VisualAttributes,
    VisualStatus,
)
from bot.inbox.analyses import analysis_of
from bot.inbox.overview import find_messages
from bot.inbox.table import media, message
from bot.web.api.call import Call
from bot.web.api.draft_evidence import RegionView
from bot.web.api.draft_voices import HeardView, Voice, heard_in
from bot.web.api.endpoint import Endpoints
from bot.web.api.models import Exact, Id, Moment, Shown
from bot.web.api.problems import not_found
from bot.web.api.roles import CHATS

endpoints = Endpoints(
    "analyses", "What was read in a message, by whom, and what it cost."
)

_MICROS = 1_000_000


class MaybeView(Shown):
    """A product that some words may mean."""

    product_id: str
    variant_id: str | None
    name: str = Field(examples=["Latte"])
    probability: float = Field(ge=0, le=1, examples=[0.93])


class SpotView(Shown):
    """A picture that shows something, and where in it."""

    message_id: str = Field(description="The message that the picture came with.")
    region: RegionView | None = Field(description="null: somewhere in it.")


class SaidView(Shown):
    """A voice note in which words were said, and when."""

    message_id: str
    heard: HeardView


class MentionView(Shown):
    """Words that name a product, and what the catalog said to them."""

    text: str = Field(examples=["2 latte"])
    spot: SpotView | None = Field(None, description="Where it was seen in a picture.")
    said: SaidView | None = Field(None, description="When it was said, of voices.")
    act: Act
    quantity: Exact | None
    unit: str | None
    outcome: Outcome | None = Field(description="null: nothing was looked up.")
    products: list[MaybeView] = Field(description="The likeliest first.")


class NamedView(Shown):
    """A fact that was said: a name, an address ..."""

    detail: str = Field(examples=["address"])
    value: str


class SeenView(Shown):
    """What was seen in a picture."""

    description: str
    attributes: VisualAttributes
    status: VisualStatus
    warnings: list[str]


class ModelUseView(Shown):
    """What models took for it."""

    calls: int
    input_tokens: int
    output_tokens: int
    audio_seconds: float
    cost: str = Field(description="US dollars.", examples=["0.000412"])
    milliseconds: int


class AnalysisView(Shown):
    """The analysis of a message; the messages of one turn share it."""

    id: str | None = Field(description="null: it has not run yet.")
    status: AnalysisStatus
    reader: str | None = Field(
        description="Who read it: `rules`, `openai`.", examples=["rules"]
    )
    model: str | None
    source: str = Field(
        description="text, image, text_image, audio, document, location or order.",
        examples=["text"],
    )
    intents: list[Intent] = Field(description="The leading one first.")
    confidence: float | None
    sentiment: Sentiment | None
    priority: Priority | None
    summary: str
    suggested_reply: str | None = Field(description="Never sent by itself.")
    entities: Entities | None
    mentions: list[MentionView]
    details: list[NamedView]
    visual: list[SeenView]
    warnings: list[str]
    usage: ModelUseView | None = Field(description="null: no model was asked.")
    attempts: int
    error: str | None
    draft_id: str | None
    draft_version: int | None
    started_at: Moment
    ended_at: Moment | None


@endpoints.get("/v1/messages/{message_id}/analysis", roles=CHATS)
async def read_analysis(call: Call, message_id: Id) -> AnalysisView:
    """Read what was understood of a message.

    What the shop wrote has none, and what was put aside before it was read.
    """
    found = await find_messages(call.connection, call.tenant_id, [message_id])
    if not found:
        raise not_found("message", message_id)
    record = await analysis_of(
        call.connection,
        found[0],
        most_attempts=MOST_ATTEMPTS,
        now=call.now,
    )
    if record is None:
        raise not_found("analysis of message", message_id)
    return _analysis_view(record, await _voices(call, record))


async def _voices(call: Call, record: AnalysisRecord) -> Mapping[str, Voice]:
    """Return the voice notes that an analysis is about, by their messages."""
    if record.id is None or record.result is None:
        return {}
    rows = await call.connection.execute(
        select(message.c.id, media.c.reading)
        .join(media, media.c.message_id == message.c.id)
        .where(
            message.c.tenant_id == call.tenant_id, message.c.analysis_id == record.id
        )
        .order_by(message.c.seq)
    )
    found = {row.id: Voice.of(row.reading, record.result) for row in rows}
    return {each: voice for each, voice in found.items() if voice is not None}


def _analysis_view(record: AnalysisRecord, voices: Mapping[str, Voice]) -> AnalysisView:
    said = _understood(record.result)
    return AnalysisView(
        id=record.id,
        status=record.status,
        reader=record.provider,
        model=record.model,
        source=record.source_type,
        intents=list(said.intents) if said else [],
        confidence=record.confidence,
        sentiment=said.sentiment if said else None,
        priority=said.priority if said else None,
        summary=said.summary if said else "",
        suggested_reply=said.suggested_reply if said else None,
        entities=said.entities if said else None,
        mentions=_mentions(said, load_found(record.matches), voices) if said else [],
        details=_details(said) if said else [],
        visual=_seen(said) if said else [],
        warnings=list(said.warnings) if said else [],
        usage=_usage(record.usage or {}),
        attempts=record.attempts,
        error=record.error,
        draft_id=record.draft_id,
        draft_version=record.draft_version,
        started_at=record.created_at,
        ended_at=record.ended_at,
    )


def _understood(result: Mapping[str, JsonValue] | None) -> Understanding | None:
    """Return what was read; None: nothing yet, or another version wrote it."""
    try:
        return Understanding.model_validate(result) if result else None
    except ValidationError:
        return None


def _mentions(
    said: Understanding, found: tuple[FoundMatch, ...], voices: Mapping[str, Voice]
) -> list[MentionView]:
    matches = {each.mention: each for each in found}
    words = [_words(each) for each in said.mentions]
    heard = _said(words, voices)
    return [
        MentionView(
            text=words[place],
            spot=_spot(each),
            said=heard[place],
            act=each.act,
            quantity=each.quantity,
            unit=each.unit,
            outcome=matches[place].outcome if place in matches else None,
            products=_products(matches.get(place)),
        )
        for place, each in enumerate(said.mentions)
    ]


def _words(mention: Mention) -> str:
    return mention.quote.text if mention.quote else mention.text


def _spot(mention: Mention) -> SpotView | None:
    if mention.spot is None:
        return None
    region = RegionView.of(mention.spot.region)
    return SpotView(message_id=mention.spot.message_id, region=region)


def _said(
    quotes: Sequence[str], voices: Mapping[str, Voice]
) -> Sequence[SaidView | None]:
    """Return when each of these words was said: in the first note that has them."""
    notes = [
        next((name for name, voice in voices.items() if each in voice.text), None)
        for each in quotes
    ]
    heard = heard_in(voices, zip(notes, quotes, strict=True))
    return [
        None if name is None or when is None else SaidView(message_id=name, heard=when)
        for name, when in zip(notes, heard, strict=True)
    ]


def _products(match: FoundMatch | None) -> list[MaybeView]:
    return [
        MaybeView(
            product_id=each.product_id,
            variant_id=each.variant_id,
            name=each.name,
            probability=each.probability,
        )
        for each in (match.products if match else ())
    ]


def _details(said: Understanding) -> list[NamedView]:
    return [NamedView(detail=each.detail, value=each.value) for each in said.details]


def _seen(said: Understanding) -> list[SeenView]:
    return [
        SeenView(
            description=each.description,
            attributes=each.attributes,
            status=each.status,
            warnings=list(each.warnings),
        )
        for each in said.visual
    ]


def _usage(usage: Mapping[str, JsonValue]) -> ModelUseView | None:
    calls = usage.get("calls")
    if not isinstance(calls, list) or not calls:
        return None

    def total(name: str) -> float:
        given = (each.get(name) for each in calls if isinstance(each, dict))
        return sum(each for each in given if isinstance(each, int | float))

    return ModelUseView(
        calls=len(calls),
        input_tokens=int(total("input_tokens")),
        output_tokens=int(total("output_tokens")),
        audio_seconds=total("audio_seconds"),
        cost=f"{total('cost_micros') / _MICROS:.6f}",
        milliseconds=int(total("milliseconds")),
    )
