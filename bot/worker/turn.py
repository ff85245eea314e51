"""One turn, from claim to commit. Read this file first.

The steps are those of docs/architecture.md. Nothing here holds a transaction open:
loading is one short read, saving one short write, and everything slow is in between.
"""

from collections.abc import Sequence
from typing import Protocol

from bot.db.claims import Claim
from bot.domain.decide import decide, match_mentions
from bot.reading.choosing import read
from bot.reading.pointing import pictured
from bot.reading.reader import Call
from bot.reading.tongues import in_language
from bot.runtime import Runtime
from bot.worker.alerting import alert
from bot.worker.gathering import current_index, reading_request, snapshot_of
from bot.worker.judging import MediaFound, Outcome
from bot.worker.loading import Loaded
from bot.worker.looking_back import with_ends, with_past
from bot.worker.perceiving import perceive
from bot.worker.recording import Trace, outcome_of, told_by
from bot.worker.saving import Saved
from bot.worker.sensing import with_seen


class Batches(Protocol):
    """Loads and saves turns, many with one statement, and shows that we are at it."""

    async def load(self, claim: Claim) -> Loaded: ...

    def show(self, loaded: Loaded) -> None: ...

    async def save(self, outcome: Outcome) -> Saved: ...

    async def dismiss(self, claim: Claim) -> None: ...

    def spend(self, claim: Claim, calls: Sequence[Call]) -> None:
        """Note what models took, in case the turn does not come to its end."""
        ...


async def handle(claim: Claim, runtime: Runtime, batches: Batches) -> Saved | None:
    """Handle one claimed conversation; None when it had nothing to do."""
    trace = Trace(runtime.clock)
    loaded = await batches.load(claim)
    if not loaded.messages:
        await batches.dismiss(claim)
        return None
    batches.show(loaded)
    index = await current_index(loaded, runtime)
    media = await perceive(loaded, index, runtime)
    batches.spend(claim, [call for found in media for call in found.calls])
    trace.note("perceived", _counted(loaded, media))

    snapshot = snapshot_of(loaded, index, media, runtime)
    request = reading_request(loaded, snapshot, media)
    reading = await read(
        runtime.readers,
        request,
        budget=trace.left_of(runtime.settings.turn_budget_seconds),
        count=runtime.metrics.count_reading,
    )
    batches.spend(claim, reading.calls)
    reading = await in_language(reading, request)
    # What a model saw is kept with the file; what else pictures show is told anew.
    media = with_seen(media, snapshot, reading.understanding.visual)
    reading = pictured(reading, request)
    trace.note("read", told_by(reading))

    matches = match_mentions(reading.understanding, index)
    trace.note("matched", f"{len(matches)} of {len(reading.understanding.mentions)}")

    snapshot = await with_past(snapshot, reading.understanding, runtime)
    snapshot = await with_ends(snapshot, runtime)
    decision = decide(snapshot, reading.understanding, matches)
    trace.note("decided", f"draft v{decision.draft.version}")

    saved = await batches.save(
        outcome_of(
            loaded,
            snapshot,
            reading,
            decision,
            matches=matches,
            media=media,
            trace=trace,
            runtime=runtime,
        )
    )
    alert(loaded, decision, saved, runtime)
    return saved


def _counted(loaded: Loaded, media: Sequence[MediaFound]) -> str:
    """Return what the turn is made of, for the trace: "2 messages, 1 file"."""
    parts = [(len(loaded.messages), "message"), (len(media), "file")]
    return ", ".join(f"{n} {word}{'s' * (n != 1)}" for n, word in parts if n)
