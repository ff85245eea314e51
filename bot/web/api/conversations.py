"""Conversations: who wrote, who answers, taking over and handing back."""

from datetime import timedelta

from pydantic import Field

from bot.domain.handed import Handover, Why
from bot.domain.snapshot import Owner
from bot.inbox.overview import (
    ChatEntry,
    ChatFilter,
    ChatState,
    find_chat,
    list_chats,
)
from bot.inbox.ownership import hand_back, take_over
from bot.ordering import look
from bot.runtime import Runtime
from bot.web.api.call import Call
from bot.web.api.draft_views import DraftView, draft_view
from bot.web.api.endpoint import Endpoints
from bot.web.api.models import Id, Moment, Page, Paging, Shown
from bot.web.api.problems import not_found
from bot.web.api.roles import CHATS
from orders import DraftState

endpoints = Endpoints(
    "conversations",
    "One contact on one channel. While an agent owns a conversation the bot is silent.",
)


class ConversationsGiven(Paging):
    """Which conversations."""

    owner: Owner | None = Field(None, description="Answered by the bot or an agent.")
    state: ChatState | None = Field(
        None,
        description="`working`: messages wait for the bot; `failed`: a person must"
        " look; `quiet`: neither.",
    )
    search: str | None = Field(
        None, min_length=1, max_length=100, description="A part of the contact's name."
    )
    channel_id: Id | None = Field(None, description="On this channel.")
    contact_id: Id | None = Field(None, description="With this contact.")
    waits: bool | None = Field(
        None,
        description="true: those that wait for a person; nobody has taken them over or"
        " answered yet, or something is to be looked at.",
    )


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


class HandedBackView(ConversationView):
    """A conversation that the bot has again."""

    so_far: DraftView | None = Field(
        description="The open draft and what it lacks; null: there is none."
    )


@endpoints.get("/v1/conversations", roles=CHATS)
async def list_of_conversations(
    call: Call, query: ConversationsGiven
) -> Page[ConversationView]:
    """List conversations, the one that its customer wrote in last first."""
    found, total = await list_chats(
        call.connection,
        call.tenant_id,
        ChatFilter(
            owner=query.owner,
            state=query.state,
            name=query.search,
            channel_id=query.channel_id,
            contact_id=query.contact_id,
            waits=query.waits,
        ),
        limit=query.limit,
        offset=query.offset,
    )
    return Page(data=[_view(each, call.runtime) for each in found], total=total)


@endpoints.get("/v1/conversations/{conversation_id}", roles=CHATS)
async def read_conversation(call: Call, conversation_id: Id) -> ConversationView:
    """Read a conversation."""
    return await _found(call, conversation_id)


@endpoints.post("/v1/conversations/{conversation_id}/take-over", roles=CHATS)
async def take_over_conversation(call: Call, conversation_id: Id) -> ConversationView:
    """Take a conversation over.

    The bot falls silent, and what it wanted to say and had not yet sent is cancelled.
    News of an order still go out. Who took it over before does not have it any more.
    """
    taken = await take_over(
        call.connection,
        call.tenant_id,
        conversation_id,
        user_id=call.actor.partition(":")[2],
        now=call.now,
    )
    if not taken:
        raise not_found("conversation", conversation_id)
    return await _found(call, conversation_id)


@endpoints.post("/v1/conversations/{conversation_id}/hand-back", roles=CHATS)
async def hand_back_conversation(call: Call, conversation_id: Id) -> HandedBackView:
    """Hand a conversation back to the bot.

    It takes up what the customer wrote meanwhile, and tells them what their order has
    and what it lacks, if there is one; `so_far` tells you what it had until now. It
    answers from then on.
    """
    given = await hand_back(
        call.connection, call.tenant_id, conversation_id, now=call.now
    )
    if not given:
        raise not_found("conversation", conversation_id)
    call.after_commit(call.runtime.turn_bell.ring)
    view = await _found(call, conversation_id)
    so_far = None
    if view.draft is not None:
        desk = await look(call.connection, call.tenant_id, view.draft.id)
        so_far = draft_view(desk)
    return HandedBackView(**dict(view), so_far=so_far)


async def _found(call: Call, conversation_id: str) -> ConversationView:
    entry = await find_chat(call.connection, call.tenant_id, conversation_id)
    if entry is None:
        raise not_found("conversation", conversation_id)
    return _view(entry, call.runtime)


def _view(entry: ChatEntry, runtime: Runtime) -> ConversationView:
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
        else OpenDraftView(id=draft.id, version=draft.version, state=draft.state),
        created_at=entry.created_at,
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
