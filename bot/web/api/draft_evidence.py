"""Why a draft is as it is: the customer's words, what they may mean, who changed it."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import Field
from sqlalchemy import func, select

from bot.domain.found import FoundMatch, FoundProduct, load_found
from bot.domain.regions import Region
from bot.inbox.table import analysis, media, message
from bot.ordering import Desk, DraftGone, look
from bot.web.api.call import Call
from bot.web.api.draft_spots import Seen, seen_in, spots_of
from bot.web.api.draft_voices import HeardView, Voice, heard_in
from bot.web.api.drafts import endpoints as endpoints  # noqa: PLC0414  # more of it
from bot.web.api.models import Id, Moment, Money, Shown
from bot.web.api.problems import not_found
from bot.web.api.roles import ORDERING
from catalog.column import unindexed
from orders import Evidence, Line, Source, Unresolved

#: Of a file, which: `image`, `voice` ...
_KIND = func.coalesce(message.c.content["kind"].as_string(), message.c.kind).label(
    "kind"
)


class RegionView(Shown):
    """A part of a picture, in shares of its width and height as it stands upright."""

    left: float = Field(ge=0, le=1, examples=[0.25])
    top: float = Field(ge=0, le=1, examples=[0.1])
    width: float = Field(gt=0, le=1, examples=[0.5])
    height: float = Field(gt=0, le=1, examples=[0.4])

    @classmethod
    def of(cls, region: Region | None) -> "RegionView | None":
        """Return a region as the API shows it."""
        return None if region is None else cls(**region.model_dump())


class ProofView(Shown):
    """One thing that speaks for a line or a field."""

    source: Source
    message_id: str | None = Field(description="The message that it comes from.")
    kind: str | None = Field(
        description="Of that message: `text`, `image`, `voice` ...", examples=["text"]
    )
    quote: str | None = Field(description="The words, as they were written.")
    actor: str | None = Field(description="Who: contact, user or key.")
    at: Moment | None = Field(description="When that message was written.")
    region: RegionView | None = Field(
        None, description="Of a picture: where in it. null: somewhere in it."
    )
    heard: HeardView | None = Field(
        None, description="Of a voice note: when in it. null: somewhere in it."
    )


class CandidateView(Shown):
    """A product that the words may have meant."""

    product_id: str
    variant_id: str | None
    name: str
    price: Money | None = Field(description="As it was when the words were read.")
    probability: float = Field(description="That it is meant, from 0 to 1.")
    why: list[str] = Field(description="What fits.", examples=[["name"]])


class BasisView(Shown):
    """Why one line, open words or a field is there."""

    about: str = Field(
        description="Id of the line or of the open words; else the field's name.",
        examples=["L1"],
    )
    words: str | None = Field(description="What the customer called the product.")
    proofs: list[ProofView]
    candidates: list[CandidateView] = Field(description="The likeliest first.")


class DraftEvidenceView(Shown):
    """Why a draft is as it is."""

    version: int
    data: list[BasisView]


@endpoints.get("/v1/drafts/{draft_id}/evidence", roles=ORDERING)
async def read_draft_evidence(call: Call, draft_id: Id) -> DraftEvidenceView:
    """Read why a draft is as it is.

    For each line, open words and field: the words of the customer with their message,
    and for products all that the words may have meant, as the bot saw it then. Of what
    was seen in a picture, also where; of what was said in a voice note, also when.
    """
    try:
        desk = await look(call.connection, call.tenant_id, draft_id)
    except DraftGone:
        raise not_found("draft", draft_id) from None
    return DraftEvidenceView(
        version=desk.draft.version, data=await basis_of(call, desk)
    )


async def basis_of(call: Call, desk: Desk) -> list[BasisView]:
    """Return why each line, open words and field of a draft is there."""
    draft = desk.draft
    told = [evidence for _, evidence in draft.field_evidence]
    for line in draft.lines:
        told += line.evidence
    for words in draft.unresolved:
        told += words.evidence
    heard = await _heard(call, {each.ref for each in told if each.ref})
    found = [_of_line(line, heard) for line in draft.lines]
    found += [_of_open(each, heard, draft.currency) for each in draft.unresolved]
    found += [
        BasisView(
            about=name, words=None, proofs=[_proof(evidence, heard)], candidates=[]
        )
        for name, evidence in draft.field_evidence
    ]
    return _timed(found, heard)


@dataclass(frozen=True, slots=True)
class _Turn:
    """What was read in a turn."""

    matches: Sequence[tuple[str | None, FoundMatch]] = ()  #: With what was quoted.
    seen: Sequence[Seen] = ()  #: In pictures.


@dataclass(frozen=True, slots=True)
class _Heard:
    """A message, and what the catalog said to the words of its turn."""

    kind: str
    at: datetime
    matches: Sequence[tuple[str | None, FoundMatch]] = ()  #: With what was quoted.
    seen: Sequence[Seen] = ()  #: What its turn saw in pictures.
    voice: Voice | None = None  #: When it was said, where that is known.


async def _heard(call: Call, refs: Iterable[str]) -> Mapping[str, _Heard]:
    wanted = sorted(refs)
    if not wanted:
        return {}
    rows = await call.connection.execute(
        select(
            message.c.id,
            _KIND,
            message.c.sent_at,
            message.c.analysis_id,
            analysis.c.result,
            analysis.c.matches,
            media.c.reading,
        )
        .outerjoin(analysis, analysis.c.id == message.c.analysis_id)
        .outerjoin(media, media.c.message_id == message.c.id)
        .where(
            unindexed(message.c.tenant_id) == call.tenant_id, message.c.id.in_(wanted)
        )
    )
    turns: dict[str | None, _Turn] = {None: _Turn()}
    found = {}
    for row in rows:
        if row.analysis_id not in turns:
            turns[row.analysis_id] = _turn(row.result, row.matches)
        turn = turns[row.analysis_id]
        voice = Voice.of(row.reading, row.result)
        found[row.id] = _Heard(row.kind, row.sent_at, turn.matches, turn.seen, voice)
    return {**found, **await _pictures(call, turns.values(), found)}


async def _pictures(
    call: Call, turns: Iterable[_Turn], known: Collection[str]
) -> Mapping[str, _Heard]:
    """Return the messages with pictures that words in other messages were about."""
    shown = {each.spot.message_id for turn in turns for each in turn.seen}
    if not (wanted := sorted(shown - set(known))):
        return {}
    rows = await call.connection.execute(
        select(message.c.id, _KIND, message.c.sent_at).where(
            unindexed(message.c.tenant_id) == call.tenant_id, message.c.id.in_(wanted)
        )
    )
    return {row.id: _Heard(row.kind, row.sent_at) for row in rows}


def _timed(found: Sequence[BasisView], heard: Mapping[str, _Heard]) -> list[BasisView]:
    """Return bases with when the words of voice notes were said."""
    voices = {each: known.voice for each, known in heard.items() if known.voice}
    proofs = [proof for basis in found for proof in basis.proofs]
    moments = heard_in(voices, [(each.message_id, each.quote) for each in proofs])
    return [
        basis.model_copy(
            update={
                "proofs": [
                    proof.model_copy(update={"heard": next(moments)})
                    for proof in basis.proofs
                ]
            }
        )
        for basis in found
    ]


def _turn(result: Mapping[str, Any] | None, matches: object) -> _Turn:
    found = load_found(matches)
    return _Turn(tuple(_matches(result, found)), tuple(seen_in(result, found)))


def _matches(
    result: Mapping[str, Any] | None, found: Iterable[FoundMatch]
) -> Iterator[tuple[str | None, FoundMatch]]:
    mentions = (result or {}).get("mentions") or ()
    for each in found:
        if each.mention < len(mentions):
            quote = mentions[each.mention].get("quote") or {}
            yield quote.get("text"), each


def _of_line(line: Line, heard: Mapping[str, _Heard]) -> BasisView:
    match = next(_meant(line, heard), None)
    return BasisView(
        about=line.id,
        words=line.words or (match.text if match else None) or None,
        proofs=list(_proofs(line, heard)),
        candidates=[_candidate(each) for each in match.products] if match else [],
    )


def _meant(line: Line, heard: Mapping[str, _Heard]) -> Iterator[FoundMatch]:
    """Yield the mentions that a line may come from, the likeliest first."""
    for also_other_products in (False, True):
        for evidence in line.evidence:
            known = heard.get(evidence.ref or "")
            for quote, match in known.matches if known else ():
                is_said = evidence.quote is not None and quote == evidence.quote
                products = {each.product_id for each in match.products}
                if line.product_id in products or (also_other_products and is_said):
                    yield match


def _of_open(
    words: Unresolved, heard: Mapping[str, _Heard], currency: str
) -> BasisView:
    return BasisView(
        about=words.id,
        words=words.text,
        proofs=list(_proofs(words, heard)),
        candidates=[
            CandidateView(
                product_id=each.product_id,
                variant_id=each.variant_id,
                name=each.name,
                price=None
                if each.unit_price is None
                else Money.of_price(each.unit_price, currency),
                probability=each.probability,
                why=[],
            )
            for each in words.choices
        ],
    )


def _candidate(found: FoundProduct) -> CandidateView:
    price = found.price
    return CandidateView(
        product_id=found.product_id,
        variant_id=found.variant_id,
        name=found.name,
        price=None if price is None else Money.of_price(price, found.currency),
        probability=found.probability,
        why=list(found.why),
    )


def _proofs(
    about: Line | Unresolved, heard: Mapping[str, _Heard]
) -> Iterator[ProofView]:
    """Yield what speaks for it; before words the pictures that they are about."""
    shown = {each.ref for each in about.evidence}
    for evidence in about.evidence:
        known = heard.get(evidence.ref or "")
        spots = spots_of(about, evidence, known.seen if known else ())
        for ref in spots:
            if ref in heard and ref not in shown:
                shown.add(ref)
                yield _proof(Evidence(Source.MESSAGE, ref), heard, spots[ref])
        yield _proof(evidence, heard, spots.get(evidence.ref or ""))


def _proof(
    evidence: Evidence, heard: Mapping[str, _Heard], region: Region | None = None
) -> ProofView:
    known = heard.get(evidence.ref or "")
    return ProofView(
        source=evidence.source,
        message_id=evidence.ref if known else None,
        kind=known.kind if known else None,
        quote=evidence.quote,
        actor=evidence.actor,
        at=known.at if known else None,
        region=RegionView.of(region),
    )
