"""Why a draft is as it is: the customer's words, what they may mean, who changed it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import Field
from sqlalchemy import select

from bot.domain.found import FoundMatch, FoundProduct, load_found
from bot.inbox.table import analysis, message
from bot.ordering import Desk, DraftGone, look
from bot.web.api.call import Call
from bot.web.api.drafts import endpoints as endpoints  # noqa: PLC0414  # more of it
from bot.web.api.models import Id, Moment, Money, Shown
from bot.web.api.problems import not_found
from bot.web.api.roles import ORDERING
from orders import Evidence, Line, Source, Unresolved


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
    and for products all that the words may have meant, as the bot saw it then.
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
    return found


@dataclass(frozen=True, slots=True)
class _Heard:
    """A message, and what the catalog said to the words of its turn."""

    kind: str
    at: datetime
    matches: Sequence[tuple[str | None, FoundMatch]]  #: With what was quoted.


async def _heard(call: Call, refs: Iterable[str]) -> Mapping[str, _Heard]:
    wanted = sorted(refs)
    if not wanted:
        return {}
    rows = await call.connection.execute(
        select(
            message.c.id,
            message.c.kind,
            message.c.sent_at,
            message.c.analysis_id,
            analysis.c.result,
            analysis.c.matches,
        )
        .outerjoin(analysis, analysis.c.id == message.c.analysis_id)
        .where(message.c.tenant_id == call.tenant_id, message.c.id.in_(wanted))
    )
    turns: dict[str | None, Sequence[tuple[str | None, FoundMatch]]] = {None: ()}
    found = {}
    for row in rows:
        if row.analysis_id not in turns:
            turns[row.analysis_id] = tuple(_matches(row.result, row.matches))
        found[row.id] = _Heard(row.kind, row.sent_at, turns[row.analysis_id])
    return found


def _matches(
    result: Mapping[str, Any] | None, matches: object
) -> Iterator[tuple[str | None, FoundMatch]]:
    mentions = (result or {}).get("mentions") or ()
    for each in load_found(matches):
        if each.mention < len(mentions):
            quote = mentions[each.mention].get("quote") or {}
            yield quote.get("text"), each


def _of_line(line: Line, heard: Mapping[str, _Heard]) -> BasisView:
    match = next(_meant(line, heard), None)
    return BasisView(
        about=line.id,
        words=line.words or (match.text if match else None) or None,
        proofs=[_proof(each, heard) for each in line.evidence],
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
        proofs=[_proof(each, heard) for each in words.evidence],
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


def _proof(evidence: Evidence, heard: Mapping[str, _Heard]) -> ProofView:
    known = heard.get(evidence.ref or "")
    return ProofView(
        source=evidence.source,
        message_id=evidence.ref if known else None,
        kind=known.kind if known else None,
        quote=evidence.quote,
        actor=evidence.actor,
        at=known.at if known else None,
    )
