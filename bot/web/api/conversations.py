"""Conversations: who wrote, who answers, taking over and handing back."""

from pydantic import Field

from bot.domain.snapshot import Owner
from bot.inbox.overview import ChatFilter, ChatState, list_chats
from bot.inbox.ownership import hand_back, take_over
from bot.inbox.queues import Assigned, Queue, count_queues
from bot.inbox.users import find_user
from bot.inbox.waiting import newest_waiting
from bot.ordering import look
from bot.web.api.call import Call
from bot.web.api.conversation_views import (
    ConversationView,
    conversation_view,
    shown_conversation,
    user_of,
)
from bot.web.api.draft_views import DraftView, draft_view
from bot.web.api.endpoint import Endpoints
from bot.web.api.models import ID_PATTERN, Given, Id, Page, Paging, Shown
from bot.web.api.problems import invalid, not_found
from bot.web.api.roles import CHATS

endpoints = Endpoints(
    "conversations",
    "One contact on one channel. While an agent owns a conversation the bot is silent.",
)


_ASSIGNED = Field(
    None,
    pattern=ID_PATTERN,
    description="Whose work they are: `me`, `team` (mine), `nobody`, or the id of a"
    " user.",
    examples=["me"],
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
        None,
        min_length=1,
        max_length=100,
        description="A part of the contact's name, the end of their phone number, the"
        " number of an order, or words of the last messages: those of the 1,000"
        " conversations that were written to last.",
        examples=["4567"],
    )
    channel_id: Id | None = Field(None, description="On this channel.")
    contact_id: Id | None = Field(None, description="With this contact.")
    queue: Queue = Field(
        Queue.ALL,
        strict=False,
        description="`confirm`: a draft waits for an agent's yes (its customer"
        " confirmed it and the shop's rules want an approval, or its summary was shown"
        " and a person has the conversation); `human`: a person has it and the customer"
        " wrote last, or there is something to look at; `failed`: the bot's last turn"
        " failed for good; `open`: there is an open draft with something in it.",
    )
    assigned: str | None = _ASSIGNED
    label_id: Id | None = Field(None, description="With this label.")
    waits: bool | None = Field(
        None,
        description="true: those that wait for a person; nobody has taken them over or"
        " answered yet, or something is to be looked at.",
    )


class QueuesGiven(Given):
    """Of which conversations."""

    assigned: str | None = _ASSIGNED


class WaitingView(Shown):
    """A conversation whose customer waits for a person."""

    id: str
    name: str | None = Field(examples=["Ada Lovelace"])


class QueuesView(Shown):
    """How many conversations stand in each queue: of those that `assigned` names."""

    confirm: int = Field(description="A draft waits for an agent's yes.")
    human: int = Field(description="The customer waits for a person.")
    failed: int = Field(description="The bot's last turn failed for good.")
    open: int = Field(description="With something in an open draft.")
    all: int
    mine: int = Field(
        description="Yours that stand in any of the first four queues, whatever"
        " `assigned` says; a key has none."
    )
    team: int = Field(description="Those of your team, likewise.")
    nobody: int = Field(description="Those of nobody, likewise.")
    waiting: int = Field(
        description="In any of the first three: customers who wait for a person."
    )
    newest: WaitingView | None = Field(description="Who of them began to wait last.")

    def of(self, queue: Queue) -> int:
        """Return how many stand in a queue."""
        return int(getattr(self, queue.value))


class HandedBackView(ConversationView):
    """A conversation that the bot has again."""

    so_far: DraftView | None = Field(
        description="The open draft and what it lacks; null: there is none."
    )


@endpoints.get("/v1/conversations", roles=CHATS)
async def list_of_conversations(
    call: Call, query: ConversationsGiven
) -> Page[ConversationView]:
    """List conversations.

    In `confirm`, `human` and `failed` the customer who waits longest comes first;
    elsewhere the one who wrote last.
    """
    return await listed_conversations(call, query)


async def listed_conversations(
    call: Call, query: ConversationsGiven, *, counted: int | None = None
) -> Page[ConversationView]:
    """Return a page of the list. `counted`: how many there are, if that is known."""
    found, total = await list_chats(
        call.connection,
        call.tenant_id,
        ChatFilter(
            queue=query.queue,
            assigned=await _assigned(call, query.assigned),
            label_id=query.label_id,
            owner=query.owner,
            state=query.state,
            search=query.search,
            channel_id=query.channel_id,
            contact_id=query.contact_id,
            waits=query.waits,
        ),
        limit=query.limit,
        offset=query.offset,
        reader_id=user_of(call),
        counted=counted,
    )
    views = [conversation_view(each, call.runtime) for each in found]
    return Page(data=views, total=total)


@endpoints.get("/v1/conversations/queues", roles=CHATS)
async def read_queues(call: Call, query: QueuesGiven) -> QueuesView:
    """Count the conversations of each queue."""
    assigned = await _assigned(call, query.assigned)
    counts = await count_queues(
        call.connection,
        call.tenant_id,
        user_id=user_of(call),
        team=await _team(call),
        assigned=assigned,
    )
    named = {queue.value: count for queue, count in counts.queues.items()}
    newest = counts.waiting and await newest_waiting(
        call.connection, call.tenant_id, assigned
    )
    return QueuesView(
        **named,
        mine=counts.mine,
        team=counts.team,
        nobody=counts.nobody,
        waiting=counts.waiting,
        newest=WaitingView(id=newest.id, name=newest.name) if newest else None,
    )


@endpoints.get("/v1/conversations/{conversation_id}", roles=CHATS)
async def read_conversation(call: Call, conversation_id: Id) -> ConversationView:
    """Read a conversation."""
    return await shown_conversation(call, conversation_id)


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
    return await shown_conversation(call, conversation_id)


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
    view = await shown_conversation(call, conversation_id)
    so_far = None
    if view.draft is not None:
        desk = await look(call.connection, call.tenant_id, view.draft.id)
        so_far = draft_view(desk)
    return HandedBackView(**dict(view), so_far=so_far)


async def _assigned(call: Call, wanted: str | None) -> Assigned | None:
    """Return whose conversations are wanted. Raises the problem of a key's own."""
    if wanted is None:
        return None
    if wanted == "nobody":
        return Assigned()
    if wanted == "team":
        # Who has no team has no conversations of theirs.
        return Assigned(team=await _team(call) or "")
    if wanted != "me":
        return Assigned(user_id=wanted)
    user_id = user_of(call)
    if user_id is None:
        raise invalid("assigned", "a key has no conversations: name a user")
    return Assigned(user_id=user_id)


async def _team(call: Call) -> str | None:
    user_id = user_of(call)
    if user_id is None:
        return None
    found = await find_user(call.connection, call.tenant_id, user_id)
    return None if found is None else found.team
