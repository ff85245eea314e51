"""What a turn leaves behind: its analysis, its trace and the messages to send."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.commerce import Commerce, commerce_of, dump_commerce
from bot.domain.decision import Decision
from bot.domain.found import FoundMatch, dump_found, found_in
from bot.domain.message import Cart, Media, OutboundMessage
from bot.domain.phrasing import render
from bot.domain.quoting import subjects_of
from bot.domain.replies import OrderPlaced, Reply
from bot.domain.shelf import LineSeen, dump_seen, lines_seen
from bot.domain.snapshot import Snapshot, Tenant, TurnMessage
from bot.domain.ticking import ticked
from bot.domain.wording import Wording
from bot.reading.reader import Reading
from bot.runtime import Runtime
from bot.texts import wording_for
from bot.worker.before import before_of
from bot.worker.failing import POLICY
from bot.worker.judging import MediaFound, Outcome
from bot.worker.loading import Loaded
from bot.worker.skipping import why_skipped
from bot.worker.spending import spent_on, usage_of
from catalog import Match
from orders import Order, missing
from orders.domain.lifecycle import is_ended

#: However late it is, a reader has so many seconds.
_MOMENT = 1.0


class Trace:
    """What happened when, for people who want to see it."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self.started_at = clock()
        self.steps: list[dict[str, str]] = []
        self.note("claimed", at=self.started_at)

    def left_of(self, seconds: float) -> float:
        """Return what is left of a turn's time, and always a moment."""
        gone = (self._clock() - self.started_at).total_seconds()
        return max(_MOMENT, seconds - gone)

    def note(self, step: str, note: str = "", *, at: datetime | None = None) -> None:
        """Write down that a step is done."""
        moment = at or self._clock()
        self.steps.append({"step": step, "at": moment.isoformat(), "note": note})


def outcome_of(
    loaded: Loaded,
    snapshot: Snapshot,
    reading: Reading,
    decision: Decision,
    *,
    matches: Mapping[int, Match],
    media: Sequence[MediaFound],
    trace: Trace,
    runtime: Runtime,
) -> Outcome:
    """Return the whole turn, ready to be saved."""
    channel = runtime.channels[loaded.channel_kind]

    def say(order: Order | None) -> tuple[OutboundMessage, ...]:
        contents = render(
            [_as_stored(reply, order) for reply in decision.replies],
            snapshot=snapshot,
            decision=decision,
            wording=_wording(loaded.tenant, decision),
        )
        return tuple(
            part
            for content in contents
            for part in channel.parts(
                OutboundMessage(to=loaded.contact.address, content=content)
            )
        )

    now = runtime.clock()
    return Outcome(
        loaded=loaded,
        decision=decision,
        say=say,
        analysis=_analysis(
            loaded,
            reading,
            decision,
            found=found_in(snapshot, reading.understanding, matches),
            commerce=_commerce(snapshot, reading, decision),
            shelf=_shelf(snapshot, decision),
            media=media,
            trace=trace,
            analysis_id=runtime.new_id("anl"),
            now=now,
        ),
        draft_created=loaded.draft is None,
        about=subjects_of(decision.replies, snapshot.index),
        media=tuple(media),
    )


def _wording(tenant: Tenant, decision: Decision) -> Wording:
    return wording_for(decision.language, tenant.language, country=tenant.country)


def _as_stored(reply: Reply, order: Order | None) -> Reply:
    if not isinstance(reply, OrderPlaced) or order is None:
        return reply
    return replace(reply, order=order)


def _analysis(
    loaded: Loaded,
    reading: Reading,
    decision: Decision,
    *,
    found: tuple[FoundMatch, ...],
    commerce: Commerce,
    shelf: tuple[LineSeen, ...],
    media: Sequence[MediaFound],
    trace: Trace,
    analysis_id: str,
    now: datetime,
) -> dict[str, object]:
    understanding = reading.understanding
    skipped = why_skipped(loaded.messages, understanding, media)
    by_clock = all(ticked(message.content) for message in loaded.messages)
    trace.note("saved", at=now)
    return {
        "id": analysis_id,
        "tenant_id": loaded.claim.tenant_id,
        "conversation_id": loaded.claim.conversation_id,
        "from_seq": min(message.seq for message in loaded.messages),
        "to_seq": loaded.claim.seq,
        "status": "skipped" if skipped else "completed",
        "trigger": "clock" if by_clock else "auto",
        "provider": reading.provider,
        "model": reading.model,
        "source_type": _source_type(loaded.messages),
        "intent": understanding.intent,
        "confidence": understanding.confidence,
        "result": understanding.model_dump(mode="json"),
        "matches": dump_found(found),
        "commerce": dump_commerce(commerce),
        "shelf": dump_seen(shelf),
        "usage": _usage(loaded, reading, media),
        "trace": trace.steps,
        "before": before_of(loaded).model_dump(mode="json"),
        "draft_id": decision.draft.id,
        "draft_version": decision.draft.version,
        "attempts": loaded.claim.attempts,
        "max_attempts": POLICY.attempts,
        "error": skipped,
        "started_at": trace.started_at,
        "ended_at": now,
    }


def _commerce(snapshot: Snapshot, reading: Reading, decision: Decision) -> Commerce:
    """Return how far the order is after the turn."""
    draft = decision.draft
    products, there = snapshot.index.products, snapshot.available
    is_over = is_ended(draft.state)
    lacking = () if is_over else missing(draft, snapshot.shop, products, there)
    return commerce_of(
        draft,
        lacking,
        order=decision.order or snapshot.last_order,
        intents=reading.understanding.intents,
    )


def _shelf(snapshot: Snapshot, decision: Decision) -> tuple[LineSeen, ...]:
    return lines_seen(decision.draft, snapshot.index.products, snapshot.available)


def told_by(reading: Reading) -> str:
    """Return what was read, and why not by the reader that is asked first."""
    summary = reading.understanding.summary
    return f"{summary} ({reading.why})" if reading.why else summary


def _usage(
    loaded: Loaded, reading: Reading, media: Sequence[MediaFound]
) -> dict[str, object]:
    """Return what models took for a turn, with its attempts that came to nothing."""
    calls = (*reading.calls, *(call for found in media for call in found.calls))
    spent = (*loaded.spent, *spent_on(calls))
    if not spent:
        return dict(reading.usage)
    return {
        **usage_of(spent),
        "response_id": reading.response_id,
        "prompt": reading.prompt,
    }


def _source_type(messages: Sequence[TurnMessage]) -> str:
    """Return what the turn was made of, in Ticaret.pro's words."""
    kinds = {m.content.kind for m in messages if isinstance(m.content, Media)}
    if any(isinstance(m.content, Cart) for m in messages):
        return "order"
    if "image" in kinds:
        alone = all(
            isinstance(m.content, Media) and not m.content.caption for m in messages
        )
        return "image" if alone else "text_image"
    if kinds & {"voice", "audio"}:
        return "audio"
    if "document" in kinds:
        return "document"
    if any(m.content.type == "location" for m in messages):
        return "location"
    return "text"
