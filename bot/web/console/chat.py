"""The chat of a conversation: what was said, and what a person says next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pydantic import ConfigDict, Field

from bot.domain.snapshot import Owner
from bot.inbox.canned_replies import CannedReply, list_replies
from bot.web.api.conversation_history import (
    HistoryGiven,
    StepView,
    read_conversation_history,
)
from bot.web.api.conversation_views import ConversationView
from bot.web.api.drafts import read_draft
from bot.web.api.labels import list_of_labels
from bot.web.api.messages import list_of_messages
from bot.web.api.models import CursorPaging, Given, Paging
from bot.web.api.notes import NoteView, list_of_notes
from bot.web.console.actors import actor_names
from bot.web.console.frame import Visit
from bot.web.console.queue import QueueGiven, left_for, left_of, why_of
from bot.web.console.stream import Item, items_of, marked

#: So many messages are shown at once; earlier ones when they are asked for.
_SHOWN: Final = 60


class EarlierGiven(Given):
    """Before which message."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    before: str = Field("0", pattern=r"^[0-9]{1,18}$")


@dataclass(frozen=True, slots=True)
class Answer:
    """A prepared answer with its customer's name in it."""

    shortcut: str
    title: str
    text: str


async def values(
    visit: Visit, conversation: ConversationView, draft: object = None
) -> Mapping[str, object]:
    """Return what `chat.html` shows; `draft`: the open one, if it was read already."""
    blocked = _blocked(visit, conversation)
    said = await _said(visit, conversation, None)
    return {
        **said,
        "kept": visit.query(QueueGiven).kept,
        "why": why_of(visit, conversation),
        "left": left_of(visit, conversation),
        "left_for": left_for(visit, conversation),
        "blocked": blocked,
        "is_mine": conversation.owner_id == visit.user.id,
        "labels": (await list_of_labels(visit.call)).data,
        "answers": await _answers(visit, conversation) if not blocked else [],
        "draft_now": draft or await _draft(visit, conversation),
    }


async def earlier(visit: Visit, conversation: ConversationView) -> Mapping[str, object]:
    """Return what `earlier.html` shows: the messages before one."""
    before = visit.query(EarlierGiven).before
    return {
        **await _said(visit, conversation, before),
        "kept": visit.query(QueueGiven).kept,
        "blocked": "earlier",
    }


async def _said(
    visit: Visit, conversation: ConversationView, before: str | None
) -> Mapping[str, object]:
    paging = CursorPaging(limit=_SHOWN, cursor=before)
    page = await list_of_messages(visit.call, conversation.id, paging)
    messages = page.data[::-1]
    since = messages[0].received_at if messages and page.next_cursor else None
    until = messages[-1].received_at if messages and before else None
    notes, steps = await _beside(visit, conversation.id, since, until)
    items = items_of(messages, notes, steps, visit.say.zone)
    return {
        "items": items,
        "marked": marked,
        "older": page.next_cursor,
        "first_seq": messages[0].seq if messages else 0,
        "last_seq": messages[-1].seq if messages else 0,
        "names": await _names(visit, items, conversation),
        "yesterday": (visit.now - timedelta(days=1)).astimezone(visit.say.zone).date(),
        "today": visit.now.astimezone(visit.say.zone).date(),
    }


async def _beside(
    visit: Visit,
    conversation_id: str,
    since: datetime | None,
    until: datetime | None,
) -> tuple[Sequence[NoteView], Sequence[StepView]]:
    """Return the notes and steps of a time."""
    notes = await list_of_notes(visit.call, conversation_id, Paging(limit=100))
    steps = await read_conversation_history(
        visit.call, conversation_id, HistoryGiven(since=since, limit=100)
    )

    def falls(at: datetime) -> bool:
        return (since is None or at >= since) and (until is None or at < until)

    return (
        [each for each in notes.data if falls(each.at)],
        [each for each in steps.data if falls(each.at)],
    )


async def _names(
    visit: Visit, items: Sequence[Item], conversation: ConversationView
) -> Mapping[str, str]:
    """Return how everybody is called who wrote or did something here."""
    said: list[str | None] = [conversation.owner_id and f"user:{conversation.owner_id}"]
    for each in items:
        if each.message is not None:
            said.append(each.message.actor)
        if each.step is not None:
            user_id = each.step.user_id
            said += [each.step.actor, user_id and f"user:{user_id}"]
    people = (each for each in said if each and each.partition(":")[1])
    return await actor_names(visit, people)


def _blocked(visit: Visit, conversation: ConversationView) -> str | None:
    """Return why nobody may write now: a key of the texts; None: they may."""
    if conversation.contact.opted_out:
        return "stopped"
    if conversation.owner is not Owner.AGENT:
        return "bot"
    closes = conversation.window_closes_at
    return "closed" if closes is not None and closes <= visit.now else None


async def _answers(visit: Visit, conversation: ConversationView) -> Sequence[Answer]:
    name, shop = conversation.contact.name, visit.tenant.name
    found: Sequence[CannedReply] = await list_replies(visit.connection, visit.tenant.id)
    return [
        Answer(each.shortcut, each.title, each.filled(name=name, shop=shop))
        for each in found
    ]


async def _draft(visit: Visit, conversation: ConversationView) -> object:
    """Return the open draft: what the bot has, and what may be asked for."""
    if conversation.draft is None:
        return None
    return await read_draft(visit.call, conversation.draft.id)
