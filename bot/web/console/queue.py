"""The column of conversations: beside every conversation, and the inbox itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from pydantic import ConfigDict, Field

from bot.domain.snapshot import Owner
from bot.inbox.overview import ChatState
from bot.inbox.queues import Queue
from bot.web.api.conversation_views import ConversationView
from bot.web.api.conversations import (
    ConversationsGiven,
    QueuesGiven,
    QueuesView,
    listed_conversations,
    read_queues,
)
from bot.web.api.models import Given
from bot.web.console.frame import Visit

#: Rows of one page, two screens of a laptop; "more" adds another one.
_PAGE: Final = 25
_PAGES: Final = 20


class QueueGiven(Given):
    """Which conversations are listed. The rest of the address is for other columns."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    queue: Queue = Field(Queue.ALL, strict=False)
    assigned: str = Field("", pattern=r"^(me|team|nobody)?$")
    search: str = Field("", max_length=100)
    label_id: str = Field("", pattern=r"^[0-9A-Za-z_-]{0,40}$")
    pages: int = Field(1, ge=1, le=_PAGES)

    @property
    def kept(self) -> str:
        """Return the query that goes along when a conversation is opened."""
        told = self.model_dump(mode="json", exclude_defaults=True)
        return f"?{urlencode(told)}" if told else ""


@dataclass(frozen=True, slots=True)
class Why:
    """Why a conversation stands where it does: a key of the texts, and a meaning."""

    key: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One conversation of the list."""

    chat: ConversationView
    why: Why
    left: int | None  #: Of its window, in percent; None: it never closes.
    left_for: str  #: The same in words.


async def values(visit: Visit, chosen: str | None = None) -> Mapping[str, object]:
    """Return what `queue.html` shows; `chosen` is the conversation that is open."""
    given = visit.query(QueueGiven)
    assigned = given.assigned or None
    counts = await read_queues(visit.call, QueuesGiven(assigned=assigned))
    found, total = await _listed(visit, given, counts)
    return {
        "given": given,
        "counts": counts,
        "entries": [
            Entry(
                each, why_of(visit, each), left_of(visit, each), left_for(visit, each)
            )
            for each in found
        ],
        "total": total,
        "more": total > len(found) and given.pages < _PAGES,
        "queues": list(Queue),
        "chosen": chosen,
    }


async def _listed(
    visit: Visit, given: QueueGiven, counts: QueuesView
) -> tuple[Sequence[ConversationView], int]:
    found: list[ConversationView] = []
    is_whole = not (given.search.strip() or given.label_id)
    counted = counts.of(given.queue) if is_whole else None
    total = 0
    for page in range(given.pages):
        wanted = ConversationsGiven(
            queue=given.queue,
            assigned=given.assigned or None,
            search=given.search.strip() or None,
            label_id=given.label_id or None,
            limit=_PAGE,
            offset=page * _PAGE,
        )
        listed = await listed_conversations(visit.call, wanted, counted=counted)
        found += listed.data
        total = listed.total
        if len(found) >= total:
            break
    return found, total


def why_of(visit: Visit, chat: ConversationView) -> Why:
    """Return why a conversation waits; of one that does not, who has it."""
    for need in chat.needs:
        if need is Queue.CONFIRM:
            return Why("inbox.why.confirm", "wait")
        if need is Queue.FAILED:
            return Why("inbox.why.failed", "bad")
        return Why(_human(visit, chat), "wait")
    if chat.state is ChatState.WORKING:
        return Why("inbox.why.working", "info")
    if chat.owner is Owner.AGENT:
        return Why("inbox.why.agent", "quiet")
    has_draft = chat.draft is not None and not chat.draft.is_empty
    return Why("inbox.why.open" if has_draft else "inbox.why.quiet", "quiet")


def _human(visit: Visit, chat: ConversationView) -> str:
    """Return the key of why a person is wanted, the plainest that is known."""
    told = [f"inbox.why.attention_{chat.attention}"] if chat.attention else []
    if chat.handover and chat.handover.answered_at:
        told.append("inbox.why.wrote")
    elif chat.handover and chat.handover.why:
        told.append(f"inbox.why.handed_{chat.handover.why}")
    return next((key for key in told if visit.say.knows(key)), "inbox.why.human")


def left_of(visit: Visit, chat: ConversationView) -> int | None:
    """Return how much is left of the time in which the customer may be written to."""
    closes, wrote = chat.window_closes_at, chat.last_inbound_at
    if closes is None or wrote is None or closes <= wrote:
        return None
    left = (closes - visit.now) / (closes - wrote)
    return max(0, min(100, round(left * 100)))


def left_for(visit: Visit, chat: ConversationView) -> str:
    """Return how long the customer may be written to: "23 hr"."""
    closes = chat.window_closes_at
    if closes is None or closes <= visit.now:
        return ""
    # A day is counted in hours: the second one never comes.
    return visit.say.span(closes - visit.now, threshold=2)
