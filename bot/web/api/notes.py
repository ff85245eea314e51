"""Notes beside a conversation: for the shop's people, never sent."""

from pydantic import ConfigDict, Field

from bot.inbox.notes import (
    Note,
    NoteGone,
    NotTheirs,
    TooManyNotes,
    add_note,
    list_notes,
    remove_note,
)
from bot.inbox.overview import has_chat
from bot.web.api.call import Call
from bot.web.api.endpoint import Endpoints
from bot.web.api.models import Given, Id, Moment, Page, Paging, Shown
from bot.web.api.problems import CONFLICT, FORBIDDEN, Problem, not_found
from bot.web.api.roles import CHATS

endpoints = Endpoints(
    "notes", "What the shop's people write to each other beside a conversation."
)


class NoteGiven(Given):
    """A note. Nobody sends it to the customer."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"text": "Asked for an invoice by post."}]}
    )

    text: str = Field(min_length=1, max_length=4000, pattern=r"\S")


class NoteView(Shown):
    """A note."""

    id: str
    author: str = Field(
        description="Who wrote it: `user:ID` or `key:ID`.", examples=["user:user_1"]
    )
    author_name: str | None = Field(
        description="Their name; null: a program's.", examples=["Ana Kaya"]
    )
    is_own: bool = Field(description="You wrote it, and may remove it.")
    text: str
    at: Moment


@endpoints.get("/v1/conversations/{conversation_id}/notes", roles=CHATS)
async def list_of_notes(
    call: Call, conversation_id: Id, query: Paging
) -> Page[NoteView]:
    """List the notes of a conversation, newest first."""
    found, total = await list_notes(
        call.connection,
        call.tenant_id,
        conversation_id,
        limit=query.limit,
        offset=query.offset,
    )
    if not total:
        await _check(call, conversation_id)
    return Page(data=[_view(call, each) for each in found], total=total)


@endpoints.post(
    "/v1/conversations/{conversation_id}/notes",
    roles=CHATS,
    status=201,
    raises=(CONFLICT,),
)
async def create_note(call: Call, conversation_id: Id, body: NoteGiven) -> NoteView:
    """Write a note beside a conversation."""
    await _check(call, conversation_id)
    try:
        added = await add_note(
            call.connection,
            call.tenant_id,
            conversation_id,
            id=call.new_id("note"),
            author=call.actor,
            text=body.text,
            now=call.now,
        )
    except TooManyNotes as error:
        raise Problem(CONFLICT, str(error)) from None
    call.note(conversation_id, note_id=added.id)
    return _view(call, added)


@endpoints.delete(
    "/v1/conversations/{conversation_id}/notes/{note_id}",
    roles=CHATS,
)
async def delete_note(call: Call, conversation_id: Id, note_id: Id) -> None:
    """Remove a note that you wrote."""
    try:
        await remove_note(
            call.connection,
            call.tenant_id,
            conversation_id,
            note_id,
            author=call.actor,
        )
    except NoteGone:
        raise not_found("note", note_id) from None
    except NotTheirs:
        raise Problem(
            FORBIDDEN, "somebody else wrote it: only they remove it"
        ) from None


async def _check(call: Call, conversation_id: str) -> None:
    if not await has_chat(call.connection, call.tenant_id, conversation_id):
        raise not_found("conversation", conversation_id)


def _view(call: Call, note: Note) -> NoteView:
    return NoteView(
        id=note.id,
        author=note.author,
        author_name=note.author_name,
        is_own=note.author == call.actor,
        text=note.text,
        at=note.at,
    )
