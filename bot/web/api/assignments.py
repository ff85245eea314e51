"""Whose work a conversation is, and how far its reader has read it."""

from pydantic import ConfigDict, Field

from bot.inbox.accounts import Role
from bot.inbox.assigning import (
    NobodyThere,
    assign,
    assign_next,
    list_colleagues,
)
from bot.inbox.overview import find_chat, has_chat
from bot.inbox.read_marks import mark_read
from bot.web.api.call import Call
from bot.web.api.conversation_views import (
    ConversationView,
    shown_conversation,
    user_of,
)
from bot.web.api.endpoint import Endpoints
from bot.web.api.models import Given, Id, Page, Shown
from bot.web.api.problems import CONFLICT, Problem, invalid, not_found
from bot.web.api.roles import CHATS

endpoints = Endpoints(
    "assignments",
    "Whose work a conversation is. An order that is placed in it is sold by that person"
    " and that team. Assigning is not taking over: the bot goes on.",
)

_LONGEST_TEAM = 200
#: What a message can be numbered.
_LAST_SEQ = 2**53


class AssignmentGiven(Given):
    """Whose work it is from now on; what is left out or null is nobody's."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"user_id": "user_01k9wz8qg6f1t0m3v5x7z9b2d4"},
                {"team": "Kadikoy"},
                {},
            ]
        }
    )

    user_id: Id | None = Field(None, description="Somebody who may log in.")
    team: str | None = Field(
        None,
        min_length=1,
        max_length=_LONGEST_TEAM,
        description="A team that somebody belongs to; without: the person's own.",
    )


class NextGiven(Given):
    """Among whom to choose."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}]})

    team: str | None = Field(
        None,
        min_length=1,
        max_length=_LONGEST_TEAM,
        description="A team; without: that of the conversation, else everybody.",
    )


class ReadGiven(Given):
    """How far you have read."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"seq": 12}]})

    seq: int = Field(
        ge=0,
        le=_LAST_SEQ,
        description="The number of the last message that you saw; it never goes back.",
    )


class ColleagueView(Shown):
    """Somebody whom conversations can be assigned to."""

    id: str
    name: str = Field(examples=["Ana Kaya"])
    role: Role
    team: str | None = Field(examples=["Kadikoy"])
    open: int = Field(
        description="Conversations of theirs that wait for a person or have an open"
        " draft."
    )


@endpoints.get("/v1/colleagues", roles=CHATS)
async def list_of_colleagues(call: Call) -> Page[ColleagueView]:
    """List who may log in, and how much they have to do."""
    found = await list_colleagues(call.connection, call.tenant_id)
    data = [
        ColleagueView(
            id=each.id, name=each.name, role=each.role, team=each.team, open=each.open
        )
        for each in found
    ]
    return Page(data=data, total=len(data))


@endpoints.post("/v1/conversations/{conversation_id}/assign", roles=CHATS)
async def assign_conversation(
    call: Call, conversation_id: Id, body: AssignmentGiven
) -> ConversationView:
    """Assign a conversation to a person, to a team, or to nobody.

    Taking over an unassigned conversation assigns it to who takes it; handing it back
    to the bot releases it.
    """
    if not await has_chat(call.connection, call.tenant_id, conversation_id):
        raise not_found("conversation", conversation_id)
    try:
        await assign(
            call.connection,
            call.tenant_id,
            conversation_id,
            user_id=body.user_id,
            team=body.team,
            by=call.actor,
            now=call.now,
        )
    except NobodyThere as error:
        raise invalid(
            "team" if body.user_id is None else "user_id", str(error)
        ) from None
    call.note(user_id=body.user_id, team=body.team)
    return await shown_conversation(call, conversation_id)


@endpoints.post(
    "/v1/conversations/{conversation_id}/assign-next", roles=CHATS, raises=(CONFLICT,)
)
async def assign_conversation_to_next(
    call: Call, conversation_id: Id, body: NextGiven | None = None
) -> ConversationView:
    """Assign a conversation to whoever has the least to do.

    That is the agent with the fewest open conversations; of two, the one who was not
    given any for longer. Where a shop (or the team) has no agent, managers and admins
    take turns.
    """
    entry = await find_chat(call.connection, call.tenant_id, conversation_id)
    if entry is None:
        raise not_found("conversation", conversation_id)
    wanted = body.team if body else None
    try:
        chosen = await assign_next(
            call.connection,
            call.tenant_id,
            conversation_id,
            team=entry.team if wanted is None else wanted,
            by=call.actor,
            now=call.now,
        )
    except NobodyThere as error:
        raise Problem(CONFLICT, str(error)) from None
    call.note(user_id=chosen.id)
    return await shown_conversation(call, conversation_id)


@endpoints.post("/v1/conversations/{conversation_id}/read", roles=CHATS)
async def mark_conversation_read(
    call: Call, conversation_id: Id, body: ReadGiven
) -> ConversationView:
    """Say how far you have read a conversation.

    `unread` counts what its customer wrote later. A key reads nothing: nothing changes.
    """
    if not await has_chat(call.connection, call.tenant_id, conversation_id):
        raise not_found("conversation", conversation_id)
    user_id = user_of(call)
    if user_id is not None:
        await mark_read(
            call.connection,
            call.tenant_id,
            conversation_id,
            user_id=user_id,
            seq=body.seq,
            now=call.now,
        )
    return await shown_conversation(call, conversation_id)
