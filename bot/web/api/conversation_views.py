"""A conversation as the API shows it, and who looks at it."""

from datetime import timedelta
from typing import Literal

from pydantic import Field

from bot.domain.handed import Handover, Why
from bot.domain.snapshot import Owner
from bot.inbox.labels import Colour, Label
from bot.inbox.overview import ChatEntry, ChatState, find_chat
from bot.inbox.previews import Preview
from bot.inbox.queues import Queue
from bot.runtime import Runtime
from bot.web.api.call import Call
from bot.web.api.models import Moment, Shown
from bot.web.api.problems import not_found
from orders import DraftState


class LabelView(Shown):
    """A label."""

    id: str
    name: str = Field(examples=["Wholesale"])
    colour: Colour


def label_view(label: Label) -> LabelView:
    """Return a label as the API shows it."""
    return LabelView(id=label.id, name=label.name, colour=label.colour)


class ContactView(Shown):
    """Who writes."""

    id: str
    name: str | None = Field(examples=["Ada Lovelace"])
    address: str = Field(
        description="What we answer to: a phone number, or the channel's own id.",
        examples=["905321234567"],
    )
    opted_out: bool = Field(description="They said STOP: nothing is sent any more.")


class HandoverView(Shown):
    """That a person has the conversation."""

    why: Why | None = Field(description="Why; null: it was not kept then.")
    at: Moment | None
    answered_at: Moment | None = Field(
        description="When a person wrote last, here or on the shop's phone; null: the"
        " customer still waits."
    )


class OpenDraftView(Shown):
    """The draft of a conversation that has not ended."""

    id: str
    version: int
    state: DraftState
    is_empty: bool = Field(description="Nothing is in it: somebody only said hello.")


class AssigneeView(Shown):
    """The person whose work a conversation is."""

    id: str
    name: str | None = Field(examples=["Ana Kaya"])
    at: Moment | None = Field(description="Since when.")


class LastMessageView(Shown):
    """The last message of a conversation, in short."""

    text: str | None = Field(description="Its words, at most 200 characters.")
    kind: str = Field(examples=["text"])
    direction: Literal["in", "out"]
    actor: str | None = Field(
        description="Who wrote it for the shop; null: the bot, or the customer."
    )
    at: Moment


class ConversationView(Shown):
    """One contact on one channel."""

    id: str
    channel_id: str
    channel_kind: str = Field(examples=["whatsapp"])
    contact: ContactView
    owner: Owner
    owner_id: str | None = Field(description="The user or key that took it over.")
    handover: HandoverView | None = Field(
        description="While an agent owns it: why, and whether anybody answered."
    )
    state: ChatState
    language: str | None = Field(description="As understood so far; ISO 639.")
    last_inbound_at: Moment | None
    waiting_since: Moment | None = Field(
        description="Since when a message of the customer waits for a turn."
    )
    attention: str | None = Field(
        description="What a person is to look at, for the bot could make nothing of it:"
        " `image`, `voice`, `audio`, `video` or `document`; or that a customer waits:"
        " `unanswered` (nobody came in time), `closed` (nobody is there now); or"
        " `outdated` (words too old to be answered), `loop` (another program writes),"
        " `short` (something of an order cannot be delivered), `cancelled` (your system"
        " has an order that its customer cancelled). Taking over or handing back"
        " settles it."
    )
    window_closes_at: Moment | None = Field(
        description="Until then you may write; null: at any time."
    )
    draft: OpenDraftView | None
    created_at: Moment
    needs: list[Queue] = Field(
        description="The queues in which its customer waits for a person: `confirm`,"
        " `human`, `failed`; empty: in none."
    )
    waits_since: Moment | None = Field(
        description="Since when they wait, in the first of `needs`; null: they do not."
    )
    assignee: AssigneeView | None = Field(
        description="Whose work it is; null: nobody's."
    )
    team: str | None = Field(
        description="The team whose work it is.", examples=["Kadikoy"]
    )
    labels: list[LabelView]
    unread: int = Field(
        description="Messages of the customer that you have not read, at most 99. A"
        " key has none.",
        examples=[2],
    )
    last_message: LastMessageView | None = Field(
        description="What was said last, by whomever; null: nothing."
    )


def user_of(call: Call) -> str | None:
    """Return the id of the person who calls; None: a key does."""
    kind, _, caller = call.actor.partition(":")
    return caller if kind == "user" else None


async def shown_conversation(call: Call, conversation_id: str) -> ConversationView:
    """Return a conversation as its caller sees it. Raises the problem of none."""
    entry = await find_chat(
        call.connection, call.tenant_id, conversation_id, reader_id=user_of(call)
    )
    if entry is None:
        raise not_found("conversation", conversation_id)
    return conversation_view(entry, call.runtime)


def conversation_view(entry: ChatEntry, runtime: Runtime) -> ConversationView:
    """Return a conversation as the API shows it."""
    draft, wrote = entry.draft, entry.last_inbound_at
    window = _window(runtime, entry.channel_kind)
    closes = wrote + window if window is not None and wrote is not None else None
    return ConversationView(
        id=entry.id,
        channel_id=entry.channel_id,
        channel_kind=entry.channel_kind,
        contact=ContactView(
            id=entry.contact_id,
            name=entry.contact_name,
            address=entry.address["value"],
            opted_out=entry.opted_out,
        ),
        owner=entry.owner,
        owner_id=entry.owner_id,
        handover=_handover(entry.handover),
        state=entry.state,
        language=entry.language,
        last_inbound_at=wrote,
        waiting_since=entry.waiting_since,
        attention=entry.attention,
        window_closes_at=closes,
        draft=None
        if draft is None
        else OpenDraftView(
            id=draft.id,
            version=draft.version,
            state=draft.state,
            is_empty=not (draft.lines or draft.unresolved),
        ),
        created_at=entry.created_at,
        needs=list(entry.needs),
        waits_since=entry.waits_since,
        assignee=_assignee(entry),
        team=entry.team,
        labels=[label_view(each) for each in entry.labels],
        unread=entry.unread,
        last_message=_last(entry.preview),
    )


def _assignee(entry: ChatEntry) -> AssigneeView | None:
    if entry.assigned_to is None:
        return None
    return AssigneeView(
        id=entry.assigned_to, name=entry.assigned_name, at=entry.assigned_at
    )


def _last(preview: Preview | None) -> LastMessageView | None:
    if preview is None:
        return None
    return LastMessageView(
        text=preview.text,
        kind=preview.kind,
        direction="in" if preview.direction == "in" else "out",
        actor=preview.actor,
        at=preview.at,
    )


def _handover(handover: Handover | None) -> HandoverView | None:
    if handover is None:
        return None
    return HandoverView(
        why=handover.why, at=handover.at, answered_at=handover.answered_at
    )


def _window(runtime: Runtime, kind: str) -> timedelta | None:
    channel = runtime.channels.get(kind)
    return channel.window if channel else None
