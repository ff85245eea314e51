"""What the merchant's own systems hear when a turn needs a person."""

from datetime import datetime

from bot.domain.snapshot import Owner
from bot.inbox.announcing import draft_awaits, note_items, person_needed
from bot.worker.judging import Outcome, id_of
from orders import DraftState
from orders.domain.routing import Facts
from orders.outbox.store import Item


def people_asked(outcome: Outcome, now: datetime) -> list[Item]:
    """Return the events of a turn with which a person's work begins."""
    loaded, draft = outcome.loaded, outcome.decision.draft
    notes = []
    if _begins_to_await(outcome):
        notes.append(draft_awaits(draft.id, draft.version, id_of(outcome)))
    why = _why(outcome)
    if why is not None:
        notes.append(
            person_needed(
                id_of(outcome),
                why,
                mark=str(outcome.analysis["id"]),
                channel_id=loaded.channel_id,
            )
        )
    return [
        item
        for note in notes
        for item in note_items(
            note,
            tenant_id=loaded.tenant.id,
            shard=loaded.shard,
            sinks=loaded.sinks,
            facts=Facts(channel_id=loaded.channel_id),
            now=now,
        )
    ]


def needs_person(outcome: Outcome) -> bool:
    """Return whether with this turn the conversation begins to need a person.

    It was handed over, there is something to look at, or an agent's yes is waited for.
    """
    return _begins_to_await(outcome) or _why(outcome) is not None


def _begins_to_await(outcome: Outcome) -> bool:
    before, draft = outcome.loaded.draft, outcome.decision.draft
    waited = before is not None and before.state is DraftState.AWAITING
    return draft.state is DraftState.AWAITING and not waited


def _why(outcome: Outcome) -> str | None:
    """Return why a person is needed from now on; None: none, or one is there."""
    loaded, decision = outcome.loaded, outcome.decision
    if decision.owner is Owner.AGENT and loaded.owner is not Owner.AGENT:
        return None if decision.handed is None else decision.handed.value
    return decision.attention if loaded.attention is None else None
